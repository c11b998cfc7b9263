"""A keypad that is nobody's yet: its own display, its own OK key, its own tone (edge/device/claim)."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.ballot_keypad.adapters.silence import NoTones
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig, keypad_config
from edge.ballot_keypad.display.glass import Glass
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.hands import Hands
from edge.ballot_keypad.keys.press import Button, KeyEvent, Pressed
from edge.ballot_keypad.ports import Keys, Screen, Tones
from edge.ballot_keypad.sound.tones import Tone
from edge.device.adapters.system_clock import SystemClock
from edge.device.claim import pages
from edge.device.claim.pages import seen_of, spoken
from edge.device.claim.ports import Presence
from edge.device.claim.seed import Seed
from edge.device.claim.start import Look, Role
from edge.device.claim.table import State
from edge.device.config import DeviceConfig

BLINK_MS: Final = 500
BUTTON: Final = ("OK", "OK")
_SIGNS: Final = {
    State.HELLO: Sign.SENDING,
    State.PRESSED: Sign.SENDING,
    State.FETCHING: Sign.SENDING,
    State.INSTALLING: Sign.SENDING,
    State.DONE: Sign.RECORDED,
    State.NO_NETWORK: Sign.LINK_LOST,
    State.SILENT: Sign.LINK_LOST,
    State.LOOKING: Sign.NONE,
    State.WAITING: Sign.NONE,
}
"""Of the others: a warning."""
_log: Final = logging.getLogger("hallward.keypad")


def glass_page(page: pages.Page, language: str, now_ms: int) -> Page:
    """The page on a small glass. now_ms: monotonic; it blinks while somebody is to press the key."""
    if page.is_wanted:
        sign = Sign.WARNING if now_ms // BLINK_MS % 2 == 0 else Sign.NONE
        press = " · ".join(spoken(("Bấm OK", "Press OK"), language))
        return Page(sign=sign, title=press, large=page.place or page.serial)
    titles, todos = spoken(page.title, language), spoken(page.todo, language)
    if page.code:
        qr = (page.qr,) if page.qr else ()
        return Page(page.serial, title=titles[0], body=tuple(titles[1:]), qr=qr, claim=page.code)
    detail = (page.detail,) if page.detail else ()
    sign = _SIGNS.get(page.state, Sign.WARNING)
    return Page(page.serial, sign, titles[0], (*titles[1:], *todos, *detail))


class KeypadPresence:
    """Implements Presence. close_all: gives keys, display and tones back."""

    def __init__(
        self,
        keys: Keys,
        screen: Screen,
        tones: Tones,
        language: str,
        now_ms: Callable[[], int],
        close_all: Callable[[], None],
    ) -> None:
        self._keys = keys
        self._tones = tones
        self._glass = Glass(screen)
        self._language = language
        self._now_ms = now_ms
        self._close_all = close_all

    @property
    def lines(self) -> list[str]:
        return self._glass.lines

    def start(self, on_press: Callable[[], None]) -> None:
        def pressed(event: KeyEvent) -> None:
            if isinstance(event, Pressed) and event.button is Button.OK:
                self._tones.play(Tone.PRESSED)
                on_press()

        self._keys.start(pressed, lambda: None)

    def show(self, page: pages.Page) -> None:
        now_ms = self._now_ms()
        self._glass.show(glass_page(page, self._language, now_ms), now_ms, keys_turn=False)

    def attention(self) -> None:
        self._tones.play(Tone.ATTENTION)

    def close(self) -> None:
        self._close_all()


def open_presence(path: Path, seed: Seed, look: Look) -> Presence:
    """Raises ConfigError when hardware.toml is wrong; a part that does not answer is said in the log."""
    source = str(path / "hardware.toml")
    config = keypad_config(seed.parts, source, simulated=seed.hands)
    return _simulated(path, seed, look) if seed.hands else _real(config, seed)


def _real(config: KeypadConfig, seed: Seed) -> Presence:
    from edge.ballot_keypad.adapters.hardware import open_hardware  # noqa: PLC0415  # on hardware

    now_ms = SystemClock().monotonic_ms
    parts = open_hardware(config, now_ms, seed.language)
    for fault in parts.faults:
        _log.error("%s", fault.diagnostics())
    return KeypadPresence(parts.keys, parts.screen, parts.tones, seed.language, now_ms, parts.close)


def _simulated(path: Path, seed: Seed, look: Look) -> Presence:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    now_ms = SystemClock().monotonic_ms
    keys, screen = SimulatedKeys(now_ms), SimulatedScreen()

    def seen() -> dict[str, Any]:
        page = look()
        return {"screen": screen.lines, **seen_of(page)}

    socket = HandsSocket(path / "state" / "hands.sock", Hands(keys, look=seen).answer)
    return KeypadPresence(keys, screen, NoTones(), seed.language, now_ms, socket.close)


def _check_parts(config: DeviceConfig) -> None:
    keypad_config(config.firmware, "[keypad]", simulated=config.hands)


ROLE: Final = Role("keypad", BUTTON, open_presence, _check_parts)
