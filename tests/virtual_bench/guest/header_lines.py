"""Pins in their own time: edges that wake, a relay read back, a buzzer that sounds, and a whole gate."""

import threading
import time
from collections.abc import Iterator

import pytest
from gpiozero import Device

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones
from edge.ballot_keypad.keys.layout import MATRIX
from edge.ballot_keypad.keys.press import Button, KeyEvent, Pressed, Times
from edge.ballot_keypad.sound.tones import Tone
from edge.rollcall_gate.adapters.hardware import Hardware, open_hardware
from edge.rollcall_gate.adapters.not_wired import NoDisplay
from edge.rollcall_gate.config import Wiring
from edge.rollcall_gate.display.panel import Colour
from tests.servers.waiting import wait_until
from tests.virtual_bench.guest import vivid
from tests.virtual_bench.guest.header import ChipHeader

ROWS, COLS = (5, 6, 13, 19, 26), (16, 20, 21, 12)
TIMES = Times(bounce_ms=30, stuck_ms=60_000)
WIRING = Wiring(
    camera="v4l2",
    camera_device=str(vivid.DEVICE),
    lock=17,
    reed=27,
    jam=22,
    fire=25,
    beams=(23, 24),
    buzzer=12,
    lamps=(5, 13, 6),
)


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.fixture
def header() -> Iterator[ChipHeader]:
    made = ChipHeader.open()
    Device.pin_factory = made.factory
    yield made
    Device.pin_factory = None


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[KeyEvent, int]] = []
        self.came = threading.Event()

    def __call__(self, event: KeyEvent) -> None:
        self.events.append((event, now_ms()))
        self.came.set()


def test_a_press_wakes_a_keypad_that_rests_and_is_told_after_its_bounce_time(header: ChipHeader) -> None:
    told = Told()
    keys = GpiozeroKeys({Button.YES: 5, Button.NO: 6}, now_ms, TIMES, header.factory)
    for pin in (5, 6):
        header.drive(pin, high=True)
    keys.start(told, lambda: None)
    time.sleep(0.3)  # it has gone to rest: only an edge, or a second, wakes it
    pressed_ms = now_ms()
    header.drive(5, high=False)
    assert told.came.wait(10)
    header.drive(5, high=True)
    keys.close()
    event, at_ms = told.events[0]
    assert event == Pressed(Button.YES)
    assert 30 <= at_ms - pressed_ms < 1_000


def test_a_matrix_finds_the_key_by_its_own_clock(header: ChipHeader) -> None:
    cap = next(cap for cap in MATRIX if cap.button is Button.OK)
    closed = threading.Event()

    def settle(moved: int) -> None:
        """A closed key joins its row to its column while that is pulled low."""
        if moved == COLS[cap.col]:
            is_low = closed.is_set() and header.drives(moved) is False
            header.drive(ROWS[cap.row], high=not is_low, told=False)

    told = Told()
    keys = GpiozeroMatrix(ROWS, COLS, now_ms, has_diodes=True, times=TIMES, pin_factory=header.factory)
    for pin in ROWS:
        header.drive(pin, high=True)
    header.when_moved(settle)
    keys.start(told, lambda: None)
    time.sleep(0.3)
    closed.set()
    settle(COLS[cap.col])
    assert told.came.wait(10)
    keys.close()
    assert told.events[0][0] == Pressed(Button.OK)


def test_a_tone_moves_the_buzzers_line_and_silence_leaves_it_low(header: ChipHeader) -> None:
    tones = GpiozeroTones(pin_bcm=12, pin_factory=header.factory)
    tones.play(Tone.ATTENTION)
    seen: set[bool | None] = set()

    def moved() -> bool:
        seen.update(header.drives(12) for _ in range(200))
        return {True, False} <= seen

    wait_until(moved, "the line to move", timeout_s=20)
    tones.close()
    assert header.drives(12) in {False, None}


@pytest.fixture
def gate(header: ChipHeader) -> Iterator[Hardware]:
    """Through the firmware's own table of parts, on gpiozero's default factory, as `hallward gate run` opens
    them."""
    made = open_hardware(WIRING, NoDisplay(), now_ms)
    for pin in (27, 25, 23, 24):  # door shut, loop closed, both beams clear
        header.drive(pin, high=False)
    yield made
    made.close()


def test_a_whole_gate_opens_reads_back_and_is_given_back_released(gate: Hardware, header: ChipHeader) -> None:
    fire = gate.fire
    assert fire is not None
    quiet = fire.is_active
    assert gate.door.secure()
    assert header.drives(17) is True
    gate.indicator.show(Colour.GREEN)
    assert [header.drives(pin) for pin in (5, 6, 13)] == [False, False, True]
    header.drive(25, high=True)
    assert (quiet, fire.is_active) == (False, True)
    gate.close()
    assert not any(header.drives(pin) for pin in range(28))


def test_frames_come_to_the_gate_while_its_pins_work(gate: Hardware, header: ChipHeader) -> None:
    """Out of the process that holds the camera, under the gate's watch."""
    vivid.show_bars()
    gate.door.secure()
    wait_until(lambda: gate.camera.read() is not None, "a frame", timeout_s=60)
    header.drive(27, high=True)
    assert gate.door.is_open
    gate.door.release()
    assert header.drives(17) is False
