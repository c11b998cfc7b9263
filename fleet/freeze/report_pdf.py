"""The attestation of a sitting on paper: one page for a hall where nothing changed, one line per device that
needs a word."""

from typing import Any, Final

from reportlab.platypus import Spacer, Table

from fleet.freeze.attest import Report, Row, State
from printed.sheet import (
    GRID,
    MONO,
    NUMBER,
    OUTCOME,
    STRONG,
    SUBTITLE,
    TITLE,
    WIDTH,
    Edges,
    Words,
    heading,
    inline,
    laid_out,
    pair,
    table_of,
    text_of,
)

_STATES: Final[dict[State, Words]] = {
    State.UNCHANGED: ("Không thay đổi", "Unchanged"),
    State.CHANGED: ("Đã thay đổi", "Changed"),
    State.LIFTED: ("Không thay đổi, có mở khóa", "Unchanged, though the freeze was lifted"),
    State.SILENT: ("Chưa trả lời", "Silent"),
}
_LEAVES_SHOWN: Final = 3000


def as_pdf(report: Report, congress: str, hall: str) -> bytes:
    """Raises FileNotFoundError when the font's package is not installed: the extra `fleet` brings it."""
    edges = Edges(
        title=f"{hall} {report.sitting} attestation",
        author=congress,
        left=f"{congress} · {hall} · {report.sitting}",
        right="attestation",
        below="" if report.log is None else f"log {report.log[0]} · {_root(report.log[1])}",
    )
    return laid_out(lambda: _story(report), edges)


def _root(note: str) -> str:
    lines = note.splitlines()
    return lines[2] if len(lines) > 2 else note[:64]


def _story(report: Report) -> list[Any]:
    story: list[Any] = [
        text_of("BIÊN BẢN ĐỐI CHIẾU THIẾT BỊ", TITLE),
        text_of("What devices ran while the sitting was frozen, by their own signed words", SUBTITLE),
        Spacer(1, 6),
        text_of(f"{report.sitting}: {report.title}"),
        *pair(report.sentence(), OUTCOME),
        heading("Số liệu", "Numbers"),
        _numbers(report),
    ]
    for part in (_told, _overrides, _leaves):
        story += part(report)
    return story


def _numbers(report: Report) -> Table:
    rows = [[pair(words), text_of(str(report.count(state)), NUMBER)] for state, words in _STATES.items()]
    table = Table(rows, colWidths=[WIDTH * 0.8, WIDTH * 0.2])
    table.setStyle(list(GRID))
    return table


def _told(report: Report) -> list[Any]:
    """Those of which something is to be said."""
    rows = [row for row in report.rows if row.state is not State.UNCHANGED or row.boots or not row.present]
    if not rows:
        return []
    heads = [("Thiết bị", "Device"), ("Kết quả", "Outcome"), ("Khởi động lại", "Starts"), ("Số", "Leaf")]
    cells = [
        [
            text_of(row.device, STRONG),
            [inline(_STATES[row.state]), *_parts(row)],
            text_of("" if row.boots is None else str(row.boots), NUMBER),
            text_of("" if row.leaf is None else str(row.leaf), NUMBER),
        ]
        for row in rows
    ]
    return [heading("Cần biết", "To be known"), table_of(heads, cells, [40, 90, 24, 20])]


def _parts(row: Row) -> list[Any]:
    found = [
        text_of(f"{name}: trước/then {(then or '-')[:12]}, sau/now {(now or '-')[:12]}", MONO)
        for name, then, now in row.parts
        if then != now
    ]
    if not row.fits:
        found.append(inline(("Vào sau với phần mềm khác", "Joined with something else")))
    elif not row.present:
        found.append(inline(("Vào giữa phiên họp", "Joined during the sitting")))
    return found


def _overrides(report: Report) -> list[Any]:
    if not report.overrides:
        return []
    heads = [("Thiết bị", "Device"), ("Hai người", "Two people"), ("Lý do", "Reason"), ("Phút", "Minutes")]
    cells = [
        [
            inline(("Cả hội trường", "The whole hall")) if each.device is None else text_of(each.device),
            text_of(f"{each.first} · {each.second or ''}"),
            text_of(each.reason),
            text_of(str(each.minutes), NUMBER),
        ]
        for each in report.overrides
    ]
    return [heading("Đã mở khóa", "Freeze lifted"), table_of(heads, cells, [36, 44, 74, 20])]


def _leaves(report: Report) -> list[Any]:
    """Where each device's own word stands: whoever has the log checks it there."""
    named = [f"{row.device}\N{NO-BREAK SPACE}{row.leaf}" for row in report.rows if row.leaf is not None][
        :_LEAVES_SHOWN
    ]
    if not named:
        return []
    return [
        heading("Bản ghi của từng thiết bị trong nhật ký", "Where each device's own word stands in the log"),
        text_of(" · ".join(named), MONO),
    ]
