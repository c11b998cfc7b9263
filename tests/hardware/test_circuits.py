"""Circuit pages: what they draw holds with the worst of each part, stands in pins.toml, and is bought."""

import re
from dataclasses import replace

import pytest
from PIL import Image

from hardware import values
from hardware.adapters.bom_files import catalogue
from hardware.adapters.source import OUT, classes
from hardware.circuit_page import RED
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
    "row-seat": ("MCP23017",),
    "claim-button": (),
}
"""Page -> semiconductors and relays that are drawn on it."""
LEADS = ("power-5v", "poe-usb-zero")
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


@pytest.mark.parametrize("page", PAGES)
def test_what_is_red_in_a_drawing_is_red_in_its_picture(page: str) -> None:
    """A picture has few colours, and a rail's red is seldom among the most."""
    drawing = (OUT / "circuits" / f"{page}.svg").read_text(encoding="utf-8")
    with Image.open(OUT / "circuits" / f"{page}.png") as picture:
        points = picture.convert("RGB").tobytes()
    assert (RED in drawing) == any(
        red > green + 80 for red, green in zip(points[::3], points[1::3], strict=True)
    )


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


@pytest.mark.parametrize("name", KINDS)
def test_every_class_has_a_circuit_and_a_plan_s_says_that_it_is_one(name: str) -> None:
    kind = KINDS[name]
    assert kind.circuits
    assert set(kind.circuits) <= set(PAGES)
    for page in kind.circuits:
        words = drawn(page, KINDS[PAGES[page][0]])
        assert ("(a plan)" in words and "No firmware" in words) == (not kind.driven), page


def test_the_row_s_page_shows_every_wire_of_a_seat_and_the_straps_of_every_chip() -> None:
    row = KINDS["row"]
    words = drawn("row-seat", row)
    (seat,) = (each for each in row.connectors if each.name == "S1")
    for wire in seat.wires:
        assert re.search(rf"\bS1-{wire.pin}\b", words), wire.signal
        assert wire.signal in words
        assert not wire.port or wire.port in words
    for device in row.devices:
        assert f"0x{device.address:02X}" in words
        assert device.chip != "MCP23017" or f"{device.address - 0x20:03b}" in words


def test_a_lamp_of_a_seat_is_lit_by_a_port_that_is_low() -> None:
    row = KINDS["row"]
    lamps = [wire for connector, wire in row.wires() if connector.name == "S1" and wire.does == "out"]
    assert {wire.active for wire in lamps} == {"low"}
    leds = [each for each in PAGES["row-seat"][1](row).drawing.elements if type(each).__name__ == "LED"]
    assert len(leds) == len(lamps)
    for led in leds:  # cathode towards the chip, which stands at the left
        assert led.absanchors["end"].x < led.absanchors["start"].x


def test_what_leaves_a_gate_on_thin_cores_has_a_fuse_of_its_own_before_it() -> None:
    """Two lead batteries are behind 24 V: only supply and chain are on it without AUX24's fuse."""
    gate = KINDS["gate"]
    assert {c.name for c, wire in gate.wires() if wire.rail == "24V"} == {
        gate.clamp(signal, part).partition("-")[0]
        for signal, part in (("+24 V", "psu-24v-battery"), ("chain out", ""))
    }
    assert [wire.signal for _, wire in gate.wires() if wire.rail == "AUX24"] == ["+24 V"] * 4
    page = PAGES["lock-relay"][1](gate)
    fuses = [each for each in page.drawing.elements if type(each).__name__ == "FuseIEC"]
    bought = catalogue()
    assert len(fuses) == bought.classes["gate"]["fuse-1a"] + bought.classes["gate"]["fuse-500ma"] == 2
    words = drawn("lock-relay", gate)
    assert "AUX24" in words
    for part, fuse in (("fuse-1a", "F1 1 A"), ("fuse-500ma", "F2 500 mA")):
        assert fuse in words
        assert bought.parts[part].facts.startswith(f"{fuse[3:]}, slow")
        assert bought.parts[part].does.startswith(f"{fuse[:2]}:")
    assert f"0.6 to 10 s at {values.FUSE_OPENS} times" in bought.parts["fuse-500ma"].facts


def test_no_other_fuse_both_carries_what_f2_feeds_and_opens_on_the_supply_alone() -> None:
    """Of the ratings of IEC 60127-2."""
    ratings = (250, 315, 400, 500, 630, 800, 1_000)
    does = [
        each
        for each in ratings
        if each * values.FUSE_LOAD >= values.AUX_MA and each * values.FUSE_OPENS <= values.DOOR_MA_MAX
    ]
    assert does == [values.AUX_FUSE_MA]


@pytest.mark.parametrize("page", ["keypad-matrix", "row-seat"])
def test_a_switch_that_gets_less_than_its_data_sheet_asks_for_says_so(page: str) -> None:
    pull = {"keypad-matrix": values.ROW_UA, "row-seat": values.LOGIC_V / values.EXPANDER_PULL_OHM * 1e6}
    assert pull[page] < values.WETTING_MA_MIN * 1_000
    words = drawn(page, KINDS[PAGES[page][0]]).replace("\u00a0", " ")
    assert f"B3F's data sheet names {values.WETTING_MA_MIN:g} mA" in words.replace("&apos;", "'")
    assert f"{pull[page]:.0f} uA are less" in words


def test_lengths_and_loads_in_the_sums_are_those_of_wiring_and_parts() -> None:
    (chain,) = (each for each in KINDS["gate"].connectors if each.part == "safety-chain")
    told = re.search(r"([\d.]+) ohm per km of loop", catalogue().parts["cable-fire"].facts)
    assert told
    assert pytest.approx(float(told[1]) / 1_000 * chain.length_m) == values.CHAIN_OHM
    parts = catalogue().parts
    assert f"{values.DOOR_MA_MAX / 1_000:g} A load" in parts["psu-24v-battery"].facts
    assert f"{values.BATTERY_AH:g} Ah at 20 h, {values.BATTERY_5H_AH} Ah at 5 h" in parts["battery-12v"].facts
    assert f"at {values.THRESHOLD_MA:g} mA, VN2222LL from {values.THRESHOLD_V_MIN} V" in (
        parts["mosfet-lock"].facts
    )
    assert f"must release at {values.COIL_HOLD_V_MAX / values.SUPPLY_V:.0%}".replace("%", " %") in (
        parts["relay-lock"].facts
    )
    assert f"under {values.LAMP_MA_MAX:g} mA a tier" in parts["lamp-tower-24v"].facts
    assert f"under {values.BUZZER_MA_MAX:g} mA" in parts["buzzer-active-24v"].facts


@pytest.mark.parametrize("name", ["keypad", "keypad-wide"])
def test_leads_that_feed_a_keypad_are_as_long_and_thick_as_the_sums_take_them(name: str) -> None:
    lead, splitters = ({each.part: each for each in KINDS[name].ports}[key] for key in LEADS)
    step_down, splitter = (catalogue().parts[key] for key in LEADS)
    a_metre = re.search(r"\(([\d.]+) ohm per km and conductor\)", step_down.facts)
    assert a_metre
    core = 2 * float(a_metre[1]) / 1_000
    assert core / 2 >= 0.0178 / 0.34, "no stranded core is better than as much solid copper"
    assert f"2 x 0.34 mm2, {lead.length_m:g} m" in step_down.number
    assert f"{splitters.length_m:g} m at most with 2 x 0.34 mm2" in splitter.facts
    assert pytest.approx(lead.length_m * core + values.PLUG_OHM) == values.LEAD_OHM
    assert pytest.approx(splitters.length_m * core + values.PLUG_OHM) == values.SPLITTER_LEAD_OHM
    assert f"{values.STEP_DOWN_V_LEAST} V at least" in step_down.facts
    assert f"{values.SPLITTER_V_LEAST} V at least" in splitter.facts


def test_half_a_metre_more_of_a_keypad_s_lead_would_be_too_much() -> None:
    """By hand: 3.6 W at 4.63 V are 0.778 A; 3 m of 57.5 ohm a kilometre and the plug's 80 milliohm 0.2525."""
    assert 4.8 - 0.778 * 0.2525 < values.UNDERVOLTAGE_V < 4.8 - 0.778 * 0.195
    assert pytest.approx(0.778 * 0.195, abs=1e-3) == values.LEAD_V
    assert pytest.approx(0.907 * 0.1145, abs=1e-3) == values.SPLITTER_LEAD_V


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
