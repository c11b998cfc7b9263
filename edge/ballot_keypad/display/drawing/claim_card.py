"""What a unit shows that is nobody's yet: a QR code for a telephone, and eight characters to type instead.

A wide glass has room for both. On a narrow one they take turns, each with the other one small beside it or
not at all.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import segno
from PIL import Image

from edge.ballot_keypad.display.drawing import code_letters
from edge.ballot_keypad.display.drawing.flow import ellipsised, wrapped
from edge.ballot_keypad.display.drawing.letters import Face, reach, set_text
from edge.ballot_keypad.display.drawing.plan import GAP, HINT, ROW_GAP, Box, Size
from edge.ballot_keypad.display.page import Page

MODULE_PX: Final = 2
QUIET_PX: Final = 3
"""Light around the code, at least: all that 64 rows leave of it."""
_WIDE_PX: Final = 200
_GROUP: Final = 4
_LETTER_GAP_PX: Final = 2
_GROUP_GAP_PX: Final = 4

Modules = tuple[tuple[bool, ...], ...]


def claim_parts(page: Page, size: Size) -> int:
    return 1 if size[0] >= _WIDE_PX or not scannable(page, size[1]) else 2


def put_claim(picture: Image.Image, page: Page, size: Size, part: int) -> None:
    """One part of the card."""
    across, down = size
    code = scannable(page, down)
    is_wide = across >= _WIDE_PX
    left = 0
    if code and (is_wide or part == 0):
        left = down + 2 * GAP
        _put_code(picture, code, down)
    if is_wide:
        top = _put_words(picture, (left, 0, across, down), [page.title], HINT)
        top = _put_letters(picture, (left, top + GAP), page.claim, 2, rows=1)
        _put_words(picture, (left, top + GAP, across, down), [*page.body, page.seat], HINT)
    elif left:
        top = _put_letters(picture, (left, 0), page.claim, 1, rows=2)
        _put_words(picture, (left, top + GAP, across, down), [page.title, *page.body], HINT)
    else:
        tall = 2 * code_letters.HEIGHT * 2 + _GROUP_GAP_PX
        _put_letters(picture, (0, (down - tall) // 2), page.claim, 2, rows=2)
        beside = _GROUP * _step(2) + 2 * GAP
        _put_words(picture, (beside, 0, across, down), [page.title, *page.body], HINT)


def scannable(page: Page, down: int) -> Modules:
    """The richest form of the address that the glass can hold: with the key's fingerprint, or without; none
    when it is too long even so."""
    full = page.qr[0] if page.qr else ""
    for text in dict.fromkeys((full, full.partition("#")[0])):
        if text and len(_modules(text)) * MODULE_PX + 2 * QUIET_PX <= down:
            return _modules(text)
    return ()


@lru_cache(maxsize=4)
def _modules(text: str) -> Modules:
    """Rows of modules without a border; True is dark."""
    made = segno.make(text, error="l", boost_error=False, micro=False)
    return tuple(tuple(bool(module) for module in row) for row in made.matrix)


def _put_code(picture: Image.Image, code: Modules, side: int) -> None:
    """In the middle of a light square as high as the glass."""
    picture.paste(1, (0, 0, side, side))
    edge = (side - len(code) * MODULE_PX) // 2
    for y, row in enumerate(code):
        for x, is_dark in enumerate(row):
            if is_dark:
                left, top = edge + x * MODULE_PX, edge + y * MODULE_PX
                picture.paste(0, (left, top, left + MODULE_PX, top + MODULE_PX))


def _step(scale: int) -> int:
    return (code_letters.WIDTH + _LETTER_GAP_PX) * scale


def _put_letters(picture: Image.Image, at: tuple[int, int], claim: str, scale: int, *, rows: int) -> int:
    """Two groups of four, beside or below each other. Returns where they end."""
    x, y = at
    for start in range(0, len(claim), _GROUP):
        for number, each in enumerate(claim[start : start + _GROUP]):
            picture.paste(1, (x + number * _step(scale), y), code_letters.mask(each, scale))
        if rows == 1:
            x += _GROUP * _step(scale) + 5 * scale
        else:
            y += code_letters.HEIGHT * scale + _GROUP_GAP_PX
    return y + (code_letters.HEIGHT * scale if rows == 1 else 0)


def _put_words(picture: Image.Image, room: Box, words: Sequence[str], face: Face) -> int:
    """Rows from the top, as far as they go. Returns where they end."""
    left, top, right, bottom = room
    rows = [row for text in words for row in wrapped(text, face, right - left)]
    for row in rows:
        above, below = reach(row, face)
        if top + above + below > bottom:
            break
        set_text(picture, (left, top + above), ellipsised(row, face, right - left), face)
        top += above + below + ROW_GAP
    return top
