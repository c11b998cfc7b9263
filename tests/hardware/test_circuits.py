"""Circuit pages: what they draw holds with the worst of each part, stands in pins.toml, and is bought."""

import re
from dataclasses import replace

import pytest

from hardware import values
from hardware.adapters.bom_files import catalogue
from hardware.adapters.source import classes
from hardware.circuits import CAPS, PAGES
from hardware.pins import DeviceClass
from hardware.values import MARGINS, Margin, shown

KINDS = classes()
CLAMP = re.compile(r"\b[JS]\d+-\d+\b")
PARTS = {
    "lock-relay": ("G5LE-1-E DC24", "PC817X2", "2N7000", "1N4007"),
    "fire-and-exit": ("PESD3V3",),
    "level-shifting": ("PC817X2", "ULN2803A", "PESD3V3"),
    "keypad-matrix": ("1N4148",),
}
"""Page -> semiconductors and relays that are drawn on it."""
OF_A_KEYPAD = ("2N3904", "PS1240")
"""On the page of level shifting, in the cell of the keypad's buzzer."""


def drawn(page: str, kind: DeviceClass) -> str:
    """The words on a page."""
    svg = PAGES[page][1](kind).drawing.get_imagedata("svg").decode()
    return " ".join(re.findall(r">([^<>]+)<", svg))


@pytest.mark.parametrize("margin", MARGINS, ids=lambda margin: margin.words)
def test_every_sum_holds_with_the_worst_of_each_part(margin: Margin) -> None:
    assert margin.has >= margin.needs, f"{margin.words}: {margin.has:.2f} and not {margin.needs:.2f}"


def test_sums_are_what_a_technician_gets_with_paper_and_pencil() -> None:
    assert round(values.LOCK_LED_MA, 2) == 3.09  # 2.1 V over 680 ohm
    assert round(values.GATE_MA, 3) == 0.418  # 27.6 V over 66 k
    assert round(values.COIL_MA, 1) == 16.7
    assert round(values.BEAM_LED_MA, 2) == 4.43  # 20.8 V over 4.7 k
    assert round(values.ROW_UA) == 56
    assert round(values.SETTLE_MS, 2) == 0.32
    assert [shown(ohm) for ohm in (330, 680, 1_000, 2_200, 33_000)] == ["330", "680", "1 k", "2.2 k", "33 k"]


@pytest.mark.parametrize("page", PAGES)
def test_every_clamp_on_a_page_is_one_of_pins_toml(page: str) -> None:
    kind = KINDS[PAGES[page][0]]
    places = {f"{connector.name}-{wire.pin}" for connector, wire in kind.wires()}
    assert set(CLAMP.findall(drawn(page, kind))) <= places


def test_a_lock_on_another_connector_shows_on_its_page() -> None:
    gate = KINDS["gate"]
    moved = replace(
        gate,
        connectors=tuple(
            replace(each, name="J12") if each.name == "J2" else each for each in gate.connectors
        ),
    )
    assert "J12-1" in drawn("lock-relay", moved)
    assert "J2-1" not in drawn("lock-relay", moved)


@pytest.mark.parametrize("page", PAGES)
def test_every_pin_of_a_page_is_the_wiring_s(page: str) -> None:
    kind = KINDS[PAGES[page][0]]
    known = {f"GPIO{wire.gpio}, pin {wire.header_pin}" for _, wire in kind.wires() if wire.gpio is not None}
    told = set(re.findall(r"GPIO\d+, pin \d+", drawn(page, kind)))
    assert told
    assert told <= known


def test_every_way_between_header_and_wire_is_drawn_on_a_page_of_its_class() -> None:
    for kind in KINDS.values():
        words = " ".join(drawn(page, KINDS[PAGES[page][0]]) for page in kind.circuits)
        for connector, wire in kind.wires():
            told = "Door lock: relay" if wire.via == "lock-relay" else f"via = {wire.via}"
            assert not wire.via or told in words, (kind.name, connector.name, wire.signal)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_drawn_is_bought(page: str) -> None:
    """By its number, or in the words of the line that stands for small parts."""
    bought = catalogue()
    for part in PARTS[page]:
        assert part.partition(" ")[0] in drawn(page, KINDS[PAGES[page][0]])
        lines = [bought.parts[key] for key in bought.classes[PAGES[page][0]]]
        assert [line.key for line in lines if part in f"{line.number} {line.name}"], part
    if page == "level-shifting":
        lines = [bought.parts[key] for key in bought.classes["keypad"]]
        for part in OF_A_KEYPAD:
            assert part in drawn(page, KINDS["gate"])
            assert [line.key for line in lines if part in line.number], part


def test_a_gate_buys_a_coupler_for_the_lock_and_for_each_beam() -> None:
    couplers = sum(wire.via in ("opto", "lock-relay") for _, wire in KINDS["gate"].wires())
    assert catalogue().classes["gate"]["optocoupler"] == couplers == 3


def test_a_diode_of_the_matrix_points_from_its_row_to_its_column() -> None:
    """A row is pulled up and read, a column is pulled low: the current flows from row to column."""
    wires = [wire for _, wire in KINDS["keypad"].wires() if wire.field.startswith(("row", "col"))]
    assert {(wire.field[:3], wire.does, wire.active) for wire in wires} == {
        ("row", "in", "low"),
        ("col", "drain", "low"),
    }
    page = PAGES["keypad-matrix"][1](KINDS["keypad"])
    diodes = [each for each in page.drawing.elements if type(each).__name__ == "Diode"]
    assert len(diodes) == sum(len(row) for row in CAPS)
    columns = {2.6 + number * 3.6 for number in range(4)}
    for diode in diodes:
        start, end = diode.absanchors["start"], diode.absanchors["end"]
        assert round(end.x, 3) in {round(x, 3) for x in columns}  # cathode on the column's line
        assert start.x < end.x
