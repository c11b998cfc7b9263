"""One suite for every adapter of PassSensor: people walk through, and who went which way is told once."""

import threading
from collections.abc import Iterator
from typing import Protocol

import pytest

from edge.rollcall_gate.adapters.gpiozero_pass_sensor import GpiozeroPassSensor
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPassSensor
from edge.rollcall_gate.door.beams import STUCK_MS
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing, PassSensor
from tests.contract.header_pins import IS_BENCH, Header, MockHeader, open_header

A_PIN, B_PIN = 23, 24
FORWARD, BACKWARD = Crossing.FORWARD, Crossing.BACKWARD


class Rig(Protocol):
    sensor: PassSensor

    def walk(self, way: Crossing) -> None: ...

    def break_down(self) -> None: ...

    def mend(self) -> None: ...


class PinRig:
    def __init__(self, header: Header | None = None) -> None:
        self.header = header or open_header()
        self.now_ms = 5_000
        self.sensor = GpiozeroPassSensor(
            a_pin_bcm=A_PIN, b_pin_bcm=B_PIN, now_ms=lambda: self.now_ms, pin_factory=self.header.factory
        )
        self.clear(A_PIN)  # claiming a pin with a pull-up raises it; the receiver then pulls it down
        self.clear(B_PIN)

    def clear(self, pin: int) -> None:
        self.header.drive(pin, high=False)

    def interrupt(self, pin: int) -> None:
        self.header.drive(pin, high=True)

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
    people = 20 if IS_BENCH else 200  # there, an edge takes a hundredth of a second
    walkers = threading.Thread(target=lambda: [rig.walk(FORWARD) for _ in range(people)])
    walkers.start()
    through: list[Crossing] = []
    while walkers.is_alive():
        through += rig.sensor.read()
    walkers.join()
    through += rig.sensor.read()
    assert through == [FORWARD] * people
    rig.sensor.close()


def test_a_receiver_that_flutters_while_nobody_reads_does_not_fill_the_memory() -> None:
    rig = PinRig(MockHeader())  # 4,000 edges: on the virtual bench, a minute
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


@pytest.mark.parametrize(("stuck_pin", "name"), [(A_PIN, "A"), (B_PIN, "B")])
def test_a_stuck_beam_is_a_fault_within_a_minute_though_the_lane_is_busy(stuck_pin: int, name: str) -> None:
    """120 people in 40 minutes: one every 20 s, each breaking the other beam for 400 ms. Fewer where an edge
    takes its time."""
    rig, faults = PinRig(), []
    moving = B_PIN if stuck_pin == A_PIN else A_PIN
    rig.interrupt(stuck_pin)
    began_ms = rig.now_ms
    for _ in range(12 if IS_BENCH else 120):
        for act in (rig.interrupt, rig.clear):
            act(moving)
            faults += look_while_stuck(rig, 400)
        faults += look_while_stuck(rig, 19_200)
    first_ms, said = faults[0]
    assert first_ms - began_ms <= STUCK_MS
    assert f"beam {name} stays broken" in said
    assert len(faults) == (rig.now_ms - first_ms) // 100 + 1, "nothing that moves makes it well"
    rig.interrupt(moving)
    rig.clear(stuck_pin)
    with pytest.raises(DoorError):
        rig.sensor.read()
    rig.clear(moving)
    assert rig.sensor.read() == ()
    rig.walk(FORWARD)
    assert rig.sensor.read() == (FORWARD,)
    rig.sensor.close()


def look_while_stuck(rig: PinRig, ms: int) -> list[tuple[int, str]]:
    """Look ten times a second; nobody is told of. Returns when it was a fault, and what was said."""
    faults = []
    for _ in range(ms // 100):
        rig.now_ms += 100
        try:
            assert rig.sensor.read() == ()
        except DoorError as err:
            faults.append((rig.now_ms, str(err)))
    return faults


def test_an_edge_that_was_lost_does_not_make_the_other_beam_younger() -> None:
    rig = PinRig()
    rig.interrupt(B_PIN)
    assert rig.sensor.read() == ()
    look_for(rig, STUCK_MS - 1_500)
    rig.interrupt(A_PIN)
    rig.sensor._edges.clear()
    look_for(rig, 1_000)
    rig.now_ms += 500
    with pytest.raises(DoorError, match="beam B stays"):
        rig.sensor.read()
    rig.sensor.close()


def test_a_lost_edge_does_not_make_a_stuck_beam_well_while_somebody_stands_in_the_other() -> None:
    rig = PinRig()
    rig.interrupt(B_PIN)
    rig.now_ms += STUCK_MS
    rig.interrupt(A_PIN)
    look_while_stuck(rig, 1_000)
    rig.clear(B_PIN)
    rig.sensor._edges.clear()
    assert len(look_while_stuck(rig, 2_000)) == 20
    rig.clear(A_PIN)
    assert rig.sensor.read() == ()
    rig.sensor.close()


def test_pins_that_cannot_be_had_are_a_door_error_and_give_back_those_that_were() -> None:
    factory = open_header().factory
    with pytest.raises(DoorError, match="23 and 99") as refused:
        GpiozeroPassSensor(a_pin_bcm=A_PIN, b_pin_bcm=99, now_ms=lambda: 0, pin_factory=factory)
    GpiozeroPassSensor(a_pin_bcm=A_PIN, b_pin_bcm=B_PIN, now_ms=lambda: 0, pin_factory=factory).close()
    assert refused  # kept until here: it is not the collector of garbage that gave them back


def test_hardware_that_is_gone_is_a_door_error_and_not_a_traceback_of_the_library() -> None:
    rig = PinRig()
    rig.sensor.close()
    with pytest.raises(DoorError, match="do not answer"):
        rig.sensor.read()
