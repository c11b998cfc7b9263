"""Parts that a gate may do without: nothing is said by them, and nothing is told to them."""

from edge.rollcall_gate.display.panel import Colour, Panel, Sound
from edge.rollcall_gate.ports import Crossing


class NoBadgeReader:
    """Implements BadgeReader: badges are read by the camera."""

    def read(self) -> str | None:
        return None


class NoSensor:
    """Implements PassSensor: the door's contact alone tells of a passage (doorway.py)."""

    def read(self) -> tuple[Crossing, ...]:
        return ()

    def close(self) -> None:
        """There is nothing to give back."""


class NoPinPad:
    """Implements PinPad."""

    def read(self) -> str:
        return ""

    def close(self) -> None:
        """There is nothing to give back."""


class NoIndicator:
    """Implements Indicator."""

    def show(self, colour: Colour) -> None:
        """There is no lamp."""

    def close(self) -> None:
        """There is nothing to give back."""


class NoSounder:
    """Implements Sounder."""

    def play(self, sound: Sound) -> None:
        """There is no buzzer."""

    def close(self) -> None:
        """There is nothing to give back."""


class NoDisplay:
    """Implements Display."""

    def show(self, panel: Panel) -> None:
        """There is no display: the lamp and the usher do."""

    def close(self) -> None:
        """There is nothing to give back."""
