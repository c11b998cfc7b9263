"""The screen as a terminal: the Linux console of a small display, or a technician's."""

from typing import TextIO

from edge.ballot_keypad.display.page import Page, lines
from edge.ballot_keypad.errors import ScreenError

_CLEAR = "\x1b[2J\x1b[H"


class ConsoleScreen:
    """Implements Screen. Clears and rewrites a terminal; elsewhere it writes the lines one below the
    other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = _CLEAR if stream.isatty() else ""

    def show(self, page: Page, part: int = 0) -> None:  # noqa: ARG002  # the port has it
        """The whole page, whichever part is asked for: a terminal has room."""
        self._write("\n".join(map(_printable, lines(page))) + "\n")

    def parts(self, page: Page) -> int:  # noqa: ARG002  # the port has it
        return 1

    def close(self) -> None:
        """Cleared, where that is possible. What a terminal does no longer take is not told any more."""
        if self._before:
            try:
                self._write("")
            except ScreenError:
                return

    def _write(self, text: str) -> None:
        try:
            self._stream.write(self._before + text)
            self._stream.flush()
        except (OSError, ValueError) as err:
            raise ScreenError(f"the screen does not answer: {err}") from err


def _printable(line: str) -> str:
    """One line stays one line: a question's text must not steer the terminal, nor add lines of its own."""
    return "".join(character if character.isprintable() else " " for character in line)
