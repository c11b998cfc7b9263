"""What the device's one loop handles: what the link brings, and what other threads ask of it."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.device.ports import LinkEvent


@dataclass(frozen=True, slots=True)
class Call:
    """Something to be done in the loop's thread."""

    what: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Stop:
    """End the loop."""


Event = LinkEvent | Call | Stop
