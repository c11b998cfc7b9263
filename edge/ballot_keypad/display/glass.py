"""What is on the display: a page, which part of it, and a display that is tried again until it answers."""

import logging
from dataclasses import replace
from typing import Final

from edge.ballot_keypad.display.page import Page, lines
from edge.ballot_keypad.ports import Screen
from edge.device.errors import DeviceError

TURN_MS: Final = 4_000
"""How long one part of a page stands that no key turns."""
_log: Final = logging.getLogger("hallward.keypad")


class Glass:
    """A page longer than the display is turned by UP and DOWN where they mean nothing else, and by time
    where they do."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._page = Page()
        self._part = 0
        self._turned_ms = 0
        self._keys_turn = False
        self._shown: tuple[Page, int] | None = None
        self.is_dark = False
        """It does not answer: nobody can read what a press would do."""

    @property
    def lines(self) -> list[str]:
        return lines(self._page)

    @property
    def page(self) -> Page:
        return self._page

    @property
    def part(self) -> int:
        return self._part

    def show(self, page: Page, now_ms: int, *, keys_turn: bool) -> None:
        """The page from now on. keys_turn: UP and DOWN are free to turn it."""
        if page != self._page:
            self._page, self._part, self._turned_ms = page, 0, now_ms
        self._keys_turn = keys_turn
        if not keys_turn and now_ms - self._turned_ms >= TURN_MS:
            self._turned_ms = now_ms
            parts = self._screen.parts(page)
            self._part = (self._part + 1) % parts if parts else 0
        self._put()

    def turn(self, by: int) -> bool:
        """One part on or back. False: there is nothing to turn, or the keys mean something else."""
        parts = self._screen.parts(self._page)
        if not self._keys_turn or parts < 2:
            return False
        self._part = (self._part + by) % parts
        self._put()
        return True

    def _put(self) -> None:
        if self._shown == (self._page, self._part) and not self.is_dark:
            return
        try:
            self._screen.show(self._page, self._part)
        except DeviceError as err:
            if not self.is_dark:
                _log.error("%s", err.diagnostics())
            self.is_dark, self._shown = True, None
            return
        self.is_dark, self._shown = False, (self._page, self._part)


def with_note(page: Page, note: tuple[str, ...]) -> Page:
    """The page with something that must be read first."""
    return replace(page, body=(*note, *page.body)) if note else page
