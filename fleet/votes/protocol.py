"""The protocol of one question as data: what is printed, exported and read out, whatever way it was voted on.
Pure; open and secret questions make one each and share what follows."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fleet.votes.vietnamese import name_order, text_order

Words = tuple[str, str]
"""(Vietnamese, English)."""

CHOICES: Final[dict[str, Words]] = {
    "yes": ("Tán thành", "Yes"),
    "no": ("Không tán thành", "No"),
    "abstain": ("Không biểu quyết", "Abstain"),
}
WHY: Final[dict[str, Words]] = {
    "not-open": ("trước khi mở", "before the opening"),
    "held": ("trong lúc tạm dừng", "while held"),
    "late": ("sau khi đóng", "after the close"),
    "not-seated": ("bàn phím không thuộc ai", "keypad speaks for nobody"),
    "other-member": ("ghi tên người khác", "names another member"),
    "revote": ("biểu quyết lại không được phép", "voting again is not allowed"),
    "superseded": ("đã biểu quyết lại sau đó", "voted again later"),
    "absent": ("không có mặt trong hội trường", "not in the hall"),
    "recused": ("không tham gia nội dung này", "takes no part in this question"),
    "by-paper": ("nội dung được kiểm bằng phiếu giấy", "the question is counted by paper"),
}
OPEN: Final[Words] = ("Biểu quyết công khai bằng bàn phím", "Open vote on keypads")
PAPER: Final[Words] = (
    "KIỂM PHIẾU GIẤY: kiểm bằng tay từng hòm phiếu, hai người nhập độc lập",
    "COUNTED BY PAPER: by hand, box by box, entered by two people apart",
)
NO_GROUP: Final[Words] = ("Không thuộc đoàn nào", "No group")
WITHDRAWN: Final[Words] = ("(đã rút tên)", "(withdrawn)")


@dataclass(frozen=True, slots=True)
class Number:
    label: Words
    value: int


@dataclass(frozen=True, slots=True)
class SumLine:
    """One step of the arithmetic, with which anybody can redo it."""

    said: Words
    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A member on a list; name None after a withdrawal. word: their choice, or the reason of the list."""

    name: str | None
    group: str
    seat: str
    word: Words


@dataclass(frozen=True, slots=True)
class PersonLine:
    number: int
    name: str
    votes: int
    against: int | None
    elected: bool


@dataclass(frozen=True, slots=True)
class BoxLine:
    box: str
    by: tuple[str, str]
    issued: int
    returned: int
    valid: int
    blank: int
    invalid: int
    spoilt: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """Where the hall log stood with the close: anybody who holds the log finds the same root.

    closing_leaf: of the close. size, root: of the tree that ends with it. keys: (office, public key in hex).
    """

    closing_leaf: int
    size: int
    root: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """outcome: in words; is_final: certified. names: empty where choices have no names. lists of Named are in
    their printed order. board: titles of those who sign."""

    congress: str
    hall: str
    sitting: str
    sitting_title: str
    question: str
    text: str
    way: Words
    is_paper: bool
    is_final: bool
    rule: Words
    outcome: Words
    is_positive: bool
    numbers: tuple[Number, ...]
    sums: tuple[SumLine, ...]
    persons: tuple[PersonLine, ...]
    names: tuple[Named, ...]
    uncounted: tuple[Named, ...]
    recused: tuple[Named, ...]
    corrections: tuple[Named, ...]
    boxes: tuple[BoxLine, ...]
    board: tuple[str, ...]
    log: LogLine


_FORMULA: Final = ("=", "+", "-", "@")
_BLANKS: Final = ("\t", "\r", "\n")
BOARD: Final = ("Trưởng ban kiểm phiếu", "Thành viên ban kiểm phiếu", "Thành viên ban kiểm phiếu")


def by_group_and_name(names: Iterable[Named]) -> tuple[Named, ...]:
    """Groups in the Vietnamese order, members without one last, in each by given name."""
    return tuple(
        sorted(
            names,
            key=lambda each: (
                not each.group,
                text_order(each.group),
                each.name is None,
                name_order(each.name or ""),
                each.seat,
            ),
        )
    )


def as_csv(protocol: Protocol) -> bytes:
    """A table of sections for a spreadsheet; UTF-8 with the mark by which spreadsheets know it. Cells that a
    spreadsheet would take for a formula are led by an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for row in _rows(protocol):
        writer.writerow([cell(value) for value in row])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def cell(value: Any) -> str:
    """As text, whatever a spreadsheet makes of its first letter; blanks before it, full-width signs too."""
    text = str(value)
    first = unicodedata.normalize("NFKC", text.strip()[:1])
    return f"'{text}" if first in _FORMULA or text[:1] in _BLANKS else text


def _rows(protocol: Protocol) -> Iterable[tuple[Any, ...]]:
    yield ("congress", protocol.congress)
    yield ("hall", protocol.hall)
    yield ("sitting", protocol.sitting, protocol.sitting_title)
    yield ("question", protocol.question, protocol.text)
    yield ("way", *protocol.way)
    yield ("certified", "yes" if protocol.is_final else "no")
    yield ("rule", *protocol.rule)
    yield ("outcome", *protocol.outcome)
    for number in protocol.numbers:
        yield ("number", *number.label, number.value)
    for line in protocol.sums:
        yield ("sum", *line.said, line.text, "holds" if line.holds else "fails")
    for person in protocol.persons:
        against = "" if person.against is None else person.against
        yield (
            "person",
            person.number,
            person.name,
            person.votes,
            against,
            "elected" if person.elected else "",
        )
    for kind, names in (
        ("choice", protocol.names),
        ("uncounted", protocol.uncounted),
        ("recused", protocol.recused),
        ("correction", protocol.corrections),
    ):
        for each in names:
            yield (kind, each.seat, each.name or WITHDRAWN[0], each.group, *each.word)
    for box in protocol.boxes:
        yield (
            "box",
            box.box,
            *box.by,
            box.issued,
            box.returned,
            box.valid,
            box.blank,
            box.invalid,
            box.spoilt,
        )
    yield ("log", protocol.log.closing_leaf, protocol.log.size, protocol.log.root)
    for office, key in protocol.log.keys:
        yield ("key", office, key)
