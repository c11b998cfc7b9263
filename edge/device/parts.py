"""What a runtime is made of: chosen by whoever starts a device, real or simulated."""

from dataclasses import dataclass, field
from typing import Protocol

from edge.device.health import Gauges
from edge.device.identity import Identity
from edge.device.outbox import Outbox
from edge.device.ports import Clock, Link, Random


class GaugeReader(Protocol):
    def read(self) -> Gauges: ...


class Supervisor(Protocol):
    """Whoever starts this process again when it hangs."""

    @property
    def watchdog_ms(self) -> int | None:
        """How often it is to be told that all is alive; None: it does not ask."""
        ...

    def say(self, words: str) -> None:
        """One message in the words of sd_notify(3). Never blocks, never raises; may be lost."""
        ...


class Unsupervised:
    """Implements Supervisor where there is none: in a terminal, in a simulated hall."""

    watchdog_ms = None

    def say(self, words: str) -> None:
        """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Parts:
    """jitter: uniform in [0, 1). software: name and version, at most 64 bytes."""

    identity: Identity
    outbox: Outbox
    link: Link
    clock: Clock
    gauges: GaugeReader
    jitter: Random
    software: str
    supervisor: Supervisor = field(default_factory=Unsupervised)
