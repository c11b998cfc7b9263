"""Display, lamp and badge reader without hardware: what they show can be looked at, a badge presented."""

from collections import deque
from collections.abc import Sequence


class SimulatedDisplay:
    """Implements Display."""

    def __init__(self) -> None:
        self.lines: tuple[str, ...] = ()

    def show(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)


class SimulatedIndicator:
    """Implements Indicator."""

    def __init__(self) -> None:
        self.colour = "off"

    def show(self, colour: str) -> None:
        self.colour = colour


class SimulatedBadgeReader:
    """Implements BadgeReader."""

    def __init__(self) -> None:
        self._presented: deque[str] = deque(
            maxlen=1
        )  # a reader sees the badge that is there, not those before it

    def read(self) -> str | None:
        return self._presented.popleft() if self._presented else None

    def present(self, text: str) -> None:
        self._presented.append(text)
