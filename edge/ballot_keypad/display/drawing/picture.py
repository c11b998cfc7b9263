"""The picture of a page: what plan.py shared out, set on the glass."""

from dataclasses import replace
from functools import lru_cache, partial
from typing import Final
from unicodedata import normalize

from PIL import Image

from edge.ballot_keypad.display.drawing import code_letters
from edge.ballot_keypad.display.drawing.bitmap import light, pixels
from edge.ballot_keypad.display.drawing.claim_card import claim_parts, put_claim
from edge.ballot_keypad.display.drawing.flow import ellipsised
from edge.ballot_keypad.display.drawing.letters import reach, set_text, width
from edge.ballot_keypad.display.drawing.matrix_code import put_codes
from edge.ballot_keypad.display.drawing.plan import (
    BOX_PAD,
    GAP,
    HINT,
    HINT_GAP,
    ROW_GAP,
    SIZES,
    SMALL,
    Box,
    Hint,
    Plan,
    Row,
    Size,
    code_scale,
    head_room,
    height,
    hint_reach,
    hint_width,
    plan_of,
)
from edge.ballot_keypad.display.drawing.signs import SIGN_ROWS
from edge.ballot_keypad.display.page import Page

__all__ = ["SIZES", "Size", "draw", "parts"]

_APART_MAX: Final = 3


def parts(page: Page, size: Size) -> int:
    """Over how many glassfuls the page goes, at least 1."""
    if page.claim:
        return claim_parts(page, size)
    return len(page.qr) or len(plan_of(_composed(page), size).parts)


def draw(page: Page, size: Size, part: int = 0) -> Image.Image:
    """The picture, mode 1, lit on dark. part: from 0; beyond the last: the last."""
    picture = Image.new("1", size)
    put(picture, page, size, part)
    return picture


def put(picture: Image.Image, page: Page, size: Size, part: int) -> None:
    """Onto the top left corner of a picture that may be larger than the glass."""
    if page.claim:
        put_claim(picture, page, size, min(part, claim_parts(page, size) - 1))
        return
    if page.qr:
        put_codes(picture, page, size, min(part, len(page.qr) - 1))
        return
    page = _composed(page)
    plan = plan_of(page, size)
    part = min(part, len(plan.parts) - 1)
    shown = plan.parts[part]
    mark = f"{part + 1}/{len(plan.parts)}" if len(plan.parts) > 1 else ""
    _set_head(picture, page, plan, mark, size[0])
    _set_rows(picture, shown.words, shown.rows)
    if shown.band is not None and page.code:
        _set_code(picture, shown.band, page.code_groups)
    elif shown.band is not None:
        _set_large(picture, shown.band, plan.large)
    top = plan.hint_top
    for row in shown.hints:
        top = _set_hints(picture, top, row)


@lru_cache(maxsize=1)  # as plan_of
def _composed(page: Page) -> Page:
    """Letters and their marks as one, as letters.py sets them, however a ballot paper was typed."""
    nfc = partial(normalize, "NFC")
    return replace(
        page,
        seat=nfc(page.seat),
        title=nfc(page.title),
        body=tuple(map(nfc, page.body)),
        large=nfc(page.large),
        hint=tuple((nfc(key), nfc(meaning)) for key, meaning in page.hint),
    )


def _set_head(picture: Image.Image, page: Page, plan: Plan, mark: str, across: int) -> None:
    if sign := SIGN_ROWS[page.sign]:
        light(picture, (across - len(sign[0]), 0), pixels(sign))
    left, right = head_room(page, across, mark)
    if mark:
        set_text(picture, (right + 2 * GAP, plan.head_line), mark, SMALL)
    if plan.title is None:
        set_text(picture, (0, plan.head_line), ellipsised(page.seat, SMALL, right), SMALL)
        return
    set_text(picture, (0, plan.head_line), page.seat, SMALL)
    set_text(picture, (left, plan.head_line), plan.title.text, plan.title.face)


def _set_rows(picture: Image.Image, room: Box, rows: tuple[Row, ...]) -> None:
    """From the top, a little apart where there is room."""
    spare = (room[3] - room[1] - height(rows)) // max(1, len(rows))
    top = room[1]
    for row in rows:
        above, below = reach(row.text, row.face)
        set_text(picture, (room[0], top + above), row.text, row.face)
        top += above + below + ROW_GAP + max(0, min(_APART_MAX, spare))


def _set_large(picture: Image.Image, room: Box, rows: tuple[Row, ...]) -> None:
    """In the middle of its room."""
    top = room[1] + max(0, room[3] - room[1] - height(rows)) // 2
    for row in rows:
        above, below = reach(row.text, row.face)
        set_text(picture, ((room[0] + room[2] - row.width) // 2, top + above), row.text, row.face)
        top += above + below + ROW_GAP


def _set_code(picture: Image.Image, room: Box, groups: tuple[str, ...]) -> None:
    """4-4-4 across the glass, every letter as wide as every other."""
    scale = code_scale(room[2] - room[0])
    step, gap = (code_letters.WIDTH + 2) * scale, 7 * scale
    total = sum(len(group) * step for group in groups) - 2 * scale + gap * (len(groups) - 1)
    x = (room[0] + room[2] - total) // 2
    top = (room[1] + room[3] - code_letters.HEIGHT * scale) // 2
    for group in groups:
        for each in group:
            picture.paste(1, (x, top), code_letters.mask(each, scale))
            x += step
        x += gap


def _set_hints(picture: Image.Image, top: int, row: tuple[Hint, ...]) -> int:
    """Each key dark on a light box, its meaning beside it. Returns where the next row begins."""
    above, below = hint_reach(row)
    line = top + ROW_GAP + above
    x = 0
    for key, meaning in row:
        key_above, key_below = reach(key, HINT)
        end = x + width(key, HINT) + 2 * BOX_PAD - 1
        picture.paste(1, (x, line - key_above - 1, end, line + max(1, key_below)))
        set_text(picture, (x + BOX_PAD, line), key, HINT, ink=0)
        set_text(picture, (end + GAP + 1, line), meaning, HINT)
        x += hint_width(key, meaning) + HINT_GAP
    return line + below
