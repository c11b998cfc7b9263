"""The commissioning report as a PDF: A4, Vietnamese with English below, faults first. Not signed yet."""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from provisioning.acceptance import words
from provisioning.acceptance.report import Outcome, Report, Tested
from provisioning.acceptance.words import Words

_PACKAGE: Final = "fontpkg_be_vietnam_pro"
_REGULAR: Final = "BeVietnamPro-Regular"
_BOLD: Final = "BeVietnamPro-SemiBold"
_MARGIN: Final = 16 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_INK: Final = colors.HexColor(0x16222C)
_SOFT: Final = colors.HexColor(0x52616D)
_LINE: Final = colors.HexColor(0xC6CFD6)
_PALE: Final = colors.HexColor(0xEEF2F5)
_FAULT: Final = colors.HexColor(0xFBE9E7)
_ROOM_TO_SIGN: Final = 20 * mm


@dataclass(frozen=True, slots=True)
class Prints:
    """SHA-256 of the commissioning certificate and of the authority that issued it, hex."""

    seal: str
    issuer: str


def as_pdf(report: Report, prints: Prints) -> bytes:
    """Raises FileNotFoundError when the font's package is missing: the extra `provisioning` brings it."""
    _fonts()
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=20 * mm,
        bottomMargin=18 * mm,
        title=_plain(f"{words.TITLE[1]}: {report.hall}, {_time(report.at_ms)}"),
        author=_plain(report.congress),
        invariant=1,  # no random id in the file: the same report has the same bytes until it is signed
        lang="vi",
    )
    sides = dict.fromkeys(("leftPadding", "rightPadding", "topPadding", "bottomPadding"), 0)
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, **sides)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    story = list(_story(report, prints))
    document.build(story, canvasmaker=lambda *given, **how: _Numbered(report, *given, **how))
    return file.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Knows how many pages there are before it draws their numbers: each page is kept until the last one."""

    def __init__(self, report: Report, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        self._report = report
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # reportlab's name
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._kept
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._edges(number, len(pages))
            super().showPage()
        super().save()

    def _edges(self, number: int, pages: int) -> None:
        told = self._report
        self.setFont(_REGULAR, 7.5)
        self.setFillColor(_SOFT)
        self.drawString(_MARGIN, A4[1] - 12 * mm, _plain(f"{told.congress} · {told.hall}"))
        self.drawRightString(A4[0] - _MARGIN, A4[1] - 12 * mm, _time(told.at_ms))
        self.drawRightString(A4[0] - _MARGIN, 10 * mm, f"Trang {number} / {pages} · page {number} of {pages}")


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = files(_PACKAGE) / "files"
    for name in (_REGULAR, _BOLD):
        with as_file(folder / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, **{"fontName": _REGULAR, "fontSize": size, "leading": size * 1.4, "textColor": _INK, **more}
    )


_TITLE: Final = _style("title", 14, fontName=_BOLD, alignment=TA_CENTER)
_SUBTITLE: Final = _style("subtitle", 8.5, textColor=_SOFT, alignment=TA_CENTER)
_OUTCOME: Final = _style("outcome", 13, fontName=_BOLD, spaceBefore=4)
_HEAD: Final = _style("head", 10.5, fontName=_BOLD, spaceBefore=10, spaceAfter=3)
_TEXT: Final = _style("text", 8.5)
_STRONG: Final = _style("strong", 8.5, fontName=_BOLD)
_SMALL: Final = _style("small", 7, textColor=_SOFT)
_CODES: Final = _style("codes", 7, wordWrap="CJK")
"""Breaks anywhere: fingerprints and notes have no spaces."""
_SIGN: Final = _style("sign", 9, fontName=_BOLD, alignment=TA_CENTER)

_GRID: Final[tuple[tuple[Any, ...], ...]] = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)
_HEADED: Final = (*_GRID, ("BACKGROUND", (0, 0), (-1, 0), _PALE))


def _plain(text: str) -> str:
    """One form of the accents, and nothing that steers a printer: devices choose some of these words."""
    return "".join(c if c.isprintable() else "·" for c in unicodedata.normalize("NFC", text))


def _p(text: str, style: ParagraphStyle = _TEXT) -> Paragraph:
    return Paragraph(escape(_plain(text)), style)


def _pair(said: Words, style: ParagraphStyle = _TEXT) -> list[Paragraph]:
    return [_p(said[0], style), _p(said[1], _SMALL)]


def _heading(said: Words) -> Paragraph:
    small = f'<font name="{_REGULAR}" size="8" color="#52616D"> · {escape(said[1])}</font>'
    return Paragraph(f"{escape(said[0])}{small}", _HEAD)


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _table(rows: list[list[Any]], widths: list[float], style: tuple[tuple[Any, ...], ...]) -> Table:
    table = Table(rows, colWidths=[width * mm for width in widths], repeatRows=int(style is _HEADED))
    table.setStyle(list(style))
    return table


def _story(report: Report, prints: Prints) -> Iterator[Any]:
    yield _p(words.TITLE[0], _TITLE)
    yield _p(words.TITLE[1], _SUBTITLE)
    yield Spacer(1, 6)
    yield from _pair(words.ACCEPTED if report.is_passed else words.REFUSED, _OUTCOME)
    if not report.whole:
        yield from _pair(words.PARTIAL, _STRONG)
    yield Spacer(1, 4)
    yield _facts(report)
    yield from _faults(report)
    yield _heading(words.DEVICES)
    yield _devices(report)
    yield _heading(words.RESULTS)
    for each in report.tested:
        yield from _parts(each)
    yield from _log(report)
    yield KeepTogether(list(_seal(prints)))
    yield KeepTogether(list(_signatures()))


def _facts(report: Report) -> Table:
    counts = report.counts
    numbers = ", ".join(f"{counts[outcome]} {' / '.join(words.OUTCOME[outcome])}" for outcome in Outcome)
    rows = [
        (("Hội trường", "Hall"), report.hall),
        (("Hội nghị / đại hội", "Congress"), report.congress),
        (("Lập lúc", "Made at"), _time(report.at_ms)),
        (("Người lập", "Made by"), report.account),
        (("Số thiết bị", "Devices"), f"{len(report.tested)}: {numbers}"),
    ]
    return _table([[_pair(label), _p(value)] for label, value in rows], [42, 136], _GRID)


def _faults(report: Report) -> Iterator[Any]:
    yield _heading(words.FAULTS)
    rows: list[list[Any]] = []
    for each in report.tested:
        if each.outcome is Outcome.SILENT:
            why = [_p(each.why)] if each.why else _pair(words.UNANSWERED)
            rows.append(
                [_whose(each), _pair(words.UNASKED if each.why else words.OUTCOME[each.outcome]), why]
            )
        rows += [[_whose(each), _p(row.part, _STRONG), _p(row.detail)] for row in each.faults]
    rows += [
        [
            [_p(place.label, _STRONG), _p(place.place, _SMALL)],
            _pair(words.ROLE[place.role]),
            _pair(words.EMPTY),
        ]
        for place in report.empty
    ]
    if not rows:
        yield from _pair(words.NO_FAULTS)
        return
    yield _table(rows, [52, 36, 90], (*_GRID, ("BACKGROUND", (0, 0), (-1, -1), _FAULT)))


def _whose(each: Tested) -> list[Paragraph]:
    return [_p(each.paper.place, _STRONG), _p(f"{each.paper.place_id} {each.paper.device}".strip(), _SMALL)]


def _devices(report: Report) -> Table:
    heads: list[Words] = [
        ("Vị trí", "Place"), ("Thiết bị, số máy", "Device, serial"), ("Chứng thư, hạn", "Certificate, end"),
        ("Phần mềm", "Software"), ("Kết quả", "Result"), ("Số bản ghi", "Leaf"),
    ]  # fmt: skip
    rows: list[list[Any]] = [[_pair(head, _STRONG) for head in heads]]
    for each in report.tested:
        paper, result = each.paper, each.result
        rows.append(
            [
                [_p(paper.place), _p(paper.place_id or " · ".join(words.NO_PLACE), _SMALL)],
                [_p(paper.device, _CODES), _p(paper.serial or "–", _CODES)],
                [
                    _p(paper.fingerprint[:32], _CODES),
                    _p(paper.fingerprint[32:], _CODES),
                    _p(_time(paper.end_ms), _SMALL),
                ],
                _p(paper.software or "–", _CODES),
                _pair(words.OUTCOME[each.outcome], _TEXT if each.outcome is Outcome.PASSED else _STRONG),
                _p("–" if result is None else str(result.leaf)),
            ]
        )
    return _table(rows, [31, 35, 55, 20, 22, 15], _HEADED)


def _parts(each: Tested) -> Iterator[Any]:
    """One paragraph a device: thousands of them must not take minutes."""
    result = each.result
    head = f"{each.paper.place} · {each.paper.device}"
    said = " · ".join(words.OUTCOME[each.outcome])
    where = "" if result is None else f" · {_time(result.wall_ms)} · leaf {result.leaf}"
    text = f'<font name="{_BOLD}">{escape(_plain(head))}</font> {escape(said + where)}'
    for row in () if result is None else result.rows:
        part = escape(_plain(row.part)) if row.passed else f'<font name="{_BOLD}">{escape(row.part)} !</font>'
        text += f"<br/>{part}: {escape(_plain(row.detail))}"
    yield Paragraph(text, _style("parts", 7.5, spaceAfter=4))


def _log(report: Report) -> Iterator[Any]:
    yield _heading(words.LOG)
    yield from _pair(words.LOG_MEANS)
    yield from _pair(words.LOG_FOUND)
    yield Spacer(1, 3)
    yield from _pair(words.CHECKPOINT, _STRONG)
    for line in report.log.note.splitlines():
        yield _p(line, _CODES)


def _seal(prints: Prints) -> Iterator[Any]:
    yield _heading(words.SEALED)
    yield from _pair(words.SEALED_MEANS)
    yield from _pair(words.NO_TIME_STAMP)
    for said, digits in ((words.SEAL_PRINT, prints.seal), (words.ISSUER_PRINT, prints.issuer)):
        yield Spacer(1, 3)
        yield from _pair(said, _STRONG)
        yield _p(" ".join(digits[at : at + 8] for at in range(0, len(digits), 8)), _CODES)


def _signatures() -> Iterator[Any]:
    yield Spacer(1, 8)
    cells = [[_p(title[0], _SIGN), _p(title[1], _SUBTITLE)] for title in words.SIGN]
    table = Table([cells, ["", ""]], colWidths=[_WIDTH / 2] * 2, rowHeights=[None, _ROOM_TO_SIGN])
    table.setStyle([("LINEBELOW", (column, 1), (column, 1), 0.6, _INK) for column in range(2)])
    yield table
