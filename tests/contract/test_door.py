"""One suite for every adapter of Door: what the gate tells it, and what a person does to it."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from gpiozero.pins.mock import MockFactory

from edge.rollcall_gate.adapters.gpiozero_door import GpiozeroDoor
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Door

LOCK_PIN, REED_PIN = 17, 27


class Rig(Protocol):
    door: Door

    @property
    def bolted(self) -> bool: ...

    def swing_open(self) -> None: ...

    def swing_shut(self) -> None: ...


class PinRig:
    def __init__(self) -> None:
        self.factory = MockFactory()
        self.door = GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=self.factory)
        self.swing_shut()  # claiming a pin with a pull-up raises it; the contact then pulls it down

    @property
    def bolted(self) -> bool:
        """A magnetic lock holds while its coil has current: never when its pin is not driven."""
        pin = self.factory.pin(LOCK_PIN)
        return pin.function == "output" and bool(pin.state)

    def swing_open(self) -> None:
        self.factory.pin(REED_PIN).drive_high()

    def swing_shut(self) -> None:
        self.factory.pin(REED_PIN).drive_low()


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
    factory = MockFactory()
    first = GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=factory)
    with pytest.raises(DoorError, match="17"):
        GpiozeroDoor(lock_pin_bcm=LOCK_PIN, reed_pin_bcm=REED_PIN, pin_factory=factory)
    first.close()


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
