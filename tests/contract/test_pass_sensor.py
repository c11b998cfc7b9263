"""One suite for every adapter of PassSensor: people walk through, and who went which way is told once."""

import threading
from collections.abc import Iterator
from typing import Protocol

import pytest
from gpiozero.pins.mock import MockFactory

from edge.rollcall_gate.adapters.gpiozero_pass_sensor import GpiozeroPassSensor
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPassSensor
from edge.rollcall_gate.door.beams import STUCK_MS
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing, PassSensor

A_PIN, B_PIN = 23, 24
FORWARD, BACKWARD = Crossing.FORWARD, Crossing.BACKWARD


class Rig(Protocol):
    sensor: PassSensor

    def walk(self, way: Crossing) -> None: ...

    def break_down(self) -> None: ...

    def mend(self) -> None: ...


class PinRig:
    def __init__(self) -> None:
        self.factory = MockFactory()
        self.now_ms = 5_000
        self.sensor = GpiozeroPassSensor(
            a_pin_bcm=A_PIN, b_pin_bcm=B_PIN, now_ms=lambda: self.now_ms, pin_factory=self.factory
        )
        self.clear(A_PIN)  # claiming a pin with a pull-up raises it; the receiver then pulls it down
        self.clear(B_PIN)

    def clear(self, pin: int) -> None:
        self.factory.pin(pin).drive_low()

    def interrupt(self, pin: int) -> None:
        self.factory.pin(pin).drive_high()

    def walk(self, way: Crossing) -> None:
        near, far = (A_PIN, B_PIN) if way is FORWARD else (B_PIN, A_PIN)
        for act, pin in (
            (self.interrupt, near),
            (self.interrupt, far),
            (self.clear, near),
            (self.clear, far),
        ):
            self.now_ms += 80
            act(pin)

    def break_down(self) -> None:
        """A cut wire, and the minute after which it can be no person."""
        self.interrupt(A_PIN)
        self.sensor.read()
        self.now_ms += STUCK_MS

    def mend(self) -> None:
        self.clear(A_PIN)


class SimulatedRig:
    def __init__(self) -> None:
        self.sensor = SimulatedPassSensor()

    def walk(self, way: Crossing) -> None:
        self.sensor.cross(way)

    def break_down(self) -> None:
        self.sensor.cut_wire()

    def mend(self) -> None:
        self.sensor.mend_wire()


@pytest.fixture(params=[PinRig, SimulatedRig], ids=["gpiozero", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = request.param()
    yield made
    made.sensor.close()


def test_nobody_is_told_until_somebody_walks(rig: Rig) -> None:
    assert rig.sensor.read() == ()


def test_everybody_is_told_once_in_order_and_with_the_way(rig: Rig) -> None:
    for way in (FORWARD, BACKWARD, FORWARD):
        rig.walk(way)
    assert rig.sensor.read() == (FORWARD, BACKWARD, FORWARD)
    assert rig.sensor.read() == ()
    rig.walk(BACKWARD)
    assert rig.sensor.read() == (BACKWARD,)


def test_beams_that_do_not_answer_are_a_door_error_until_they_do(rig: Rig) -> None:
    rig.break_down()
    for _ in range(2):
        with pytest.raises(DoorError):
            rig.sensor.read()
    rig.mend()
    assert rig.sensor.read() == ()
    rig.walk(FORWARD)
    assert rig.sensor.read() == (FORWARD,)


def test_who_is_still_in_the_beams_is_told_when_out_of_them() -> None:
    rig = PinRig()
    rig.interrupt(A_PIN)
    assert rig.sensor.read() == ()
    rig.interrupt(B_PIN)
    rig.clear(A_PIN)
    assert rig.sensor.read() == ()
    rig.clear(B_PIN)
    assert rig.sensor.read() == (FORWARD,)
    rig.sensor.close()


def test_a_gate_that_starts_while_the_receivers_wake_up_has_seen_nobody() -> None:
    """The pins are high at first, as if both beams were broken; they come down one after the other."""
    rig = PinRig()
    assert rig.sensor.read() == ()
    rig.sensor.close()


def test_edges_that_are_told_on_another_thread_are_not_lost() -> None:
    rig = PinRig()
    walkers = threading.Thread(target=lambda: [rig.walk(FORWARD) for _ in range(200)])
    walkers.start()
    through: list[Crossing] = []
    while walkers.is_alive():
        through += rig.sensor.read()
    walkers.join()
    through += rig.sensor.read()
    assert through == [FORWARD] * 200
    rig.sensor.close()


def test_a_receiver_that_flutters_while_nobody_reads_does_not_fill_the_memory() -> None:
    rig = PinRig()
    for _ in range(2_000):
        rig.interrupt(A_PIN)
        rig.clear(A_PIN)
    assert len(rig.sensor._edges) <= 1_000
    assert rig.sensor.read() == ()
    rig.walk(FORWARD)
    assert rig.sensor.read() == (FORWARD,)
    rig.sensor.close()


def look_for(rig: PinRig, ms: int) -> None:
    """Look every half second; nobody must be told of."""
    for _ in range(ms // 500):
        rig.now_ms += 500
        assert rig.sensor.read() == ()


def test_a_beam_whose_edge_the_library_lost_is_no_fault_while_it_is_clear() -> None:
    rig = PinRig()
    rig.interrupt(A_PIN)
    assert rig.sensor.read() == ()
    rig.clear(A_PIN)
    rig.sensor._edges.clear()
    look_for(rig, 2 * STUCK_MS)
    rig.walk(FORWARD)
    assert rig.sensor.read() == (FORWARD,)
    rig.sensor.close()


def test_a_wire_that_was_cut_before_the_gate_started_is_a_fault() -> None:
    rig = PinRig()
    rig.interrupt(A_PIN)
    rig.sensor._edges.clear()
    look_for(rig, STUCK_MS)
    rig.now_ms += 2_000
    with pytest.raises(DoorError, match="beam A"):
        rig.sensor.read()
    rig.sensor.close()


def test_an_edge_that_is_told_late_is_waited_for() -> None:
    rig = PinRig()
    rig.interrupt(A_PIN)
    late = rig.sensor._edges.pop()
    for _ in range(3):
        rig.now_ms += 30
        assert rig.sensor.read() == ()
    rig.sensor._edges.append(late)
    rig.interrupt(B_PIN)
    rig.clear(A_PIN)
    rig.clear(B_PIN)
    assert rig.sensor.read() == (FORWARD,)
    rig.sensor.close()


def test_a_stuck_beam_is_named() -> None:
    rig = PinRig()
    rig.interrupt(B_PIN)
    rig.sensor.read()
    rig.now_ms += STUCK_MS
    with pytest.raises(DoorError, match="beam B stays broken; clean"):
        rig.sensor.read()
    rig.sensor.close()


def test_pins_that_cannot_be_had_are_a_door_error_and_give_back_those_that_were() -> None:
    factory = MockFactory()
    with pytest.raises(DoorError, match="23 and 99") as refused:
        GpiozeroPassSensor(a_pin_bcm=A_PIN, b_pin_bcm=99, now_ms=lambda: 0, pin_factory=factory)
    GpiozeroPassSensor(a_pin_bcm=A_PIN, b_pin_bcm=B_PIN, now_ms=lambda: 0, pin_factory=factory).close()
    assert refused  # kept until here: it is not the collector of garbage that gave them back


def test_hardware_that_is_gone_is_a_door_error_and_not_a_traceback_of_the_library() -> None:
    rig = PinRig()
    rig.sensor.close()
    with pytest.raises(DoorError, match="do not answer"):
        rig.sensor.read()
