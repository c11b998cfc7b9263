"""A screen nobody looks at but a test. Hands: `page`, `part`, `lines`, `unplug`, `plug`."""

from edge.ballot_keypad.display.page import Page, lines
from edge.ballot_keypad.errors import ScreenError


class SimulatedScreen:
    """Implements Screen. parts_each: how many glassfuls every page is said to be."""

    def __init__(self, parts_each: int = 1) -> None:
        self.page = Page()
        self.part = 0
        self._parts_each = parts_each
        self._is_plugged = True

    @property
    def lines(self) -> list[str]:
        return lines(self.page)

    def unplug(self) -> None:
        self._is_plugged = False

    def plug(self) -> None:
        self._is_plugged = True

    def show(self, page: Page, part: int = 0) -> None:
        if not self._is_plugged:
            raise ScreenError("the display does not answer: it is unplugged")
        self.page, self.part = page, min(part, self.parts(page) - 1)

    def parts(self, page: Page) -> int:
        return len(page.qr) or self._parts_each

    def close(self) -> None:
        self.page, self.part = Page(), 0
