"""What ingest needs of the world: a link to the broker and clocks. Real: subscriber.py. Simulated: tests."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Arrival(NamedTuple):
    """A message as it came. token is the link's, to acknowledge it by; it dies with the connection."""

    kind: str
    device: str
    payload: bytes
    token: Any


class Link(Protocol):
    """A connection to the broker that comes back by itself. No method raises for the network's sake."""

    def pump(self, timeout_s: float, wake: Sequence[Any]) -> None:
        """Do what there is to do; return when something has arrived, one of `wake` is readable, or time is
        over.
        """

    def take(self, at_most: int) -> list[Arrival]:
        """The oldest arrivals, removed from the queue."""

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Tell the broker that these are done with. Those of an earlier connection are skipped."""

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        """Send if connected, else drop: whatever matters is said again."""

    @property
    def waiting(self) -> int:
        """How many arrivals there are to take."""

    @property
    def connected(self) -> bool: ...


class Clock(Protocol):
    """Milliseconds: wall since 1970 UTC (may step), monotonic since some moment (never steps)."""

    def wall_ms(self) -> int: ...

    def monotonic_ms(self) -> int: ...
