"""Keys on a matrix, on single wires, and simulated: one suite. Each is driven by what its contacts do, and no
time passes but that of the script."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import pytest

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.scanned_keys import REST_S
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.errors import KeysError
from edge.ballot_keypad.keys.layout import DIRECT, MATRIX
from edge.ballot_keypad.keys.press import Button, KeyEvent, KeyFreed, KeyStuck, Pressed, Times, Together
from edge.ballot_keypad.ports import Keys
from tests.contract.header_pins import IS_BENCH, open_header

PINS = dict(zip(DIRECT, (5, 6, 13, 19, 26), strict=True))
ROW_PINS, COL_PINS = (5, 6, 13, 19, 26), (16, 20, 21, 12)
WHERE = {cap.button: (cap.row, cap.col) for cap in MATRIX}
TIMES = Times(bounce_ms=30, stuck_ms=1_000)
PATIENCE_S = 60 if IS_BENCH else 10

Moment = tuple[set[Button], int]
"""What is held, and for how many milliseconds."""


class Bench(Protocol):
    keys: Keys

    def act(self, moments: Sequence[Moment]) -> list[KeyEvent]:
        """What is told of it."""
        ...


class Script:
    """Time and fingers for keys that are scanned: each rest passes its time, and the fingers move in it."""

    def __init__(self, move: Callable[[set[Button]], None]) -> None:
        self._move = move
        self._moments: list[Moment] = []
        self._until_ms = 0
        self._go, self.idle = threading.Event(), threading.Event()
        self.now_ms = 0
        self.ended = False

    def read(self) -> int:
        return self.now_ms

    def rest(self, wake: threading.Event, seconds: float) -> bool:
        is_long = seconds >= REST_S
        self.now_ms = self._until_ms if is_long else self.now_ms + round(seconds * 1_000)
        if self.now_ms < self._until_ms:
            return wake.is_set()
        if not self._moments and not self.ended:
            self.idle.set()
            self._go.wait(PATIENCE_S)
            self._go.clear()
        if self._moments:
            held, for_ms = self._moments.pop(0)
            self._until_ms = self.now_ms + for_ms
            self._move(held)
        return wake.is_set()

    def play(self, moments: Sequence[Moment]) -> None:
        assert self.idle.wait(PATIENCE_S)
        self.idle.clear()
        self._moments = list(moments)
        self._go.set()
        assert self.idle.wait(PATIENCE_S)

    def end(self) -> None:
        self.ended = True
        self._go.set()


class Scanned:
    """A bench around an adapter that scans."""

    def __init__(self, script: Script, keys: Keys) -> None:
        self.script, self.keys = script, keys
        self.events: list[KeyEvent] = []
        self.beats = 0

    def act(self, moments: Sequence[Moment]) -> list[KeyEvent]:
        if not self.beats:
            self.keys.start(self.events.append, self.beat)
        before = len(self.events)
        self.script.play(moments)
        return self.events[before:]

    def beat(self) -> None:
        self.beats += 1

    def close(self) -> None:
        self.script.end()
        self.keys.close()


class Board:
    """Rows and columns, joined by closed keys without diodes."""

    def __init__(self) -> None:
        self.header = open_header()
        self.points: set[tuple[int, int]] = set()
        self.is_low = dict.fromkeys(COL_PINS, False)
        self.is_high: dict[int, bool] = {}
        self.header.when_moved(self.feel)

    def move(self, held: set[Button]) -> None:
        self.points = {WHERE[button] for button in held}
        self.settle()

    def feel(self, pin: int) -> None:
        """What happened to a pin. A column must never be driven high: two keys would short it."""
        if pin in self.is_low:
            level = self.header.drives(pin)
            assert level is not True, "a column is driven high"
            if self.is_low[pin] == (level is False):
                return
            self.is_low[pin] = level is False
        self.is_high.pop(pin, None)  # a row that is claimed anew has its own pull
        self.settle()

    def settle(self) -> None:
        """What each row sees."""
        cols = {number for number, pin in enumerate(COL_PINS) if self.is_low[pin]}
        rows: set[int] = set()
        for _ in range(len(ROW_PINS) + len(COL_PINS)):
            rows |= {row for row, col in self.points if col in cols}
            cols |= {col for row, col in self.points if row in rows}
        for number, pin in enumerate(ROW_PINS):
            if self.is_high.get(pin) != (number not in rows):
                self.is_high[pin] = number not in rows
                self.header.drive(pin, high=number not in rows, told=False)


class SimulatedBench:
    def __init__(self) -> None:
        self.keys = self.simulated = SimulatedKeys(lambda: 0, TIMES)
        self.events: list[KeyEvent] = []
        self.held: set[Button] = set()
        self.keys.start(self.events.append, lambda: None)

    def act(self, moments: Sequence[Moment]) -> list[KeyEvent]:
        before = len(self.events)
        for held, for_ms in moments:
            if gone := self.held - held:
                self.simulated.release(*gone)
            if new := held - self.held:
                self.simulated.hold(*new)
            self.held = set(held)
            self.simulated.pass_ms(for_ms)
        return self.events[before:]

    def close(self) -> None:
        self.keys.close()


def matrix_bench() -> Scanned:
    board = Board()
    script = Script(board.move)
    keys = GpiozeroMatrix(
        ROW_PINS,
        COL_PINS,
        script.read,
        has_diodes=False,
        times=TIMES,
        pin_factory=board.header.factory,
        rest=script.rest,
    )
    return Scanned(script, keys)


def direct_bench() -> Scanned:
    header = open_header()

    def move(held: set[Button]) -> None:
        for button, pin in PINS.items():
            header.drive(pin, high=button not in held)

    script = Script(move)
    return Scanned(script, GpiozeroKeys(PINS, script.read, TIMES, header.factory, rest=script.rest))


@pytest.fixture(params=[matrix_bench, direct_bench, SimulatedBench], ids=["matrix", "direct", "simulated"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = request.param()
    made.act([(set(), 100)])
    yield made
    made.close()


def up(for_ms: int = 100) -> Moment:
    return set(), for_ms


@pytest.mark.parametrize("button", DIRECT)
def test_every_push_is_one_press_of_the_right_key(bench: Bench, button: Button) -> None:
    assert bench.act([({button}, 100), up(), ({button}, 600), up()]) == [Pressed(button)] * 2


def test_a_contact_that_bounces_is_one_press(bench: Bench) -> None:
    bouncing = [({Button.OK}, 5), up(5), ({Button.OK}, 5), up(5), ({Button.OK}, 100), up(5), ({Button.OK}, 5)]
    events = bench.act([*bouncing, up()])
    # a simulated finger goes all the way down each time; a contact in between never settles
    assert events[:1] == [Pressed(Button.OK)]
    assert isinstance(bench, SimulatedBench) or len(events) == 1


def test_two_keys_at_once_are_none(bench: Bench) -> None:
    assert bench.act([({Button.YES, Button.NO}, 100), up()]) == [Together()]


def test_a_second_key_withdraws_the_first(bench: Bench) -> None:
    events = bench.act([({Button.YES}, 100), ({Button.YES, Button.NO}, 100), ({Button.NO}, 100), up()])
    assert events == [Pressed(Button.YES), Together(withdrawn=Button.YES)]


def test_a_key_that_sticks_is_named_and_the_others_go_on(bench: Bench) -> None:
    events = bench.act(
        [({Button.CLEAR}, 1_200), ({Button.CLEAR, Button.NO}, 100), ({Button.CLEAR}, 100), up()]
    )
    assert events == [
        Pressed(Button.CLEAR),
        KeyStuck(Button.CLEAR),
        Pressed(Button.NO),
        KeyFreed(Button.CLEAR),
    ]


def test_nothing_is_told_after_closing(bench: Bench) -> None:
    assert bench.act([({Button.YES}, 100), up()]) == [Pressed(Button.YES)]
    events: list[KeyEvent] = bench.events  # type: ignore[attr-defined]
    bench.close()  # type: ignore[attr-defined]
    if isinstance(bench, SimulatedBench):
        bench.simulated.push(Button.NO)
    assert events == [Pressed(Button.YES)]


@pytest.mark.parametrize("button", Button)
def test_every_key_of_the_matrix_is_found(button: Button) -> None:
    bench = matrix_bench()
    assert bench.act([up(), ({button}, 100), up()]) == [Pressed(button)]
    bench.close()


@pytest.mark.parametrize("make", [matrix_bench, SimulatedBench], ids=["matrix", "simulated"])
def test_three_corners_of_a_rectangle_are_nothing_and_neither_is_their_ghost(make: Callable[[], Any]) -> None:
    bench = make()
    bench.act([up()])
    corners = {Button.DIGIT_1, Button.DIGIT_2, Button.DIGIT_4}
    assert bench.act([(corners, 200), up()]) == [Together()]
    bench.close()


def test_a_key_that_is_down_at_the_start_is_no_press() -> None:
    bench = matrix_bench()
    assert bench.act([({Button.OK}, 0)]) == []
    bench.close()
    again = matrix_bench()
    again.script._move({Button.OK})
    assert again.act([({Button.OK}, 200), up()]) == []
    assert again.act([({Button.OK}, 100), up()]) == [Pressed(Button.OK)]
    again.close()


def test_keys_beat_while_they_are_listened_to() -> None:
    bench = direct_bench()
    bench.act([up()])
    before = bench.beats
    bench.act([({Button.YES}, 100), up()])
    assert bench.beats > before
    bench.close()


def test_wires_that_fail_are_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    bench = direct_bench()
    bench.act([up()])
    contact = bench.keys._wires._contacts[Button.NO]  # type: ignore[attr-defined]
    pin = contact._pin
    broken = type("Broken", (), {"state": property(lambda _: _raise())})()
    bench.script._move = lambda held: setattr(contact, "_pin", broken if Button.NO in held else pin)
    bench.act([({Button.NO}, 0), ({Button.NO}, 0), ({Button.NO}, 0), up()])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "check their cable" in caplog.text
    bench.close()


def _raise() -> bool:
    raise OSError("simulated broken wire")


@pytest.mark.parametrize("pins", [(99, 6, 13, 19, 26), (16, 6, 13, 19, 26)])
def test_a_pin_that_cannot_be_had_is_said_in_words(pins: tuple[int, ...]) -> None:
    factory = open_header().factory
    with pytest.raises(KeysError, match="the keys do not answer") as caught:
        GpiozeroMatrix(pins, COL_PINS, lambda: 0, has_diodes=True, pin_factory=factory)
    assert caught.value.code == "keys"
    assert not factory._reservations or not any(factory._reservations.values())
    with pytest.raises(KeysError, match="check wiring and pins"):
        GpiozeroKeys({Button.YES: 99}, lambda: 0, pin_factory=factory)
