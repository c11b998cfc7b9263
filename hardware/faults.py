"""What is wrong with a wired class: pins used twice, pins that cannot, levels that kill. Pure.

Each fault has a code, a place and a sentence; an empty list is what `make hardware` wants to see.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hardware.cables import colours_of
from hardware.headers import (
    GPIO_MAX,
    KEPT_BY_BUS,
    PULLED_UP_ON_BOARD,
    RESERVED,
    SUPPLIES,
    SUPPLY_VOLTS,
    can_do,
    pull_at_reset,
)
from hardware.pins import Connector, DeviceClass, Wire

LOGIC_VOLTS: Final = 3.3
"""No header pin of a Raspberry Pi stands more (BCM2835 and RP1: the bank's supply of 3.3 V)."""
COLOURS: Final = ("BK", "BN", "RD", "OG", "YE", "GN", "BU", "VT", "GY", "WH", "PK", "TQ")
"""IEC 60757."""
I2C_LEAST, I2C_MOST = 0x08, 0x77
"""NXP UM10204 §3.1.12: what lies outside is reserved."""

RAILS: Final = {
    "24V": 24.0, "AUX24": 24.0, "SAFE24": 24.0, "0V": 0.0, "GND": 0.0, "3V3": LOGIC_VOLTS,
}  # fmt: skip
"""Supplies of a carrier and their volts. SAFE24: 24 V behind the chain of fire panel, exit button and
break-glass. AUX24: 24 V behind a fuse of its own."""
EXPANDER_PORTS: Final = frozenset(f"GP{letter}{number}" for letter in "AB" for number in range(8))
"""MCP23017, DS20001952D: two ports of eight."""


@dataclass(frozen=True, slots=True)
class Via:
    """What stands between header and wire. does: of a pin that it serves. shifts: whether the wire may carry
    another voltage than the pin."""

    does: str
    shifts: bool


VIAS: Final[Mapping[str, Via]] = {
    "lock-relay": Via("out", shifts=True),
    "opto": Via("in", shifts=True),
    "low-side": Via("out", shifts=True),
    "transistor": Via("pwm", shifts=True),
    "contact-input": Via("in", shifts=False),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """How the firmware treats a pin of its own: what it does, the level that means yes, the pull it sets."""

    does: str
    active: str
    pull: str


_CONTACT: Final = Expected("in", "low", "up")
_DRIVEN: Final = Expected("out", "high", "none")
EXPECTED: Final[Mapping[str, Mapping[str, Expected]]] = {
    "gate": {
        "lock_pin_bcm": _DRIVEN,
        "reed_pin_bcm": _CONTACT,
        "jam_pin_bcm": _CONTACT,
        "fire_pin_bcm": _CONTACT,
        "beam_a_pin_bcm": _CONTACT,
        "beam_b_pin_bcm": _CONTACT,
        "claim_pin_bcm": _CONTACT,
        "red_pin_bcm": _DRIVEN,
        "green_pin_bcm": _DRIVEN,
        "amber_pin_bcm": _DRIVEN,
        "buzzer_pin_bcm": _DRIVEN,
    },
    "keypad": {
        "row_pins": _CONTACT,
        "col_pins": Expected("drain", "low", "none"),
        "dc_pin": _DRIVEN,
        "reset_pin": Expected("out", "low", "none"),
        "tone_pin": Expected("pwm", "high", "none"),
    },
    "board": {"claim_pin_bcm": _CONTACT},
}
"""Role -> the firmware's field -> how edge/*/adapters treat it; tests/hardware compares with the adapters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """code: for tests and tables; place: class, connector and pin; words: what it is and what to do."""

    code: str
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words} ({self.code})"


def faults_of(kind: DeviceClass) -> list[Fault]:
    """All of a class, in the order of its wires."""
    found = [*_used_twice(kind), *_addresses(kind), *_fields(kind), *_released_by_wire(kind)]
    for connector in kind.connectors:
        found += _of_connector(kind, connector)
        for wire in connector.wires:
            found += _of_wire(kind, wire, f"{kind.name}.{connector.name} pin {wire.pin}, {wire.signal}")
    return found


def _used_twice(kind: DeviceClass) -> Iterator[Fault]:
    """A line of a bus may be shared by what hangs on the bus; a supply of a carrier by everything."""
    taken: dict[int, tuple[str, str]] = {}
    for connector, wire in kind.wires():
        if wire.header_pin is None:
            continue
        place = f"{connector.name} pin {wire.pin}, {wire.signal}"
        before, does = taken.setdefault(wire.header_pin, (place, wire.does))
        is_shared_bus = "-" in does and does == wire.does
        if before != place and not is_shared_bus:
            words = f"header pin {wire.header_pin} is taken already by {before}: choose another"
            yield Fault("pin-used-twice", f"{kind.name}.{place}", words)


def _fields(kind: DeviceClass) -> Iterator[Fault]:
    """The firmware is told each thing once, lists have no gap, and it opens the bus that is wired."""
    told = Counter(wire.field for _, wire in kind.wires() if wire.field)
    for name, times in told.items():
        if times > 1:
            yield Fault("field-used-twice", kind.name, f"{times} wires say that they are {name}")
    lists: dict[str, set[int]] = defaultdict(set)
    for name in told:
        stem, _, index = name.partition(".")
        if index:
            lists[stem].add(int(index))
    for stem, places in lists.items():
        if places != set(range(len(places))):
            yield Fault("field-gap", kind.name, f"{stem} has places {sorted(places)}: they count from 0")
    wanted: list[str] = []
    if "i2c_bus" in kind.fields:
        bus = f"i2c{kind.fields['i2c_bus']}"
        wanted += [f"{bus}-sda", f"{bus}-scl"]
    if "spi_bus" in kind.fields:
        bus = f"spi{kind.fields['spi_bus']}"
        wanted += [f"{bus}-sclk", f"{bus}-mosi", f"{bus}-ce{kind.fields['spi_device']}"]
    wired = {wire.does for _, wire in kind.wires()}
    for line in wanted:
        if line not in wired:
            yield Fault("bus-against-fields", kind.name, f"the firmware is told to use {line}: no wire is")


def _released_by_wire(kind: DeviceClass) -> Iterator[Fault]:
    """A class with a lock has a relay for it, and the chain that releases it without a computer."""
    rails = {wire.rail for _, wire in kind.wires()}
    for connector, wire in kind.wires():
        if wire.field != "lock_pin_bcm":
            continue
        place = f"{kind.name}.{connector.name} pin {wire.pin}, {wire.signal}"
        if wire.via != "lock-relay":
            yield Fault("lock-without-relay", place, "a lock hangs on the relay of circuit lock-relay")
        if "SAFE24" not in rails:
            words = "no wire brings SAFE24 back: fire panel and exit button could not release it (ADR-0006)"
            yield Fault("lock-without-chain", place, words)


def _addresses(kind: DeviceClass) -> Iterator[Fault]:
    seen: dict[tuple[str, int], str] = {}
    lines = {wire.does.partition("-")[0] for _, wire in kind.wires() if "-" in wire.does}
    yield from _ports(kind)
    for device in kind.devices:
        place = f"{kind.name}.{device.chip} at 0x{device.address:02X}"
        if not I2C_LEAST <= device.address <= I2C_MOST:
            yield Fault("address-out-of-range", place, "a 7-bit address lies between 0x08 and 0x77")
        if device.bus not in lines:
            yield Fault("bus-not-wired", place, f"no wire of this class is a line of {device.bus}")
        if (before := seen.setdefault((device.bus, device.address), device.chip)) and (
            list(kind.devices).index(device) != _first(kind, device.bus, device.address)
        ):
            words = f"{before} answers at this address of {device.bus} already: strap one of them otherwise"
            yield Fault("address-used-twice", place, words)


def _ports(kind: DeviceClass) -> Iterator[Fault]:
    """Lines of expanders: each there, and given away once."""
    expanders = {device.address for device in kind.devices if device.chip == "MCP23017"}
    taken: dict[tuple[int, str], str] = {}
    for connector, wire in kind.wires():
        if not wire.port:
            continue
        here = f"{connector.name} pin {wire.pin}, {wire.signal}"
        place = f"{kind.name}.{here}"
        if wire.address not in expanders:
            yield Fault("no-such-expander", place, f"no MCP23017 is at 0x{wire.address:02X}")
        if wire.port not in EXPANDER_PORTS:
            yield Fault("no-such-port", place, f"an MCP23017 has no {wire.port}")
        before = taken.setdefault((wire.address, wire.port), here)
        if before != here:
            yield Fault("port-used-twice", place, f"{wire.source} is taken already by {before}")


def _first(kind: DeviceClass, bus: str, address: int) -> int:
    return next(i for i, each in enumerate(kind.devices) if (each.bus, each.address) == (bus, address))


def _of_connector(kind: DeviceClass, connector: Connector) -> Iterator[Fault]:
    place = f"{kind.name}.{connector.name}"
    if sum(each.name == connector.name for each in kind.connectors) > 1:
        yield Fault("connector-used-twice", place, "another connector of this class has this name")
    cores = colours_of(connector.cable, len(connector.wires))
    numbers = [wire.pin for wire in connector.wires]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Fault("connector-pins", place, f"its pins are {numbers}: they count from 1 without a gap")
    by_colour: dict[str, list[str]] = defaultdict(list)
    for wire in connector.wires:
        by_colour[wire.colour].append(wire.signal)
        if wire.colour not in COLOURS:
            yield Fault("colour-unknown", place, f"{wire.colour} is no colour of IEC 60757")
        elif cores and wire.colour not in cores:
            words = f"{wire.signal} is {wire.colour}; the cores of {connector.cable} are {sorted(cores)}"
            yield Fault("colour-not-in-cable", place, words)
    for colour, signals in by_colour.items():
        if len(signals) > 1:
            yield Fault("colour-used-twice", place, f"{' and '.join(signals)} are both {colour}")


def _of_wire(kind: DeviceClass, wire: Wire, place: str) -> Iterator[Fault]:
    if wire.header is not None:
        yield from _of_supply(wire, place)
    if wire.rail and RAILS.get(wire.rail) != wire.volts:
        known = ", ".join(f"{name} {volts:g} V" for name, volts in RAILS.items())
        yield Fault("supply-voltage", place, f"{wire.rail} is not a rail of {wire.volts:g} V: {known}")
    if wire.gpio is not None or wire.port:
        yield from _levels(wire, place)
    if wire.port:
        if wire.does not in ("in", "out") or wire.pull == "down":
            words = f"a line of an MCP23017 cannot be {wire.does or 'nothing'} and pulled {wire.pull}"
            yield Fault("cannot-do", place, words)
        if wire.does == "in" and wire.port.endswith("7"):
            yield Fault("cannot-do", place, f"{wire.port} of an MCP23017 is an output only (DS20001952D)")
        if wire.volts > LOGIC_VOLTS:
            yield Fault("over-voltage", place, f"{wire.volts} V at an expander that lives on {LOGIC_VOLTS} V")
    if wire.gpio is None:
        return
    if not 0 <= wire.gpio <= GPIO_MAX:
        yield Fault("no-such-pin", place, f"GPIO{wire.gpio} is not on the header: 0 to {GPIO_MAX}")
        return
    if wire.gpio in RESERVED and "-" not in wire.does:
        yield Fault("pin-reserved", place, f"GPIO{wire.gpio} is kept for {RESERVED[wire.gpio]}")
    yield from _kept_by_bus(kind, wire, wire.gpio, place)
    if not can_do(kind.board, wire.gpio, wire.does):
        able = ", ".join(sorted(kind.board.functions[wire.gpio])) or "nothing but in and out"
        words = f"GPIO{wire.gpio} of {kind.board.chip} cannot be {wire.does or 'nothing'}; it can be {able}"
        yield Fault("cannot-do", place, words)
    yield from _electrical(wire, place)
    yield from _against_firmware(kind, wire, place)


def _kept_by_bus(kind: DeviceClass, wire: Wire, gpio: int, place: str) -> Iterator[Fault]:
    bus = KEPT_BY_BUS.get(gpio)
    if bus and "-" not in wire.does and any(other.does.startswith(f"{bus}-") for _, other in kind.wires()):
        words = f"GPIO{gpio} belongs to {bus} while that bus is on: the kernel gives it to nobody else"
        yield Fault("pin-of-a-bus", place, words)


def _levels(wire: Wire, place: str) -> Iterator[Fault]:
    for what, found, allowed in (
        ("active", wire.active, ("low", "high")),
        ("pull", wire.pull, ("up", "down", "none")),
    ):
        if found not in allowed:
            words = f"{what} is {found or 'not said'}: say {' or '.join(allowed)}"
            yield Fault(f"{what}-not-said", place, words)


def _of_supply(wire: Wire, place: str) -> Iterator[Fault]:
    gives = SUPPLIES.get(wire.header or 0)
    if gives is None:
        yield Fault("no-such-pin", place, f"header pin {wire.header} is no supply: name its GPIO instead")
    elif SUPPLY_VOLTS[gives] != wire.volts:
        yield Fault("supply-voltage", place, f"header pin {wire.header} gives {gives}, not {wire.volts} V")


def _electrical(wire: Wire, place: str) -> Iterator[Fault]:
    gpio = wire.gpio if wire.gpio is not None else -1
    via = VIAS.get(wire.via)
    if wire.via and via is None:
        yield Fault("via-unknown", place, f"{wire.via} is not one of {', '.join(VIAS)}")
    elif via is not None and via.does != wire.does:
        yield Fault("via-wrong", place, f"{wire.via} is for a pin that is {via.does}, not {wire.does}")
    if wire.volts > LOGIC_VOLTS and not (via and via.shifts):
        words = f"{wire.volts} V at a pin that stands {LOGIC_VOLTS} V: put a level shift between"
        yield Fault("over-voltage", place, words)
    if wire.does == "in":
        if wire.pull == "none" and not wire.outside:
            yield Fault("floating-input", place, "neither the pin nor a resistor outside holds it")
        if (wire.active, wire.pull) in {("low", "down"), ("high", "up")}:
            words = f"it is active {wire.active} and pulled {wire.pull}: it never reads as at rest"
            yield Fault("pull-wrong", place, words)
    if wire.pull == "down" and gpio in PULLED_UP_ON_BOARD:
        yield Fault("pull-wrong", place, f"GPIO{gpio} has 1.8 k to 3.3 V on the board: no pull-down wins")
    if wire.does in ("out", "pwm") and wire.via:
        rest = {"up": "high", "down": "low"}[pull_at_reset(gpio)]
        if rest == wire.active:
            words = f"GPIO{gpio} is {rest} from power-on until the program runs, which means on"
            yield Fault("on-at-reset", place, words)
    if wire.via == "lock-relay" and "to ground" not in wire.outside:
        words = (
            "a pin given back is an input without a pull: the driver needs a resistor to ground (ADR-0006)"
        )
        yield Fault("lock-not-held-down", place, words)


def _against_firmware(kind: DeviceClass, wire: Wire, place: str) -> Iterator[Fault]:
    if not wire.field or "-" in wire.does:
        return
    name = wire.field.partition(".")[0]
    expected = EXPECTED.get(kind.role, {}).get(name)
    if expected is None:
        yield Fault("field-unknown", place, f"{name} is no pin that the firmware of a {kind.role} knows")
        return
    for what, found, wanted in (
        ("does", wire.does, expected.does),
        ("active", wire.active, expected.active),
        ("pull", wire.pull, expected.pull),
    ):
        if found != wanted:
            words = f"{what} is {found or 'not said'}; the firmware takes {name} as {wanted}"
            yield Fault(f"{what}-against-firmware", place, words)
