"""A seat plan as a table that people keep in a spreadsheet: who sits where, at which keypad. Pure.

The first line names the columns: `seat`, `member`, `keypad`, and `standing` where somebody is counted unlike
the others; or in Vietnamese `ghế`, `đại biểu`, `bàn phím`, `diện`. A member is named as enrolled, or by 32
hex digits, their pseudonym. Every fault of the table is found at once, each with its line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ballot.rules.facts import STANDING, Standing
from fleet.saying import Said, say
from fleet.sheet import NO_LINES, TOO_MANY_CELLS, GivenOnce, at_line, plain, read_lines
from fleet.votes.seat_plan_words import SAID, WHAT
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
    faults: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Of one member; None: not on the roll."""

    member: MemberRef
    was: Row | None
    will_be: Row | None


def read(text: str, named: Mapping[str, list[MemberRef]], keypads: Iterable[DeviceId]) -> Read:
    """named: members by name as `plain` makes it. keypads: the active ones."""
    lines = read_lines(text, _COLUMNS, _NEEDED)
    if isinstance(lines, Said):
        return Read((), (lines,))
    faults: list[Said] = []
    rows: list[Row] = []
    known = set(keypads)
    everybody = {member for members in named.values() for member in members}
    once = GivenOnce()
    for number, cells in lines:
        row = TOO_MANY_CELLS if cells is None else _row(cells, named, everybody, known)
        if isinstance(row, Said):
            faults.append(at_line(number, row))
            continue
        faults += [at_line(number, twice) for twice in once.faults(number, _taken(row))]
        rows.append(row)
    if not rows and not faults:
        faults.append(NO_LINES)
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
) -> Row | Said:
    """The row, or what is wrong with it."""
    seat, said, keypad = (cells.get(column, "") for column in _NEEDED)
    standing = cells.get("standing", "")
    member = _member(said, named, everybody)
    if isinstance(member, Said):
        return member
    if len(seat) > SEAT_CHARACTERS_MAX or not seat.isprintable():
        return say(SAID, "seat", seat=seat[:40], most=SEAT_CHARACTERS_MAX)
    if keypad and (not is_name(keypad) or keypad not in keypads):
        return say(SAID, "no-keypad", keypad=keypad[:40])
    if standing and standing not in set(Standing):
        return say(SAID, "standing", standing=standing[:40], known=", ".join(STANDING))
    if standing == Standing.SUSPENDED and keypad:
        return say(SAID, "suspended")
    return Row(
        member,
        seat,
        DeviceId(keypad) if keypad else None,
        "" if standing == Standing.MEMBER else standing,
    )


def _member(said: str, named: Mapping[str, list[MemberRef]], everybody: set[MemberRef]) -> MemberRef | Said:
    if len(said) == 32 and all(digit in "0123456789abcdef" for digit in said):
        member = MemberRef(bytes.fromhex(said))
        return member if member in everybody else say(SAID, "unknown-member", member=said)
    found = named.get(plain(said), [])
    if len(found) > 1:
        ids = ", ".join(member.hex() for member in found)
        return say(SAID, "several-members", count=len(found), name=said, ids=ids)
    return found[0] if found else say(SAID, "no-member", name=said[:120])


def _taken(row: Row) -> list[tuple[Said, object, str]]:
    """What this row takes for itself: a member, a seat, a keypad."""
    return [
        (WHAT["member"], row.member, row.member.hex()),
        (WHAT["seat"], row.seat, row.seat),
        (WHAT["keypad"], row.keypad, str(row.keypad)),
    ]
