"""The commissioning report as a PDF: A4, Vietnamese with English below, faults first. Not signed yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table

from printed.sheet import (
    BOLD,
    GRID,
    INK,
    OUTCOME,
    SMALL,
    STRONG,
    SUBTITLE,
    TEXT,
    TITLE,
    WIDTH,
    Edges,
    heading,
    laid_out,
    pair,
    plain,
    style,
    table_of,
    text_of,
)
from provisioning.acceptance import words
from provisioning.acceptance.report import Outcome, Report, Tested
from provisioning.acceptance.words import Words

_FAULT: Final = colors.HexColor(0xFBE9E7)
_ROOM_TO_SIGN: Final = 20 * mm
_CODES: Final = style("codes", 7, wordWrap="CJK")
"""Breaks anywhere: fingerprints and notes have no spaces."""
_PARTS: Final = style("parts", 7.5, spaceAfter=4)
_SIGN: Final = style("sign", 9, fontName=BOLD, alignment=TA_CENTER)


@dataclass(frozen=True, slots=True)
class Prints:
    """SHA-256 of the commissioning certificate and of the authority that issued it, hex."""

    seal: str
    issuer: str


def as_pdf(report: Report, prints: Prints) -> bytes:
    """Raises FileNotFoundError when the font's package is missing: the extra `provisioning` brings it."""
    edges = Edges(
        title=f"{words.TITLE[1]}: {report.hall}, {_time(report.at_ms)}",
        author=report.congress,
        left=f"{report.congress} · {report.hall}",
        right=_time(report.at_ms),
        below="",
    )
    return laid_out(lambda: list(_story(report, prints)), edges)


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _ruled(rows: list[list[Any]], widths: list[float], *more: tuple[Any, ...]) -> Table:
    """widths: in mm."""
    table = Table(rows, colWidths=[width * mm for width in widths])
    table.setStyle([*GRID, *more])
    return table


def _story(report: Report, prints: Prints) -> Iterator[Any]:
    yield text_of(words.TITLE[0], TITLE)
    yield text_of(words.TITLE[1], SUBTITLE)
    yield Spacer(1, 6)
    yield from pair(words.ACCEPTED if report.is_passed else words.REFUSED, OUTCOME)
    if not report.whole:
        yield from pair(words.PARTIAL, STRONG)
    yield Spacer(1, 4)
    yield _facts(report)
    yield from _faults(report)
    yield heading(*words.DEVICES)
    yield _devices(report)
    yield heading(*words.RESULTS)
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
    return _ruled([[pair(label), text_of(value)] for label, value in rows], [42, 132])


def _faults(report: Report) -> Iterator[Any]:
    yield heading(*words.FAULTS)
    rows: list[list[Any]] = []
    for each in report.tested:
        if each.outcome is Outcome.SILENT:
            why = [text_of(each.why)] if each.why else pair(words.UNANSWERED)
            rows.append([_whose(each), pair(words.UNASKED if each.why else words.OUTCOME[each.outcome]), why])
        rows += [[_whose(each), text_of(row.part, STRONG), text_of(row.detail)] for row in each.faults]
    rows += [
        [
            [text_of(place.label, STRONG), text_of(place.place, SMALL)],
            pair(words.ROLE[place.role]),
            pair(words.EMPTY),
        ]
        for place in report.empty
    ]
    if not rows:
        yield from pair(words.NO_FAULTS)
        return
    yield _ruled(rows, [52, 36, 86], ("BACKGROUND", (0, 0), (-1, -1), _FAULT))


def _whose(each: Tested) -> list[Paragraph]:
    return [
        text_of(each.paper.place, STRONG),
        text_of(f"{each.paper.place_id} {each.paper.device}".strip(), SMALL),
    ]


def _devices(report: Report) -> Table:
    heads: list[Words] = [
        ("Vị trí", "Place"), ("Thiết bị, số máy", "Device, serial"), ("Chứng thư, hạn", "Certificate, end"),
        ("Phần mềm", "Software"), ("Kết quả", "Result"), ("Số bản ghi", "Leaf"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for each in report.tested:
        paper, result = each.paper, each.result
        rows.append(
            [
                [text_of(paper.place), text_of(paper.place_id or " · ".join(words.NO_PLACE), SMALL)],
                [text_of(paper.device, _CODES), text_of(paper.serial or "–", _CODES)],
                [
                    text_of(paper.fingerprint[:32], _CODES),
                    text_of(paper.fingerprint[32:], _CODES),
                    text_of(_time(paper.end_ms), SMALL),
                ],
                text_of(paper.software or "–", _CODES),
                pair(words.OUTCOME[each.outcome], TEXT if each.outcome is Outcome.PASSED else STRONG),
                text_of("–" if result is None else str(result.leaf)),
            ]
        )
    return table_of(heads, rows, [33, 31, 54, 18, 25, 13])


def _parts(each: Tested) -> Iterator[Any]:
    """One paragraph a device: thousands of them must not take minutes."""
    result = each.result
    head = f"{each.paper.place} · {each.paper.device}"
    said = " · ".join(words.OUTCOME[each.outcome])
    where = "" if result is None else f" · {_time(result.wall_ms)} · leaf {result.leaf}"
    text = f'<font name="{BOLD}">{escape(plain(head))}</font> {escape(said + where)}'
    for row in () if result is None else result.rows:
        part = escape(plain(row.part)) if row.passed else f'<font name="{BOLD}">{escape(row.part)} !</font>'
        text += f"<br/>{part}: {escape(plain(row.detail))}"
    yield Paragraph(text, _PARTS)


def _log(report: Report) -> Iterator[Any]:
    yield heading(*words.LOG)
    yield from pair(words.LOG_MEANS)
    yield from pair(words.LOG_FOUND)
    yield Spacer(1, 3)
    note = [text_of(line, _CODES) for line in report.log.note.splitlines()]
    yield KeepTogether([*pair(words.CHECKPOINT, STRONG), *note])


def _seal(prints: Prints) -> Iterator[Any]:
    yield heading(*words.SEALED)
    yield from pair(words.SEALED_MEANS)
    yield from pair(words.NO_TIME_STAMP)
    for said, digits in ((words.SEAL_PRINT, prints.seal), (words.ISSUER_PRINT, prints.issuer)):
        yield Spacer(1, 3)
        yield from pair(said, STRONG)
        yield text_of(" ".join(digits[at : at + 8] for at in range(0, len(digits), 8)), _CODES)


def _signatures() -> Iterator[Any]:
    yield Spacer(1, 8)
    cells = [[text_of(title[0], _SIGN), text_of(title[1], SUBTITLE)] for title in words.SIGN]
    table = Table([cells, ["", ""]], colWidths=[WIDTH / 2] * 2, rowHeights=[None, _ROOM_TO_SIGN])
    table.setStyle([("LINEBELOW", (column, 1), (column, 1), 0.6, INK) for column in range(2)])
    yield table
