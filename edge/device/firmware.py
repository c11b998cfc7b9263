"""What makes a device a gate or a keypad: the callbacks of its runtime."""

from typing import Protocol

from edge.device.twin import TwinKey
from wire.down import CommandMessage, DownMessage


class Firmware(Protocol):
    """All calls come from the loop's thread and return soon. An exception of ours ends the process: the next
    start comes back from the outbox."""

    @property
    def twin_keys(self) -> tuple[TwinKey, ...]: ...

    @property
    def commands(self) -> frozenset[str]:
        """Names of the commands it carries out."""
        ...

    @property
    def secret_open(self) -> bool:
        """A secret question is open: counters that move with presses are not sent."""
        ...

    def on_start(self) -> None:
        """Outbox, clock and twin are ready; what was in force follows through on_down, then on_receipt."""
        ...

    def on_down(self, message: DownMessage) -> None:
        """Verified, for us, newer than the last. A twin is settled (`runtime.twin`) before it comes here.

        The newest message of each kind comes again after a restart; pages of references come as often as they
        are sent.
        Time and commands do not come here.
        """
        ...

    def on_receipt(self, marked_seq: int) -> None:
        """Records up to it are stored at the fleet. It falls when the fleet lost some."""
        ...

    def on_command(self, command: CommandMessage) -> None:
        """At most once per id."""
        ...

    def on_tick(self) -> None:
        """At least every TICK_MS."""
        ...
