"""One suite for every adapter of Door: what the gate tells it, and what a person does to it."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from edge.rollcall_gate.adapters.gpiozero_door import GpiozeroDoor
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPassSensor
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing, Door
from tests.contract.header_pins import open_header

LOCK_PIN, REED_PIN, JAM_PIN = 17, 27, 22


class Rig(Protocol):
    door: Door

    @property
    def bolted(self) -> bool: ...

    def swing_open(self) -> None: ...

    def swing_shut(self) -> None: ...

    def block(self) -> None: ...

    def unblock(self) -> None: ...


class PinRig:
    def __init__(self) -> None:
        self.header = open_header()
        self.door = GpiozeroDoor(
            lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, jam_pin_bcm=JAM_PIN, pin_factory=self.header.factory
        )
        self.swing_shut()  # claiming a pin with a pull-up raises it; the contact then pulls it down

    @property
    def bolted(self) -> bool:
        """A magnetic lock holds while its coil has current: never when its pin is not driven."""
        return self.header.drives(LOCK_PIN) is True

    def swing_open(self) -> None:
        self.header.drive(REED_PIN, high=True)

    def swing_shut(self) -> None:
        self.header.drive(REED_PIN, high=False)

    def block(self) -> None:
        self.header.drive(JAM_PIN, high=False)

    def unblock(self) -> None:
        self.header.drive(JAM_PIN, high=True)


class SimulatedRig:
    def __init__(self) -> None:
        self.door = SimulatedDoor()

    @property
    def bolted(self) -> bool:
        return self.door.locked

    def swing_open(self) -> None:
        self.door.force()

    def swing_shut(self) -> None:
        self.door.let_go()

    def block(self) -> None:
        self.door.jam()

    def unblock(self) -> None:
        self.door.free()


@pytest.fixture(params=[PinRig, SimulatedRig], ids=["gpiozero", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = request.param()
    yield made
    made.door.close()


def test_it_is_released_until_it_is_told(rig: Rig) -> None:
    assert not rig.bolted
    assert not rig.door.is_open


def test_release_and_secure_move_the_bolt(rig: Rig) -> None:
    rig.door.release()
    assert not rig.bolted
    rig.door.secure()
    assert rig.bolted


def test_both_can_be_said_twice(rig: Rig) -> None:
    rig.door.release()
    rig.door.release()
    assert not rig.bolted
    rig.door.secure()
    rig.door.secure()
    assert rig.bolted


def test_the_contact_tells_open_from_shut(rig: Rig) -> None:
    rig.door.release()
    rig.swing_open()
    assert rig.door.is_open
    rig.swing_shut()
    assert not rig.door.is_open


def test_a_forced_door_is_seen_though_the_bolt_is_out(rig: Rig) -> None:
    rig.door.secure()
    rig.swing_open()
    assert rig.door.is_open


def test_giving_the_hardware_back_leaves_it_released(rig: Rig) -> None:
    rig.door.secure()
    rig.door.close()
    assert not rig.bolted


def test_pins_that_are_taken_are_a_door_error_and_not_a_traceback_of_the_library() -> None:
    header = open_header()
    factory = header.factory
    first = GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=factory)
    with pytest.raises(DoorError, match="17"):
        GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=factory)
    assert header.drives(LOCK_PIN) is False
    first.close()


@pytest.mark.parametrize("taken", [REED_PIN, JAM_PIN])
def test_pins_that_cannot_be_had_give_back_those_that_were(taken: int) -> None:
    """The lock's pin is free again, so the next try is not refused for the first one's sake."""
    factory = open_header().factory
    pins = {"lock_pin_bcm": LOCK_PIN, "reed_pin_bcm": REED_PIN, "jam_pin_bcm": JAM_PIN}
    other = GpiozeroDoor(lock_pin_bcm=taken, reed_pin_bcm=5, pin_factory=factory)
    with pytest.raises(DoorError, match=f"{taken}") as refused:
        GpiozeroDoor(**pins, pin_factory=factory)
    other.close()
    GpiozeroDoor(**pins, pin_factory=factory).close()
    assert refused  # kept until here: it is not the collector of garbage that gave them back


def test_hardware_that_is_gone_is_a_door_error_and_not_a_traceback_of_the_library() -> None:
    rig = PinRig()
    rig.door.close()
    for act in (rig.door.release, rig.door.secure, lambda: rig.door.is_open, lambda: rig.door.is_jammed):
        with pytest.raises(DoorError, match="does not answer"):
            act()


def test_a_jam_is_seen_and_its_end(rig: Rig) -> None:
    assert not rig.door.is_jammed
    rig.block()
    assert rig.door.is_jammed
    rig.unblock()
    assert not rig.door.is_jammed


def test_a_jam_moves_neither_bolt_nor_contact(rig: Rig) -> None:
    rig.door.secure()
    rig.block()
    assert rig.bolted
    assert not rig.door.is_open


def test_a_door_without_a_jam_contact_is_never_jammed() -> None:
    header = open_header()
    door = GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=header.factory)
    header.drive(JAM_PIN, high=False)
    assert not door.is_jammed
    door.close()


def test_a_cut_reed_wire_reads_as_open_and_is_not_secured() -> None:
    rig = PinRig()
    rig.swing_open()
    assert rig.door.secure() is False
    assert not rig.bolted
    rig.door.close()


def test_a_jammed_simulated_door_does_not_move() -> None:
    door = SimulatedDoor()
    door.jam()
    assert not door.pass_through()
    assert not door.push()
    assert not door.is_open
    door.free()
    assert door.pass_through()


@pytest.mark.parametrize("people", [0, 1, 2])
@pytest.mark.parametrize("way", Crossing)
def test_people_are_seen_by_the_beams_between_the_look_that_sees_it_open_and_the_one_that_sees_it_shut(
    people: int, way: Crossing
) -> None:
    sensor = SimulatedPassSensor()
    door = SimulatedDoor(sensor)
    assert door.pass_through(people, way)
    assert sensor.read() == ()
    assert door.is_open
    assert sensor.read() == (way,) * people
    assert not door.is_open
    assert sensor.read() == ()


def test_who_stood_in_the_simulated_door_walks_on_before_it_falls_shut() -> None:
    sensor = SimulatedPassSensor()
    door = SimulatedDoor(sensor)
    door.push()
    assert door.is_open
    assert sensor.read() == ()
    door.let_go(people=1)
    assert door.is_open
    assert sensor.read() == (Crossing.FORWARD,)
    assert not door.is_open


def test_a_locked_simulated_door_does_not_move() -> None:
    door = SimulatedDoor()
    door.secure()
    assert not door.pass_through()
    assert not door.push()
    assert not door.is_open


def test_a_cut_wire_is_a_door_error_and_lets_people_out() -> None:
    door = SimulatedDoor()
    door.secure()
    door.cut_wire()
    assert not door.locked
    with pytest.raises(DoorError):
        door.secure()
    door.mend_wire()
    door.secure()
    assert door.locked


def test_the_bolt_is_never_told_out_while_the_door_stands_open(rig: Rig) -> None:
    rig.door.release()
    rig.swing_open()
    assert rig.door.secure() is False
    assert not rig.bolted
    assert rig.door.is_open
    rig.swing_shut()
    assert not rig.door.is_open
    assert rig.door.secure() is True
    assert rig.bolted
