"""What the desk needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509

from provisioning.authority.issuing import DeviceKey
from provisioning.hall import HallCard
from wire.ids import DeviceId


class Calls(Protocol):
    """The fleet's API, signed in as somebody."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer. Raises FleetRefused with the fleet's own sentence and code."""


class FleetDoor(Protocol):
    """Where one signs in at the fleet."""

    def sign_in(self, account: str, password: str) -> Calls:
        """Raises FleetRefused."""


class Authority(Protocol):
    """The hall's authority, as far as the desk uses it. Not to be called by two threads at once."""

    @property
    def card(self) -> HallCard: ...

    @property
    def certificate_pem(self) -> bytes:
        """What devices trust: one certificate, two while the hall's key is being replaced."""

    @property
    def intermediate(self) -> x509.Certificate: ...

    @property
    def root_revocations(self) -> bytes | None: ...

    def issue_from_key(self, device: DeviceId, key: DeviceKey, /) -> x509.Certificate:
        """In the ledger before it is returned. Raises AuthorityError."""

    def renew(self, presented: bytes, key: DeviceKey, /) -> x509.Certificate:
        """For the holder of this certificate (DER), over a key that the ledger knows. Raises
        AuthorityError."""

    def is_revoked(self, device: DeviceId) -> bool: ...

    def certificate_in_force(self, der: bytes) -> DeviceId | None: ...

    def revoke(self, device: DeviceId) -> bytes: ...

    def write_revocations(self, *copies: Path) -> bytes: ...


@dataclass(frozen=True, slots=True)
class World:
    """now_ms: wall clock, ms since 1970 UTC. monotonic_s: for waiting. random: so many secret bytes."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]
    random: Callable[[int], bytes]
