"""What a keypad needs beside the device: buttons and a few lines of text."""

from collections.abc import Callable, Sequence
from typing import Protocol

from edge.ballot_keypad.press import Edge


class Keys(Protocol):
    def start(self, on_edge: Callable[[Edge], None]) -> None:
        """Tell every edge of every button, bounces and all, from any thread. Raises DeviceError."""
        ...

    def close(self) -> None: ...


class Screen(Protocol):
    def show(self, lines: Sequence[str]) -> None:
        """Replace what is shown. Raises DeviceError."""
        ...
