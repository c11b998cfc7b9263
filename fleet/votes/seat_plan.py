"""A seat plan as a table that people keep in a spreadsheet: who sits where, at which keypad. Pure.

The first line names the columns: `seat`, `member`, `keypad`, and `standing` where somebody is counted unlike
the others; or in Vietnamese `ghế`, `đại biểu`, `bàn phím`, `diện`. A member is named as enrolled, or by 32
hex digits, their pseudonym. Every fault of the table is found at once, each with its line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ballot.rules.facts import STANDING, Standing
from fleet.sheet import TOO_MANY_CELLS, GivenOnce, plain, read_lines
from wire.ids import DeviceId, MemberRef, is_name

SEAT_CHARACTERS_MAX: Final = 16
_COLUMNS: Final = {
    "seat": "seat",
    "ghế": "seat",
    "member": "member",
    "đại biểu": "member",
    "keypad": "keypad",
    "bàn phím": "keypad",
    "standing": "standing",
    "diện": "standing",
}
_NEEDED: Final = ("seat", "member", "keypad")


@dataclass(frozen=True, slots=True)
class Row:
    """keypad: None for a seat without one. standing: empty for a member like the others."""

    member: MemberRef
    seat: str
    keypad: DeviceId | None
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """rows without faults, or faults: sentences with the line, in its order."""

    rows: tuple[Row, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Of one member; None: not on the roll."""

    member: MemberRef
    was: Row | None
    will_be: Row | None


def read(text: str, named: Mapping[str, list[MemberRef]], keypads: Iterable[DeviceId]) -> Read:
    """named: members by name as `plain` makes it. keypads: the active ones."""
    lines = read_lines(text, _COLUMNS, _NEEDED)
    if isinstance(lines, str):
        return Read((), (lines,))
    faults: list[str] = []
    rows: list[Row] = []
    known = set(keypads)
    everybody = {member for members in named.values() for member in members}
    once = GivenOnce()
    for number, cells in lines:
        row = TOO_MANY_CELLS if cells is None else _row(cells, named, everybody, known)
        if isinstance(row, str):
            faults.append(f"Line {number}: {row}")
            continue
        faults += [f"Line {number}: {twice}" for twice in once.faults(number, _taken(row))]
        rows.append(row)
    if not rows and not faults:
        faults.append("The table has no lines under its heading.")
    return Read(() if faults else tuple(rows), tuple(faults))


def diff(before: Iterable[Row], after: Iterable[Row]) -> list[Change]:
    """What the plan would change, in the order of the new plan, those who leave the roll last."""
    was = {row.member: row for row in before}
    will_be = {row.member: row for row in after}
    changes = [Change(member, was.get(member), row) for member, row in will_be.items()]
    gone = [Change(member, row, None) for member, row in was.items() if member not in will_be]
    return [change for change in [*changes, *gone] if change.was != change.will_be]


def _row(
    cells: Mapping[str, str],
    named: Mapping[str, list[MemberRef]],
    everybody: set[MemberRef],
    keypads: set[DeviceId],
) -> Row | str:
    """The row, or what is wrong with it."""
    seat, said, keypad = (cells.get(column, "") for column in _NEEDED)
    standing = cells.get("standing", "")
    member = _member(said, named, everybody)
    if isinstance(member, str):
        return member
    if len(seat) > SEAT_CHARACTERS_MAX or not seat.isprintable():
        return f"seat {seat[:40]!r} must be at most {SEAT_CHARACTERS_MAX} printable characters."
    if keypad and (not is_name(keypad) or keypad not in keypads):
        return f"there is no active keypad {keypad[:40]}; register it first, or correct its name."
    if standing and standing not in set(Standing):
        known = ", ".join(STANDING)
        return f"standing {standing[:40]!r} is none of {known}."
    if standing == Standing.SUSPENDED and keypad:
        return "who is suspended does not vote: leave the keypad empty."
    return Row(
        member,
        seat,
        DeviceId(keypad) if keypad else None,
        "" if standing == Standing.MEMBER else standing,
    )


def _member(said: str, named: Mapping[str, list[MemberRef]], everybody: set[MemberRef]) -> MemberRef | str:
    if len(said) == 32 and all(digit in "0123456789abcdef" for digit in said):
        member = MemberRef(bytes.fromhex(said))
        return member if member in everybody else f"member {said} is not known; import members first."
    found = named.get(plain(said), [])
    if len(found) > 1:
        ids = ", ".join(member.hex() for member in found)
        return f"there are {len(found)} members named {said}; write one of {ids} instead."
    return found[0] if found else f"there is no member named {said[:120]!r}; import members first."


def _taken(row: Row) -> list[tuple[str, object, str]]:
    """What this row takes for itself: a member, a seat, a keypad."""
    return [
        ("member", row.member, row.member.hex()),
        ("seat", row.seat, row.seat),
        ("keypad", row.keypad, str(row.keypad)),
    ]
