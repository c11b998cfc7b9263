"""The protocol as a PDF for the minutes: A4, Vietnamese with English below, the same bytes for the same
protocol."""

from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table

from fleet.votes.protocol import BOARD, NO_GROUP, WITHDRAWN, Named, Protocol
from printed.sheet import (
    BOLD,
    GRID,
    INK,
    MONO,
    NUMBER,
    OUTCOME,
    PALE,
    STRONG,
    SUBTITLE,
    TEXT,
    TITLE,
    WIDTH,
    Edges,
    Words,
    heading,
    inline,
    laid_out,
    pair,
    style,
    table_of,
    text_of,
)

_PAPER_MARK: Final = colors.HexColor(0xFDF1D7)
_ROOM_TO_SIGN: Final = 22 * mm
_QUESTION: Final = style("question", 12, fontName=BOLD, spaceBefore=4, spaceAfter=2)


def as_pdf(protocol: Protocol) -> bytes:
    """Raises FileNotFoundError when the font's package is not installed: the extra `fleet` brings it."""
    told = protocol
    edges = Edges(
        title=f"{told.hall} {told.sitting} {told.question}",
        author=told.congress,
        left=f"{told.congress} · {told.hall} · {told.sitting}",
        right=told.question,
        below=f"log {told.log.size} · {told.log.root}",
    )
    return laid_out(lambda: _story(protocol), edges)


def _story(told: Protocol) -> list[Any]:
    story: list[Any] = [
        text_of("BIÊN BẢN KẾT QUẢ BIỂU QUYẾT", TITLE),
        text_of(
            "Protocol of the vote" + ("" if told.is_final else " · CHƯA KÝ XÁC NHẬN, not certified"),
            SUBTITLE,
        ),
        Spacer(1, 6),
        *_facts(told),
        text_of(told.text, _QUESTION),
        *pair(told.outcome, OUTCOME),
        *_numbers(told),
        *_sums(told),
    ]
    for part in (_persons, _boxes, _lists, _signatures, _log):
        story += part(told)
    return story


def _facts(told: Protocol) -> list[Any]:
    rows = [
        (("Hội nghị / đại hội", "Congress"), [text_of(told.congress)]),
        (("Hội trường", "Hall"), [text_of(told.hall)]),
        (("Phiên họp", "Sitting"), [text_of(f"{told.sitting}: {told.sitting_title}")]),
        (("Nội dung số", "Question"), [text_of(told.question)]),
        (("Hình thức", "Way"), pair(told.way, STRONG if told.is_paper else TEXT)),
        (("Quy tắc", "Rule"), pair(told.rule)),
    ]
    table = Table([[pair(label), value] for label, value in rows], colWidths=[40 * mm, WIDTH - 40 * mm])
    style: list[tuple[Any, ...]] = [*GRID]
    if told.is_paper:
        style.append(("BACKGROUND", (0, 4), (-1, 4), _PAPER_MARK))
    table.setStyle(style)
    return [table]


def _numbers(told: Protocol) -> list[Any]:
    if not told.numbers:
        return []
    rows = [[pair(number.label), text_of(str(number.value), NUMBER)] for number in told.numbers]
    table = Table(rows, colWidths=[WIDTH - 30 * mm, 30 * mm])
    table.setStyle(list(GRID))
    return [heading("Số liệu", "Numbers"), table]


def _sums(told: Protocol) -> list[Any]:
    if not told.sums:
        return []
    rows = [[pair(line.said), text_of("đúng" if line.holds else "sai", NUMBER)] for line in told.sums]
    table = Table(rows, colWidths=[WIDTH - 18 * mm, 18 * mm])
    table.setStyle(list(GRID))
    return [heading("Cách tính, ai cũng làm lại được", "The sum, for anybody to redo"), table]


def _persons(told: Protocol) -> list[Any]:
    if not told.persons:
        return []
    rows: list[list[Any]] = [
        [
            text_of(str(person.number), NUMBER),
            text_of(person.name, STRONG if person.elected else TEXT),
            text_of(str(person.votes), NUMBER),
            text_of("" if person.against is None else str(person.against), NUMBER),
            text_of("Trúng cử" if person.elected else ""),
        ]
        for person in told.persons
    ]
    heads = [
        ("Số", "No."), ("Họ và tên", "Name"), ("Bầu", "For"), ("Không bầu", "Against"), ("Kết quả", "Result"),
    ]  # fmt: skip
    return [
        heading("Người trong danh sách", "Persons on the ballot"),
        table_of(heads, rows, [12, 88, 22, 26, 26]),
    ]


def _boxes(told: Protocol) -> list[Any]:
    if not told.boxes:
        return []
    rows: list[list[Any]] = [
        [
            text_of(box.box),
            text_of(" · ".join(box.by)),
            *(
                text_of(str(each), NUMBER)
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
    return [heading("Hòm phiếu", "Ballot boxes"), table_of(heads, rows, [24, 44, 18, 18, 17, 16, 20, 17])]


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
            parts += [heading(f"{vi} ({len(names)})", en), *_named(names, word, grouped=names is told.names)]
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
            rows.append([text_of(group or " · ".join(NO_GROUP), STRONG), "", "", "", ""])
            spans += [
                ("SPAN", (0, at), (-1, at)),
                ("BACKGROUND", (0, at), (-1, at), PALE),
                ("NOSPLIT", (0, at), (-1, at + 1)),
            ]
        rows.append(
            [
                text_of(str(number), NUMBER),
                text_of(each.name if each.name is not None else " ".join(WITHDRAWN)),
                text_of(each.group),
                text_of(each.seat),
                inline(each.word),
            ]
        )
    table = table_of(heads, rows, [12, 58, 42, 16, 46])
    table.setStyle(spans)
    return [table]


def _signatures(told: Protocol) -> list[Any]:
    titles = told.board or BOARD
    cells = [[text_of(title, style("sign", 9, fontName=BOLD, alignment=TA_CENTER))] for title in titles]
    parts: list[Any] = [heading("Chữ ký", "Signatures")]
    for at in range(0, len(cells), 3):
        row = (cells[at : at + 3] + [[text_of("")]] * 3)[:3]
        table = Table([row, ["", "", ""]], colWidths=[WIDTH / 3] * 3, rowHeights=[None, _ROOM_TO_SIGN])
        below = [
            ("LINEBELOW", (column, 1), (column, 1), 0.6, INK) for column in range(min(3, len(cells) - at))
        ]
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *below])
        parts.append(table)
    return [KeepTogether(parts)]


def _log(told: Protocol) -> list[Any]:
    log = told.log
    lines = [
        text_of(f"Bản ghi đóng: số {log.closing_leaf} · closing record: leaf {log.closing_leaf}", MONO),
        text_of(
            f"Nhật ký hội trường đến đó: {log.size} bản ghi, gốc {log.root} · log root at {log.size}", MONO
        ),
        *(text_of(f"{office}: {' '.join(key[at : at + 8] for at in range(0, len(key), 8))}", MONO)
          for office, key in log.keys),
    ]  # fmt: skip
    return [KeepTogether([heading("Nhật ký và khóa", "Log and keys"), *lines])]
