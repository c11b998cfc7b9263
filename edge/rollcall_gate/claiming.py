"""A gate that is nobody's yet: its own panel, its own button, its own lamp and buzzer (edge/device/claim)."""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from edge.device.adapters.system_clock import SystemClock
from edge.device.claim.pages import Page, seen_of, spoken
from edge.device.claim.ports import Presence
from edge.device.claim.seed import Seed
from edge.device.claim.start import Look, Role
from edge.device.claim.table import State
from edge.device.closing import close_each
from edge.device.config import DeviceConfig
from edge.device.errors import ConfigError, DeviceError
from edge.rollcall_gate.adapters.claim_buttons import PadEnter, SimulatedClaimButton
from edge.rollcall_gate.adapters.hardware import open_display, open_indicator, open_pin_pad, open_sounder
from edge.rollcall_gate.adapters.not_wired import NoPinPad
from edge.rollcall_gate.adapters.simulated_panel import (
    SimulatedDisplay,
    SimulatedIndicator,
    SimulatedSounder,
)
from edge.rollcall_gate.config import Wiring, wiring_of
from edge.rollcall_gate.display.panel import Colour, Icon, Panel, Sound
from edge.rollcall_gate.ports import ClaimButton, Display, Indicator, Sounder
from wire.claim_code import spaced
from wire.errors import HallError

BUTTON: Final = ("nút đăng ký (hoặc Enter)", "the claim button (or Enter)")
LINES_MAX: Final = 4
_LOOKS: Final[dict[State, tuple[Colour, Icon]]] = {
    State.LOOKING: (Colour.OFF, Icon.WAIT),
    State.HELLO: (Colour.OFF, Icon.WAIT),
    State.WAITING: (Colour.OFF, Icon.NONE),
    State.PLACED: (Colour.AMBER, Icon.PIN),
    State.PRESSED: (Colour.OFF, Icon.WAIT),
    State.FETCHING: (Colour.OFF, Icon.WAIT),
    State.INSTALLING: (Colour.OFF, Icon.STARTING),
    State.DONE: (Colour.GREEN, Icon.WELCOME),
    State.NOT_TRUSTED: (Colour.RED, Icon.NOT_STORED),
}
"""Of the others: not yet, and later again by itself."""


def panel_of(page: Page, language: str) -> Panel:
    """The page on the panel beside a gate; the code and the place first, since they are read from afar."""
    titles, todos = spoken(page.title, language), spoken(page.todo, language)
    said = [line for rank in zip_longest(titles, todos) for line in rank if line is not None]
    if page.code:
        said = [spaced(page.code), *titles, *todos]
    elif page.detail:
        said = [*titles, *todos[: LINES_MAX - 1 - len(titles)], page.detail]
    colour, icon = _LOOKS.get(page.state, (Colour.AMBER, Icon.LATER))
    return Panel(colour, icon, tuple(said[:LINES_MAX]), page.state.value, page.qr)


class GatePresence:
    """Implements Presence. The button is looked at whenever the page is shown, several times a second."""

    def __init__(
        self,
        display: Display,
        indicator: Indicator,
        sounder: Sounder,
        button: ClaimButton,
        language: str,
        close_first: Callable[[], None] = lambda: None,
        fault: HallError | None = None,
    ) -> None:
        """fault: why the button cannot be pressed: said once there is a display to say it on."""
        self._display = display
        self._indicator = indicator
        self._sounder = sounder
        self._button = button
        self._language = language
        self._close_first = close_first
        self._fault = fault
        self._on_press: Callable[[], None] = lambda: None

    def start(self, on_press: Callable[[], None]) -> None:
        if self._fault is not None:
            raise self._fault
        self._on_press = on_press

    def show(self, page: Page) -> None:
        panel = panel_of(page, self._language)
        self._display.show(panel)
        self._indicator.show(panel.colour)
        if self._button.take():
            self._on_press()

    def attention(self) -> None:
        self._sounder.play(Sound.ATTENTION)

    def close(self) -> None:
        parts = (self._button, self._sounder, self._indicator, self._display)
        close_each(self._close_first, *(part.close for part in parts))


def open_presence(path: Path, seed: Seed, look: Look) -> Presence:
    """Raises ConfigError when hardware.toml is wrong; a button that is not there is said by `start`."""
    wiring = wiring_of(seed.parts, path, str(path / "hardware.toml"))
    if seed.hands:
        return _simulated(path, seed, look)
    fault: HallError | None = None
    button: ClaimButton = PadEnter(NoPinPad())
    try:
        button = _button(wiring, path)
    except (ConfigError, DeviceError) as err:
        fault = err
    lamp, buzzer = open_indicator(wiring), open_sounder(wiring)
    return GatePresence(open_display(wiring), lamp, buzzer, button, seed.language, fault=fault)


def _button(wiring: Wiring, path: Path) -> ClaimButton:
    if wiring.claim is not None:
        from edge.rollcall_gate.adapters.claim_buttons import GpiozeroClaimButton  # noqa: PLC0415  # on hardware

        return GpiozeroClaimButton(wiring.claim)
    if wiring.pin_pad is None:
        raise ConfigError(
            f"{path / 'hardware.toml'}: gate.claim_pin_bcm and gate.pin_pad are missing; "
            "a claim needs a button"
        )
    return PadEnter(open_pin_pad(wiring, SystemClock().monotonic_ms))


def _simulated(path: Path, seed: Seed, look: Look) -> Presence:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    display, button = SimulatedDisplay(), SimulatedClaimButton()

    def answer(wish: dict[str, Any]) -> dict[str, Any]:
        if wish.get("do") == "press":
            button.push()
        elif wish.get("do") != "look":
            raise DeviceError('a gate that is being claimed can {"do": "press"} and {"do": "look"}')
        return {"screen": list(display.lines), **seen_of(look())}

    socket = HandsSocket(path / "state" / "hands.sock", answer)
    lamp, buzzer = SimulatedIndicator(), SimulatedSounder()
    return GatePresence(display, lamp, buzzer, button, seed.language, socket.close)


def _check_parts(config: DeviceConfig) -> None:
    wiring_of(config.firmware, Path(), "[gate]")


ROLE: Final = Role("gate", BUTTON, open_presence, _check_parts)
