"""Watts, PoE budget, UPS and inrush of a hall. Pure.

Nothing here was measured by us: no board was on our bench. What others measured says so; the rest is assumed.
"""

import math
from dataclasses import dataclass
from typing import Final

from hardware.halls import DROP_M, SEAT_PITCH_M, SEATS_A_SUPPLY, Build, Hall, drops_m, row_bus_m, to_gates_m


@dataclass(frozen=True, slots=True)
class PoeClass:
    """pse_w: what a switch sets aside; pd_w: what the device may take. IEEE 802.3 clause 33 (af, at) and
    clause 145 (bt, whose classes 5 to 8 need all four pairs)."""

    number: int
    standard: str
    pse_w: float
    pd_w: float


POE: Final = (
    PoeClass(1, "802.3af", 4.0, 3.84),
    PoeClass(2, "802.3af", 7.0, 6.49),
    PoeClass(3, "802.3af", 15.4, 12.95),
    PoeClass(4, "802.3at", 30.0, 25.5),
    PoeClass(5, "802.3bt", 45.0, 40.0),
    PoeClass(6, "802.3bt", 60.0, 51.0),
    PoeClass(7, "802.3bt", 75.0, 62.0),
    PoeClass(8, "802.3bt", 90.0, 71.3),
)


@dataclass(frozen=True, slots=True)
class Draw:
    """What a device takes at its 5 V, part by part, at most; efficiency of its PoE board or step-down."""

    name: str
    parts_w: tuple[tuple[str, float], ...]
    efficiency: float
    typical: float
    """Of the most, over minutes: what a UPS sees."""

    @property
    def most_w(self) -> float:
        """At the end of its cable."""
        return sum(watts for _, watts in self.parts_w) / self.efficiency

    @property
    def typical_w(self) -> float:
        return self.most_w * self.typical

    @property
    def poe(self) -> PoeClass:
        return next(each for each in POE if each.pd_w >= self.most_w)


GATE: Final = Draw(
    "gate",
    (
        (
            "Raspberry Pi 5, four cores busy (10.8 W at the switch measured by others, less the PoE board)",
            8.6,
        ),
        ("camera (assumed)", 0.9),
        ("7 inch panel (data sheet, recalled)", 3.0),
        ("PIN pad, inputs (assumed)", 0.5),
    ),
    0.80,
    0.7,
)
BOARD: Final = Draw("board", (("Raspberry Pi 5, a browser (assumed)", 6.0),), 0.80, 0.8)
KEYPAD_WIRED: Final = Draw(
    "keypad, wired",
    (
        ("Zero 2 W, four cores busy (assumed; 0.6 W at rest measured by others)", 2.6),
        ("display 256 x 64 (data sheet, recalled)", 0.7),
        ("Ethernet board (assumed)", 0.9),
    ),
    0.80,
    0.5,
)
KEYPAD_WIFI: Final = Draw(
    "keypad, Wi-Fi",
    (
        ("Zero 2 W, four cores busy and sending (assumed)", 2.9),
        ("display 256 x 64 (data sheet, recalled)", 0.7),
    ),
    0.85,
    0.5,
)
ROW_UNIT: Final = Draw(
    "row unit", (("Raspberry Pi 5 (assumed)", 6.0), ("24 lamps of 4 mA, expanders", 0.5)), 0.80, 0.8
)
ACCESS_POINT: Final = Draw("access point", (("data sheet, recalled", 13.0),), 1.0, 0.6)
DRAWS: Final = (GATE, BOARD, KEYPAD_WIRED, KEYPAD_WIFI, ROW_UNIT, ACCESS_POINT)

BUDGET_W: Final = 384.0
"""PoE of either switch of parts.toml (recalled; to verify)."""
BUDGET_USED: Final = 0.8
PORTS_KEPT: Final = 4
"""Of each switch: for what breaks, and for a technician."""
SWITCH_PORTS: Final = 48
"""Of the larger of the two."""
SWITCH_OWN_W: Final = 45.0
"""Without PoE. Assumed."""
SUPPLY_EFFICIENCY: Final = 0.88
"""Of a switch's PoE supply and of a row's 24 V supply. Assumed."""
SERVER_W: Final = 35.0
RUNTIME_MIN: Final = 20
"""Long enough to hold a ballot, close it, count and sign, and let people leave by light."""
AGED: Final = 0.8
"""What a battery still gives in its third year. Assumed."""
UPS: Final = (("ups-1500", 1000.0, 160.0), ("ups-3000", 2700.0, 300.0))
"""Part, watts, watt-hours delivered when new (recalled from runtime charts; to verify)."""
UPS_LOAD: Final = 0.7
OHM_A_METRE: Final = 0.125
"""Loop of two pairs: 12.5 ohm at 100 m, the most IEEE 802.3 clause 33 allows a type 2 link."""
PSE_VOLTS: Final = 50.0
"""Least of a type 2 port (IEEE 802.3 clause 33)."""
SWITCH_INRUSH_A: Final = 30.0
"""Peak, cold, at 230 V, for a millisecond or two. Assumed: data sheets of supplies say 20 to 60."""
BREAKER_TRIP_A: Final = 5 * 16.0
"""A C16 breaker may trip at once from five times its rating (IEC 60898-1)."""
CABINET_SWITCHES: Final = 4
CORE_PORTS: Final = 24
"""SFP of a core switch; cores are joined through their SFP+."""
BUS_OHM_A_METRE: Final = 2 * 13.3e-3
"""Loop of 1.5 mm2 at 20 degrees (IEC 60228, class 5)."""
BUS_VOLTS: Final = 24.0
STEP_DOWN_VOLTS: Final = 7.0
"""From so many on the step-down of parts.toml gives its 5 V (recalled; to verify)."""


@dataclass(frozen=True, slots=True)
class Network:
    """Of one hall and build. poe_w, most: what the switches' ports give; load_w: what the mains or UPS
    sees."""

    hall: Hall
    build: Build
    access_points: int
    ports: int
    poe_most_w: float
    switches_24: int
    switches_48: int
    load_w: float
    cat6_m: float
    longest_m: float
    bus_24v_m: float

    @property
    def switches(self) -> int:
        return self.switches_24 + self.switches_48

    @property
    def cabinets(self) -> int:
        return math.ceil(self.switches / CABINET_SWITCHES)

    @property
    def cores(self) -> int:
        """Switches that join the cabinets' ones; none where all stand in one cabinet."""
        return math.ceil(self.switches / CORE_PORTS) if self.cabinets > 1 else 0

    @property
    def watt_hours(self) -> float:
        """A UPS must deliver when new, so that it still does in three years."""
        return self.load_w * RUNTIME_MIN / 60 / AGED

    @property
    def ups(self) -> tuple[str, int]:
        """The part and how many: one or more in each cabinet, the cheapest kind that does it."""
        kind, watts, hours = (
            UPS[0] if self.load_w < UPS[0][1] * UPS_LOAD and self.watt_hours < UPS[0][2] else UPS[1]
        )
        needed = max(math.ceil(self.load_w / (watts * UPS_LOAD)), math.ceil(self.watt_hours / hours))
        return kind, math.ceil(needed / self.cabinets) * self.cabinets

    @property
    def runtime_min(self) -> float:
        """Of aged batteries, in minutes."""
        kind, count = self.ups
        hours = next(hours for name, _, hours in UPS if name == kind)
        return count * hours * AGED / self.load_w * 60


def network(hall: Hall, build: Build, access_points: int) -> Network:
    """access_points: of airtime.py."""
    seats = {
        Build.WIFI: (0, KEYPAD_WIRED),
        Build.WIRED: (hall.seats, KEYPAD_WIRED),
        Build.ROWS: (hall.row_units, ROW_UNIT),
    }
    count, draw = seats[build]
    on_ports = ((hall.gates, GATE), (hall.boards, BOARD), (access_points, ACCESS_POINT), (count, draw))
    ports = sum(number for number, _ in on_ports) + 1
    most_w = sum(number * each.most_w for number, each in on_ports)
    small = 1 if ports <= 24 - PORTS_KEPT and most_w <= BUDGET_W * BUDGET_USED else 0
    by_power = math.ceil(most_w / (BUDGET_W * BUDGET_USED))
    large = 0 if small else max(math.ceil(ports / (SWITCH_PORTS - PORTS_KEPT)), by_power)
    cabinets = math.ceil((small + large) / CABINET_SWITCHES)
    drops = drops_m(hall, build, cabinets)
    walls = (hall.gates + hall.boards + access_points) * to_gates_m(hall)
    typical_w = sum(number * each.typical_w for number, each in on_ports) / SUPPLY_EFFICIENCY
    row_w = hall.seats * KEYPAD_WIFI.typical_w / SUPPLY_EFFICIENCY if build is Build.WIFI else 0.0
    cores = math.ceil((small + large) / CORE_PORTS) if cabinets > 1 else 0
    return Network(
        hall=hall,
        build=build,
        access_points=access_points,
        ports=ports,
        poe_most_w=most_w,
        switches_24=small,
        switches_48=large,
        load_w=typical_w + row_w + SERVER_W + (small + large + cores) * SWITCH_OWN_W,
        cat6_m=sum(drops) + walls,
        longest_m=max([to_gates_m(hall), *drops]),
        bus_24v_m=row_bus_m(hall) if build is Build.WIFI else 0.0,
    )


def loss_w(draw: Draw, length_m: float) -> tuple[float, float]:
    """Watts that stay in a cable, and volts at its end: the port gives PSE_VOLTS, the device takes what it
    takes."""
    resistance = OHM_A_METRE * length_m
    current = (PSE_VOLTS - math.sqrt(PSE_VOLTS**2 - 4 * resistance * draw.most_w)) / (2 * resistance)
    return current**2 * resistance, PSE_VOLTS - current * resistance


def on_a_switch(draw: Draw) -> tuple[int, int]:
    """So many of one kind a large switch feeds: where it counts what is taken, and where it sets aside what
    the class may take. At most its ports without those that are kept."""
    budget, ports = BUDGET_W * BUDGET_USED, SWITCH_PORTS - PORTS_KEPT
    return min(ports, int(budget / draw.most_w)), min(ports, int(budget / draw.poe.pse_w))


def row_drop_volts(hall: Hall) -> float:
    """At the last seat of a 24 V bus of SEATS_A_SUPPLY keypads at their most, fed at one end through DROP_M.

    A step-down takes its watts at whatever volts there are, so the less there is the more current flows: the
    bus is gone through until its voltages stay.
    """
    seats = min(hall.across, SEATS_A_SUPPLY)
    lengths = [DROP_M, *[SEAT_PITCH_M] * (seats - 1)]
    volts = [BUS_VOLTS] * seats
    for _ in range(20):
        amperes = [KEYPAD_WIFI.most_w / each for each in volts]
        left = BUS_VOLTS
        for seat, length in enumerate(lengths):
            left -= sum(amperes[seat:]) * length * BUS_OHM_A_METRE
            volts[seat] = left
    return BUS_VOLTS - volts[-1]


def switches_at_once() -> int:
    """So many may be switched on in the same instant behind one C16 breaker."""
    return int(BREAKER_TRIP_A // SWITCH_INRUSH_A)
