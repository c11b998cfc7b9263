"""[keypad] of device.toml -> KeypadConfig. Every field with its unit, range and default.

  bounce_ms    how long a contact must be still: 5 to 200 (30)
  stuck_s      a key that is down for longer is stuck: 5 to 600 (30)
keys, when the hardware is not simulated; all pins are BCM numbers 0 to 27, each used once:
  layout       direct (default): five keys, each on its own pin | matrix: twenty keys (layout.py)
  yes_pin, no_pin, abstain_pin, ok_pin, clear_pin      with direct
  row_pins, col_pins    with matrix: lists of 5 and of 4 pins, row 1 and column 1 first
  diodes       with matrix: true when every key has its diode (false)
display:
  display      console (default) | ssd1306: I2C, 128x64 | ssd1322, ssd1362: SPI, 256x64
  size         128x64 | 256x64: what the display is; other than its kind has is refused (that of its kind)
  i2c_bus, i2c_address     0 to 9 (1), 3 to 119 (60, which is 0x3C)
  spi_bus, spi_device, spi_hz, dc_pin, reset_pin
               0 to 9 (0), 0 to 9 (0), 500000 to 20000000 hertz (8000000), pins (24, 25)
  contrast     0 to 255 (127)
  upside_down  true when it is mounted so (false)
sound:
  tones        false switches them off (true)
  tone_pin     pin of a passive buzzer; left out: not wired
  audio        off (default) | speaker | headphones: who hears spoken prompts. Of a secret question a speaker
               says nothing that depends on what was pressed (prompts.py)
  audio_folder holds {language}/{prompt}.wav; relative to the device's folder; needed unless audio is off
  audio_device as `aplay -L` names it (default)
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge.ballot_keypad.keys.layout import COLS, DIRECT, ROWS
from edge.ballot_keypad.keys.press import BOUNCE_MS, STUCK_MS, Button, Times
from edge.ballot_keypad.sound.prompts import Audio
from edge.device.config import Section
from edge.device.errors import ConfigError

BCM_MAX: Final = 27
_SIZES: Final = {"ssd1306": "128x64", "ssd1322": "256x64", "ssd1362": "256x64"}
_I2C_PINS: Final = {2: "I2C", 3: "I2C"}
_SPI_PINS: Final = {8: "SPI", 9: "SPI", 10: "SPI", 11: "SPI"}
_FIELDS: Final = (
    "bounce_ms", "stuck_s", "layout", *(f"{button}_pin" for button in DIRECT), "row_pins", "col_pins",
    "diodes", "display", "size", "i2c_bus", "i2c_address", "spi_bus", "spi_device", "spi_hz", "dc_pin",
    "reset_pin", "contrast", "upside_down", "tones", "tone_pin", "audio", "audio_folder", "audio_device",
)  # fmt: skip


SETTINGS: Final = {"bounce_ms": (5, 200), "stuck_s": (5, 600)}
"""What a release of component `config` may set, with its range: thresholds, and nothing that is wired."""
SETTINGS_BYTES_MAX: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Display:
    """kind: console, or the chip's name."""

    kind: str = "console"
    i2c_bus: int = 1
    i2c_address: int = 0x3C
    spi_path: str = "/dev/spidev0.0"
    spi_hz: int = 8_000_000
    dc_pin: int = 24
    reset_pin: int = 25
    contrast: int = 127
    is_upside_down: bool = False


@dataclass(frozen=True, slots=True)
class KeypadConfig:
    """Pins are BCM numbers; none when the hardware is simulated."""

    bounce_ms: int
    pins: Mapping[Button, int]
    """Of a direct layout."""
    stuck_ms: int = STUCK_MS
    layout: str = "direct"
    row_pins: tuple[int, ...] = ()
    col_pins: tuple[int, ...] = ()
    has_diodes: bool = False
    display: Display = field(default_factory=Display)
    tone_pin: int | None = None
    """None: not wired, or switched off."""
    audio: Audio = Audio.OFF
    audio_folder: Path | None = None
    audio_device: str = "default"

    @property
    def times(self) -> Times:
        return Times(self.bounce_ms, self.stuck_ms)


def keypad_config(values: dict[str, Any], source: str, *, simulated: bool) -> KeypadConfig:
    """source: path of device.toml. Raises ConfigError naming file, field and range."""
    section = Section(source, "keypad", values)
    section.only(*_FIELDS)
    pins = _Pins(section)
    layout = section.one_of("layout", ("direct", "matrix"), "direct")
    display = _display(section, pins)
    direct: dict[Button, int] = {}
    rows: tuple[int, ...] = ()
    cols: tuple[int, ...] = ()
    if not simulated and layout == "direct":
        direct = {button: pins.take(f"{button}_pin") for button in DIRECT}
    elif not simulated:
        rows, cols = pins.take_all("row_pins", ROWS), pins.take_all("col_pins", COLS)
    sounds = section.flag("tones", True)
    tone_pin = pins.take("tone_pin") if "tone_pin" in values else None
    audio, audio_folder = _audio(section)
    return KeypadConfig(
        bounce_ms=section.integer("bounce_ms", *SETTINGS["bounce_ms"], BOUNCE_MS),
        pins=direct,
        stuck_ms=section.integer("stuck_s", *SETTINGS["stuck_s"], STUCK_MS // 1_000) * 1_000,
        layout=layout,
        row_pins=rows,
        col_pins=cols,
        has_diodes=section.flag("diodes", False),
        display=display,
        tone_pin=tone_pin if sounds else None,
        audio=audio,
        audio_folder=audio_folder,
        audio_device=section.text("audio_device", "a device as `aplay -L` names it", "default"),
    )


def read_settings(path: Path) -> dict[str, int]:
    """Thresholds of a release, table `[keypad]` of its settings.toml. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            values = tomllib.loads(stream.read(SETTINGS_BYTES_MAX).decode("utf-8"))
    except (OSError, ValueError) as err:
        raise ConfigError(f"{path} cannot be read: {err}") from err
    top = Section(str(path), "", values)
    top.only("gate", "keypad")
    section = top.table("keypad")
    section.only(*SETTINGS)
    return {name: section.integer(name, *SETTINGS[name]) for name in section.values}


class _Pins:
    """Header pins, each given away once."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._taken: dict[int, str] = {}

    def keep(self, pins: Mapping[int, str]) -> None:
        """For a bus of the display."""
        self._taken |= pins

    def take(self, name: str, default: int | None = None) -> int:
        pin = self._section.integer(name, 0, BCM_MAX, default)
        self._give(pin, name)
        return pin

    def take_all(self, name: str, count: int) -> tuple[int, ...]:
        found = self._section.values.get(name)
        whole = isinstance(found, list) and len(found) == count
        if not whole or any(type(pin) is not int or not 0 <= pin <= BCM_MAX for pin in found or ()):
            raise self._section.wrong(name, f"a list of {count} pins, integers of 0 to {BCM_MAX}")
        for pin in found or ():
            self._give(pin, name)
        return tuple(found or ())

    def _give(self, pin: int, name: str) -> None:
        if pin in self._taken:
            raise self._section.wrong(name, f"a pin that no other button uses ({pin} is {self._taken[pin]})")
        self._taken[pin] = name


def _display(section: Section, pins: _Pins) -> Display:
    kind = section.one_of("display", ("console", *_SIZES), "console")
    size = section.one_of("size", ("128x64", "256x64"), _SIZES.get(kind, "128x64"))
    if size != _SIZES.get(kind, size):
        raise section.wrong("size", f"{_SIZES[kind]}, which is what {kind} has")
    i2c_bus = section.integer("i2c_bus", 0, 9, 1)
    spi_bus = section.integer("spi_bus", 0, 9, 0)
    dc_pin, reset_pin = 24, 25
    if kind == "ssd1306":
        pins.keep(_I2C_PINS if i2c_bus == 1 else {})
    elif kind in _SIZES:
        pins.keep(_SPI_PINS if spi_bus == 0 else {})
        dc_pin, reset_pin = pins.take("dc_pin", dc_pin), pins.take("reset_pin", reset_pin)
    return Display(
        kind=kind,
        i2c_bus=i2c_bus,
        i2c_address=section.integer("i2c_address", 0x03, 0x77, 0x3C),
        spi_path=f"/dev/spidev{spi_bus}.{section.integer('spi_device', 0, 9, 0)}",
        spi_hz=section.integer("spi_hz", 500_000, 20_000_000, 8_000_000),
        dc_pin=dc_pin,
        reset_pin=reset_pin,
        contrast=section.integer("contrast", 0, 255, 127),
        is_upside_down=section.flag("upside_down", False),
    )


def _audio(section: Section) -> tuple[Audio, Path | None]:
    audio = Audio(section.one_of("audio", tuple(Audio), Audio.OFF))
    if audio is Audio.OFF:
        return audio, None
    folder = section.text("audio_folder", "a folder of recordings, as {language}/{prompt}.wav")
    return audio, Path(section.source).parent / folder
