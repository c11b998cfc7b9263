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

ROWS_MAX: Final = 5000
FAULTS_SHOWN: Final = 20

TOO_MANY_CELLS: Final = (
    "it has more cells than the first line has names; put text with commas in quotation marks."
)

Lines = list[tuple[int, dict[str, str] | None]]
"""(line, cells by column); None: more cells than columns, of which nobody can say which is which."""


def read_lines(text: str, columns: Mapping[str, str], needed: Sequence[str]) -> Lines | str:
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
        return f"Line {reader.line_num} cannot be read as a table ({err}); save the sheet as CSV again."
    if not rows:
        return "The table is empty."
    named = [columns.get(plain(cell), "") for cell in rows[0][1]]
    missing = [column for column in needed if named.count(column) != 1]
    if missing:
        words = ", ".join(needed)
        return f"The first line must name the columns {words} once each; look at {missing[0]}."
    body = [(number, row) for number, row in rows[1:] if any(cell.strip() for cell in row)]
    if len(body) > ROWS_MAX:
        return f"The table has {len(body)} lines; at most {ROWS_MAX} are taken."
    return [(number, _cells(named, row)) for number, row in body]


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

    def faults(self, number: int, given: Iterable[tuple[str, object, str]]) -> list[str]:
        """given: (what, value, as people call it); an empty value takes nothing. What an earlier line has."""
        found = []
        for what, value, shown in given:
            if not value:
                continue
            first = self._lines.setdefault((what, value), number)
            if first != number:
                found.append(f"{what} {shown} stands in line {first} already; each is given once.")
        return found


def in_words(faults: Sequence[str]) -> str:
    """The first faults as one text, and how many more there are."""
    shown = " ".join(faults[:FAULTS_SHOWN])
    more = len(faults) - FAULTS_SHOWN
    return f"{shown} … {more} more." if more > 0 else shown
