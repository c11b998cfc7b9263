"""How large a hall is and how many of each class it needs. Pure; every number that is assumed has a name
and a reason.

Three ways to equip the seats:

    wifi    a keypad at each seat on Wi-Fi, 24 V along the row
    wired   a keypad at each seat on one Ethernet cable with PoE
    rows    a row unit for eight seats, on one Ethernet cable with PoE. A plan: no firmware drives it
    (pins.toml)
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PEOPLE_A_MINUTE: Final = 20.9
"""Through one gate by every method: bench/results.json, a scripted queue on photographs, not people."""
PEOPLE_DERATED: Final = 0.7
"""Of that, in a hall: bags, greetings, a second try. Assumed."""
ARRIVAL_MIN: Final = 10
"""Everybody comes within so many minutes before the start. Assumed; press reports of congresses say as
much."""
SEAT_PITCH_M: Final = 0.6
ROW_PITCH_M: Final = 0.95
DROP_M: Final = 6.0
"""Up and down at both ends, and what is left for another termination: added to each cable."""
LINK_M_MAX: Final = 90.0
"""Permanent link, ISO/IEC 11801-1: 90 m, and 10 m of cords."""
SEATS_A_ROW_UNIT: Final = 8
SEATS_A_SUPPLY: Final = 20


class Build(StrEnum):
    """How seats are equipped."""

    WIFI = "wifi"
    WIRED = "wired"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Hall:
    """rows of across seats each, an aisle at both sides; cabinets along the aisles."""

    name: str
    rows: int
    across: int
    boards: int
    recommended: Build

    @property
    def seats(self) -> int:
        return self.rows * self.across

    @property
    def lanes_needed(self) -> int:
        """Gates that let everybody in within ARRIVAL_MIN."""
        return math.ceil(self.seats / (PEOPLE_A_MINUTE * PEOPLE_DERATED * ARRIVAL_MIN))

    @property
    def gates(self) -> int:
        """One more than needed: a broken gate must not make a queue."""
        return self.lanes_needed + 1

    @property
    def row_units(self) -> int:
        return self.rows * math.ceil(self.across / SEATS_A_ROW_UNIT)

    @property
    def row_supplies(self) -> int:
        """24 V supplies: none feeds seats of two rows."""
        return self.rows * math.ceil(self.across / SEATS_A_SUPPLY)


HALLS: Final = (
    Hall("60", rows=6, across=10, boards=1, recommended=Build.WIFI),
    Hall("500", rows=20, across=25, boards=2, recommended=Build.WIRED),
    Hall("2000", rows=40, across=50, boards=4, recommended=Build.WIRED),
)
"""A commune's room, a province's hall, a country's. What is recommended follows from airtime.py; a test
says so."""


def drops_m(hall: Hall, build: Build, cabinets: int) -> list[float]:
    """Length of each cable from a seat (or row unit) to its cabinet, sorted. Cabinets stand at the side
    aisles in turn, each in the middle of its share of the rows; a cable takes the aisle and its row, never
    a diagonal."""
    return sorted(_drops(hall, build, cabinets))


def _drops(hall: Hall, build: Build, cabinets: int) -> Iterator[float]:
    if build is Build.WIFI:
        return
    step = SEATS_A_ROW_UNIT if build is Build.ROWS else 1
    sides = 2 if cabinets > 1 else 1
    on_a_side = math.ceil(cabinets / sides)
    share = hall.rows / on_a_side
    half = hall.across / sides
    for row in range(hall.rows):
        cabinet_row = (math.floor(row / share) + 0.5) * share - 0.5
        for seat in range(0, hall.across, step):
            middle = min(seat + (step - 1) / 2, hall.across - 1)
            from_side = middle if middle < half else hall.across - 1 - middle
            yield abs(row - cabinet_row) * ROW_PITCH_M + (from_side + 1) * SEAT_PITCH_M + DROP_M


def to_gates_m(hall: Hall) -> float:
    """Cable of one gate or board: doors are on the walls; the hall's width and depth once, at most 90 m."""
    return min(LINK_M_MAX, hall.across * SEAT_PITCH_M + hall.rows * ROW_PITCH_M + DROP_M)


def row_bus_m(hall: Hall) -> float:
    """24 V cable of all rows: along each row, and the aisle to it once."""
    return hall.rows * (hall.across * SEAT_PITCH_M + DROP_M)
