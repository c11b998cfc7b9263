"""A panel as a picture, for any display: an icon on its colour at the left or on top, the words beside it.

Each line is set as large as fits, broken between words, and never cut; Vietnamese capitals with two marks
reach above the ascent that a font states, so rows are spaced by their ink. On a picture as low as 100 pixels
only the first two lines are set, and no code.

`python -m edge.rollcall_gate.adapters.panel_drawing OUT.png` draws the main ones on one sheet.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

from edge.rollcall_gate.adapters.panel_icons import mask
from edge.rollcall_gate.display.panel import Colour, Panel
from edge.rollcall_gate.display.screen import View, panel
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.decide import LowQuality, NoMatch, Revoked, WrongPin
from wire.lane import Greeting

Ink = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom are outside."""

SIDES_MIN_PX: Final = (96, 48)
GROUND: Final[Ink] = (13, 20, 28)
WORDS: Final[Ink] = (255, 255, 255)
CODE: Final[Ink] = (190, 200, 208)
BANDS: Final[Mapping[Colour, tuple[Ink, Ink]]] = {
    Colour.OFF: ((38, 58, 82), (255, 255, 255)),
    Colour.GREEN: ((0, 178, 128), (0, 0, 0)),
    Colour.AMBER: ((255, 200, 69), (0, 0, 0)),
    Colour.RED: ((165, 25, 20), (255, 255, 255)),
}
"""Colour of the band, and of the icon on it. Their luminances are apart, for eyes that see no hues."""

QUIET_MODULES: Final = 4
"""Light around a QR code (ISO/IEC 18004)."""
_PACKAGE: Final = "fontpkg_be_vietnam_pro"
_FIRST, _OTHER = "Bold", "Medium"
_LOW_PX: Final = 100
_SIZE_MIN_PX: Final = 9
_SMALLER: Final = 0.66  # later lines, of the first
_MEASURED_PX: Final = 100
_TALLEST: Final = "ẨẪẲẴỂỄỔỖỞỠỬỮỶỸẶỆỘỢỰỴặệộợựỵgjpqyQ()[],;|"
_log: Final = logging.getLogger("hallward.gate")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Row:
    """One row of words. box: its room, with the ink of any letter in it."""

    text: str
    weight: str
    size_px: int
    box: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands on a picture."""

    band: Box
    icon: Box
    words: Box
    rows: tuple[Row, ...]
    code: Row | None


def draw(panel: Panel, width_px: int, height_px: int) -> Image.Image:
    """The picture, mode RGB, of at least SIDES_MIN_PX."""
    plan = layout(panel, width_px, height_px)
    band, ink = BANDS[panel.colour]
    picture = Image.new("RGB", (width_px, height_px), GROUND)
    picture.paste(band, plan.band)
    left, top, right, _ = plan.icon
    if panel.qr:
        _put_code(picture, panel.qr, plan.band)
    else:
        picture.paste(ink, (left, top), mask(panel.icon, right - left))
    pen = ImageDraw.Draw(picture)
    for row in plan.rows:
        _set(pen, row, WORDS)
    if plan.code is not None:
        _set(pen, plan.code, CODE)
    return picture


def _put_code(picture: Image.Image, text: str, band: Box) -> None:
    """Dark on a light square, as large as whole pixels allow, in the middle of the band."""
    code = segno.make(text, error="m", boost_error=False, micro=False).matrix
    modules = len(code) + 2 * QUIET_MODULES
    scale = max(1, min(band[2] - band[0], band[3] - band[1]) // modules)
    side = modules * scale
    left, top, right, bottom = _centred(band, side)
    picture.paste(WORDS, (left, top, right, bottom))
    for y, row in enumerate(code):
        for x, is_dark in enumerate(row):
            if is_dark:
                at = (left + (x + QUIET_MODULES) * scale, top + (y + QUIET_MODULES) * scale)
                picture.paste((0, 0, 0), (*at, at[0] + scale, at[1] + scale))


def layout(panel: Panel, width_px: int, height_px: int) -> Layout:
    """Pure but for the font that is read once."""
    low = height_px <= _LOW_PX
    if width_px >= height_px:
        band_px = min(height_px, round(0.36 * width_px))
        band, room = (0, 0, band_px, height_px), (band_px, 0, width_px, height_px)
    else:
        band_px = min(width_px, round(0.4 * height_px))
        band, room = (0, 0, width_px, band_px), (0, band_px, width_px, height_px)
    icon = _centred(band, round((0.84 if low else 0.76) * band_px))
    margin = max(4, round(0.04 * min(width_px, height_px)))
    left, top, right, bottom = (
        room[0] + margin,
        room[1] + margin // 2,
        room[2] - margin,
        room[3] - margin // 2,
    )
    code = None
    if panel.code and not low:
        code = _corner(panel.code, max(10, height_px // 36), right, bottom)
        bottom = code.box[1]
    words = (left, top, right, bottom)
    lines, share = (panel.lines[:2], 2) if low else (panel.lines, 5)
    return Layout(band, icon, words, _fitted(lines, words, height_px // share), code)


@lru_cache(maxsize=1)
def _family() -> Path | None:
    found = find_spec(_PACKAGE)
    if found is not None and found.origin is not None:
        return Path(found.origin).parent / "files"
    _log.warning(
        "the font is missing, words are set in a plain one: pip install %s", _PACKAGE.replace("_", "-")
    )
    return None


@lru_cache(maxsize=256)
def _font(weight: str, size_px: int) -> Font:
    family = _family()
    if family is None:
        return ImageFont.load_default(size_px)
    # The letters come composed, so the plain layout engine places them as the complex one would, and sooner.
    file = family / f"BeVietnamPro-{weight}.ttf"
    return ImageFont.truetype(str(file), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=256)
def _reach(weight: str, size_px: int) -> tuple[int, int]:
    """How far ink goes above and below the line, pixels."""
    _, top, _, bottom = _font(weight, size_px).getbbox(_TALLEST, anchor="ls")
    return -int(top), int(bottom)


def _span(text: str, weight: str, size_px: int) -> tuple[int, int]:
    """Left of the pen's start (a `j` reaches there), and right of it to the last ink or the next pen."""
    font = _font(weight, size_px)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    return max(0, ceil(-left)), ceil(max(font.getlength(text), right))


def _wide(text: str, weight: str, size_px: int) -> int:
    return sum(_span(text, weight, size_px))


@lru_cache(maxsize=2048)
def _ems(text: str, weight: str) -> float:
    return _wide(text, weight, _MEASURED_PX) / _MEASURED_PX


def _about(text: str, weight: str, size_px: int) -> float:
    """Never less than _wide, and much cheaper: the rounding of a letter is half a pixel at most."""
    return _ems(text, weight) * size_px + 0.5 * len(text)


def _fitted(lines: Sequence[str], room: Box, most_px: int) -> tuple[Row, ...]:
    """Rows of the greatest size that fits, centred in height, at the left. What never fits is left out from
    the end: whole lines, and rows of a first line that alone is too long."""
    left, top, right, bottom = room
    width, height = right - left, bottom - top
    while len(lines) > 1 and _tall(lines, _SIZE_MIN_PX, width) > height:
        lines = lines[:-1]
    least, most = _SIZE_MIN_PX, max(_SIZE_MIN_PX, most_px)
    while least < most:
        size = (least + most + 1) // 2
        if _fits(lines, size, width, height):
            least = size
        else:
            most = size - 1
    rows: list[Row] = []
    y = top + max(0, (height - _tall(lines, least, width)) // 2)
    for number, line in enumerate(lines):
        weight, size = _type_of(number, least)
        above, below = _reach(weight, size)
        for text in _balanced(line, weight, size, width):
            end = left + _wide(text, weight, size)
            rows.append(Row(text, weight, size, (left, y, end, y + above + below)))
            y += above + below
        y += _gap(least)
    return tuple(row for row in rows if row.box[3] <= bottom)


def _type_of(number: int, size_px: int) -> tuple[str, int]:
    return (_OTHER, max(_SIZE_MIN_PX, round(_SMALLER * size_px))) if number else (_FIRST, size_px)


def _gap(size_px: int) -> int:
    return round(0.22 * size_px)


def _tall(lines: Sequence[str], size_px: int, width: int) -> int:
    height = -_gap(size_px)
    for number, line in enumerate(lines):
        weight, size = _type_of(number, size_px)
        height += sum(_reach(weight, size)) * len(_broken(line, weight, size, width)) + _gap(size_px)
    return height


def _fits(lines: Sequence[str], size_px: int, width: int, height: int) -> bool:
    for number, line in enumerate(lines):
        weight, size = _type_of(number, size_px)
        if any(_about(word, weight, size) > width for word in line.split(" ")):
            return False
    return _tall(lines, size_px, width) <= height


def _broken(line: str, weight: str, size_px: int, width: int) -> list[str]:
    """Rows no wider than `width`, each as full as can be; a word that is wider alone is broken."""
    space = _about(" ", weight, size_px)
    rows: list[str] = []
    filled = 0.0
    for word in _pieces(line, weight, size_px, width):
        wide = _about(word, weight, size_px)
        if rows and filled + space + wide <= width:
            rows[-1] += f" {word}"
            filled += space + wide
        else:
            rows.append(word)
            filled = wide
    return rows


def _balanced(line: str, weight: str, size_px: int, width: int) -> list[str]:
    """As many rows as _broken, of about equal width: no word stands alone on the last."""
    rows = _broken(line, weight, size_px, width)
    narrowest = ceil(max(_about(word, weight, size_px) for word in line.split(" ")))
    while len(rows) > 1 and narrowest < width:
        middle = (narrowest + width) // 2
        narrower = _broken(line, weight, size_px, middle)
        if len(narrower) > len(rows):
            narrowest = middle + 1
        else:
            rows, width = narrower, middle
    return rows


def _pieces(line: str, weight: str, size_px: int, width: int) -> list[str]:
    pieces: list[str] = []
    for word in line.split(" "):
        if _about(word, weight, size_px) <= width:
            pieces.append(word)
            continue
        piece = ""
        for letter in word:
            if piece and _about(piece + letter, weight, size_px) > width:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces


def sheet() -> Image.Image:
    """The main views beside one another, of an invented person."""
    shown = [panel(view, "vi+en") for view in View if view not in (View.WALK_IN, View.PIN_ENTRY)]
    shown.insert(0, panel(View.WALK_IN, "vi+en", greeting=Greeting("Nguyễn Văn An", "A12")))
    shown.insert(1, panel(View.PIN_ENTRY, "vi+en", typed=3))
    shown += [
        panel(View.BADGE_LANE, "vi+en", decision=decision)
        for decision in (LowQuality(Fault.TOO_FAR), NoMatch(0.2), Revoked("expired"), WrongPin())
    ]
    across, (width, height), gap = 3, (640, 360), 12
    down = -(-len(shown) // across)
    whole = Image.new("RGB", (across * (width + gap) + gap, down * (height + gap) + gap), (255, 255, 255))
    for number, one in enumerate(shown):
        row, column = divmod(number, across)
        whole.paste(draw(one, width, height), (gap + column * (width + gap), gap + row * (height + gap)))
    return whole


def _corner(text: str, size_px: int, right: int, bottom: int) -> Row:
    above, below = _reach(_OTHER, size_px)
    left = right - _wide(text, _OTHER, size_px)
    return Row(text, _OTHER, size_px, (left, bottom - above - below, right, bottom))


def _centred(band: Box, side_px: int) -> Box:
    left, top = (band[0] + band[2] - side_px) // 2, (band[1] + band[3] - side_px) // 2
    return (left, top, left + side_px, top + side_px)


def _set(pen: ImageDraw.ImageDraw, row: Row, ink: Ink) -> None:
    before, _ = _span(row.text, row.weight, row.size_px)
    above, _ = _reach(row.weight, row.size_px)
    start = (row.box[0] + before, row.box[1] + above)
    pen.text(start, row.text, fill=ink, font=_font(row.weight, row.size_px), anchor="ls")


if __name__ == "__main__":
    sheet().quantize(64, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)
