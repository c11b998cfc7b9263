"""A gate on hold asks people to wait; an usher's word alone lets them in, and so it stays after a restart."""

import pytest

from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import SITTING, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.down import CommandMessage, Twin
from wire.records import Passage


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enrol((member(1), 0, at_angle(0)))
    made.open_sitting()
    made.say(Twin({"held": True}))
    return made


def test_neither_face_nor_badge_opens_it_and_the_display_says_why(rig: Rig) -> None:
    rig.walk(*[Sample(probe=at_angle(1))] * 3)
    rig.badge(member(1))
    rig.gate.on_keys("1E123456E")
    assert rig.door.locked
    assert rig.seen["view"] == "held"
    assert rig.display.lines[0] == "The gate is on hold. Please wait."
    assert rig.records() == []


def test_the_usher_still_decides(rig: Rig) -> None:
    rig.say(CommandMessage(b"\x01" * 16, "admit", {"member": member(2), "sitting": SITTING}))
    assert rig.go_through()
    assert rig.passages() == [Passage(SITTING, member(2), "in", "usher")]


def test_who_is_in_the_door_when_it_is_held_goes_through() -> None:
    rig = Rig()
    rig.enrol((member(1), 0, at_angle(0)))
    rig.open_sitting()
    rig.walk(*[Sample(probe=at_angle(1))] * 3)
    rig.say(Twin({"held": True}))
    assert rig.seen["view"] == "walk-in"
    assert rig.go_through()
    assert len(rig.passages()) == 1


def test_it_goes_on_when_it_is_let_and_holds_through_a_restart(rig: Rig) -> None:
    again = Rig(disk=rig.disk)
    again.open_sitting()
    assert again.seen["view"] == "held"
    again.say(Twin({}), generation=1_000)
    assert again.seen["view"] == "ready"
