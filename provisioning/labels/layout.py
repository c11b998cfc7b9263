"""A label of 62 x 29 mm as squares and lines of text, in millimetres from its upper left corner.

The code is on the left with its quiet zone of four modules (ISO/IEC 18004), as large as the height allows;
the words on the right, as large as their width allows. Pure but for the font, which is read from its package.
"""

import itertools
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

import segno
from PIL import ImageFont

from provisioning.errors import ConfigError
from provisioning.labels.label import Label

WIDTH_MM: Final = 62.0
HEIGHT_MM: Final = 29.0
CODE_MM: Final = 27.0
QUIET_MODULES: Final = 4
REGULAR: Final = "BeVietnamPro-Regular"
BOLD: Final = "BeVietnamPro-SemiBold"
_PACKAGE: Final = "fontpkg_be_vietnam_pro"
WORDS_MM: Final = 29.0
"""Left edge of the words."""
WORDS_WIDE_MM: Final = 31.5
SERIAL_MM: Final = 3.0
READABLE_MM: Final = 1.7
"""Least size of a font, about 5 points."""
EASY_MM: Final = 2.6
"""Below this another line is better."""
LINES_MAX: Final = 3
_MEASURED_PX: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """x_mm, y_mm: where its baseline begins. size_mm: of the font."""

    text: str
    font: str
    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """code: rows of modules with the quiet zone, True is dark; code_mm: its left and upper edge, both."""

    code: tuple[tuple[bool, ...], ...]
    code_mm: float
    module_mm: float
    lines: tuple[Line, ...]


def lay_out(label: Label, base: str) -> Drawing:
    """base: of page_base. Raises ConfigError for a serial number that would be too small to read."""
    made = segno.make_qr(label.page(base), error="m", boost_error=False)
    code = tuple(tuple(bool(module) for module in row) for row in made.matrix_iter(border=QUIET_MODULES))
    vi, en = label.model
    serial, place = _halves(label.serial), _wrapped(label.place)
    lines = (
        *_set([vi], REGULAR, 4.6, 2.7),
        *_set([en], REGULAR, 7.6, 2.3),
        *_set(place, BOLD, 12.8, 4.0 if len(place) < LINES_MAX else 2.6),
        *_set(serial, REGULAR, 25.8 - 2.2 * (len(serial) - 1), SERIAL_MM),
    )
    return Drawing(code, (HEIGHT_MM - CODE_MM) / 2, CODE_MM / len(code), lines)


def _set(lines: list[str], font: str, first_mm: float, size_mm: float) -> list[Line]:
    """One below the other, all of one size: size_mm, or what the widest leaves."""
    if not lines:
        return []
    size = min(size_mm, WORDS_WIDE_MM / max(_em(line, font) for line in lines))
    return [Line(text, font, WORDS_MM, first_mm + 1.15 * size * row, size) for row, text in enumerate(lines)]


def _halves(serial: str) -> list[str]:
    """One line or two; never cut, because people type it when the code is scratched. Raises ConfigError."""
    half = (len(serial) + 1) // 2
    for lines in ([serial], [serial[:half], serial[half:]]):
        if all(_fits(line, REGULAR) for line in lines):
            return lines
    raise ConfigError(f"serial {serial:.44} is too long for the label: {len(serial)} characters in two lines")


def _wrapped(text: str) -> list[str]:
    """Up to three lines of about one length, as few as are easily read. A word that fits nowhere is cut."""
    words = text.split()
    lines: list[str] = []
    for count in range(1, min(LINES_MAX, len(words)) + 1):
        breaks = itertools.combinations(range(1, len(words)), count - 1)
        cuts = ([0, *inner, len(words)] for inner in breaks)
        ways = ([" ".join(words[a:b]) for a, b in itertools.pairwise(cut)] for cut in cuts)
        lines = min(ways, key=_widest)
        if _widest(lines) * EASY_MM <= WORDS_WIDE_MM:
            break
    return [_cut(line) for line in lines]


def _widest(lines: list[str]) -> float:
    return max(_em(line, BOLD) for line in lines)


def _cut(line: str) -> str:
    if _fits(line, BOLD):
        return line
    kept = max(at for at in range(len(line)) if _fits(f"{line[:at]}…", BOLD))
    return f"{line[:kept].rstrip()}…"


def _fits(text: str, font: str) -> bool:
    return _em(text, font) * READABLE_MM <= WORDS_WIDE_MM


def _em(text: str, font: str) -> float:
    """Width in multiples of the size."""
    return loaded(font, _MEASURED_PX).getlength(text) / _MEASURED_PX


@lru_cache(maxsize=64)
def loaded(font: str, size_px: int) -> ImageFont.FreeTypeFont:
    with as_file(files(_PACKAGE) / "files" / f"{font}.ttf") as path:
        # Letters come composed, so the plain layout engine places them as the complex one would.
        return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)
