"""What is bought: every part that is wired, alternates or a reason, and sums that add up."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from hardware import coverage, power
from hardware.bom import (
    COLUMNS,
    VERIFY,
    PartsError,
    bom_texts,
    class_lines,
    devices_of,
    hall_lines,
    network_of,
    parse_parts,
    total_cents,
)
from hardware.enclosures import PETG_G_CM3, PRINTED
from hardware.halls import HALLS, SEATS_A_SUPPLY, Build
from hardware.mesh import judge
from hardware.pins import parse_pins

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
TEXT = (HARDWARE / "parts.toml").read_text(encoding="utf-8")
CATALOGUE = parse_parts(TEXT)
PINS = parse_pins((HARDWARE / "pins.toml").read_text(encoding="utf-8"))
TEXTS = bom_texts(CATALOGUE)


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(TEXTS[name])))


def lists() -> Iterator[str]:
    return (name for name in TEXTS if name != "totals.csv")


def test_each_class_of_pins_toml_has_a_list_with_every_part_it_is_wired_to() -> None:
    assert set(PINS) <= set(CATALOGUE.classes)
    for name, kind in PINS.items():
        bought = {line.part.key for line in class_lines(CATALOGUE, name)}
        assert not set(kind.parts) - bought, name


def test_a_class_buys_as_many_of_a_part_as_are_wired() -> None:
    for name, kind in PINS.items():
        bought = {line.part.key: line.quantity for line in class_lines(CATALOGUE, name)}
        for key in kind.parts:
            wired = sum(connector.part == key for connector in kind.connectors)
            on_buses = sum(device.part == key for device in kind.devices)
            assert bought[key] >= max(wired, on_buses, 1), (name, key)


def test_a_matrix_of_twenty_keys_has_a_switch_and_a_diode_for_each() -> None:
    from edge.ballot_keypad.keys.layout import MATRIX

    for name in ("keypad", "keypad-wide"):
        assert CATALOGUE.classes[name]["key-switch"] == len(MATRIX)
        assert CATALOGUE.classes[name]["diode-1n4148"] == len(MATRIX)


def test_no_part_stands_without_an_alternate_or_a_reason() -> None:
    for part in CATALOGUE.parts.values():
        assert part.alternates or len(part.no_alternate) > 20, part.key
        assert part.does, part.key
        assert part.facts, part.key
        assert part.source, part.key


def test_every_part_is_used_somewhere() -> None:
    used = {line.part.key for hall in HALLS for build in Build for line in hall_lines(CATALOGUE, hall, build)}
    used |= {key for lines in CATALOGUE.classes.values() for key in lines}
    assert set(CATALOGUE.parts) == used


@pytest.mark.parametrize("name", sorted(lists()))
def test_lines_add_up_to_the_total(name: str) -> None:
    *lines, total = rows(name)
    assert tuple(lines[0]) == COLUMNS
    assert total["part"] == "TOTAL"
    summed = Decimal(0)
    for line in lines:
        price = Decimal(line["USD each"]) * (Decimal(line["quantity"]) + Decimal(line["spares"]))
        assert abs(price - Decimal(line["USD in all"])) <= Decimal("0.01"), line["part"]
        summed += Decimal(line["USD in all"])
        assert re.fullmatch(r"20\d\d-\d\d", line["price of"])
        assert line["status"] == VERIFY or line["status"].startswith("not bought: ")
    assert summed == Decimal(total["USD in all"])


@pytest.mark.parametrize("hall", HALLS, ids=lambda hall: hall.name)
@pytest.mark.parametrize("build", Build)
def test_a_hall_buys_a_computer_for_each_device_and_five_percent_more(hall: object, build: Build) -> None:
    hall = next(each for each in HALLS if each is hall)
    lines = {line.part.key: line for line in hall_lines(CATALOGUE, hall, build)}
    devices = devices_of(hall, build)
    assert lines["rpi-5"].quantity == devices["gate"] + devices["board"] + devices.get("row", 0)
    for line in lines.values():
        wanted = 0 if line.part.on_site else line.quantity * CATALOGUE.spares_percent / 100
        assert wanted - 1e-6 <= line.spares < wanted + 1, line.part.key
    if build is not Build.ROWS:
        assert lines["rpi-zero-2-w"].quantity == hall.seats
        assert ("poe-usb-zero" in lines) == (build is Build.WIRED)
        assert ("power-5v" in lines) == ("row-supply" in lines) == (build is Build.WIFI)


def test_totals_are_those_of_the_lists() -> None:
    for row in rows("totals.csv"):
        hall = next(each for each in HALLS if str(each.seats) == row["seats"])
        lines = hall_lines(CATALOGUE, hall, Build(row["build"]))
        assert Decimal(row["USD in all"]) == Decimal(total_cents(lines)) / 100
        assert Decimal(row["USD devices"]) < Decimal(row["USD in all"])
        assert int(row["switches"]) == network_of(hall, Build(row["build"])).switches
        if row["recommended"]:
            assert Decimal(rows(f"hall-{hall.name}.csv")[-1]["USD in all"]) == Decimal(row["USD in all"])


def test_what_no_firmware_drives_is_said_in_the_totals() -> None:
    assert not PINS["row"].driven
    told = {row["build"]: row["firmware drives it"] for row in rows("totals.csv")}
    assert told["rows"].startswith("no")
    assert told["wifi"] == told["wired"] == "yes"


@pytest.mark.parametrize(
    ("of_class", "kilograms"), [("keypad", 0.03), ("keypad-wide", 0.03), ("gate", 0.04)], ids=str
)
def test_filament_is_that_of_the_meshes(of_class: str, kilograms: float) -> None:
    """kilograms: how much more than the meshes may be bought: brim, supports."""
    needed = sum(
        judge((HARDWARE / "out" / "enclosures" / f"{each.name}.stl").read_bytes()).volume_cm3
        * PETG_G_CM3
        / 1000
        for each in PRINTED
        if of_class in each.classes
    )
    bought = CATALOGUE.classes[of_class]["enclosure-print"]
    assert needed <= bought <= needed + kilograms


def test_what_is_in_the_repository_is_what_is_made() -> None:
    folder = HARDWARE / "out" / "bom"
    assert {path.name for path in folder.iterdir()} == set(TEXTS)
    for name, text in TEXTS.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name} is old: make hardware"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('alternates = ["Adafruit 5819"]\n', ""), "camera-cable: say alternates, or no_alternate"),
        (("usd = 2.0\n", "usd = 0.0\n"), "camera-cable: what costs nothing says on_site"),
        (('facts = "0.5 mm pitch at the board, 1 mm at', 'why = "'), "camera-cable: why is not known"),
        (("camera-cable = 1", "camera-ribbon = 1"), "gate: camera-ribbon is not among the parts"),
        (("camera-cable = 1", "camera-cable = 0"), "gate: the quantity of camera-cable must be above 0"),
        (("format = 1", "format = 2"), "format must be 1"),
    ],
)  # fmt: skip
def test_a_wrong_list_is_refused_by_name(change: tuple[str, str], words: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(PartsError, match=re.escape(words)):
        parse_parts(TEXT.replace(change[0], change[1], 1))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("switch-24", f"PoE budget {power.BUDGET_W:.0f} W"),
        ("switch-48", f"PoE budget {power.BUDGET_W:.0f} W"),
        ("switch-core", f"{power.CORE_PORTS} SFP"),
        ("access-point", f"{power.ACCESS_POINT.most_w:.0f} W at most"),
        ("cable-cat6", f"{power.OHM_A_METRE} ohm per metre of loop"),
        ("cable-24v", f"{power.BUS_OHM_A_METRE * 500:.1f} ohm per km and conductor"),
        ("power-5v", f"from {power.STEP_DOWN_VOLTS:.0f} to 36 V"),
        ("enclosure-print", f"{PETG_G_CM3} g/cm3"),
        ("psu-24v-battery", "27.6 V"),
        ("panel-hdmi", f"5 V {dict(power.GATE.parts_w)['7 inch panel (data sheet, recalled)'] / 5:g} A"),
        ("camera-module-3-wide", f"102 x {coverage.WIDE.vertical_deg:.0f} degrees"),
        ("rpi-zero-2-w", "802.11 b/g/n at 2.4 GHz alone"),
        *[(kind, f"{watts:,.0f} W") for kind, watts, _ in power.UPS],
        *[(kind, f"{hours:.0f} Wh delivered") for kind, _, hours in power.UPS],
    ],
)
def test_the_sums_use_what_the_data_sheet_is_said_to_say(part: str, told: str) -> None:
    assert told in CATALOGUE.parts[part].facts


def test_what_feeds_gives_what_is_taken() -> None:
    """Volts times amperes of the facts, against the sums of power.py."""

    def watts(part: str) -> float:
        found = re.search(r"(\d+(?:\.\d+)?) V (\d+(?:\.\d+)?) A", CATALOGUE.parts[part].facts)
        assert found, part
        return float(found[1]) * float(found[2])

    assert watts("poe-hat") >= sum(each for _, each in power.GATE.parts_w)
    assert watts("power-5v") >= sum(each for _, each in power.KEYPAD_WIFI.parts_w)
    assert watts("poe-usb-zero") >= sum(each for _, each in power.KEYPAD_WIRED.parts_w)
    assert watts("row-supply") >= SEATS_A_SUPPLY * power.KEYPAD_WIFI.most_w
    load = re.search(r"([\d.]+) A load", CATALOGUE.parts["psu-24v-battery"].facts)
    assert load
    relay, lamps, buzzer, beams = 0.017, 0.15, 0.03, 2 * 0.06
    assert float(load[1]) >= watts("maglock-24v") / 24 + relay + lamps + buzzer + beams


def test_an_alternate_is_not_the_part_itself_and_none_is_told_twice() -> None:
    for part in CATALOGUE.parts.values():
        assert len(set(part.alternates)) == len(part.alternates), part.key
        for each in part.alternates:
            assert each != f"{part.maker} {part.number}", part.key
