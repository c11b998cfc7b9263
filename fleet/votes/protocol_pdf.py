"""The protocol as a PDF for the minutes: A4, Vietnamese with English below, the same bytes for the same
protocol."""

import io
import unicodedata
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
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from fleet.votes.protocol import (
    BOARD,
    NO_GROUP,
    WITHDRAWN,
    Named,
    Protocol,
    Words,
)

_PACKAGE: Final = "fontpkg_be_vietnam_pro"
_REGULAR: Final = "BeVietnamPro-Regular"
_BOLD: Final = "BeVietnamPro-SemiBold"
_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_INK: Final = colors.HexColor(0x16222C)
_SOFT: Final = colors.HexColor(0x52616D)
_LINE: Final = colors.HexColor(0xC6CFD6)
_PALE: Final = colors.HexColor(0xEEF2F5)
_PAPER_MARK: Final = colors.HexColor(0xFDF1D7)
_ROOM_TO_SIGN: Final = 22 * mm


def as_pdf(protocol: Protocol) -> bytes:
    """Raises FileNotFoundError when the font's package is not installed: the extra `fleet` brings it."""
    _fonts()
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=22 * mm,
        bottomMargin=20 * mm,
        title=_plain(f"{protocol.hall} {protocol.sitting} {protocol.question}"),
        author=_plain(protocol.congress),
        invariant=1,  # no clock and no random id in the file
        lang="vi",
    )
    sides = dict.fromkeys(("leftPadding", "rightPadding", "topPadding", "bottomPadding"), 0)
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, **sides)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(_story(protocol), canvasmaker=lambda *given, **how: _Numbered(protocol, *given, **how))
    return file.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Knows how many pages there are before it draws their numbers: each page is kept until the last one."""

    def __init__(self, protocol: Protocol, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        self._protocol = protocol
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
        told = self._protocol
        self.setFont(_REGULAR, 7.5)
        self.setFillColor(_SOFT)
        self.drawString(_MARGIN, A4[1] - 13 * mm, _plain(f"{told.congress} · {told.hall} · {told.sitting}"))
        self.drawRightString(A4[0] - _MARGIN, A4[1] - 13 * mm, _plain(told.question))
        root = f"log {told.log.size} · {told.log.root}"
        self.drawString(_MARGIN, 11 * mm, _plain(root))
        self.drawRightString(A4[0] - _MARGIN, 11 * mm, f"Trang {number} / {pages} · page {number} of {pages}")


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = files(_PACKAGE) / "files"
    for name in (_REGULAR, _BOLD):
        with as_file(folder / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, **{"fontName": _REGULAR, "fontSize": size, "leading": size * 1.45, "textColor": _INK, **more}
    )


_TITLE: Final = _style("title", 15, fontName=_BOLD, alignment=TA_CENTER)
_SUBTITLE: Final = _style("subtitle", 8.5, textColor=_SOFT, alignment=TA_CENTER)
_HEAD: Final = _style("head", 10.5, fontName=_BOLD, spaceBefore=9, spaceAfter=3)
_TEXT: Final = _style("text", 9)
_STRONG: Final = _style("strong", 9, fontName=_BOLD)
_SMALL: Final = _style("small", 7.5, textColor=_SOFT)
_QUESTION: Final = _style("question", 12, fontName=_BOLD, spaceBefore=4, spaceAfter=2)
_OUTCOME: Final = _style("outcome", 14, fontName=_BOLD, spaceBefore=4)
_NUMBER: Final = _style("number", 9, fontName=_BOLD, alignment=TA_RIGHT)
_MONO: Final = _style("keys", 7.5)


def _plain(text: str) -> str:
    """One form of the accents: letters that the font has whole."""
    return unicodedata.normalize("NFC", text)


def _p(text: str, style: ParagraphStyle = _TEXT) -> Paragraph:
    return Paragraph(escape(_plain(text)), style)


def _pair(words: Words, style: ParagraphStyle = _TEXT) -> list[Paragraph]:
    return [_p(words[0], style), _p(words[1], _SMALL)]


def _inline(words: Words) -> Paragraph:
    vi, en = (escape(_plain(word)) for word in words)
    return Paragraph(f'{vi} <font size="7.5" color="#52616D">{en}</font>', _TEXT)


def _heading(vi: str, en: str) -> Paragraph:
    # A tag inside: the English stands on the same line, smaller.
    small = f'<font name="{_REGULAR}" size="8" color="#52616D"> · {escape(en)}</font>'
    return Paragraph(f"{escape(vi)}{small}", _HEAD)


def _story(told: Protocol) -> list[Any]:
    story: list[Any] = [
        _p("BIÊN BẢN KẾT QUẢ BIỂU QUYẾT", _TITLE),
        _p(
            "Protocol of the vote" + ("" if told.is_final else " · CHƯA KÝ XÁC NHẬN, not certified"),
            _SUBTITLE,
        ),
        Spacer(1, 6),
        *_facts(told),
        _p(told.text, _QUESTION),
        *_pair(told.outcome, _OUTCOME),
        *_numbers(told),
        *_sums(told),
    ]
    for part in (_persons, _boxes, _lists, _signatures, _log):
        story += part(told)
    return story


def _facts(told: Protocol) -> list[Any]:
    rows = [
        (("Hội nghị / đại hội", "Congress"), [_p(told.congress)]),
        (("Hội trường", "Hall"), [_p(told.hall)]),
        (("Phiên họp", "Sitting"), [_p(f"{told.sitting}: {told.sitting_title}")]),
        (("Nội dung số", "Question"), [_p(told.question)]),
        (("Hình thức", "Way"), _pair(told.way, _STRONG if told.is_paper else _TEXT)),
        (("Quy tắc", "Rule"), _pair(told.rule)),
    ]
    table = Table([[_pair(label), value] for label, value in rows], colWidths=[40 * mm, _WIDTH - 40 * mm])
    style: list[tuple[Any, ...]] = [*_GRID]
    if told.is_paper:
        style.append(("BACKGROUND", (0, 4), (-1, 4), _PAPER_MARK))
    table.setStyle(style)
    return [table]


_GRID: Final[tuple[tuple[Any, ...], ...]] = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)
_HEADED: Final = (*_GRID, ("BACKGROUND", (0, 0), (-1, 0), _PALE))


def _table(heads: list[Words], rows: list[list[Any]], widths: list[float]) -> Table:
    table = Table(
        [[_pair(head, _STRONG) for head in heads], *rows],
        colWidths=[width * mm for width in widths],
        repeatRows=1,
    )
    table.setStyle(list(_HEADED))
    return table


def _numbers(told: Protocol) -> list[Any]:
    if not told.numbers:
        return []
    rows = [[_pair(number.label), _p(str(number.value), _NUMBER)] for number in told.numbers]
    table = Table(rows, colWidths=[_WIDTH - 30 * mm, 30 * mm])
    table.setStyle(list(_GRID))
    return [_heading("Số liệu", "Numbers"), table]


def _sums(told: Protocol) -> list[Any]:
    if not told.sums:
        return []
    rows = [[_pair(line.said), _p("đúng" if line.holds else "sai", _NUMBER)] for line in told.sums]
    table = Table(rows, colWidths=[_WIDTH - 18 * mm, 18 * mm])
    table.setStyle(list(_GRID))
    return [_heading("Cách tính, ai cũng làm lại được", "The sum, for anybody to redo"), table]


def _persons(told: Protocol) -> list[Any]:
    if not told.persons:
        return []
    rows: list[list[Any]] = [
        [
            _p(str(person.number), _NUMBER),
            _p(person.name, _STRONG if person.elected else _TEXT),
            _p(str(person.votes), _NUMBER),
            _p("" if person.against is None else str(person.against), _NUMBER),
            _p("Trúng cử" if person.elected else ""),
        ]
        for person in told.persons
    ]
    heads = [
        ("Số", "No."), ("Họ và tên", "Name"), ("Bầu", "For"), ("Không bầu", "Against"), ("Kết quả", "Result"),
    ]  # fmt: skip
    return [
        _heading("Người trong danh sách", "Persons on the ballot"),
        _table(heads, rows, [12, 88, 22, 26, 26]),
    ]


def _boxes(told: Protocol) -> list[Any]:
    if not told.boxes:
        return []
    rows: list[list[Any]] = [
        [
            _p(box.box),
            _p(" · ".join(box.by)),
            *(
                _p(str(each), _NUMBER)
                for each in (box.issued, box.returned, box.valid, box.blank, box.invalid, box.spoilt)
            ),
        ]
        for box in told.boxes
    ]
    heads = [
        ("Hòm phiếu", "Box"), ("Hai người kiểm", "Counted by"), ("Phát ra", "Issued"), ("Thu về", "Returned"),
        ("Hợp lệ", "Valid"), ("Trắng", "Blank"), ("Không hợp lệ", "Invalid"),
        ("Hỏng, đã đổi", "Spoilt"),
    ]  # fmt: skip
    return [_heading("Hòm phiếu", "Ballot boxes"), _table(heads, rows, [24, 44, 18, 18, 17, 16, 20, 17])]


def _lists(told: Protocol) -> list[Any]:
    parts: list[Any] = []
    for vi, en, word, names in (
        ("Danh sách biểu quyết", "How each member voted", ("Lựa chọn", "Choice"), told.names),
        ("Không tham gia nội dung này", "Recused", ("Lý do", "Reason"), told.recused),
        ("Phiếu không được tính", "Ballots not counted", ("Lý do", "Reason"), told.uncounted),
        (
            "Đính chính sau khi đóng: kết quả không thay đổi",
            "Corrections after the close: the result is unchanged",
            ("Ý kiến", "Declared"),
            told.corrections,
        ),
    ):
        if names:
            parts += [_heading(f"{vi} ({len(names)})", en), *_named(names, word, grouped=names is told.names)]
    return parts


def _named(names: tuple[Named, ...], word: Words, *, grouped: bool) -> list[Any]:
    heads = [("TT", "No."), ("Họ và tên", "Name"), ("Đoàn", "Group"), ("Ghế", "Seat"), word]
    rows: list[list[Any]] = []
    spans: list[tuple[Any, ...]] = []
    group: str | None = None
    for number, each in enumerate(names, 1):
        if grouped and each.group != group:
            group = each.group
            at = len(rows) + 1
            rows.append([_p(group or " · ".join(NO_GROUP), _STRONG), "", "", "", ""])
            spans += [
                ("SPAN", (0, at), (-1, at)),
                ("BACKGROUND", (0, at), (-1, at), _PALE),
                ("NOSPLIT", (0, at), (-1, at + 1)),
            ]
        rows.append(
            [
                _p(str(number), _NUMBER),
                _p(each.name if each.name is not None else " ".join(WITHDRAWN)),
                _p(each.group),
                _p(each.seat),
                _inline(each.word),
            ]
        )
    table = _table(heads, rows, [12, 58, 42, 16, 46])
    table.setStyle(spans)
    return [table]


def _signatures(told: Protocol) -> list[Any]:
    titles = told.board or BOARD
    cells = [[_p(title, _style("sign", 9, fontName=_BOLD, alignment=TA_CENTER))] for title in titles]
    parts: list[Any] = [_heading("Chữ ký", "Signatures")]
    for at in range(0, len(cells), 3):
        row = (cells[at : at + 3] + [[_p("")]] * 3)[:3]
        table = Table([row, ["", "", ""]], colWidths=[_WIDTH / 3] * 3, rowHeights=[None, _ROOM_TO_SIGN])
        below = [
            ("LINEBELOW", (column, 1), (column, 1), 0.6, _INK) for column in range(min(3, len(cells) - at))
        ]
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *below])
        parts.append(table)
    return [KeepTogether(parts)]


def _log(told: Protocol) -> list[Any]:
    log = told.log
    lines = [
        _p(f"Bản ghi đóng: số {log.closing_leaf} · closing record: leaf {log.closing_leaf}", _MONO),
        _p(f"Nhật ký hội trường đến đó: {log.size} bản ghi, gốc {log.root} · log root at {log.size}", _MONO),
        *(_p(f"{office}: {' '.join(key[at : at + 8] for at in range(0, len(key), 8))}", _MONO)
          for office, key in log.keys),
    ]  # fmt: skip
    return [KeepTogether([_heading("Nhật ký và khóa", "Log and keys"), *lines])]
