"""What a device needs from the world: small protocols, each with a real and a simulated adapter and one
contract suite."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wire.keys import Signer

__all__ = [
    "Arrived",
    "Change",
    "Clock",
    "Link",
    "LinkDown",
    "LinkEvent",
    "LinkUp",
    "OutboxStore",
    "Random",
    "Signer",
]


class Clock(Protocol):
    """The operating system's two clocks, as they are: HallClock (clock.py) makes one honest stamp of them."""

    def monotonic_ms(self) -> int:
        """Since some fixed moment of this start; never steps."""
        ...

    def wall_ms(self) -> int:
        """Unix time as the operating system believes it; may be years off, may step."""
        ...


Random = Callable[[], float]
"""Uniform in [0, 1): jitter, never a secret."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an outbox's life. All of it becomes durable, or none."""

    records: tuple[tuple[int, bytes], ...] = ()
    """(seq, envelope), ascending, following the last one."""
    values: Mapping[str, bytes | None] = field(default_factory=dict)
    """Named values to set; None deletes."""
    prune_to: int = 0
    """Forget the envelopes of all records up to this seq."""


class OutboxStore(Protocol):
    """Durable rows (seq, envelope) and named values under an Outbox. Every method may raise StoreError."""

    @property
    def set_aside(self) -> str | None:
        """Name of the damaged file that was put aside when this store was opened, if one was."""
        ...

    def write(self, change: Change) -> None:
        """Make the whole change durable before returning. When it raises, nothing of it was kept."""
        ...

    def value(self, name: str) -> bytes | None: ...

    def values(self, prefix: str) -> dict[str, bytes]:
        """All named values whose name begins with the prefix."""
        ...

    def records(self, from_seq: int, count: int) -> list[tuple[int, bytes]]:
        """Up to `count` rows with seq >= from_seq, ascending."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Connected, and every subscription is granted."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """Not connected any more, or the attempt failed. reason: words for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of a subscribed topic; nothing about it is verified."""

    topic: str
    payload: bytes


LinkEvent = LinkUp | LinkDown | Arrived


class Link(Protocol):
    """A lossy pipe to the hall's broker. Whatever is given to it may be lost, doubled or late: the uplink and
    the receipts above it make that good, so a link never raises and never keeps anything back for later."""

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        """Connect and stay connected. Events come on any thread; `inbox` only enqueues."""
        ...

    def publish(self, topic: str, payload: bytes) -> None:
        """Send at least once if connected, else lose it. Never blocks."""
        ...

    def close(self) -> None:
        """Stop for good; no event follows."""
        ...
