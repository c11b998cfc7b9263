"""What is wrong with a wired class: pins used twice, pins that cannot, levels that kill. Pure.

Each fault has a code, a place and a sentence; an empty list is what `make hardware` wants to see.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hardware.headers import (
    GPIO_MAX,
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

VIAS: Final[Mapping[str, bool]] = {
    "lock-relay": True,
    "opto": True,
    "low-side": True,
    "transistor": True,
    "contact-input": False,
}
"""What stands between header and wire, and whether the wire may carry another voltage than the pin."""


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
    found = [*_used_twice(kind), *_addresses(kind)]
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


def _addresses(kind: DeviceClass) -> Iterator[Fault]:
    seen: dict[tuple[str, int], str] = {}
    lines = {wire.does.partition("-")[0] for _, wire in kind.wires() if "-" in wire.does}
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


def _first(kind: DeviceClass, bus: str, address: int) -> int:
    return next(i for i, each in enumerate(kind.devices) if (each.bus, each.address) == (bus, address))


def _of_connector(kind: DeviceClass, connector: Connector) -> Iterator[Fault]:
    place = f"{kind.name}.{connector.name}"
    numbers = [wire.pin for wire in connector.wires]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Fault("connector-pins", place, f"its pins are {numbers}: they count from 1 without a gap")
    by_colour: dict[str, list[str]] = defaultdict(list)
    for wire in connector.wires:
        by_colour[wire.colour].append(wire.signal)
        if wire.colour not in COLOURS:
            yield Fault("colour-unknown", place, f"{wire.colour} is no colour of IEC 60757")
    for colour, signals in by_colour.items():
        if len(signals) > 1:
            yield Fault("colour-used-twice", place, f"{' and '.join(signals)} are both {colour}")


def _of_wire(kind: DeviceClass, wire: Wire, place: str) -> Iterator[Fault]:
    if wire.header is not None:
        yield from _of_supply(wire, place)
    if wire.port:
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
    if not can_do(kind.board, wire.gpio, wire.does):
        able = ", ".join(sorted(kind.board.functions[wire.gpio])) or "nothing but in and out"
        words = f"GPIO{wire.gpio} of {kind.board.chip} cannot be {wire.does or 'nothing'}; it can be {able}"
        yield Fault("cannot-do", place, words)
    yield from _electrical(wire, place)
    yield from _against_firmware(kind, wire, place)


def _of_supply(wire: Wire, place: str) -> Iterator[Fault]:
    gives = SUPPLIES.get(wire.header or 0)
    if gives is None:
        yield Fault("no-such-pin", place, f"header pin {wire.header} is no supply: name its GPIO instead")
    elif SUPPLY_VOLTS[gives] != wire.volts:
        yield Fault("supply-voltage", place, f"header pin {wire.header} gives {gives}, not {wire.volts} V")


def _electrical(wire: Wire, place: str) -> Iterator[Fault]:
    gpio = wire.gpio if wire.gpio is not None else -1
    if wire.via and wire.via not in VIAS:
        yield Fault("via-unknown", place, f"{wire.via} is not one of {', '.join(VIAS)}")
    if wire.volts > LOGIC_VOLTS and not VIAS.get(wire.via, False):
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
