"""How the glass is shared out among the parts of a page. Words are measured here, nothing is drawn.

    ┌──────────────────────────────┐
    │ A-12                  1/2  ✓ │  seat, which part of how many, sign
    │ Title, over as many rows     │  title bold, body below it; at the left of a wide glass,
    │ as it needs                  │  above the large text or the code on a narrow one
    │         LARGE TEXT           │  as large as there is room
    │ [OK] gửi   [CLEAR] bỏ        │  keys and what they do
    └──────────────────────────────┘

A short title beside a large text or a code moves up to the seat, so that these have the room. What does not
fit goes on over further parts; nothing is left out, and nothing stands beyond the glass.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.ballot_keypad.display.drawing import code_letters
from edge.ballot_keypad.display.drawing.flow import ellipsised, wrapped
from edge.ballot_keypad.display.drawing.letters import Face, reach, width
from edge.ballot_keypad.display.drawing.signs import SIGN_ROWS
from edge.ballot_keypad.display.page import Page

Size = tuple[int, int]
"""Width and height in pixels."""
SIZES: Final[tuple[Size, ...]] = ((128, 64), (256, 64))

TITLE: Final = Face(13, is_bold=True)
TEXT: Final = Face(13)
SMALL: Final = Face(11, is_bold=True)
"""For what is short: the seat, the part, a title beside the seat of a narrow glass."""
HINT: Final = Face(11)
LARGE: Final = tuple(Face(size, is_bold=True) for size in (40, 34, 30, 26, 22, 20, 18, 16, 14, 13))

GAP: Final = 2
"""Pixels of dark between neighbours."""
ROW_GAP: Final = 1
HINT_GAP: Final = 6
BOX_PAD: Final = 2
_WIDE_PX: Final = 200
_HINT_ROWS_MAX: Final = 2
_TALLEST: Final = "ẪỆ"

Box = tuple[int, int, int, int]
"""left, top, right, bottom; right and bottom are outside."""
Hint = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    face: Face

    @property
    def height(self) -> int:
        return sum(reach(self.text, self.face))

    @property
    def width(self) -> int:
        return width(self.text, self.face)


@dataclass(frozen=True, slots=True)
class Part:
    """One glassful. band: where the large text or the code stands; None: not on this part."""

    rows: tuple[Row, ...]
    words: Box
    band: Box | None
    hints: tuple[tuple[Hint, ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """title: beside the seat, if it stands there. large: rows of the large text."""

    head_line: int
    title: Row | None
    large: tuple[Row, ...]
    hint_top: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Shares:
    """Rows part by part, and where words, large text and code stand. band: None where there is none."""

    parts: tuple[tuple[Row, ...], ...]
    words: Box
    band: Box | None
    is_band_alone: bool = False
    """On a first part of its own, because no row fits beside it."""


@lru_cache(maxsize=1)  # a page is drawn part by part; the one before it, and the choice on it, is forgotten
def plan_of(page: Page, size: Size) -> Plan:
    """Where it goes over one part only, a title beside the seat has the room of the mark as well."""
    plan = _plan(page, size, "")
    if plan.title is None or len(plan.parts) == 1:
        return plan
    digits = "0" * len(str(len(plan.parts)))
    return _plan(page, size, f"{digits}/{digits}")


def _plan(page: Page, size: Size, mark: str) -> Plan:
    across, down = size
    is_wide = across >= _WIDE_PX
    title = _title_in_head(page, across, mark, is_wide=is_wide)
    head_line, head_bottom = _head(page, title)
    chunks = _chunks(page, across, down - head_bottom)
    hint_top = down - max(sum(hint_height(row) for row in chunk) for chunk in chunks)
    body = (0, head_bottom, across, hint_top)
    shares = _shares(page, body, is_wide=is_wide, has_title=title is None)
    large = largest(page.large, shares.band) if page.large and shares.band else ()
    shown: list[tuple[tuple[Row, ...], Box | None]] = [((), shares.band)] if shares.is_band_alone else []
    beside = None if shares.is_band_alone else shares.band
    shown += [(rows, beside) for rows in shares.parts]
    while len(shown) < len(chunks):
        shown.append(shown[-1])
    parts = tuple(
        Part(rows, shares.words, band, chunks[number % len(chunks)])
        for number, (rows, band) in enumerate(shown)
    )
    return Plan(head_line, title, large, hint_top, parts)


def largest(text: str, room: Box) -> tuple[Row, ...]:
    """The text as large as the room allows, whole; in an ellipsis only when it fits in no size."""
    across, down = room[2] - room[0], room[3] - room[1]
    for face in LARGE:
        rows = tuple(Row(each, face) for each in wrapped(text, face, across))
        is_whole = all(width(word, face) <= across for word in text.split())
        if is_whole and height(rows) <= down:
            return rows
    return (Row(ellipsised(text, LARGE[-1], across), LARGE[-1]),)


def height(rows: tuple[Row, ...]) -> int:
    return sum(row.height for row in rows) + ROW_GAP * max(0, len(rows) - 1)


def code_scale(across_px: int) -> int:
    return 2 if across_px >= _WIDE_PX else 1


def hint_reach(row: tuple[Hint, ...]) -> tuple[int, int]:
    """Above and below the line, the light box around a key included."""
    reaches = [reach(text, HINT) for pair in row for text in pair]
    return max(above for above, _ in reaches) + 1, max(1, *(below for _, below in reaches))


def hint_height(row: tuple[Hint, ...]) -> int:
    return sum(hint_reach(row)) + ROW_GAP


def hint_width(key: str, meaning: str) -> int:
    return width(key, HINT) + 2 * BOX_PAD + GAP + width(meaning, HINT)


def _hint_rows(hints: tuple[Hint, ...], across: int) -> tuple[tuple[Hint, ...], ...]:
    rows: list[list[Hint]] = []
    used = 0
    for key, meaning in hints:
        pair = (key, ellipsised(meaning, HINT, across - hint_width(key, "")))
        wide = hint_width(*pair)
        if rows and used + HINT_GAP + wide <= across:
            rows[-1].append(pair)
            used += HINT_GAP + wide
        else:
            rows.append([pair])
            used = wide
    return tuple(tuple(row) for row in rows)


def _chunks(page: Page, across: int, down: int) -> list[tuple[tuple[Hint, ...], ...]]:
    """Rows of keys for each part: two at most, and one where two would leave no room for a row of words."""
    rows = _hint_rows(page.hint, across)
    tallest = Row(_TALLEST, TITLE).height
    two = 2 * max((hint_height(row) for row in rows), default=0)
    each = 1 if page.large or page.code or two + tallest > down else _HINT_ROWS_MAX
    return [rows[start : start + each] for start in range(0, len(rows), each)] or [()]


def _head(page: Page, title: Row | None) -> tuple[int, int]:
    """The line of the first row, and where the next begins."""
    above, below = reach(page.seat, SMALL)
    if title is not None:
        title_above, title_below = reach(title.text, title.face)
        above, below = max(above, title_above), max(below, title_below)
    return above, max(above + below, len(SIGN_ROWS[page.sign])) + GAP


def head_room(page: Page, across: int, mark: str = "") -> tuple[int, int]:
    """From where to where a title may stand beside the seat."""
    right = across
    if sign := SIGN_ROWS[page.sign]:
        right -= len(sign[0]) + 2 * GAP
    if mark:
        right -= width(mark, SMALL) + 2 * GAP
    return width(page.seat, SMALL) + 2 * GAP, right


def _title_in_head(page: Page, across: int, mark: str, *, is_wide: bool) -> Row | None:
    if not page.title or not (page.code or (page.large and not is_wide)):
        return None
    left, right = head_room(page, across, mark)
    row = Row(page.title, TITLE if is_wide else SMALL)
    return row if row.width <= right - left else None


def _rows(page: Page, across: int, *, has_title: bool) -> list[Row]:
    title = page.title if has_title else ""
    face = TITLE
    if (
        page.large or page.code
    ):  # every row counts: a title that fits one row in the lighter face is set in it
        face = min(TITLE, TEXT, key=lambda each: len(wrapped(title, each, across)))
    rows = [Row(text, face) for text in wrapped(title, face, across)]
    for line in page.body:
        rows += [Row(text, TEXT) for text in wrapped(line, TEXT, across)]
    return rows


def _shares(page: Page, body: Box, *, is_wide: bool, has_title: bool) -> _Shares:
    left, top, right, bottom = body
    rows = _rows(page, right - left, has_title=has_title)
    if not (page.large or page.code):
        return _Shares(_parted(rows, bottom - top), body, None)
    if not rows:
        return _Shares(((),), body, body)
    if page.large and is_wide:
        middle = left + (right - left) * 3 // 5
        words = (left, top, middle - 2 * GAP, bottom)
        rows = _rows(page, words[2] - left, has_title=has_title)
        return _Shares(_parted(rows, bottom - top), words, (middle, top, right, bottom))
    needed = code_letters.HEIGHT * code_scale(right - left)
    if page.large:
        needed = height(largest(page.large, (left, top, right, top)))
    tallest = max(row.height for row in rows)
    split = top + tallest + GAP
    if split + needed > bottom:
        return _Shares(_parted(rows, bottom - top), body, body, is_band_alone=True)
    return _Shares(_parted(rows, tallest), (left, top, right, split), (left, split, right, bottom))


def _parted(rows: list[Row], height_px: int) -> tuple[tuple[Row, ...], ...]:
    """Rows shared out over parts, each as full as can be; at least one part, and one row on each."""
    shared: list[tuple[Row, ...]] = [()]
    for row in rows:
        if shared[-1] and height((*shared[-1], row)) > height_px:
            shared.append(())
        shared[-1] = (*shared[-1], row)
    return tuple(shared)
