"""The plan of a hall as a table that people keep in a spreadsheet: every place a device can stand at. Pure.

The first line names the columns `place`, `role`, `label`, `row`, `seat`, `x`, `y`, `serial`, or in Vietnamese
`vị trí`, `loại`, `tên`, `hàng`, `ghế`, `x`, `y`, `số máy`. place: a name of the wire (1 to 32 of a-z, 0-9,
-); x, y: on the map, 0 to 9999, from the left and from the podium; serial: of the device expected there,
empty for any. Every fault of the table is found at once, each with its line.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.devices.role_words import role_word
from fleet.places.plan_words import SAID, WHAT
from fleet.saying import Said, say
from fleet.sheet import NO_LINES, TOO_MANY_CELLS, GivenOnce, at_line, read_lines
from wire.ids import is_name

ROLES: Final = ("gate", "keypad", "board")
LABEL_CHARACTERS_MAX: Final = 80
SEAT_CHARACTERS_MAX: Final = 16
XY_MAX: Final = 9999
COLUMNS: Final = ("place", "role", "label", "row", "seat", "x", "y", "serial")
_NAMED: Final = {
    **{column: column for column in COLUMNS},
    "vị trí": "place",
    "loại": "role",
    "tên": "label",
    "hàng": "row",
    "ghế": "seat",
    "số máy": "serial",
}
_NEEDED: Final = ("place", "role", "label", "x", "y")
_SERIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the plan. row, seat: as people call them, may be empty; serial: None for any device."""

    place: str
    role: str
    label: str
    row: str
    seat: str
    x: int
    y: int
    serial: str | None


@dataclass(frozen=True, slots=True)
class Stands:
    """The device that stands at a place. serial: its own, None when nobody has said it."""

    device: str
    serial: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """rows without faults, or faults: sentences with the line, in its order."""

    rows: tuple[Place, ...]
    faults: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Of one place; None: not on the plan."""

    place: str
    was: Place | None
    will_be: Place | None


def is_serial(text: str) -> bool:
    """A serial number as it can stand on a label and in an address: 1 to 64 of letters, digits, `. _ : -`."""
    return _SERIAL.fullmatch(text) is not None


def read(text: str, before: Mapping[str, Place], standing: Mapping[str, Stands]) -> Read:
    """before: the plan in force by place; standing: what stands where: no plan may pull the place from under
    a device, or call it by another's serial number."""
    lines = read_lines(text, _NAMED, _NEEDED)
    if isinstance(lines, Said):
        return Read((), (lines,))
    faults: list[Said] = []
    rows: list[Place] = []
    named: set[str] = set()
    once = GivenOnce()
    at_home: dict[str | None, str] = {
        stands.serial: place for place, stands in standing.items() if stands.serial
    }
    for number, cells in lines:
        row = TOO_MANY_CELLS if cells is None else _row(cells)
        if cells is not None:
            named.add(cells.get("place", ""))
        if isinstance(row, Said):
            faults.append(at_line(number, row))
            continue
        found = once.faults(number, _taken(row))
        found += _against(row, before.get(row.place), standing.get(row.place), at_home)
        faults += [at_line(number, fault) for fault in found]
        rows.append(row)
    if not rows and not faults:
        faults.append(NO_LINES)
    faults += [
        say(SAID, "left-out", place=place, device=stands.device)
        for place, stands in standing.items()
        if place not in named
    ]
    return Read(() if faults else tuple(rows), tuple(faults))


def diff(before: Iterable[Place], after: Iterable[Place]) -> list[Change]:
    """What the plan would change, in the order of the new plan, places that go away last."""
    was = {row.place: row for row in before}
    will_be = {row.place: row for row in after}
    changes = [Change(place, was.get(place), row) for place, row in will_be.items()]
    gone = [Change(place, row, None) for place, row in was.items() if place not in will_be]
    return [change for change in [*changes, *gone] if change.was != change.will_be]


def _row(cells: Mapping[str, str]) -> Place | Said:
    """The row, or what is wrong with it."""
    place, role, label, row, seat, x, y, serial = (cells.get(column, "") for column in COLUMNS)
    if not is_name(place):
        return say(SAID, "place", place=place[:40])
    if role not in ROLES:
        return say(SAID, "role", role=role[:40], known=", ".join(ROLES))
    if not 1 <= len(label) <= LABEL_CHARACTERS_MAX or not label.isprintable():
        return say(SAID, "label", label=label[:40], most=LABEL_CHARACTERS_MAX)
    for what, text in (("row", row), ("seat", seat)):
        if len(text) > SEAT_CHARACTERS_MAX or not text.isprintable():
            return say(SAID, "row-or-seat", what=WHAT[what], text=text[:40], most=SEAT_CHARACTERS_MAX)
    for what, text in (("x", x), ("y", y)):
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(XY_MAX))):
            return say(SAID, "on-the-map", what=what, text=text[:40], most=XY_MAX)
    if serial and not is_serial(serial):
        return say(SAID, "serial", serial=serial[:40])
    return Place(place, role, label, row, seat, int(x), int(y), serial or None)


def _taken(row: Place) -> list[tuple[Said, object, str]]:
    """What this row takes for itself: its name, a seat, a device."""
    seat = (row.row, row.seat) if row.seat else None
    return [
        (WHAT["place"], row.place, row.place),
        (WHAT["seat"], seat, f"{row.row} {row.seat}".strip()),
        (WHAT["serial"], row.serial, str(row.serial)),
    ]


def _against(
    row: Place, was: Place | None, stands: Stands | None, at_home: Mapping[str | None, str]
) -> list[Said]:
    """What contradicts the devices that stand in the hall."""
    found = []
    if stands is not None and was is not None and was.role != row.role:
        found.append(say(SAID, "other-role", place=row.place, role=role_word(row.role), device=stands.device))
    if stands is not None and row.serial and stands.serial and row.serial != stands.serial:
        facts = {"serial": row.serial, "place": row.place, "device": stands.device, "other": stands.serial}
        found.append(say(SAID, "other-serial", **facts))
    elsewhere = at_home.get(row.serial) if row.serial else None
    if elsewhere not in (None, row.place):
        found.append(say(SAID, "elsewhere", serial=row.serial, place=elsewhere))
    return found
