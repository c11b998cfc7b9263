"""Lists, wiring and sums by another hand: read from the files alone, with none of the code that made them."""

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
BOM = HARDWARE / "out" / "bom"
PARTS: dict[str, Any] = tomllib.loads((HARDWARE / "parts.toml").read_text(encoding="utf-8"))["parts"]
PINS: dict[str, Any] = {
    name: told
    for name, told in tomllib.loads((HARDWARE / "pins.toml").read_text(encoding="utf-8")).items()
    if isinstance(told, dict)
}
SEMICONDUCTOR = re.compile(r"\b(?:1N\d{4}|2N\d{4}|BC\d{3}-\d{2}|PC817C?|ULN\d{4}A|PESD3V3|PS1240|G5LE-1)\b")


def read(name: str) -> list[dict[str, str]]:
    with (BOM / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quantities(name: str) -> dict[str, Decimal]:
    return {row["part"]: Decimal(row["quantity"]) for row in read(name) if row["part"] != "TOTAL"}


def connectors(name: str) -> list[dict[str, Any]]:
    """Each as often as it is there: eight seats of a row are eight."""
    told = PINS[name]
    taken = told.get("connectors", [])
    if "like" in told:
        taken = [
            each for each in PINS[told["like"]]["connectors"] if each["name"] not in told["without"]
        ] + taken
    return [each for each in taken for _ in range(each.get("seats", 1))]


def ports(name: str) -> list[dict[str, Any]]:
    told = PINS[name]
    found: list[dict[str, Any]] = list(told.get("ports", []))
    if "like" in told:
        found += PINS[told["like"]].get("ports", [])
    return found


def covers(part: str, words: str) -> bool:
    return any(words.startswith(start) for start in PARTS[part].get("harness", []))


def wires(name: str) -> Iterator[dict[str, Any]]:
    for connector in connectors(name):
        yield from connector["wires"]


@pytest.mark.parametrize("name", PINS)
def test_every_plug_and_cable_of_the_harness_is_bought(name: str) -> None:
    bought = set(quantities(f"class-{name}")) | {"cable-cat6"}
    for each in connectors(name):
        for words in (each["plug"], each["cable"]):
            assert any(covers(part, words) for part in bought), (
                f"{name} {each['name']}: nobody buys {words!r}"
            )
    wired_halls = set(quantities("hall-500"))
    for each in ports(name):
        buyers = wired_halls if "instead" in each else bought
        assert any(covers(part, each["cable"]) for part in buyers), (
            f"{name} {each['name']}: {each['cable']!r}"
        )


@pytest.mark.parametrize("name", PINS)
def test_as_many_plugs_and_metres_are_bought_as_are_wired(name: str) -> None:
    for part, quantity in quantities(f"class-{name}").items():
        if not PARTS[part].get("harness"):
            continue
        if PARTS[part].get("unit") == "m":
            wired = sum(
                Decimal(str(each["length_m"])) for each in connectors(name) if covers(part, each["cable"])
            )
        else:
            wired = Decimal(
                sum(covers(part, each["plug"]) or covers(part, each["cable"]) for each in connectors(name))
                + sum(covers(part, each["cable"]) for each in ports(name))
            )
        assert 0 < wired <= quantity < wired + 1, (name, part)


@pytest.mark.parametrize("name", PINS)
def test_nothing_is_bought_that_has_no_place(name: str) -> None:
    """It is wired by name, is a plug or cable of the harness, sits in something that is bought too, or is the
    board itself."""
    bought = set(quantities(f"class-{name}"))
    wired = {each["part"] for each in connectors(name) + ports(name)} | {PINS[name]["board"]}
    wired |= {chip["part"] for each in connectors(name) for chip in each.get("devices", [])}
    carried = {"computer", "case", *([f"{name}-carrier"] if "carrier" in PINS[name] else [])}
    for part in sorted(bought - wired):
        if PARTS[part].get("harness"):
            continue
        within = PARTS[part].get("within", "")
        assert within in bought or within in carried or part in carried, f"{name}: where does {part} go?"


def test_what_stands_between_pin_and_wire_is_bought_as_often_as_it_is_wired() -> None:
    vias = Counter(wire["via"] for wire in wires("gate") if "via" in wire)
    bought = quantities("class-gate")
    assert bought["relay-lock"] == bought["mosfet-lock"] == vias["lock-relay"]
    assert bought["diode-1n4007"] == 2 * vias["lock-relay"], "one for the coil, one for the lock"
    assert bought["optocoupler"] == vias["opto"] + vias["lock-relay"]
    assert bought["esd-3v3"] == vias["contact-input"]
    assert vias["low-side"] <= 8 * bought["driver-uln2803a"], "a ULN2803A has eight drivers"
    for name in ("keypad", "keypad-wide"):
        tones = sum(wire.get("via") == "transistor" for wire in wires(name))
        assert quantities(f"class-{name}")["transistor-npn"] == tones == 1


def test_every_semiconductor_that_is_drawn_is_bought() -> None:
    """Pages are shared by classes: somebody who has the page buys it."""
    pages: dict[str, set[str]] = {page: set() for told in PINS.values() for page in told["circuits"]}
    for name, told in PINS.items():
        for page in pages.keys() & set(told["circuits"]):
            pages[page] |= {
                f"{PARTS[part]['number']} {PARTS[part]['name']}" for part in quantities(f"class-{name}")
            }
    seen: set[str] = set()
    for page, bought in pages.items():
        for each in SEMICONDUCTOR.findall((HARDWARE / "out" / "circuits" / f"{page}.svg").read_text("utf-8")):
            assert any(each in words for words in bought), f"{page}: {each} is drawn and nobody buys it"
            seen.add(each)
    assert len(seen) >= 8, "the pages name their parts"


def test_what_hangs_on_the_battery_stands_its_volts() -> None:
    """27.6 V while it is full, 21 V when it is empty: whatever is fed from 24 V says its range."""
    assert "27.6 V" in PARTS["psu-24v-battery"]["facts"]
    fed = {
        each["part"]
        for each in connectors("gate")
        if any(
            wire.get("rail") in ("24V", "AUX24") or wire.get("via") == "lock-relay" for wire in each["wires"]
        )
    } - {"psu-24v-battery", "safety-chain"}
    assert len(fed) == 4
    for part in sorted(fed):
        told = re.search(r"(\d+) to (\d+) V\b", PARTS[part]["facts"])
        assert told, part
        assert int(told[1]) <= 21, part
        assert int(told[2]) >= 27.6, part


@pytest.mark.parametrize("name", ["keypad", "keypad-wide"])
def test_what_feeds_a_keypad_on_wires_is_on_its_sheet_and_in_the_list_of_such_a_hall(name: str) -> None:
    (other,) = (each for each in ports(name) if "instead" in each)
    (usual,) = (each for each in ports(name) if each["name"] == other["instead"])
    wired, wifi = quantities("hall-500"), quantities("hall-60")
    assert wired[other["part"]] == wired[PINS[name]["board"]] == 500
    assert usual["part"] not in wired
    assert wifi[usual["part"]] == wifi[PINS[name]["board"]] == 60
    assert other["part"] not in wifi


def test_every_cable_has_two_ends_and_every_seat_two_taps_of_the_24_volts() -> None:
    for seats in ("60", "500", "2000"):
        bought = quantities(f"hall-{seats}")
        (row,) = (each for each in read("totals") if each["seats"] == seats and each["recommended"])
        on_wires = int(row["seat devices"]) if row["build"] == "wired" else 0
        cables = int(row["gates"]) + int(row["boards"]) + int(row["access points"]) + on_wires
        assert bought["rj45-plug"] == 2 * (cables + 1), "one more: the server's"
        assert bought.get("tap-24v", 0) == (2 * int(seats) if row["build"] == "wifi" else 0)


def test_what_is_plugged_on_a_header_finds_one() -> None:
    """A Zero 2 W is sold without."""
    for name in ("keypad", "keypad-wide"):
        assert PINS[name.removesuffix("-wide")]["board"] == "rpi-zero-2-w"
        bought = quantities(f"class-{name}")
        assert bought["pin-header-40"] == bought["rpi-zero-2-w"] == 1


@pytest.mark.parametrize(
    "row", [row for row in read("totals") if row["recommended"]], ids=lambda row: row["seats"]
)
def test_a_hall_is_the_sum_of_its_devices_and_what_they_share(row: dict[str, str]) -> None:
    seat = {"wifi": "keypad-wide", "wired": "keypad-wide", "rows": "row"}[row["build"]]
    wanted: dict[str, Decimal] = {}
    for name, count in (("gate", row["gates"]), (seat, row["seat devices"]), ("board", row["boards"])):
        for part, quantity in quantities(f"class-{name}").items():
            key = "poe-usb-zero" if row["build"] == "wired" and part == "power-5v" else part
            wanted[key] = wanted.get(key, Decimal(0)) + quantity * int(count)
    lines = {each["part"]: each for each in read(f"hall-{row['seats']}")}
    total = lines.pop("TOTAL")
    for part, quantity in wanted.items():
        assert Decimal(lines[part]["quantity"]) == quantity, part
    in_devices = sum(
        (quantity * Decimal(lines[part]["USD each"]) for part, quantity in wanted.items()), Decimal(0)
    )
    assert abs(in_devices - Decimal(row["USD devices"])) < Decimal("0.01") * len(wanted)
    in_all = Decimal(0)
    for each in lines.values():
        in_all += (Decimal(each["quantity"]) + Decimal(each["spares"])) * Decimal(each["USD each"])
    assert abs(in_all - Decimal(total["USD in all"])) < Decimal("0.01") * len(lines)
    assert total["USD in all"] == row["USD in all"]
    assert abs(in_all / int(row["seats"]) - Decimal(row["USD a seat"])) <= Decimal("0.01")


@pytest.mark.parametrize(
    "row", [row for row in read("totals") if row["recommended"]], ids=lambda row: row["seats"]
)
def test_switches_fibres_and_access_points_are_those_of_the_totals(row: dict[str, str]) -> None:
    bought = quantities(f"hall-{row['seats']}")
    nothing = Decimal(0)
    edge = bought.get("switch-24", nothing) + bought.get("switch-48", nothing)
    assert edge == int(row["switches"])
    assert bought["access-point"] == int(row["access points"])
    assert bought["cabinet"] == int(row["cabinets"])
    cores, links = bought.get("switch-core", nothing), bought.get("fibre-link", nothing)
    assert bool(cores) == bool(links) == (int(row["cabinets"]) > 1)
    if cores:
        assert links == edge + cores - 1
        assert edge <= 24 * cores, "each fibre has a socket at a core switch"
