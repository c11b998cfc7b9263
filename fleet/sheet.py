"""A table that people keep in a spreadsheet and save as CSV: its lines under the names of its columns. Pure.

Commas, semicolons or tabs; the first line names the columns, in any order. What a cell means is for whoever
reads the table: each fault is a sentence with its line, and all of them are found at once.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fleet.saying import Said, Sentences, joined, say

ROWS_MAX: Final = 5000
FAULTS_SHOWN: Final = 20

SAID: Final[Sentences] = {
    "line": ("Dòng {number}: {fault}", "Line {number}: {fault}"),
    "too-many-cells": (
        "có nhiều ô hơn số cột ở dòng đầu; hãy đặt chữ có dấu phẩy trong dấu ngoặc kép.",
        "it has more cells than the first line has names; put text with commas in quotation marks.",
    ),
    "no-table": (
        "Dòng {number} không đọc được như một bảng ({why}); hãy lưu bảng tính thành CSV lần nữa.",
        "Line {number} cannot be read as a table ({why}); save the sheet as CSV again.",
    ),
    "empty": ("Bảng này trống.", "The table is empty."),
    "no-lines": ("Bảng không có dòng nào dưới dòng tên cột.", "The table has no lines under its heading."),
    "columns": (
        "Dòng đầu phải ghi tên các cột {needed}, mỗi cột một lần; hãy xem lại {missing}.",
        "The first line must name the columns {needed} once each; look at {missing}.",
    ),
    "too-long": (
        "Bảng có {count} dòng; chỉ nhận nhiều nhất {most} dòng.",
        "The table has {count} lines; at most {most} are taken.",
    ),
    "given-twice": (
        "{what} {shown} đã có ở dòng {first}; mỗi thứ chỉ ghi một lần.",
        "{what} {shown} stands in line {first} already; each is given once.",
    ),
    "more": ("… còn {count} lỗi nữa.", "… {count} more."),
}
TOO_MANY_CELLS: Final = say(SAID, "too-many-cells")
NO_LINES: Final = say(SAID, "no-lines")

Lines = list[tuple[int, dict[str, str] | None]]
"""(line, cells by column); None: more cells than columns, of which nobody can say which is which."""


def read_lines(text: str, columns: Mapping[str, str], needed: Sequence[str]) -> Lines | Said:
    """The lines, blank ones left out; or what is wrong with the whole table.

    columns: names as people write them (see `plain`) -> columns; needed: those that must be there once.
    """
    text = text.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    separator = max((",", ";", "\t"), key=heading.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as err:
        return say(SAID, "no-table", number=reader.line_num, why=err)
    if not rows:
        return say(SAID, "empty")
    named = [columns.get(plain(cell), "") for cell in rows[0][1]]
    missing = [column for column in needed if named.count(column) != 1]
    if missing:
        return say(SAID, "columns", needed=_called(columns, needed), missing=_called(columns, missing[:1]))
    body = [(number, row) for number, row in rows[1:] if any(cell.strip() for cell in row)]
    if len(body) > ROWS_MAX:
        return say(SAID, "too-long", count=len(body), most=ROWS_MAX)
    return [(number, _cells(named, row)) for number, row in body]


def _called(columns: Mapping[str, str], which: Sequence[str]) -> Said:
    """Those columns as people may write them in either language; of a column that is called the same in both
    that name."""
    vietnamese = {column: name for name, column in columns.items() if name != column}
    return Said(", ".join(which), ", ".join(vietnamese.get(column, column) for column in which))


def at_line(number: int, fault: Said) -> Said:
    """A fault with its line, which people count from 1."""
    return say(SAID, "line", number=number, fault=fault)


def _cells(named: Sequence[str], row: Sequence[str]) -> dict[str, str] | None:
    if any(cell.strip() for cell in row[len(named) :]):
        return None
    return {column: cell.strip() for column, cell in zip(named, row, strict=False) if column}


def plain(name: str) -> str:
    """A name as it is compared: one form of its accents, one blank between words, small letters."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@dataclass(slots=True)
class GivenOnce:
    """What each line of a table takes for itself: a seat, a serial number."""

    _lines: dict[tuple[str, object], int] = field(default_factory=dict)

    def faults(self, number: int, given: Iterable[tuple[Said, object, str]]) -> list[Said]:
        """given: (what, value, as people call it); an empty value takes nothing. What an earlier line has."""
        found = []
        for what, value, shown in given:
            if not value:
                continue
            first = self._lines.setdefault((what.en, value), number)
            if first != number:
                found.append(say(SAID, "given-twice", what=what, shown=shown, first=first))
        return found


def in_words(faults: Sequence[Said]) -> Said:
    """The first faults as one text, and how many more there are."""
    more = len(faults) - FAULTS_SHOWN
    rest = [say(SAID, "more", count=more)] if more > 0 else []
    return joined([*faults[:FAULTS_SHOWN], *rest], " ")
