"""One suite for every adapter of FireContact: the panel's loop opens, and closes again."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from edge.rollcall_gate.adapters.gpiozero_fire_contact import GpiozeroFireContact
from edge.rollcall_gate.adapters.simulated_lane import SimulatedFireContact
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import FireContact
from tests.contract.header_pins import open_header

FIRE_PIN = 25


class Rig(Protocol):
    contact: FireContact

    def ring(self) -> None: ...

    def silence(self) -> None: ...


class PinRig:
    def __init__(self) -> None:
        self.header = open_header()
        self.contact = GpiozeroFireContact(fire_pin_bcm=FIRE_PIN, pin_factory=self.header.factory)
        self.silence()  # claiming a pin with a pull-up raises it; the closed loop pulls it down

    def ring(self) -> None:
        self.header.drive(FIRE_PIN, high=True)

    def silence(self) -> None:
        self.header.drive(FIRE_PIN, high=False)


class SimulatedRig:
    def __init__(self) -> None:
        self.contact = SimulatedFireContact()

    def ring(self) -> None:
        self.contact.ring()

    def silence(self) -> None:
        self.contact.silence()


@pytest.fixture(params=[PinRig, SimulatedRig], ids=["gpiozero", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = request.param()
    yield made
    made.contact.close()


def test_it_is_quiet_until_it_rings_and_after(rig: Rig) -> None:
    assert not rig.contact.is_active
    rig.ring()
    assert rig.contact.is_active
    rig.ring()
    assert rig.contact.is_active
    rig.silence()
    assert not rig.contact.is_active


def test_a_loop_that_was_never_wired_is_an_alarm_as_a_cut_one_is() -> None:
    contact = GpiozeroFireContact(fire_pin_bcm=FIRE_PIN, pin_factory=open_header().factory)
    assert contact.is_active
    contact.close()


def test_a_pin_that_cannot_be_had_is_a_door_error_that_names_it() -> None:
    with pytest.raises(DoorError, match="fire pin 99"):
        GpiozeroFireContact(fire_pin_bcm=99, pin_factory=open_header().factory)


def test_hardware_that_is_gone_is_a_door_error_and_not_a_traceback_of_the_library() -> None:
    rig = PinRig()
    rig.contact.close()
    with pytest.raises(DoorError, match="does not answer"):
        _ = rig.contact.is_active
