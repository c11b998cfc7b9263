"""What a runtime is made of: chosen by whoever starts a device, real or simulated."""

from dataclasses import dataclass
from typing import Protocol

from edge.device.health import Gauges
from edge.device.identity import Identity
from edge.device.outbox import Outbox
from edge.device.ports import Clock, Link, Random


class GaugeReader(Protocol):
    def read(self) -> Gauges: ...


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
