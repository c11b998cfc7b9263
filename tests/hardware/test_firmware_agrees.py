"""pins.toml and the firmware say the same: its own parsers read what is generated, its own defaults are
those pins, its adapters treat each pin as the wiring expects, and boot media switch on what is used."""

import fcntl
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.ballot_keypad import config as keypad_firmware
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones
from edge.ballot_keypad.adapters.spi_wires import SpiWires
from edge.ballot_keypad.config import keypad_config
from edge.ballot_keypad.keys.layout import COLS, DIRECT, MATRIX, ROWS
from edge.device.claim.seed import parse_seed
from edge.rollcall_gate import config as gate_firmware
from edge.rollcall_gate.adapters.claim_buttons import GpiozeroClaimButton
from edge.rollcall_gate.adapters.gpiozero_door import GpiozeroDoor
from edge.rollcall_gate.adapters.gpiozero_fire_contact import GpiozeroFireContact
from edge.rollcall_gate.adapters.gpiozero_indicator import GpiozeroIndicator
from edge.rollcall_gate.adapters.gpiozero_pass_sensor import GpiozeroPassSensor
from edge.rollcall_gate.adapters.gpiozero_sounder import GpiozeroSounder
from edge.rollcall_gate.config import Wiring, gate_config, wiring_of
from edge.rollcall_gate.display.panel import Colour
from hardware import power
from hardware.adapters.source import OUT, classes
from hardware.circuits import CAPS
from hardware.configs import config_text, disagreements, fields_of
from hardware.faults import EXPECTED
from hardware.headers import KEPT_BY_BUS
from provisioning.media.device_class import device_class
from provisioning.media.order import hardware_of

ROOT = Path(__file__).resolve().parents[2]
KINDS = classes()
DRIVEN = [kind for kind in KINDS.values() if kind.driven]


def told(name: str) -> dict[str, Any]:
    """The firmware's table, as it lies in the repository."""
    read = tomllib.loads((OUT / "configs" / f"{name}.toml").read_text(encoding="utf-8"))
    return dict(read[KINDS[name].role])


def test_the_gate_reads_what_is_generated(tmp_path: Path) -> None:
    gate = KINDS["gate"]
    assert wiring_of(told("gate"), tmp_path, "gate.toml") == Wiring(
        camera="picamera2",
        lock=gate.gpio("lock +"),
        reed=gate.gpio("reed"),
        jam=gate.gpio("jam"),
        fire=gate.gpio("fire"),
        beams=(gate.gpio("beam A"), gate.gpio("beam B")),
        buzzer=gate.gpio("buzzer"),
        lamps=(gate.gpio("red"), gate.gpio("green"), gate.gpio("amber")),
        framebuffer="fb0",
        pin_pad=Path("/dev/input/by-id/usb-pad-event-kbd"),
        claim=gate.gpio("claim"),
    )


def test_a_gate_starts_with_it_once_its_networks_are_there(tmp_path: Path) -> None:
    for name in ("detector.tflite", "landmarks.tflite", "embedder.tflite", "pad.tflite"):
        (tmp_path / name).write_bytes(b"")
    fields = {**told("gate"), "models": str(tmp_path)}
    config = gate_config(fields, tmp_path)
    assert config.wiring == wiring_of(fields, tmp_path, "gate.toml")


@pytest.mark.parametrize("name", ["keypad", "keypad-wide"])
def test_the_keypad_reads_what_is_generated(name: str) -> None:
    kind = KINDS[name]
    config = keypad_config(told(name), f"{name}.toml", simulated=False)
    assert config.row_pins == tuple(kind.gpio(f"row {number}") for number in range(1, ROWS + 1))
    assert config.col_pins == tuple(kind.gpio(f"column {number}") for number in range(1, COLS + 1))
    assert (config.layout, config.has_diodes) == ("matrix", True)
    assert config.tone_pin == kind.gpio("tone")
    if name == "keypad":
        assert (config.display.kind, config.display.i2c_bus, config.display.i2c_address) == (
            "ssd1306",
            1,
            0x3C,
        )
    else:
        assert (config.display.kind, config.display.spi_path) == ("ssd1322", "/dev/spidev0.0")
        assert (config.display.dc_pin, config.display.reset_pin) == (kind.gpio("D/C"), kind.gpio("RESET"))


def test_pins_are_the_firmware_s_own_defaults(tmp_path: Path) -> None:
    bare = wiring_of({}, tmp_path, "device.toml")
    gate = KINDS["gate"]
    assert (bare.lock, bare.reed) == (gate.gpio("lock +"), gate.gpio("reed"))
    assert bare == Wiring()
    wide = keypad_config({**told("keypad"), "display": "ssd1322"}, "device.toml", simulated=False).display
    unit = KINDS["keypad-wide"]
    assert (wide.dc_pin, wide.reset_pin) == (unit.gpio("D/C"), unit.gpio("RESET"))
    assert wide.spi_path == "/dev/spidev{spi_bus}.{spi_device}".format(**unit.fields)
    fields = {name: value for name, value in told("keypad").items() if not name.startswith("i2c")}
    small = keypad_config(fields, "device.toml", simulated=False).display
    (display,) = (device for device in KINDS["keypad"].devices if device.chip == "SSD1306")
    assert (small.i2c_address, f"i2c{small.i2c_bus}") == (display.address, display.bus)


@pytest.mark.parametrize("kind", DRIVEN, ids=lambda kind: kind.name)
def test_it_is_a_hardware_toml_for_a_boot_medium(kind: Any) -> None:
    text = config_text(kind)
    assert hardware_of(text.encode(), "hardware.toml", kind.role) == text
    assert parse_seed(f'role = "{kind.role}"', "seed.toml", text).parts == fields_of(kind)


@pytest.mark.parametrize("name", ["gate", "keypad"])
def test_what_boot_media_ship_agrees(name: str) -> None:
    kind = KINDS[name]
    shipped = tomllib.loads(device_class(kind.role).hardware)[kind.role]
    assert disagreements(kind, shipped, "the shipped hardware.toml") == []


@pytest.mark.parametrize(("name", "runbook"), [("gate", "gate"), ("keypad-wide", "keypad")])
def test_pins_in_a_runbook_are_the_wiring_s(name: str, runbook: str) -> None:
    page = (ROOT / "docs" / "runbooks" / f"{runbook}.md").read_text(encoding="utf-8")
    role = KINDS[name].role
    (block,) = (text for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if f"[{role}]" in text)
    pins = {field: value for field, value in tomllib.loads(block)[role].items() if field in EXPECTED[role]}
    assert len(pins) >= 3
    assert disagreements(KINDS[name], pins, f"docs/runbooks/{runbook}.md") == []


def test_a_pin_moved_in_memory_is_named() -> None:
    shipped = tomllib.loads(device_class("gate").hardware)["gate"]
    moved = KINDS["gate"].with_gpio("lock +", 18)
    assert disagreements(moved, shipped, "the shipped hardware.toml") == [
        "gate.lock_pin_bcm: pins.toml says 18, the shipped hardware.toml says 17"
    ]
    assert config_text(moved) != (OUT / "configs" / "gate.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", DRIVEN, ids=lambda kind: kind.name)
def test_boot_media_switch_on_every_bus_that_is_wired(kind: Any) -> None:
    shipped = device_class(kind.role)
    for _, wire in kind.wires():
        bus = wire.does.partition("-")[0].rstrip("0123456789") if "-" in wire.does else ""
        assert not bus or shipped.interfaces[bus], f"{wire.signal}: {bus} is off"
    if kind.role == "gate":
        assert "dtparam=strict_gpiod" in shipped.config
    assert "enable_uart=0" in shipped.config


def test_a_gate_s_usb_sockets_give_what_hangs_on_them() -> None:
    """A Pi 5 without a supply that it knows (USB PD) gives 600 mA in all, unless its config.txt says more."""
    hung = {port.part for port in KINDS["gate"].ports if port.name.startswith("USB")}
    assert hung == {"panel-hdmi", "pin-pad-usb"}
    draws = dict(power.GATE.parts_w)
    amperes = (draws["7 inch panel (data sheet, recalled)"] + draws["PIN pad, inputs (assumed)"]) / 5
    assert 0.6 < amperes <= 1.6
    assert "usb_max_current_enable=1" in device_class("gate").config


@pytest.mark.parametrize("kind", DRIVEN, ids=lambda kind: kind.name)
def test_no_plain_pin_belongs_to_a_bus_that_boot_media_switch_on(kind: Any) -> None:
    """Also where this class wires nothing of the bus: the kernel takes all of its pins."""
    interfaces = device_class(kind.role).interfaces
    for connector, wire in kind.wires():
        bus = KEPT_BY_BUS.get(wire.gpio, "")
        is_on = bus and interfaces[bus.rstrip("0123456789")]
        assert "-" in wire.does or not is_on, f"{kind.name}.{connector.name} {wire.signal}: {bus} is on"


def test_caps_of_the_circuit_are_the_firmware_s() -> None:
    for cap in MATRIX:
        drawn = CAPS[cap.row][cap.col]
        assert drawn in (cap.en, cap.button.name), cap
    assert (len(CAPS), {len(row) for row in CAPS}) == (ROWS, {COLS})


# -- the adapters --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """Opens an adapter on mock pins, and makes its outputs mean yes. pins: field -> BCM number."""

    role: str
    pins: dict[str, int]
    use: Callable[[Any], object]


def _door(factory: Any) -> object:
    door = GpiozeroDoor(lock_pin_bcm=17, reed_pin_bcm=27, jam_pin_bcm=23, pin_factory=factory)
    factory.pin(27).drive_low()
    assert not door.is_open
    assert door.secure()
    return door


def _lamp(colour: Colour, factory: Any) -> object:
    lamp = GpiozeroIndicator(red_pin_bcm=16, green_pin_bcm=20, amber_pin_bcm=21, pin_factory=factory)
    lamp.show(colour)
    return lamp


def _sounder(factory: Any) -> object:
    sounder = GpiozeroSounder(pin_bcm=12, pin_factory=factory)
    sounder._buzzer.on()
    return sounder


def _tones(factory: Any) -> object:
    tones = GpiozeroTones(pin_bcm=18, pin_factory=factory)
    tones._buzzer.value = 1
    return tones


TRIED = (
    Tried("gate", {"lock_pin_bcm": 17, "reed_pin_bcm": 27, "jam_pin_bcm": 23}, _door),
    Tried(
        "gate",
        {"fire_pin_bcm": 22},
        lambda factory: GpiozeroFireContact(fire_pin_bcm=22, pin_factory=factory),
    ),
    Tried(
        "gate",
        {"beam_a_pin_bcm": 5, "beam_b_pin_bcm": 6},
        lambda factory: GpiozeroPassSensor(a_pin_bcm=5, b_pin_bcm=6, now_ms=lambda: 0, pin_factory=factory),
    ),
    Tried("gate", {"claim_pin_bcm": 4}, lambda factory: GpiozeroClaimButton(4, factory)),
    Tried("gate", {"red_pin_bcm": 16}, partial(_lamp, Colour.RED)),
    Tried("gate", {"green_pin_bcm": 20}, partial(_lamp, Colour.GREEN)),
    Tried("gate", {"amber_pin_bcm": 21}, partial(_lamp, Colour.AMBER)),
    Tried("gate", {"buzzer_pin_bcm": 12}, _sounder),
    Tried("keypad", {"tone_pin": 18}, _tones),
)


@pytest.mark.parametrize("tried", TRIED, ids=lambda tried: "+".join(tried.pins))
def test_adapters_treat_each_pin_as_the_wiring_expects(tried: Tried) -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    adapter: Any = tried.use(factory)
    try:
        for field, gpio in tried.pins.items():
            expected, pin = EXPECTED[tried.role][field], factory.pin(gpio)
            if expected.does == "in":
                assert (pin.function, pin.pull) == ("input", expected.pull), field
            else:
                assert pin.function == "output", field
                assert (pin.state > 0) == (expected.active == "high"), field
            wired = fields_of(KINDS["gate" if tried.role == "gate" else "keypad"])
            assert wired[field] == gpio
    finally:
        adapter.close()
        factory.reset()


def test_a_matrix_pulls_rows_up_and_columns_low_and_never_high() -> None:
    factory = MockFactory()
    keypad = KINDS["keypad"]
    rows = [keypad.gpio(f"row {number}") for number in range(1, 6)]
    cols = [keypad.gpio(f"column {number}") for number in range(1, 5)]
    keys = GpiozeroMatrix(rows, cols, lambda: 0, has_diodes=True, pin_factory=factory)
    try:
        for gpio in rows:
            assert (factory.pin(gpio).function, factory.pin(gpio).pull) == (
                "input",
                EXPECTED["keypad"]["row_pins"].pull,
            )
        for gpio in cols:
            assert factory.pin(gpio).function == "input" or not factory.pin(gpio).state
    finally:
        keys.close()
        factory.reset()


def test_a_display_is_let_out_of_reset_and_told_data_by_high_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: 0)
    (tmp_path / "spidev0.0").touch()
    unit, factory = KINDS["keypad-wide"], MockFactory()
    dc, reset = unit.gpio("D/C"), unit.gpio("RESET")
    wires = SpiWires(
        str(tmp_path / "spidev0.0"), speed_hz=8_000_000, dc_pin=dc, reset_pin=reset, pin_factory=factory
    )
    try:
        levels = [int(each.state) for each in factory.pin(reset).states]
        assert levels[-3:] == [1, 0, 1]
        assert EXPECTED["keypad"]["reset_pin"].active == "low"
        wires.data([1])
        assert factory.pin(dc).state == (EXPECTED["keypad"]["dc_pin"].active == "high")
        wires.command(1)
        assert factory.pin(dc).state != (EXPECTED["keypad"]["dc_pin"].active == "high")
    finally:
        wires.cleanup()
        factory.reset()


def test_every_pin_the_firmware_knows_is_wired_or_left_out_on_purpose() -> None:
    assert set(EXPECTED["gate"]) == {name for name in fields_of(KINDS["gate"]) if name.endswith("_pin_bcm")}
    wired = {**fields_of(KINDS["keypad"]), **fields_of(KINDS["keypad-wide"])}
    assert set(EXPECTED["keypad"]) == {name for name in wired if name.endswith(("_pin", "_pins"))}
    of_five_keys = {f"{button}_pin" for button in DIRECT}
    assert set(EXPECTED["keypad"]) == pins_in(keypad_firmware) - of_five_keys
    assert set(EXPECTED["gate"]) == pins_in(gate_firmware)


def pins_in(firmware: Any) -> set[str]:
    """Fields of a firmware's table that are pins."""
    return {name for name in firmware._FIELDS if name.endswith(("_pin", "_pins", "_pin_bcm"))}
