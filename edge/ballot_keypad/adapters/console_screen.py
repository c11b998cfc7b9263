"""The screen as a terminal: the Linux console of a small display, or a technician's."""

from collections.abc import Sequence
from typing import TextIO

from edge.device.errors import DeviceError

_CLEAR = "\x1b[2J\x1b[H"


class ConsoleScreen:
    """Clears and rewrites a terminal; elsewhere it writes the lines one below the other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = _CLEAR if stream.isatty() else ""

    def show(self, lines: Sequence[str]) -> None:
        try:
            self._stream.write(self._before + "\n".join(map(_printable, lines)) + "\n")
            self._stream.flush()
        except (OSError, ValueError) as err:
            raise DeviceError(f"the screen does not answer: {err}") from err


def _printable(line: str) -> str:
    """One line stays one line: a question's text must not steer the terminal, nor add lines of its own."""
    return "".join(character if character.isprintable() else " " for character in line)
