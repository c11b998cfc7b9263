"""A wrong field of [keypad] is named with its file and what is allowed; a part that is missing is named
with its code, and the others go on."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device, DigitalOutputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones
from edge.ballot_keypad.adapters.hardware import Hardware, open_hardware
from edge.ballot_keypad.adapters.silence import NoPrompts, NoTones
from edge.ballot_keypad.config import KeypadConfig, keypad_config
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.errors import KeysError, ScreenError
from edge.ballot_keypad.keys.press import Button, Times
from edge.ballot_keypad.sound.prompts import Audio
from edge.device.errors import ConfigError, DeviceError

DIRECT = {"yes_pin": 5, "no_pin": 6, "abstain_pin": 13, "ok_pin": 19, "clear_pin": 26}
MATRIX = {"layout": "matrix", "row_pins": [5, 6, 13, 19, 26], "col_pins": [16, 20, 21, 12]}


def read(values: dict[str, Any], *, simulated: bool = False) -> KeypadConfig:
    return keypad_config(values, "/var/lib/hallward/device.toml", simulated=simulated)


def test_a_small_unit_and_a_large_one() -> None:
    assert read(DIRECT).pins[Button.CLEAR] == 26
    large = read({**MATRIX, "diodes": True, "bounce_ms": 20, "stuck_s": 10})
    assert (large.row_pins, large.col_pins, large.has_diodes) == ((5, 6, 13, 19, 26), (16, 20, 21, 12), True)
    assert large.times == Times(20, 10_000)
    assert read({}, simulated=True).pins == {}


def test_every_display_and_its_bus() -> None:
    assert read(DIRECT).display.kind == "console"
    i2c = read(
        {**DIRECT, "display": "ssd1306", "i2c_bus": 3, "i2c_address": 0x3D, "upside_down": True}
    ).display
    assert (i2c.i2c_bus, i2c.i2c_address, i2c.is_upside_down) == (3, 61, True)
    spi = read({**DIRECT, "display": "ssd1322", "size": "256x64", "spi_device": 1, "reset_pin": 27}).display
    assert (spi.spi_path, spi.dc_pin, spi.reset_pin) == ("/dev/spidev0.1", 24, 27)


def test_sound_is_off_unless_wired_and_can_be_switched_off() -> None:
    assert read(DIRECT).tone_pin is None
    assert read({**DIRECT, "tone_pin": 18}).tone_pin == 18
    assert read({**DIRECT, "tone_pin": 18, "tones": False}).tone_pin is None
    found = read({**DIRECT, "audio": "headphones", "audio_folder": "prompts"})
    assert (found.audio, found.audio_folder) == (Audio.HEADPHONES, Path("/var/lib/hallward/prompts"))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({**DIRECT, "layout": "round"}, "keypad.layout is 'round'; it must be one of direct, matrix"),
        (
            {"layout": "matrix"},
            "keypad.row_pins is missing; it must be a list of 5 pins, integers of 0 to 27",
        ),
        ({**MATRIX, "row_pins": [5, 6, 13, 19]}, "keypad.row_pins is"),
        ({**MATRIX, "row_pins": [5, 6, 13, 19, True]}, "a list of 5 pins"),
        ({**MATRIX, "col_pins": [16, 20, 21, 28]}, "a list of 4 pins"),
        ({**MATRIX, "col_pins": [16, 20, 21, 5]}, "a pin that no other button uses (5 is row_pins)"),
        ({**DIRECT, "tone_pin": 26}, "keypad.tone_pin is 26; it must be a pin that no other"),
        ({**DIRECT, "yes_pin": 2, "display": "ssd1306"}, "keypad.yes_pin is 2; it must be a pin"),
        ({**DIRECT, "ok_pin": 10, "display": "ssd1322"}, "(10 is SPI)"),
        ({**DIRECT, "ok_pin": 24, "display": "ssd1362"}, "(24 is dc_pin)"),
        ({**DIRECT, "display": "lcd"}, "keypad.display is 'lcd'; it must be one of console, ssd1306"),
        ({**DIRECT, "display": "ssd1306", "size": "256x64"}, "it must be 128x64, which is what ssd1306 has"),
        ({**DIRECT, "i2c_address": 2}, "keypad.i2c_address is 2; it must be an integer of 3 to 119"),
        ({**DIRECT, "spi_hz": 1}, "an integer of 500000 to 20000000"),
        ({**DIRECT, "stuck_s": 0}, "keypad.stuck_s is 0; it must be an integer of 5 to 600"),
        ({**DIRECT, "diodes": "yes"}, "keypad.diodes is 'yes'; it must be true or false"),
        ({**DIRECT, "tones": 1}, "keypad.tones is 1; it must be true or false"),
        ({**DIRECT, "audio": "loud"}, "keypad.audio is 'loud'; it must be one of off, speaker, headphones"),
        ({**DIRECT, "audio": "speaker"}, "keypad.audio_folder is missing; it must be a folder of recordings"),
        ({**DIRECT, "contrast": 256}, "an integer of 0 to 255"),
        ({**DIRECT, "bright": 1}, "keypad.bright is 1; it must be removed"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(values)
    said = caught.value.diagnostics()
    assert says in said
    assert said.startswith("/var/lib/hallward/device.toml: keypad.")


@pytest.fixture
def header(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(Device, "pin_factory", factory)
    return factory


@pytest.mark.usefixtures("header")
@pytest.mark.parametrize(("values", "keys"), [(DIRECT, GpiozeroKeys), (MATRIX, GpiozeroMatrix)])
def test_the_parts_are_those_that_the_wiring_names(
    values: dict[str, Any], keys: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    hardware = open_hardware(read({**values, "tone_pin": 18}), lambda: 0)
    assert hardware.faults == ()
    assert type(hardware.keys) is keys
    assert isinstance(hardware.tones, GpiozeroTones)
    assert isinstance(hardware.prompts, NoPrompts)
    hardware.close()
    hardware.close()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("header")
def test_a_console_display_without_a_terminal_is_dark_and_writes_nothing_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Under systemd stdout is the journal: a choice would stand there on the disk (HV-1 rule 10)."""
    hardware = open_hardware(read(DIRECT), lambda: 0)
    with pytest.raises(ScreenError, match="needs a terminal"):
        hardware.screen.show(Page(large="Tán thành"))
    assert [fault.code for fault in hardware.faults] == ["screen"]
    assert capsys.readouterr().out == ""
    hardware.close()


@pytest.mark.usefixtures("header")
def test_each_part_that_does_not_answer_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    taken = [DigitalOutputDevice(pin) for pin in (5, 18)]
    config = keypad_config(
        {**DIRECT, "display": "ssd1322", "tone_pin": 18, "audio": "speaker", "audio_folder": "prompts"},
        str(tmp_path / "device.toml"),
        simulated=False,
    )
    hardware = open_hardware(config, lambda: 0)
    assert [fault.code for fault in hardware.faults] == ["screen", "keys", "tones", "prompts"]
    assert isinstance(hardware.tones, NoTones)
    with pytest.raises(DeviceError, match="the keys do not answer"):
        hardware.keys.start(lambda _: None, lambda: None)
    hardware.close()
    for each in taken:
        each.close()


class Failing:
    """In the place of a part: writes down that it is given back, and cannot be."""

    def __init__(self, closed: list[str], name: str) -> None:
        self._closed, self._name = closed, name

    def close(self) -> None:
        self._closed.append(self._name)
        raise KeysError(self._name)


def test_a_part_that_cannot_be_given_back_keeps_no_other() -> None:
    closed: list[str] = []
    parts: list[Any] = [Failing(closed, name) for name in ("keys", "screen", "tones", "prompts")]
    with pytest.raises(KeysError):
        Hardware(*parts).close()
    assert closed == ["keys", "prompts", "tones", "screen"]
