"""What to buy: parts.toml -> a list for each class of device and for each size of hall, with totals. Pure.

Prices are ballparks of one date, in US cents once parsed; every line says "to verify".
"""

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hardware.airtime import Air
from hardware.halls import HALLS, Build, Hall
from hardware.power import Network, network

FORMAT: Final = 1
_KEYS: Final = {
    "name", "maker", "number", "alternates", "no_alternate", "does", "facts", "source", "usd", "unit",
    "on_site", "within", "harness",
}  # fmt: skip
COLUMNS: Final = (
    "part", "description", "manufacturer", "part number", "alternates", "lead function", "quantity", "spares",
    "unit", "datasheet facts used", "source of the facts", "USD each", "USD in all", "price of", "status",
)  # fmt: skip
CABLE_ENDS: Final = 2
BUS_CORES: Final = 2
"""Of the 24 V of a row: each is tapped at each seat."""
VERIFY: Final = "price and number to verify"
SEATS_A_PHONE_AP: Final = 1000
"""With wired seats an access point is there for ushers' and technicians' phones alone. Assumed."""


class PartsError(ValueError):
    """parts.toml says something it may not; the words name the part."""


@dataclass(frozen=True, slots=True)
class Part:
    """alternates: what may stand in for it; none only with a reason. on_site: why it is not bought, or
    empty. within: what it sits in, where pins.toml does not wire it by its name. harness: how plugs and
    cables that it is begin in pins.toml."""

    key: str
    name: str
    maker: str
    number: str
    alternates: tuple[str, ...]
    no_alternate: str
    does: str
    facts: str
    source: str
    cents: int
    unit: str
    on_site: str
    within: str
    harness: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """classes: name -> part -> quantity for one device. spares_percent: bought besides, of each line,
    rounded up."""

    parts: Mapping[str, Part]
    classes: Mapping[str, Mapping[str, float]]
    priced: str
    spares_percent: int


@dataclass(frozen=True, slots=True)
class Line:
    """quantity and spares in the part's unit."""

    part: Part
    quantity: float
    spares: float

    @property
    def cents(self) -> int:
        return round((self.quantity + self.spares) * self.part.cents)


def parse_parts(text: str) -> Catalogue:
    """Raises PartsError."""
    values = tomllib.loads(text)
    if values.get("format") != FORMAT:
        raise PartsError(f"parts.toml: format must be {FORMAT}")
    parts = {key: _part(key, told) for key, told in values["parts"].items()}
    classes: dict[str, dict[str, float]] = values["classes"]
    for name, lines in classes.items():
        for key, quantity in lines.items():
            if key not in parts:
                raise PartsError(f"{name}: {key} is not among the parts")
            if not quantity > 0:
                raise PartsError(f"{name}: the quantity of {key} must be above 0")
    return Catalogue(parts, classes, values["priced"], values["spares_percent"])


def _part(key: str, told: dict[str, Any]) -> Part:
    if unknown := sorted(set(told) - _KEYS):
        raise PartsError(f"{key}: {', '.join(unknown)} is not known")
    if missing := sorted({"name", "maker", "number", "does", "facts", "source", "usd"} - set(told)):
        raise PartsError(f"{key}: {', '.join(missing)} is missing")
    if bool(told.get("alternates")) == bool(told.get("no_alternate")):
        raise PartsError(f"{key}: say alternates, or no_alternate with the reason: one of the two")
    if (told["usd"] == 0) != bool(told.get("on_site")):
        raise PartsError(f"{key}: what costs nothing says on_site, and only that")
    return Part(
        key=key,
        name=told["name"],
        maker=told["maker"],
        number=told["number"],
        alternates=tuple(told.get("alternates", ())),
        no_alternate=told.get("no_alternate", ""),
        does=told["does"],
        facts=told["facts"],
        source=told["source"],
        cents=round(told["usd"] * 100),
        unit=told.get("unit", "pc"),
        on_site=told.get("on_site", ""),
        within=told.get("within", ""),
        harness=tuple(told.get("harness", ())),
    )


def class_lines(catalogue: Catalogue, name: str) -> list[Line]:
    """Of one device, without spares."""
    return [Line(catalogue.parts[key], quantity, 0) for key, quantity in catalogue.classes[name].items()]


def server_lines(catalogue: Catalogue) -> list[Line]:
    """The hall's server and what stands around it in the smallest hall, without cables: the list of the
    class hall-server."""
    keys = ("hall-server", "switch-24", "access-point", "ups-1500", "cabinet")
    shared = _shared(HALLS[0], HALLS[0].recommended)
    return [Line(catalogue.parts[key], shared[key], 0) for key in keys]


def network_of(hall: Hall, build: Build) -> Network:
    air = Air(hall.seats)
    phones = math.ceil(hall.seats / SEATS_A_PHONE_AP)
    return network(hall, build, air.access_points if build is Build.WIFI else phones)


def devices_of(hall: Hall, build: Build) -> dict[str, int]:
    """Class -> how many."""
    seats = {"row": hall.row_units} if build is Build.ROWS else {"keypad-wide": hall.seats}
    return {"gate": hall.gates, **seats, "board": hall.boards}


def hall_lines(catalogue: Catalogue, hall: Hall, build: Build) -> list[Line]:
    """All of a hall, each part once, spares besides."""
    quantities = dict(device_parts(catalogue, hall, build))
    for key, quantity in _shared(hall, build).items():
        quantities[key] = quantities.get(key, 0) + quantity
    return _with_spares(catalogue, quantities)


def device_parts(catalogue: Catalogue, hall: Hall, build: Build) -> dict[str, float]:
    """Part -> quantity in all devices. A wired keypad has a PoE splitter where the others have a
    step-down."""
    found: dict[str, float] = {}
    for name, count in devices_of(hall, build).items():
        for key, quantity in catalogue.classes[name].items():
            swapped = "poe-usb-zero" if build is Build.WIRED and key == "power-5v" else key
            found[swapped] = found.get(swapped, 0) + quantity * count
    return {key: round(quantity, 2) for key, quantity in found.items()}


def _shared(hall: Hall, build: Build) -> dict[str, float]:
    net = network_of(hall, build)
    kind, count = net.ups
    cabinets = net.cabinets
    supplies = hall.row_supplies if build is Build.WIFI else 0
    told: dict[str, float] = {
        "hall-server": 1,
        "switch-24": net.switches_24,
        "switch-48": net.switches_48,
        "switch-core": net.cores,
        "fibre-link": net.switches + net.cores - 1 if net.cores else 0,
        "access-point": net.access_points,
        "cable-cat6": _whole(net.cat6_m),
        "rj45-plug": CABLE_ENDS * net.ports,
        "row-supply": supplies,
        "cable-24v": _whole(net.bus_24v_m),
        "tap-24v": BUS_CORES * hall.seats if build is Build.WIFI else 0,
        kind: count,
        "cabinet": cabinets,
    }
    return {key: quantity for key, quantity in told.items() if quantity}


def _whole(quantity: float) -> int:
    """Rounded up; what a sum of floats is above a whole number by is nothing, and differs between Pythons."""
    return math.ceil(round(quantity, 6))


def _with_spares(catalogue: Catalogue, quantities: Mapping[str, float]) -> list[Line]:
    lines = []
    for key, part in catalogue.parts.items():
        quantity = quantities.get(key, 0)
        if not quantity:
            continue
        spare = quantity * catalogue.spares_percent / 100
        whole = _whole(spare) if part.unit != "kg" else _whole(spare * 10) / 10
        lines.append(Line(part, quantity, 0 if part.on_site else whole))
    return lines


def total_cents(lines: Iterable[Line]) -> int:
    return sum(line.cents for line in lines)


def csv_of(catalogue: Catalogue, lines: Iterable[Line]) -> str:
    """RFC 4180 with a head and, last, the total; line ends as in every text of the house."""
    lines = list(lines)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        part = line.part
        writer.writerow(
            [
                part.key,
                part.name,
                part.maker,
                part.number,
                " | ".join(part.alternates) or f"none: {part.no_alternate}",
                part.does,
                f"{line.quantity:g}",
                f"{line.spares:g}",
                part.unit,
                part.facts,
                part.source,
                dollars(part.cents),
                dollars(line.cents),
                catalogue.priced,
                f"not bought: {part.on_site}" if part.on_site else VERIFY,
            ]
        )
    filler = [""] * 10
    writer.writerow(
        [
            "TOTAL",
            "ballpark, no tax, freight or labour",
            *filler,
            dollars(total_cents(lines)),
            catalogue.priced,
            VERIFY,
        ]
    )
    return stream.getvalue()


def totals_csv(catalogue: Catalogue) -> str:
    """All sizes and builds beside one another."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["seats", "build", "recommended", "firmware drives it", "gates", "seat devices", "boards", "switches",
         "access points", "cabinets", "USD devices", "USD in all", "USD a seat", "price of", "status"]
    )  # fmt: skip
    for hall in HALLS:
        for build in Build:
            lines = hall_lines(catalogue, hall, build)
            net, devices = network_of(hall, build), devices_of(hall, build)
            of_devices = sum(
                round(quantity * catalogue.parts[key].cents)
                for key, quantity in device_parts(catalogue, hall, build).items()
            )
            total = total_cents(lines)
            writer.writerow(
                [
                    hall.seats,
                    build,
                    "yes" if build is hall.recommended else "",
                    "no: a plan" if build is Build.ROWS else "yes",
                    devices["gate"],
                    sum(devices.values()) - devices["gate"] - devices["board"],
                    devices["board"],
                    net.switches,
                    net.access_points,
                    net.cabinets,
                    dollars(of_devices),
                    dollars(total),
                    dollars(round(total / hall.seats)),
                    catalogue.priced,
                    VERIFY,
                ]
            )
    return stream.getvalue()


def bom_texts(catalogue: Catalogue) -> dict[str, str]:
    """File name -> text."""
    texts = {
        f"class-{name}.csv": csv_of(catalogue, class_lines(catalogue, name)) for name in catalogue.classes
    }
    texts["class-hall-server.csv"] = csv_of(catalogue, server_lines(catalogue))
    for hall in HALLS:
        texts[f"hall-{hall.name}.csv"] = csv_of(catalogue, hall_lines(catalogue, hall, hall.recommended))
    texts["totals.csv"] = totals_csv(catalogue)
    return texts


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
