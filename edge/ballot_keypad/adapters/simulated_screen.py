"""A screen nobody looks at but a test. Hands: `lines`."""

from collections.abc import Sequence


class SimulatedScreen:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
