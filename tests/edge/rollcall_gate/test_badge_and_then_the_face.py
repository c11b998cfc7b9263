"""1:1: whose badge was shown, or whose PIN was typed, is asked for the face that goes with it."""

from dataclasses import replace

import pytest

from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.decide import DEFAULT, Sample
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from edge.rollcall_gate.who.reception import CLAIM_MS, Manner
from tests.edge.rollcall_gate.rig import Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member

VERIFIES = Manner(DEFAULT, UNCALIBRATED, verifies=True)


def face(degrees: float, axis: int = 1) -> list[Sample]:
    return [Sample(at_angle(degrees, axis), track=1)] * 3


@pytest.fixture
def rig() -> Rig:
    made = Rig(manner=VERIFIES)
    made.enrol((member(1), 0, at_angle(0)), (member(2), 0, at_angle(60)))
    made.expect((member(1), 1, "An", "A1"), (member(2), 2, "Bình", "A2"), (member(3), 3, "Chi", ""))
    made.open_sitting()
    return made


def test_a_face_alone_opens_nothing_and_is_not_even_looked_at(rig: Rig) -> None:
    assert not rig.gate.wants_faces
    assert rig.gate.wants_codes_most
    rig.walk(*face(0))
    assert rig.seen["decisions"] == 0
    assert rig.door.locked


def test_a_badge_and_the_face_that_goes_with_it_open_the_gate(rig: Rig) -> None:
    rig.badge(member(1), serial=1)
    assert rig.gate.wants_faces
    assert rig.door.locked
    assert rig.display.lines == ("Your badge was read.", "Now look at the camera.")
    rig.walk(*face(20))
    assert rig.go_through()
    assert [(p.member, p.method) for p in rig.passages()] == [(member(1), "badge")]
    assert rig.alarms() == []


def test_a_face_that_is_a_little_nearer_to_another_member_is_still_the_bearers(rig: Rig) -> None:
    """One comparison, not thousands: there is no runner-up, and verify_min counts."""
    rig.badge(member(1), serial=1)
    rig.walk(*face(32))
    assert rig.seen["state"] == "released"


def test_a_pin_and_the_face_that_goes_with_it_are_recorded_as_a_pin(rig: Rig) -> None:
    rig.pin(member(1), 1)
    assert rig.door.locked
    rig.walk(*face(5))
    assert rig.go_through()
    assert [(p.member, p.method) for p in rig.passages()] == [(member(1), "pin")]


def test_another_face_than_the_bearers_is_sent_to_the_usher(rig: Rig) -> None:
    rig.badge(member(1), serial=1)
    rig.walk(*face(90, axis=7))
    assert rig.door.locked
    assert rig.display.lines == ("Face and badge do not match yet.", "Please see the usher.")
    assert rig.alarms() == ["not-the-bearer"]
    assert not rig.gate.wants_faces


def test_somebody_without_a_reference_loses_nothing(rig: Rig) -> None:
    rig.badge(member(3), serial=3)
    assert rig.go_through()
    assert [(p.member, p.method) for p in rig.passages()] == [(member(3), "badge")]


@pytest.mark.parametrize("camera_works", [True, False])
def test_a_badge_whose_face_does_not_come_within_ten_seconds_opens_nothing(
    rig: Rig, camera_works: bool
) -> None:
    rig.badge(member(1), serial=1)
    if not camera_works:
        rig.gate.on_camera(works=False)
    for _ in range(CLAIM_MS // 500 - 1):
        rig.wait(500)
        if camera_works:
            rig.gate.on_sample(Sample())
    assert rig.seen["view"] == "show-face"
    rig.wait(500)
    if camera_works:
        rig.gate.on_sample(Sample())
    assert rig.seen["decision"] == "NotTheBearer"
    assert rig.door.locked
    rig.gate.on_camera(works=True)
    rig.walk(*face(0))
    assert rig.door.locked


def test_a_bad_look_is_said_and_the_badge_can_be_shown_again(rig: Rig) -> None:
    rig.badge(member(1), serial=1)
    rig.walk(*[Sample(fault=Fault.BLURRED, track=1)] * 31)
    assert rig.seen["decision"] == "LowQuality"
    rig.wait(5_000)
    rig.badge(member(1), serial=1)
    rig.walk(*[replace(sample, track=2) for sample in face(3)])
    assert rig.seen["state"] == "released"


def test_another_badge_takes_the_place_of_the_one_before(rig: Rig) -> None:
    rig.badge(member(1), serial=1)
    rig.badge(member(2), serial=2)
    rig.walk(*face(0))
    assert rig.seen["decision"] == "Admitted"
    assert rig.seen["member"] == member(2).hex()  # cos 60 = .5: near enough for one comparison


def test_who_is_withdrawn_between_badge_and_face_is_admitted_by_the_badge(rig: Rig) -> None:
    """They have no reference now, so none is asked for; and the gate does not stop."""
    rig.badge(member(1), serial=1)
    rig.change(1, gone=(member(1),))
    rig.walk(*face(90, axis=7))
    assert (rig.seen["decision"], rig.seen["method"]) == ("Admitted", "badge")


def test_when_all_is_forgotten_a_waiting_badge_is_too(rig: Rig) -> None:
    rig.badge(member(1), serial=1)
    rig.forget()
    rig.walk(*face(0))
    assert rig.door.locked
    assert rig.seen["view"] == "ready"


def test_half_a_number_does_not_stand_on_the_display_for_the_next_person(rig: Rig) -> None:
    rig.keys("12E34")
    assert rig.seen["view"] == "pin-entry"
    for _ in range(30):
        rig.wait(500)
    assert rig.seen["view"] == "ready"
