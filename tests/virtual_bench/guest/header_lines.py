"""A line in its own time: an edge wakes a keypad that rests."""

import threading
import time
from typing import Final

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.scanned_keys import REST_S
from edge.ballot_keypad.keys.press import Button, KeyEvent, Pressed, Times
from tests.virtual_bench.guest.header import ChipHeader

YES_PIN, NO_PIN = 5, 6
TIMES: Final = Times(bounce_ms=30, stuck_ms=60_000)
PATIENCE_S: Final = 60.0


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[KeyEvent, int]] = []
        self.came = threading.Event()

    def __call__(self, event: KeyEvent) -> None:
        self.events.append((event, now_ms()))
        self.came.set()


def test_an_edge_wakes_a_keypad_that_rests_and_its_press_is_told_after_the_bounce_time() -> None:
    """Of itself it would look again after REST_S; here it would rest for ever."""
    header, told, resting = ChipHeader.open(), Told(), threading.Event()

    def rest(wake: threading.Event, seconds: float) -> bool:
        if seconds < REST_S:
            return wake.wait(seconds)
        resting.set()
        return wake.wait()

    pins = {Button.YES: YES_PIN, Button.NO: NO_PIN}
    keys = GpiozeroKeys(pins, now_ms, TIMES, header.factory, rest=rest)
    for pin in pins.values():
        header.drive(pin, high=True)
    keys.start(told, lambda: None)
    assert resting.wait(PATIENCE_S)
    pressed_ms = now_ms()
    header.drive(YES_PIN, high=False)
    assert told.came.wait(PATIENCE_S)
    header.drive(YES_PIN, high=True)
    keys.close()
    event, at_ms = told.events[0]
    assert event == Pressed(Button.YES)
    assert at_ms - pressed_ms >= TIMES.bounce_ms
