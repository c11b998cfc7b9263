"""Each mistake in pins.toml is found, and named with its place and a word that says what it is."""

import ast
from dataclasses import replace

import pytest

from hardware.adapters.source import PINS_FILE
from hardware.faults import EXPECTED, Fault, faults_of
from hardware.headers import BOARDS, GPIO_OF_PIN, PIN_OF_GPIO, RESERVED, SUPPLIES, can_do
from hardware.pins import DeviceClass, PinsError, Wire, parse_pins

TEXT = PINS_FILE.read_text(encoding="utf-8")


def found(text: str) -> list[Fault]:
    return [fault for kind in parse_pins(text).values() for fault in faults_of(kind)]


def test_what_is_in_the_repository_has_no_fault() -> None:
    assert found(TEXT) == []


MISTAKES = [
    ("gpio = 27, does", "gpio = 17, does", "pin-used-twice", "gate.J3 pin 1, reed"),
    ("header = 14", "header = 9", "pin-used-twice", "keypad.J3 pin 3, GND"),
    ("gpio = 23, does", "gpio = 0, does", "pin-reserved", "gate.J6 pin 1, jam"),
    ("gpio = 23, does", "gpio = 14, does", "pin-reserved", "gate.J6 pin 1, jam"),
    ("gpio = 23, does", "gpio = 28, does", "no-such-pin", "gate.J6 pin 1, jam"),
    ("header = 14", "header = 12", "no-such-pin", "keypad.J3 pin 3, GND"),
    ("gpio = 11, does", "gpio = 9, does", "cannot-do", "keypad-wide.J4 pin 3, SCLK"),
    ("port = 4, does", "port = 7, does", "cannot-do", "row.S1 pin 6, CLEAR"),
    ("address = 0x60, note", "address = 0x3C, note", "address-used-twice", "keypad.ATECC608B at 0x3C"),
    ("address = 0x3C, field", "address = 0x78, field", "address-out-of-range", "keypad.SSD1306 at 0x78"),
    ('bus = "i2c1", address = 0x20', 'bus = "i2c3", address = 0x20', "bus-not-wired", "row.MCP23017"),
    (
        'gpio = 27, does = "in", active = "low", pull = "up", outside = "2.2 k to 3.3 V"',
        'gpio = 27, does = "in", active = "low", pull = "none"',
        "floating-input",
        "gate.J3 pin 1, reed",
    ),
    (
        'gpio = 5, does = "in", active = "low", pull = "up", field',
        'gpio = 5, does = "in", active = "low", pull = "down", field',
        "pull-wrong",
        "keypad.J1 pin 1, row 1",
    ),
    ('pull = "up", via = "opto"', 'pull = "up"', "over-voltage", "gate.J7 pin 2, beam A"),
    ('via = "opto", field', 'via = "contact-input", field', "over-voltage", "gate.J7 pin 2, beam A"),
    ('via = "opto", field', 'via = "magic", field', "via-unknown", "gate.J7 pin 2, beam A"),
    ("volts = 5.0, header = 2", "volts = 3.3, header = 2", "supply-voltage", "keypad.J3 pin 1, 5 V"),
    ('gpio = 12, does = "out"', 'gpio = 8, does = "out"', "on-at-reset", "gate.J10 pin 2, buzzer"),
    (
        'active = "high", pull = "none", outside = "10 k to ground at the driver"',
        'active = "low", pull = "none", outside = "10 k to ground at the driver"',
        "on-at-reset",
        "gate.J2 pin 1, lock +",
    ),
    (
        'active = "high", pull = "none", outside = "10 k to ground at the driver"',
        'active = "low", pull = "none", outside = "10 k to ground at the driver"',
        "active-against-firmware",
        "gate.J2 pin 1, lock +",
    ),
    (', outside = "10 k to ground at the driver"', "", "lock-not-held-down", "gate.J2 pin 1, lock +"),
    (
        'gpio = 16, does = "drain"',
        'gpio = 16, does = "out"',
        "does-against-firmware",
        "keypad.J1 pin 6, column 1",
    ),
    ('field = "jam_pin_bcm"', 'field = "stuck_pin_bcm"', "field-unknown", "gate.J6 pin 1, jam"),
    (
        'signal = "green", colour = "GN"',
        'signal = "green", colour = "YE"',
        "colour-used-twice",
        "gate.J9",
    ),
    ('signal = "green", colour = "GN"', 'signal = "green", colour = "XX"', "colour-unknown", "gate.J9"),
    ('pin = 3, signal = "green"', 'pin = 5, signal = "green"', "connector-pins", "gate.J9"),
    ('signal = "green", colour = "GN"', 'signal = "green", colour = "RD"', "colour-not-in-cable", "gate.J9"),
    ('name = "J6"', 'name = "J5"', "connector-used-twice", "gate.J5"),
    ("port = 4, does", "port = 3, does", "port-used-twice", "row.S1 pin 6, CLEAR"),
    ("port = 4, does", "port = 8, does", "no-such-port", "row.S1 pin 6, CLEAR"),
    (
        'port = 4, does = "in", active = "low", pull = "up"',
        'port = 4, does = "in", active = "low", pull = "down"',
        "cannot-do",
        "row.S1 pin 6, CLEAR",
    ),
    ("address = 0x23", "address = 0x24", "no-such-expander", "row.S7 pin 2, YES"),
    ('field = "beam_b_pin_bcm"', 'field = "beam_a_pin_bcm"', "field-used-twice", "gate"),
    ('field = "row_pins.2"', 'field = "row_pins.5"', "field-gap", "keypad"),
    ("i2c_bus = 1", "i2c_bus = 0", "bus-against-fields", "keypad"),
    ("spi_device = 0", "spi_device = 1", "bus-against-fields", "keypad-wide"),
    ("gpio = 24, does", "gpio = 7, does", "pin-of-a-bus", "keypad-wide.J4 pin 5, D/C"),
    ('gpio = 13, does = "in"', 'gpio = 3, does = "in"', "pin-of-a-bus", "keypad.J1 pin 3, row 3"),
    ('via = "lock-relay", field', 'via = "low-side", field', "lock-without-relay", "gate.J2 pin 1, lock +"),
    ('rail = "SAFE24"', 'rail = "24V"', "lock-without-chain", "gate.J2 pin 1, lock +"),
    ('rail = "SAFE24"', 'rail = "SAFE42"', "supply-voltage", "gate.J4 pin 2, chain back"),
    ('volts = 24.0, rail = "SAFE24"', 'volts = 5.0, rail = "SAFE24"', "supply-voltage", "gate.J4 pin 2"),
    ('via = "opto", field', 'via = "low-side", field', "via-wrong", "gate.J7 pin 2, beam A"),
    ('via = "transistor"', 'via = "contact-input"', "via-wrong", "keypad.J3 pin 2, tone"),
    (
        'gpio = 16, does = "out", active = "high"',
        'gpio = 16, does = "out", active = "hihg"',
        "active-not-said",
        "gate.J9 pin 2, red",
    ),
    (
        'gpio = 17, does = "in", active = "low", pull = "up"',
        'gpio = 17, does = "in", active = "low"',
        "pull-not-said",
        "row.J1 pin 5, INT",
    ),
]
"""What is replaced by what in pins.toml, the code of the fault, and where it is."""


@pytest.mark.parametrize(("old", "new", "code", "place"), MISTAKES)
def test_a_mistake_is_named(old: str, new: str, code: str, place: str) -> None:
    assert TEXT.count(old) >= 1
    faults = found(TEXT.replace(old, new, 1))
    matching = [fault for fault in faults if fault.code == code and fault.place.startswith(place)]
    assert matching, faults
    assert str(matching[0]).startswith(place)
    assert code in str(matching[0])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('board = "rpi-5"', 'board = "rpi-6"', "rpi-6"),
        ("gpio = 27, does", "gpoi = 27, does", "gpoi"),
        ("gpio = 27, does", "gpio = 27, header = 3, does", "exactly one"),
        ("format = 1", "format = 2", "format"),
        ("format = 1", "format", "TOML"),
    ],
)
def test_what_cannot_be_read_says_why(old: str, new: str, says: str) -> None:
    with pytest.raises(PinsError, match=says):
        parse_pins(TEXT.replace(old, new, 1))


def test_every_pin_of_the_header_is_told_once() -> None:
    assert sorted([*SUPPLIES, *GPIO_OF_PIN]) == list(range(1, 41))
    assert sorted(PIN_OF_GPIO) == list(range(28))
    for board in BOARDS.values():
        assert sorted(board.functions) == list(range(28))


def test_functions_differ_between_the_boards_where_they_do() -> None:
    assert can_do(BOARDS["rpi-5"], 4, "i2c2-sda")
    assert not can_do(BOARDS["rpi-zero-2-w"], 4, "i2c2-sda")
    for board in BOARDS.values():
        assert all(can_do(board, gpio, name) for gpio, name in ((2, "i2c1-sda"), (3, "i2c1-scl")))
        assert all(can_do(board, gpio, name) for gpio, name in ((10, "spi0-mosi"), (11, "spi0-sclk")))
        assert not can_do(board, 17, "i2c1-sda")
    assert set(RESERVED) == {0, 1, 14, 15}


def test_a_plan_says_that_it_is_one_and_why() -> None:
    for kind in parse_pins(TEXT).values():
        assert kind.driven == (not kind.plan)
        assert not kind.driven or kind.role in EXPECTED


def test_each_kind_of_fault_is_tried_here() -> None:
    tree = ast.parse((PINS_FILE.parent / "faults.py").read_text(encoding="utf-8"))
    codes = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "Fault"
        and isinstance(node.args[0], ast.Constant)
    }
    # these two are made of the field that is wrong: does, active, pull
    codes |= {"does-against-firmware", "active-against-firmware", "active-not-said", "pull-not-said"}
    assert codes == {code for _, _, code, _ in MISTAKES}


def with_other(kind: DeviceClass, wire: Wire, field: str) -> DeviceClass:
    """The same class, one wire's active level or pull turned."""
    turned = (
        replace(wire, active="high" if wire.active == "low" else "low")
        if field == "active"
        else replace(wire, pull="none" if wire.pull == "up" else "up")
    )
    connectors = (
        replace(each, wires=tuple(turned if one is wire else one for one in each.wires))
        for each in kind.connectors
    )
    return replace(kind, connectors=tuple(connectors))


@pytest.mark.parametrize("field", ["active", "pull"])
def test_a_level_or_pull_against_the_firmware_is_named_of_every_field(field: str) -> None:
    for kind in parse_pins(TEXT).values():
        for connector, wire in kind.wires():
            if not wire.field or wire.gpio is None:
                continue
            turned = with_other(kind, wire, field)
            said = [str(fault) for fault in faults_of(turned) if fault.code == f"{field}-against-firmware"]
            assert len(said) == 1, (kind.name, connector.name, wire.signal)
            assert wire.field.partition(".")[0] in said[0]
