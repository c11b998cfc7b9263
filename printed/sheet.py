"""What printed pages share: A4, Vietnamese with English below, fonts, tables, numbered pages; the same bytes
for the same words."""

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Table

Words = tuple[str, str]
"""In Vietnamese and in English."""
_PACKAGE: Final = "fontpkg_be_vietnam_pro"
REGULAR: Final = "BeVietnamPro-Regular"
BOLD: Final = "BeVietnamPro-SemiBold"
MARGIN: Final = 18 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
INK: Final = colors.HexColor(0x16222C)
SOFT: Final = colors.HexColor(0x52616D)
LINE: Final = colors.HexColor(0xC6CFD6)
PALE: Final = colors.HexColor(0xEEF2F5)


@dataclass(frozen=True, slots=True)
class Edges:
    """What stands at the edges of each page, and what the file says of itself."""

    title: str
    author: str
    left: str
    right: str
    below: str


@dataclass(frozen=True, slots=True)
class Margins:
    """Of an A4 page, in points. side: left and right."""

    side: float = MARGIN
    top: float = 22 * mm
    bottom: float = 20 * mm


_MARGINS: Final = Margins()


def laid_out(story: Callable[[], Sequence[Any]], edges: Edges, margins: Margins = _MARGINS) -> bytes:
    """A PDF. story: called once the fonts are known. Raises FileNotFoundError when the font's package is not
    installed: the extra of each role that prints brings it."""
    register_fonts()
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=margins.side,
        rightMargin=margins.side,
        topMargin=margins.top,
        bottomMargin=margins.bottom,
        title=plain(edges.title),
        author=plain(edges.author),
        invariant=1,  # no clock and no random id in the file: the same bytes until somebody signs them
        lang="vi",
    )
    sides = dict.fromkeys(("leftPadding", "rightPadding", "topPadding", "bottomPadding"), 0)
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, **sides)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(
        list(story()), canvasmaker=lambda *given, **how: _Numbered(edges, margins.side, *given, **how)
    )
    return file.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Knows how many pages there are before it draws their numbers: each page is kept until the last one."""

    def __init__(self, edges: Edges, side: float, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        self._edges = edges
        self._side = side
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # reportlab's name
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._kept
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._frame(number, len(pages))
            super().showPage()
        super().save()

    def _frame(self, number: int, pages: int) -> None:
        told, side = self._edges, self._side
        self.setFont(REGULAR, 7.5)
        self.setFillColor(SOFT)
        self.drawString(side, A4[1] - 13 * mm, plain(told.left))
        self.drawRightString(A4[0] - side, A4[1] - 13 * mm, plain(told.right))
        self.drawString(side, 11 * mm, plain(told.below))
        self.drawRightString(A4[0] - side, 11 * mm, f"Trang {number} / {pages} · page {number} of {pages}")


@lru_cache(maxsize=1)
def register_fonts() -> None:
    folder = files(_PACKAGE) / "files"
    for name in (REGULAR, BOLD):
        with as_file(folder / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


def style(name: str, size: float, **more: Any) -> ParagraphStyle:
    """size: of the letters, in points; more: as reportlab names it."""
    return ParagraphStyle(
        name, **{"fontName": REGULAR, "fontSize": size, "leading": size * 1.45, "textColor": INK, **more}
    )


TITLE: Final = style("title", 15, fontName=BOLD, alignment=TA_CENTER)
SUBTITLE: Final = style("subtitle", 8.5, textColor=SOFT, alignment=TA_CENTER)
_HEAD: Final = style("head", 10.5, fontName=BOLD, spaceBefore=9, spaceAfter=3)
TEXT: Final = style("text", 9)
STRONG: Final = style("strong", 9, fontName=BOLD)
SMALL: Final = style("small", 7.5, textColor=SOFT)
OUTCOME: Final = style("outcome", 14, fontName=BOLD, spaceBefore=4)
NUMBER: Final = style("number", 9, fontName=BOLD, alignment=TA_RIGHT)
MONO: Final = style("keys", 7.5)


def plain(text: str) -> str:
    """One form of the accents: letters that the font has whole. Nothing that steers a printer or turns the
    line about: strangers and devices choose some of these words."""
    return "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text))


def _shown(letter: str) -> str:
    if letter.isprintable() or unicodedata.category(letter) == "Zs":
        return letter
    return " " if letter in "\t\n\r" else "·"


def text_of(text: str, how: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(escape(plain(text)), how)


def pair(words: Words, how: ParagraphStyle = TEXT) -> list[Paragraph]:
    return [text_of(words[0], how), text_of(words[1], SMALL)]


def inline(words: Words) -> Paragraph:
    vi, en = (escape(plain(word)) for word in words)
    return Paragraph(f'{vi} <font size="7.5" color="#52616D">{en}</font>', TEXT)


def heading(vi: str, en: str) -> Paragraph:
    # A tag inside: the English stands on the same line, smaller.
    small = f'<font name="{REGULAR}" size="8" color="#52616D"> · {escape(en)}</font>'
    return Paragraph(f"{escape(vi)}{small}", _HEAD)


GRID: Final[tuple[tuple[Any, ...], ...]] = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)
_HEADED: Final = (*GRID, ("BACKGROUND", (0, 0), (-1, 0), PALE))


def table_of(heads: Sequence[Words], rows: list[list[Any]], widths: Sequence[float]) -> Table:
    """widths: in mm."""
    table = Table(
        [[pair(head, STRONG) for head in heads], *rows],
        colWidths=[width * mm for width in widths],
        repeatRows=1,
    )
    table.setStyle(list(_HEADED))
    return table
