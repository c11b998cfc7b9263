"""Letters as bitmaps: bare ones from the font, their Vietnamese marks from marks.py, set by rule."""

import logging
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from edge.ballot_keypad.display.drawing.bitmap import light, pixels
from edge.ballot_keypad.display.drawing.marks import (
    DOT,
    DOT_BELOW,
    HORN,
    HORNED,
    KNOWN,
    SHAPES,
    SYMBOLS,
    TONES,
)

_PACKAGE: Final = "fontpkg_be_vietnam_pro"
_FILE: Final = "BeVietnamPro-Regular.ttf"
_log: Final = logging.getLogger("hallward.keypad")


@dataclass(frozen=True, slots=True)
class Face:
    """size_px: of the font. is_bold: every stroke of a letter one pixel wider."""

    size_px: int
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """mask: its ink and nothing around it, mode 1; None for a space. above: rows from its top to the line.
    All ink lies between the pen and pen + advance - 1, so that words end where their widths say."""

    mask: Image.Image | None
    left: int
    above: int
    advance: int

    @property
    def below(self) -> int:
        return 0 if self.mask is None else self.mask.height - self.above


def width(text: str, face: Face) -> int:
    return sum(letter(each, face).advance for each in text)


def reach(text: str, face: Face) -> tuple[int, int]:
    """How far its ink goes above and below the line; at least as far as a capital above."""
    letters = [letter(each, face) for each in text]
    above = max([_metrics(face.size_px)[0], *(each.above for each in letters)])
    return above, max([0, *(each.below for each in letters)])


def set_text(picture: Image.Image, pen: tuple[int, int], text: str, face: Face, ink: int = 1) -> None:
    """pen: where the line begins, and its first row below the capitals."""
    x, line = pen
    for each in text:
        found = letter(each, face)
        if found.mask is not None:
            picture.paste(ink, (x + found.left, line - found.above), found.mask)
        x += found.advance


@lru_cache(maxsize=1024)
def letter(text: str, face: Face) -> Letter:
    """text: one composed letter."""
    if not text.isprintable() or text.isspace():
        return Letter(None, 0, 0, max(3, round(_font(face.size_px).getlength(" "))))
    if text in SYMBOLS:
        return _symbol(text, face)
    apart = unicodedata.normalize("NFD", text)
    bare, marks = apart[0], list(apart[1:])
    if not KNOWN.issuperset(marks):
        bare, marks = text, []
    return _Drawing(face).letter(bare, marks)


def _symbol(text: str, face: Face) -> Letter:
    scale = _scale(_metrics(face.size_px)[0])
    rows = SYMBOLS[text]
    mask = Image.new("1", (len(rows[0]) * scale, len(rows) * scale))
    light(mask, (0, 0), pixels(rows, scale))
    return Letter(mask, 0, mask.height, mask.width + scale)


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        return _plain(size_px)
    # One letter at a time, so the plain layout engine places it as the complex one would, and sooner.
    file = Path(found.origin).parent / "files" / _FILE
    return ImageFont.truetype(str(file), size_px, layout_engine=ImageFont.Layout.BASIC)


def _plain(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    _log.warning(
        "the font is missing, words are set in a plain one: pip install %s", _PACKAGE.replace("_", "-")
    )
    return ImageFont.load_default(size_px)


@lru_cache(maxsize=16)
def _metrics(size_px: int) -> tuple[int, int]:
    """Heights of H and x in pixels."""
    font = _font(size_px)
    return tuple(-int(font.getbbox(each, mode="1", anchor="ls")[1]) for each in "Hx")  # type: ignore[return-value]


def _scale(cap_px: int) -> int:
    """How many pixels one point of a mark is wide: marks grow with their letters."""
    return max(1, round(cap_px / 11))


class _Drawing:
    """One letter, stroke by stroke, on a sheet that is larger than any."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._cap, self._x_height = _metrics(face.size_px)
        self._scale = _scale(self._cap)
        self._pen = (2 * face.size_px, 3 * face.size_px)
        self._sheet = Image.new("1", (5 * face.size_px, 5 * face.size_px))

    def letter(self, bare: str, marks: list[str]) -> Letter:
        font = _font(self._face.size_px)
        base = {"đ": "d", "Đ": "D"}.get(bare, bare)
        ImageDraw.Draw(self._sheet).text(self._pen, base, fill=1, font=font, anchor="ls")
        has_tone_above = any(mark in TONES or mark in SHAPES for mark in marks)
        if base == "i" and has_tone_above:
            self._wipe_above(self._x_height)
        if self._face.is_bold:
            self._embolden()
        box = self._box()
        if base == "I":
            self._serifs(box)
        if bare in "đĐ":
            self._bar(box, bare)
        if HORNED in marks:
            self._put(HORN, box[2], box[1] - self._scale)
        if DOT_BELOW in marks:
            self._dot(box, base)
        self._stack(box, marks)
        return self._cut(round(font.getlength(base)) + self._face.is_bold)

    def _box(self) -> tuple[int, int, int, int]:
        return self._sheet.getbbox() or (*self._pen, self._pen[0] + 1, self._pen[1] + 1)

    def _put(self, rows: tuple[str, ...], left: int, top: int) -> None:
        light(self._sheet, (left, top), pixels(rows, self._scale))

    def _wipe_above(self, height_px: int) -> None:
        self._sheet.paste(0, (0, 0, self._sheet.width, self._pen[1] - height_px))

    def _embolden(self) -> None:
        once = self._sheet.copy()
        self._sheet.paste(1, (1, 0), once.crop((0, 0, once.width - 1, once.height)))

    def _serifs(self, box: tuple[int, int, int, int]) -> None:
        """Without them a capital I is a small l."""
        left, top, right, bottom = box
        reach = self._scale
        for y in (top, bottom - reach):
            self._sheet.paste(1, (left - reach, y, right + reach, y + reach))

    def _bar(self, box: tuple[int, int, int, int], bare: str) -> None:
        left, top, right, bottom = box
        unit = self._scale
        if bare == "đ":
            y, span = top + unit, (right - 4 * unit - self._face.is_bold, right + 2 * unit)
        else:
            y, span = (top + bottom - unit) // 2, (left - 2 * unit, left + 3 * unit + self._face.is_bold)
        self._sheet.paste(1, (span[0], y, span[1], y + unit))

    def _dot(self, box: tuple[int, int, int, int], base: str) -> None:
        """Below the letter; beside the tail of a y, where it costs no height."""
        side = len(DOT) * self._scale
        if base == "y":
            self._put(DOT, box[2] - self._scale, self._pen[1] + self._scale)
        else:
            self._put(DOT, (box[0] + box[2] - side) // 2, self._pen[1] + self._scale)

    def _stack(self, box: tuple[int, int, int, int], marks: list[str]) -> None:
        """Upwards from the letter: its shape, then its tone."""
        top = box[1]
        for mark in [each[mark] for each in (SHAPES, TONES) for mark in marks if mark in each]:
            top -= (len(mark) + 1) * self._scale
            self._put(mark, (box[0] + box[2] - len(mark[0]) * self._scale) // 2, top)

    def _cut(self, advance: int) -> Letter:
        left, top, right, bottom = self._box()
        start = left - self._pen[0]
        before = max(0, start)
        return Letter(
            self._sheet.crop((left, top, right, bottom)),
            before,
            self._pen[1] - top,
            max(advance - min(0, start), before + right - left + 1),
        )
