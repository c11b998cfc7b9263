"""When something leaves the unit. Pure.

What a press brought about leaves on a grid of times that began with the notice, so that nobody on the network
learns from it when a key was pressed (HV-1 rule 11); what is not answered is said again with decorrelated
jitter, which knows nothing of keys either.
"""

from dataclasses import dataclass
from typing import Final

from edge.device.backoff import decorrelated

GRID_MS: Final = 3_000
AGAIN_MS: Final = 2_000
AGAIN_CAP_MS: Final = 10_000
POLL_MS: Final = 5_000
"""Between two questions after the closed record."""
KEY_MS: Final = 5_000
KEY_CAP_MS: Final = 60_000
EARLY_MS: Final = 5_000
"""The store has not opened yet what the desk says is open."""


def next_slot(origin_ms: int, now_ms: int, grid_ms: int = GRID_MS) -> int:
    """The first moment of the grid that lies behind now."""
    return origin_ms + ((now_ms - origin_ms) // grid_ms + 1) * grid_ms


@dataclass(slots=True)
class Repeat:
    """Something that is said until it is answered. due_ms: None while there is nothing to say."""

    base_ms: int
    cap_ms: int
    due_ms: int | None = None
    wait_ms: int = 0

    def begin(self, due_ms: int) -> None:
        self.due_ms, self.wait_ms = due_ms, self.base_ms

    def end(self) -> None:
        self.due_ms = None

    def hasten(self, now_ms: int) -> None:
        """The connection is back: say it at once, unless it waits for its first time."""
        if self.due_ms is not None and self.wait_ms != self.base_ms:
            self.due_ms, self.wait_ms = now_ms, self.base_ms

    def is_due(self, now_ms: int) -> bool:
        return self.due_ms is not None and now_ms >= self.due_ms

    def said(self, now_ms: int, fraction: float) -> None:
        self.wait_ms = decorrelated(self.wait_ms, self.base_ms, self.cap_ms, fraction)
        self.due_ms = now_ms + self.wait_ms
