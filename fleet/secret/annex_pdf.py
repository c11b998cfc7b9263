"""The annex of a secret question's protocol as a PDF: the same bytes for the same annex."""

import io
import unicodedata
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from fleet.secret.minutes import Listing, Minutes

_PACKAGE: Final = "fontpkg_be_vietnam_pro"
_REGULAR: Final = "BeVietnamPro-Regular"
_BOLD: Final = "BeVietnamPro-SemiBold"
_SOFT: Final = colors.HexColor(0x52616D)
_LINE: Final = colors.HexColor(0xC6CFD6)
_TITLE: Final = ParagraphStyle("title", fontName=_BOLD, fontSize=14, leading=20)
_HEAD: Final = ParagraphStyle("head", fontName=_BOLD, fontSize=10, leading=15, spaceBefore=10)
_CELL: Final = ParagraphStyle("cell", fontName=_REGULAR, fontSize=7.5, leading=11, wordWrap="CJK")
_SMALL: Final = ParagraphStyle("small", fontName=_REGULAR, fontSize=8, leading=12, textColor=_SOFT)
_NONE: Final = "Không có. · None."


def annex_pdf(minutes: Minutes) -> bytes:
    """Raises FileNotFoundError when the font's package is not installed: the extra `fleet` brings it."""
    _fonts()
    told = minutes.protocol
    place = f"{told.congress} · {told.hall} · {told.sitting} · {told.question}"
    story: list[Any] = [
        Paragraph("Phụ lục biên bản bỏ phiếu kín", _TITLE),
        Paragraph("Annex to the protocol of a secret ballot", _SMALL),
        Paragraph(_plain(place), _SMALL),
        Paragraph(_plain(told.text), _HEAD),
        Spacer(1, 3 * mm),
    ]
    for listing in minutes.annex:
        story += _listing(listing)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=_plain(place),
        invariant=1,  # no clock and no random id in the file
        lang="vi",
    )
    document.build(story)
    return file.getvalue()


def _listing(listing: Listing) -> list[Any]:
    vi, en = listing.title
    head = [Paragraph(_plain(vi), _HEAD), Paragraph(_plain(en), _SMALL)]
    if not listing.rows:
        return [*head, Paragraph(_NONE, _CELL)]
    cells = [[Paragraph(f"{_plain(vi)}<br/>{_plain(en)}", _SMALL) for vi, en in listing.heads]]
    cells += [[Paragraph(_plain(cell), _CELL) for cell in row] for row in listing.rows]
    table = Table(
        cells,
        colWidths=[174 * mm / len(listing.heads)] * len(listing.heads),
        repeatRows=1,
        style=[("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    return [*head, table]


def _plain(text: str) -> str:
    return escape(unicodedata.normalize("NFC", text))


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = files(_PACKAGE) / "files"
    for name in (_REGULAR, _BOLD):
        with as_file(folder / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
