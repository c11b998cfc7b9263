"""What the fleet needs from a broker, whichever it is."""

from collections.abc import Iterable
from typing import Protocol

from wire.ids import DeviceId


class Broker(Protocol):
    """A broker process of this hall. Both adapters pass tests/contract/test_broker.py."""

    def start(self, devices: Iterable[DeviceId], revocations: bytes | None = None) -> None:
        """Write the configuration for the active devices, start, and return once TLS is accepted.

        revocations: the revocation list of provisioning (PEM); None keeps the one that is there.
        Raises ConfigError when it cannot run: port taken, program not installed, certificate missing.
        """

    def apply(self, devices: Iterable[DeviceId], revocations: bytes | None = None) -> None:
        """From now on exactly these devices may connect. Nobody else is disturbed; whoever is no longer among
        them is disconnected and stays out. Raises StoreError when the files cannot be written: the old rules
        stay."""

    def stop(self) -> None:
        """Stop the process. May be called twice."""

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
