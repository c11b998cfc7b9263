"""pins.toml -> DeviceClass. Reading alone; what is wrong in it is said by faults.py. Pure.

A class: title [vi, en]; board (headers.BOARDS); carrier, the board on the header, or empty: wired straight to
it; driven, whether today's firmware drives it, else plan says why not; role, the firmware's table; shipped,
the folder of the boot medium's class; like and without, another class whose connectors are taken over, but
for those named; circuits; fields, what else the firmware is to be told; note.
Wires and connectors: as the head of pins.toml says.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hardware.headers import BOARDS, PIN_OF_GPIO, Board

FORMAT: Final = 1
PORT_LETTERS: Final = "AB"
_KEYS: Final = {
    "class": {
        "title", "board", "carrier", "driven", "plan", "role", "shipped", "like", "without", "circuits",
        "fields", "note", "connectors", "ports",
    },
    "connector": {
        "name", "part", "title", "plug", "cable", "length_m", "wires", "devices", "seats", "first_address",
    },
    "wire": {
        "pin", "signal", "colour", "volts", "gpio", "header", "rail", "port", "does", "active", "pull",
        "outside", "via", "field", "note",
    },
    "device": {"chip", "part", "bus", "address", "field", "note"},
    "port": {"name", "part", "title", "cable", "length_m", "instead"},
}  # fmt: skip


class PinsError(Exception):
    """pins.toml cannot be read as what it should be: the sentence names place and field."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One wire of a connector. volts: the highest level on it. Exactly one of gpio, header, rail and port is
    given; address: of the expander that the port belongs to."""

    pin: int
    signal: str
    colour: str
    volts: float
    gpio: int | None = None
    header: int | None = None
    rail: str = ""
    port: str = ""
    address: int = 0
    does: str = ""
    active: str = ""
    pull: str = ""
    outside: str = ""
    via: str = ""
    field: str = ""
    note: str = ""

    @property
    def header_pin(self) -> int | None:
        """Of the 40-pin header; None: it does not come from there."""
        return self.header if self.gpio is None else PIN_OF_GPIO.get(self.gpio)

    @property
    def source(self) -> str:
        """Where it comes from, for people: GPIO17, pin 9, 24V, 0x20 GPA3."""
        if self.gpio is not None:
            return f"GPIO{self.gpio}"
        if self.header is not None:
            return f"pin {self.header}"
        return f"0x{self.address:02X} {self.port}" if self.port else self.rail


@dataclass(frozen=True, slots=True)
class BusDevice:
    """A chip on a bus. address: 7 bits."""

    chip: str
    part: str
    bus: str
    address: int
    field: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """plug, cable: words for the installer. length_m: at most."""

    name: str
    part: str
    title: str
    plug: str
    cable: str
    length_m: float
    wires: tuple[Wire, ...]
    devices: tuple[BusDevice, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A socket of the board itself, with a ready-made cable. instead: the port in whose place it is used in
    a hall on wires, never both."""

    name: str
    part: str
    title: str
    cable: str
    length_m: float
    instead: str = ""


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """One kind of device, wired."""

    name: str
    title: tuple[str, str]
    board: Board
    board_key: str
    carrier: str
    driven: bool
    plan: str
    role: str
    shipped: str
    circuits: tuple[str, ...]
    fields: Mapping[str, Any]
    note: str
    connectors: tuple[Connector, ...] = ()
    ports: tuple[Port, ...] = field(default=())

    def wires(self) -> Iterator[tuple[Connector, Wire]]:
        for connector in self.connectors:
            for wire in connector.wires:
                yield connector, wire

    @property
    def devices(self) -> tuple[BusDevice, ...]:
        return tuple(device for connector in self.connectors for device in connector.devices)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts it is wired to, each once, the board first, without what stands in for another
        port; hardware/parts.toml knows them."""
        told = [self.board_key, *(connector.part for connector in self.connectors)]
        told += [device.part for device in self.devices]
        told += [port.part for port in self.ports if not port.instead]
        return tuple(dict.fromkeys(told))

    def gpio(self, signal: str) -> int:
        """BCM number of a signal, for pictures. Raises KeyError."""
        for _, wire in self.wires():
            if wire.signal == signal and wire.gpio is not None:
                return wire.gpio
        raise KeyError(signal)

    def pin_words(self, signal: str) -> str:
        """Both numbers of a signal's pin, as GPIO17, pin 11. Raises KeyError."""
        gpio = self.gpio(signal)
        return f"GPIO{gpio}, pin {PIN_OF_GPIO[gpio]}"

    def clamp(self, signal: str, part: str = "") -> str:
        """Where a signal is clamped, as J2-1; part: of the connector, where several have such a signal.
        Raises KeyError."""
        for connector, wire in self.wires():
            if wire.signal == signal and part in ("", connector.part):
                return f"{connector.name}-{wire.pin}"
        raise KeyError(signal)

    def with_gpio(self, signal: str, gpio: int) -> "DeviceClass":
        """The same with one wire moved."""
        return replace(
            self,
            connectors=tuple(
                replace(
                    connector,
                    wires=tuple(
                        replace(wire, gpio=gpio) if wire.signal == signal else wire
                        for wire in connector.wires
                    ),
                )
                for connector in self.connectors
            ),
        )


def parse_pins(text: str) -> dict[str, DeviceClass]:
    """Classes by name, in the file's order. Raises PinsError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise PinsError(f"pins.toml is not TOML: {err}") from err
    if values.pop("format", None) != FORMAT:
        raise PinsError(f"pins.toml: format must be {FORMAT}")
    classes: dict[str, DeviceClass] = {}
    for name, told in values.items():
        classes[name] = _class(name, told, classes)
    return classes


def _class(name: str, told: dict[str, Any], known: Mapping[str, DeviceClass]) -> DeviceClass:
    _only("class", told, name)
    if told["board"] not in BOARDS:
        raise PinsError(f"{name}: board {told['board']!r} is not known: {', '.join(BOARDS)}")
    connectors: list[Connector] = []
    ports: list[Port] = []
    if like := told.get("like"):
        base, without = known[like], set(told.get("without", ()))
        connectors += [each for each in base.connectors if each.name not in without]
        ports += base.ports
    for each in told.get("connectors", ()):
        connectors += _connectors(each, name)
    for each in told.get("ports", ()):
        _only("port", each, f"{name}.{each.get('name')}")
        ports.append(Port(**each))
    vi, en = told["title"]
    return DeviceClass(
        name=name,
        title=(vi, en),
        board=BOARDS[told["board"]],
        board_key=told["board"],
        carrier=told.get("carrier", ""),
        driven=told["driven"],
        plan=told.get("plan", ""),
        role=told["role"],
        shipped=told.get("shipped", ""),
        circuits=tuple(told["circuits"]),
        fields=told["fields"],
        note=told["note"],
        connectors=tuple(sorted(connectors, key=_by_number)),
        ports=tuple(ports),
    )


def _by_number(connector: Connector) -> tuple[str, int]:
    return connector.name.rstrip("0123456789"), int(connector.name.lstrip("JS") or 0)


def _connectors(told: dict[str, Any], class_name: str) -> Iterator[Connector]:
    """One, or one for each seat: odd seats on port A of their expander, even ones on port B."""
    place = f"{class_name}.{told.get('name')}"
    _only("connector", told, place)
    values = dict(told)
    seats, first = values.pop("seats", 0), values.pop("first_address", 0)
    wires = [_wire(each, place) for each in values.pop("wires")]
    devices = []
    for each in values.pop("devices", ()):
        _only("device", each, place)
        devices.append(BusDevice(**each))
    plain = Connector(**values, wires=tuple(wires), devices=tuple(devices))
    if not seats:
        yield plain
    for seat in range(seats):
        letter, address = PORT_LETTERS[seat % 2], first + seat // 2
        placed = [
            replace(wire, port=f"GP{letter}{wire.port}", address=address) if wire.port else wire
            for wire in wires
        ]
        yield replace(
            plain, name=f"{plain.name}{seat + 1}", title=f"{plain.title} {seat + 1}", wires=tuple(placed)
        )


def _wire(told: dict[str, Any], place: str) -> Wire:
    _only("wire", told, f"{place} pin {told.get('pin')}")
    sources = [key for key in ("gpio", "header", "rail", "port") if key in told]
    if len(sources) != 1:
        raise PinsError(f"{place} pin {told.get('pin')}: exactly one of gpio, header, rail and port")
    values = dict(told)
    if "port" in values:
        values["port"] = str(values["port"])
    return Wire(**values)


def _only(kind: str, told: Mapping[str, Any], place: str) -> None:
    if unknown := sorted(set(told) - _KEYS[kind]):
        raise PinsError(f"{place}: {', '.join(unknown)} is not known of a {kind}")
