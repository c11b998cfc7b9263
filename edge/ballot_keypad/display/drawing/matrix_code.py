"""QR codes on the glass: dark modules on a light square at the left, words beside it."""

from functools import lru_cache
from typing import Final

import segno
from PIL import Image

from edge.ballot_keypad.display.drawing.flow import ellipsised, wrapped
from edge.ballot_keypad.display.drawing.letters import reach, set_text, width
from edge.ballot_keypad.display.drawing.plan import GAP, HINT, ROW_GAP, SMALL, Size
from edge.ballot_keypad.display.page import Page

MODULE_PX: Final = 2
"""Below it a telephone does not tell one module from the next."""
BORDER: Final = 3
"""Light modules around; the dark of the glass begins behind them."""


def put_codes(picture: Image.Image, page: Page, size: Size, part: int) -> None:
    """One code of the page, with what stands beside it as far as it goes."""
    code = _modules(page.qr[part])
    side = (len(code) + 2 * BORDER) * MODULE_PX
    picture.paste(1, (0, 0, side, side))
    for y, row in enumerate(code):
        for x, is_dark in enumerate(row):
            if is_dark:
                left, top = (x + BORDER) * MODULE_PX, (y + BORDER) * MODULE_PX
                picture.paste(0, (left, top, left + MODULE_PX, top + MODULE_PX))
    left, across = side + 2 * GAP, size[0] - side - 2 * GAP
    mark = f"{part + 1}/{len(page.qr)}"
    beside = f"{page.seat} {mark}".strip()
    words = [beside] if width(beside, SMALL) <= across else [page.seat, mark]
    hints = [f"{key} {meaning}".strip() for key, meaning in page.hint]
    bottom = size[1] - sum(sum(reach(hint, HINT)) + ROW_GAP for hint in hints)
    top = 0
    for text in [*words, *wrapped(page.title, SMALL, across)]:
        above, below = reach(text, SMALL)
        if top + above + below > bottom:
            break
        set_text(picture, (left, top + above), ellipsised(text, SMALL, across), SMALL)
        top += above + below + ROW_GAP
    top = bottom
    for hint in hints:
        above, below = reach(hint, HINT)
        set_text(picture, (left, top + above), ellipsised(hint, HINT, across), HINT)
        top += above + below + ROW_GAP


@lru_cache(maxsize=1)
def _modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of modules without a border; True is dark."""
    made = segno.make(text, error="l", boost_error=False, micro=False)
    return tuple(tuple(bool(module) for module in row) for row in made.matrix)
