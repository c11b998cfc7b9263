"""What lgpio raises, met by every adapter over header pins: it is the port's own error, and no pin is kept.

lgpio's error is a plain Exception. The pins here are gpiozero's mock pins that raise such an error; lgpio
itself stands in by a module of its name with the class alone.
"""

import fcntl
import logging
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones
from edge.ballot_keypad.adapters.spi_wires import SpiWires
from edge.ballot_keypad.errors import KeysError, ScreenError, TonesError
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.sound.tones import Tone
from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters.claim_buttons import GpiozeroClaimButton
from edge.rollcall_gate.adapters.gpiozero_door import GpiozeroDoor
from edge.rollcall_gate.adapters.gpiozero_fire_contact import GpiozeroFireContact
from edge.rollcall_gate.adapters.gpiozero_indicator import GpiozeroIndicator
from edge.rollcall_gate.adapters.gpiozero_pass_sensor import GpiozeroPassSensor
from edge.rollcall_gate.adapters.gpiozero_sounder import GpiozeroSounder
from edge.rollcall_gate.display.panel import Colour, Sound
from edge.rollcall_gate.errors import DoorError

PATIENCE_S = 10
OUR_DOOR = {"lock_pin_bcm": 5, "reed_pin_bcm": 6, "jam_pin_bcm": 13}


class Busy(Exception):
    """As lgpio.error: of no family but Exception."""


class FaultyPin(MockPWMPin):  # type: ignore[misc]
    def __init__(self, factory: "FaultyFactory", info: Any) -> None:
        super().__init__(factory, info)
        factory.fail_on(self._number, factory.taken)

    def close(self) -> None:
        self.factory.fail_on(self._number, self.factory.kept)
        self.factory.given_back.append(self._number)
        super().close()

    def _get_state(self) -> Any:
        self.factory.fail_on(self._number, self.factory.silent)
        return super()._get_state()

    def _set_state(self, value: float) -> None:
        self.factory.fail_on(self._number, self.factory.silent)
        super()._set_state(value)

    def _set_function(self, value: str) -> None:
        self.factory.fail_on(self._number, self.factory.silent)
        super()._set_function(value)


class FaultyFactory(MockFactory):  # type: ignore[misc]
    """Pins, by BCM number. taken: another process holds them. silent: they neither tell nor do anything.
    kept: they cannot be given back."""

    def __init__(self) -> None:
        super().__init__(pin_class=FaultyPin)
        self.taken: set[int] = set()
        self.silent: set[int] = set()
        self.kept: set[int] = set()
        self.given_back: list[int] = []
        self.failed = threading.Event()

    def mend(self) -> None:
        self.taken, self.silent, self.kept = set(), set(), set()

    def fail_on(self, pin: int, among: set[int]) -> None:
        if pin in among:
            self.failed.set()
            raise Busy("GPIO busy")


@pytest.fixture(autouse=True)
def _lgpio(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("lgpio")
    module.error = Busy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", module)


@pytest.fixture
def factory() -> Iterator[FaultyFactory]:
    made = FaultyFactory()
    yield made
    made.mend()


@pytest.fixture
def _spi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: 0)


def spi_wires(factory: FaultyFactory) -> Any:
    return SpiWires("/dev/null", speed_hz=1_000_000, dc_pin=5, reset_pin=6, pin_factory=factory)


def direct_keys(factory: FaultyFactory) -> Any:
    return GpiozeroKeys(dict(zip(Button, (5, 6, 13), strict=False)), lambda: 0, pin_factory=factory)


def matrix_keys(factory: FaultyFactory) -> Any:
    return GpiozeroMatrix((5, 6), (13, 19), lambda: 0, has_diodes=True, pin_factory=factory)


# What opens it, what it raises then, and the pins that it claims, in this order
PARTS: list[tuple[Callable[[FaultyFactory], Any], type[Exception], tuple[int, ...]]] = [
    (lambda pins: GpiozeroDoor(**OUR_DOOR, pin_factory=pins), DoorError, (5, 6, 13)),
    (
        lambda pins: GpiozeroPassSensor(a_pin_bcm=5, b_pin_bcm=6, now_ms=lambda: 0, pin_factory=pins),
        DoorError,
        (5, 6),
    ),
    (lambda pins: GpiozeroFireContact(fire_pin_bcm=5, pin_factory=pins), DoorError, (5,)),
    (
        lambda pins: GpiozeroIndicator(red_pin_bcm=5, green_pin_bcm=6, amber_pin_bcm=13, pin_factory=pins),
        DoorError,
        (5, 6, 13),
    ),
    (lambda pins: GpiozeroSounder(pin_bcm=5, pin_factory=pins), DoorError, (5,)),
    (lambda pins: GpiozeroClaimButton(5, pins), DeviceError, (5,)),
    (lambda pins: GpiozeroTones(pin_bcm=5, pin_factory=pins), TonesError, (5,)),
    (direct_keys, KeysError, (5, 6, 13)),
    (matrix_keys, KeysError, (5, 6, 13, 19)),
    (spi_wires, ScreenError, (5, 6)),
]
IDS = ["door", "beams", "fire", "lamps", "buzzer", "button", "tones", "keys", "matrix", "spi"]
every_part = pytest.mark.parametrize(("opened", "error", "pins"), PARTS, ids=IDS)


def close(part: Any) -> None:
    (part.cleanup if isinstance(part, SpiWires) else part.close)()


@pytest.mark.usefixtures("_spi")
@every_part
def test_a_pin_that_another_process_holds_is_the_ports_error_and_the_others_are_given_back(
    factory: FaultyFactory, opened: Any, error: type[Exception], pins: tuple[int, ...]
) -> None:
    factory.taken = {pins[-1]}
    with pytest.raises(error, match="GPIO busy") as refused:
        opened(factory)
    assert sorted(factory.given_back) == sorted(pins[:-1])
    assert refused  # kept until here: it is not the collector of garbage that gave them back


@pytest.mark.usefixtures("_spi")
@every_part
def test_it_is_the_ports_error_also_when_the_others_cannot_be_given_back(
    factory: FaultyFactory, opened: Any, error: type[Exception], pins: tuple[int, ...]
) -> None:
    factory.taken, factory.kept = {pins[-1]}, set(pins[:-1])
    with pytest.raises(error, match="GPIO busy") as refused:
        opened(factory)
    factory.mend()
    assert refused  # kept until here: its frames hold what the collector of garbage gives back


@pytest.mark.usefixtures("_spi")
@every_part
def test_of_pins_one_of_which_cannot_be_given_back_the_others_are(
    factory: FaultyFactory,
    opened: Any,
    error: type[Exception],
    pins: tuple[int, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    part = opened(factory)
    factory.kept = {pins[0]}
    close(part)
    assert error
    assert sorted(factory.given_back) == sorted(pins[1:])
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "a pin cannot be given back (GPIO busy)" in caplog.text
    factory.mend()
    close(part)


def test_a_silent_door_is_a_door_error(factory: FaultyFactory) -> None:
    door = GpiozeroDoor(**OUR_DOOR, pin_factory=factory)
    factory.silent = {5, 6, 13}
    for act in (door.release, door.secure, lambda: door.is_open, lambda: door.is_jammed):
        with pytest.raises(DoorError, match="does not answer"):
            act()
    factory.mend()
    door.close()


def test_beams_and_a_fire_loop_that_are_silent_are_a_door_error(factory: FaultyFactory) -> None:
    sensor = GpiozeroPassSensor(a_pin_bcm=5, b_pin_bcm=6, now_ms=lambda: 0, pin_factory=factory)
    fire = GpiozeroFireContact(fire_pin_bcm=13, pin_factory=factory)
    factory.silent = {6, 13}
    with pytest.raises(DoorError, match="the beams do not answer"):
        sensor.read()
    with pytest.raises(DoorError, match="the fire contact does not answer"):
        fire.is_active  # noqa: B018  # looking is what fails
    factory.mend()
    sensor.close()
    fire.close()


def test_lamps_that_are_silent_are_said_once_and_stop_nobody(
    factory: FaultyFactory, caplog: pytest.LogCaptureFixture
) -> None:
    lamps = GpiozeroIndicator(red_pin_bcm=5, green_pin_bcm=6, amber_pin_bcm=13, pin_factory=factory)
    factory.silent = {5}
    lamps.show(Colour.RED)
    lamps.show(Colour.GREEN)
    factory.mend()
    lamps.close()
    assert caplog.text.count("does not answer (GPIO busy)") == 1


@pytest.mark.parametrize(
    ("opened", "wish"),
    [
        (lambda pins: GpiozeroSounder(pin_bcm=5, pin_factory=pins), Sound.WELCOME),
        (lambda pins: GpiozeroTones(pin_bcm=5, pin_factory=pins), Tone.RECORDED),
    ],
    ids=["buzzer", "tones"],
)
def test_a_buzzer_that_is_silent_is_tried_again_with_the_next_sound(
    factory: FaultyFactory, opened: Any, wish: Any, caplog: pytest.LogCaptureFixture
) -> None:
    buzzer = opened(factory)
    factory.silent = {5}
    for _ in range(2):
        factory.failed.clear()
        buzzer.play(wish)
        assert factory.failed.wait(PATIENCE_S), "its thread has ended"
    factory.mend()
    buzzer.close()
    assert caplog.text.count("the buzzer does not answer (GPIO busy)") == 1


@pytest.mark.parametrize("opened", [direct_keys, matrix_keys])
def test_keys_that_are_silent_are_a_keys_error(factory: FaultyFactory, opened: Any) -> None:
    keys = opened(factory)
    factory.silent = {5, 6, 13, 19}
    for look in (keys._wires.sample, keys._wires.arm):
        with pytest.raises(KeysError, match="the keys do not answer: GPIO busy"):
            look()
    factory.mend()
    keys.close()


@pytest.mark.usefixtures("_spi")
def test_a_display_whose_pins_are_silent_is_a_screen_error(factory: FaultyFactory) -> None:
    wires = spi_wires(factory)
    factory.silent = {5}
    with pytest.raises(ScreenError, match="GPIO busy"):
        wires.command(0xAE)
    factory.mend()
    wires.cleanup()


@pytest.mark.parametrize("kept", [{5}, {6}, {13}, {5, 6, 13}])
def test_the_lock_lets_go_whichever_pin_cannot_be_given_back(factory: FaultyFactory, kept: set[int]) -> None:
    """Also when it is the lock's own: its pin is then still an output, and low."""
    door = GpiozeroDoor(**OUR_DOOR, pin_factory=factory)
    factory.pin(6).drive_low()
    assert door.secure()
    assert factory.pin(5).state
    factory.kept = kept
    door.close()
    lock = factory.pin(5)
    assert not (lock.function == "output" and lock.state)
    assert sorted(factory.given_back) == sorted({5, 6, 13} - kept)
    factory.mend()


def test_a_lock_that_no_longer_answers_is_given_back_all_the_same(factory: FaultyFactory) -> None:
    door = GpiozeroDoor(**OUR_DOOR, pin_factory=factory)

    def refuse(value: float) -> None:
        raise Busy(f"bad level {value}")

    factory.pin(5)._set_state = refuse
    door.close()
    assert sorted(factory.given_back) == [5, 6, 13]


def test_without_lgpio_nothing_more_is_a_fault_and_it_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its import leaves a pipe in the working folder; a device writes where it may alone."""
    assert Busy in pin_faults()
    monkeypatch.delitem(sys.modules, "lgpio")
    (tmp_path / "lgpio.py").write_text("raise AssertionError('loaded')", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert set(pin_faults()) == {GPIOZeroError, OSError}
    assert not issubclass(Busy, pin_faults())


def test_a_thread_of_the_library_that_does_not_end_keeps_no_pin() -> None:
    """gpiozero's ZombieThread is a RuntimeError."""
    closed: list[str] = []

    class Hanging:
        def close(self) -> None:
            raise RuntimeError("Thread failed to die within 10 seconds")

    class Closing:
        def close(self) -> None:
            closed.append("closed")

    give_back(Hanging(), Closing())
    assert closed == ["closed"]
