"""The parts of one keypad, opened as its wiring says. Each library is loaded when it is needed."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from edge.ballot_keypad.adapters.silence import NoPrompts, NoTones
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.errors import PromptsError, ScreenError, TonesError
from edge.ballot_keypad.ports import Keys, Prompts, Screen, Tones
from edge.ballot_keypad.sound.prompts import Audio
from edge.device.closing import close_each
from edge.device.errors import DeviceError

Now = Callable[[], int]


class NoKeys:
    """Implements Keys in the place of ones that do not answer: why, is said when they are to be started."""

    def __init__(self, fault: DeviceError) -> None:
        self._fault = fault

    def start(self, on_key: object, beat: object) -> None:  # noqa: ARG002  # the port has them
        raise self._fault

    def close(self) -> None:
        """There is nothing to give back."""


class NoScreen:
    """Implements Screen where a console is asked for and none is there: dark, so that no press is taken."""

    def show(self, page: Page, part: int = 0) -> None:  # noqa: ARG002  # the port has them
        raise ScreenError(
            'display = "console" needs a terminal, and this process has none; name the display in '
            "device.toml, or give the service a terminal (StandardOutput=tty, TTYPath=)"
        )

    def parts(self, page: Page) -> int:  # noqa: ARG002  # the port has it
        return 1

    def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything a keypad is made of. faults: what did not answer when it was opened, each with the code of
    its part: keys, screen, tones, prompts. In its place stands something that is silent, or that fails when
    it is used.
    """

    keys: Keys
    screen: Screen
    tones: Tones
    prompts: Prompts
    faults: tuple[DeviceError, ...] = ()

    def close(self) -> None:
        """Give everything back, each part whatever the others do; the display is dark."""
        close_each(self.keys.close, self.prompts.close, self.tones.close, self.screen.close)


def open_hardware(config: KeypadConfig, now_ms: Now, language: str = "vi+en") -> Hardware:
    """Raises nothing for a part that does not answer: it is named in `faults`, and the others go on.

    now_ms: monotonic. The keys are opened, and listened to from `keys.start`.
    """
    faults: list[DeviceError] = []
    screen = _screen(config)
    try:
        screen.show(Page())
    except DeviceError as err:
        faults.append(err)
    keys: Keys
    try:
        keys = _keys(config, now_ms)
    except DeviceError as err:
        faults.append(err)
        keys = NoKeys(err)
    tones: Tones = NoTones()
    try:
        tones = _tones(config)
    except TonesError as err:
        faults.append(err)
    prompts: Prompts = NoPrompts()
    try:
        prompts = _prompts(config, language)
    except PromptsError as err:
        faults.append(err)
    return Hardware(keys, screen, tones, prompts, tuple(faults))


def _keys(config: KeypadConfig, now_ms: Now) -> Keys:
    if config.layout == "matrix":
        from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix

        return GpiozeroMatrix(
            config.row_pins, config.col_pins, now_ms, has_diodes=config.has_diodes, times=config.times
        )
    from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys

    return GpiozeroKeys(config.pins, now_ms, config.times)


def _screen(config: KeypadConfig) -> Screen:
    display = config.display
    if display.kind == "console":
        from edge.ballot_keypad.adapters.console_screen import ConsoleScreen

        # a page says what somebody chose: it goes before their eyes, and into no file and no journal
        return ConsoleScreen(sys.stdout) if sys.stdout.isatty() else NoScreen()
    from edge.ballot_keypad.adapters.luma_oled import LumaOled, i2c_wires

    if display.kind == "ssd1306":
        wires = i2c_wires(display.i2c_bus, display.i2c_address)
    else:
        from edge.ballot_keypad.adapters.spi_wires import SpiWires

        wires = partial(
            SpiWires,
            display.spi_path,
            speed_hz=display.spi_hz,
            dc_pin=display.dc_pin,
            reset_pin=display.reset_pin,
        )
    return LumaOled(display.kind, wires, contrast=display.contrast, is_upside_down=display.is_upside_down)


def _tones(config: KeypadConfig) -> Tones:
    if config.tone_pin is None:
        return NoTones()
    from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones

    return GpiozeroTones(pin_bcm=config.tone_pin)


def _prompts(config: KeypadConfig, language: str) -> Prompts:
    if config.audio is Audio.OFF or config.audio_folder is None:
        return NoPrompts()
    from edge.ballot_keypad.adapters.command_prompts import CommandPrompts

    return CommandPrompts(config.audio_folder, language, config.audio, device=config.audio_device)
