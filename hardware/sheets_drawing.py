"""What installer and bring-up sheets are drawn with: page, letters, the header's picture, a meter's. Pure.

Sizes in points unless named _MM. The same sheet has the same bytes: no clock, no random id.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from hardware.headers import PINS, SUPPLIES, pin_name
from printed.sheet import BOLD, INK, LINE, REGULAR, SOFT, Edges, Margins, laid_out, register_fonts, style

_MARGINS: Final = Margins(side=15 * mm, top=14 * mm, bottom=16 * mm)
WIDTH: Final = A4[0] - 2 * _MARGINS.side
WARN: Final = colors.HexColor(0xFFF4CE)
RED: Final = colors.HexColor(0xA4262C)
WIRES: Final[Mapping[str, int]] = {
    "BK": 0x222222, "BN": 0x7A4A21, "RD": 0xC8102E, "OG": 0xE87722, "YE": 0xF2C400, "GN": 0x2E8B3D,
    "BU": 0x1F5FBF, "VT": 0x7B3FA0, "GY": 0x8A8D8F, "WH": 0xFFFFFF, "PK": 0xF2A1B8, "TQ": 0x3CB8B2,
}  # fmt: skip
_SUPPLY_COLOURS: Final = {"3V3": 0xF7C6A3, "5V": 0xF2A0A0, "GND": 0xB9C0C6}


TITLE: Final = style("title", 17, fontName=BOLD)
SUBTITLE: Final = style("subtitle", 10, textColor=SOFT, spaceAfter=6)
HEAD: Final = style("head", 11, fontName=BOLD, spaceBefore=8, spaceAfter=3)
TEXT: Final = style("text", 8.5)
SMALL: Final = style("small", 7.5, textColor=SOFT)
CELL: Final = style("cell", 7.8, leading=10.5)
CELL_BOLD: Final = style("cell-bold", 7.8, leading=10.5, fontName=BOLD)


def said(words: str, how: ParagraphStyle = CELL) -> Paragraph:
    register_fonts()  # a paragraph looks its letters up when it is made
    return Paragraph(escape(words), how)


def pdf_of(title: str, foot: str, story: Sequence[Flowable]) -> bytes:
    """A4 pages with their numbers. title: of the document; foot: at the left of every page."""
    return laid_out(lambda: story, Edges(title, "Hallward", "", "", foot), _MARGINS)


class HeaderPicture(Flowable):  # type: ignore[misc]  # reportlab has no types
    """The 40 pins as one looks down on the board, pin 1 at the upper left; used ones in colour, with their
    signal beside them."""

    _STEP: Final = 6.0 * mm
    _DOT: Final = 2.1 * mm

    def __init__(self, used: Mapping[int, tuple[str, str]]) -> None:
        """used: header pin -> signal, colour of its wire."""
        super().__init__()
        self.used = used
        self.width, self.height = WIDTH, self._STEP * (PINS // 2) + 6 * mm

    def draw(self) -> None:
        page, middle = self.canv, self.width / 2
        for row in range(PINS // 2):
            y = self.height - (row + 1) * self._STEP
            for pin, x, side in ((2 * row + 1, middle - 4 * mm, -1), (2 * row + 2, middle + 4 * mm, 1)):
                self._pin(page, pin, x, y, side)
        page.setStrokeColor(SOFT)
        page.setLineWidth(1)
        page.roundRect(middle - 8 * mm, 2.5 * mm, 16 * mm, self.height - 4.5 * mm, 2 * mm)

    def _pin(self, page: Canvas, pin: int, x: float, y: float, side: int) -> None:
        signal, colour = self.used.get(pin, ("", ""))
        fill = WIRES.get(colour) or (_SUPPLY_COLOURS[SUPPLIES[pin]] if pin in SUPPLIES else 0xFFFFFF)
        if colour == "WH":
            fill = 0xFFFFFF
        page.setFillColor(colors.HexColor(fill))
        page.setStrokeColor(INK if signal else LINE)
        page.setLineWidth(1.1 if signal else 0.7)
        if pin == 1:
            page.rect(x - self._DOT, y - self._DOT, 2 * self._DOT, 2 * self._DOT, fill=1)
        else:
            page.circle(x, y, self._DOT, fill=1)
        is_dark = colour in ("BK", "BN", "RD", "BU", "VT", "GN", "GY")
        page.setFillColor(colors.white if is_dark else INK)
        page.setFont(REGULAR, 6)
        page.drawCentredString(x, y - 2, str(pin))
        draw = page.drawRightString if side < 0 else page.drawString
        at = x + side * 6 * mm
        page.setFillColor(INK if signal else SOFT)
        page.setFont(REGULAR, 7.5)
        draw(at, y - 2.6, pin_name(pin))
        if signal:
            page.setFont(BOLD, 8)
            draw(at + side * 16 * mm, y - 2.8, signal)


class ColourDot(Flowable):  # type: ignore[misc]  # as above
    """A wire's colour, drawn and named: never colour alone."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.width, self.height = 14 * mm, 3.2 * mm

    def draw(self) -> None:
        page = self.canv
        page.setFillColor(colors.HexColor(WIRES[self.colour]))
        page.setStrokeColor(SOFT)
        page.setLineWidth(0.5)
        page.rect(0, 0.3 * mm, 6 * mm, 2.4 * mm, fill=1)
        page.setFillColor(INK)
        page.setFont(BOLD, 7.5)
        page.drawString(7.2 * mm, 0.5 * mm, self.colour)
