"""Display, lamp, buzzer and badge reader without hardware: they can be looked at, a badge presented."""

from collections import deque

from edge.rollcall_gate.display.panel import Colour, Panel, Sound


class SimulatedDisplay:
    """Implements Display."""

    def __init__(self) -> None:
        self.panel: Panel | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The words that stand on it; none before the first panel."""
        return () if self.panel is None else self.panel.lines

    def show(self, panel: Panel) -> None:
        self.panel = panel

    def close(self) -> None:
        self.panel = None


class SimulatedIndicator:
    """Implements Indicator."""

    def __init__(self) -> None:
        self.colour = Colour.OFF

    def show(self, colour: Colour) -> None:
        self.colour = colour

    def close(self) -> None:
        self.colour = Colour.OFF


class SimulatedSounder:
    """Implements Sounder."""

    def __init__(self) -> None:
        self.played: list[Sound] = []

    def play(self, sound: Sound) -> None:
        self.played.append(sound)

    def close(self) -> None:
        """It has fallen silent already."""


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
