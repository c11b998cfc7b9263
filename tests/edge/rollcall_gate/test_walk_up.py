"""From the first face to the stored record, and everybody who takes another way."""

import pytest

from edge.rollcall_gate.display import screen
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import CONGRESS, SITTING, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.ids import CongressId
from wire.records import Passage


def face(degrees: float, axis: int = 1) -> Sample:
    return Sample(probe=at_angle(degrees, axis))


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enrol((member(1), 0, at_angle(0)), (member(1), 1, at_angle(10)), (member(2), 0, at_angle(90)))
    made.open_sitting()
    return made


def test_who_is_enrolled_walks_in_and_is_counted_once(rig: Rig) -> None:
    rig.walk(face(3), face(5), face(4))
    assert rig.seen["state"] == "released"
    assert rig.display.lines == ("Please walk in.",)
    assert rig.passages() == []  # nothing is said of somebody who has not entered
    assert rig.go_through()
    assert rig.passages() == [Passage(SITTING, member(1), "in", "face")]
    assert rig.display.lines == ("Stored. Thank you.",)
    assert rig.door.locked
    assert not rig.go_through()


def test_a_stranger_is_sent_to_the_badge_lane_and_the_door_stays_shut(rig: Rig) -> None:
    rig.walk(*[face(90, axis=7)] * 3)
    assert rig.seen["view"] == "badge-lane"
    assert rig.display.lines == (
        "We did not recognise you yet.",
        "Please show your badge, or see the usher.",
    )
    assert rig.seen["decisions"] == 1
    assert rig.door.locked
    assert not rig.go_through()
    assert rig.records() == []


def test_a_badge_is_as_good_a_way_in(rig: Rig) -> None:
    rig.walk(*[face(90, axis=7)] * 3)
    rig.badge(member(9))
    assert rig.go_through()
    assert rig.passages() == [Passage(SITTING, member(9), "in", "badge")]


def test_nobody_waits_longer_than_three_seconds_for_a_machine(rig: Rig) -> None:
    began = rig.clock.ms
    while rig.seen["view"] in ("ready", "look"):
        rig.walk(Sample(fault=Fault.BLURRED))
        assert rig.clock.ms - began <= 3_200
    assert rig.seen["view"] == "badge-lane"
    assert rig.display.lines[0] == "Please hold still."


def test_two_good_frames_decide_when_the_time_is_up(rig: Rig) -> None:
    rig.walk(face(0), *[Sample(fault=Fault.BLURRED)] * 27, face(1))
    assert rig.seen["state"] == "secured"
    rig.walk(*[Sample(fault=Fault.BLURRED)] * 3)
    assert rig.seen["state"] == "released"


def test_who_glances_and_goes_on_opens_no_door(rig: Rig) -> None:
    rig.walk(face(0), face(0))
    for _ in range(15):
        rig.wait(100)
        rig.gate.on_sample(None)
    assert rig.seen["state"] == "secured"
    assert rig.seen["view"] == "ready"
    rig.walk(face(90, axis=7))  # the next person's walk-up does not inherit those frames
    assert rig.seen["state"] == "secured"


def test_two_alike_are_for_a_human_to_tell_apart(rig: Rig) -> None:
    rig.walk(*[face(47)] * 3)
    assert rig.display.lines[0] == "We are not quite sure yet."


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"congress": CongressId("another")}, "This badge is for another congress."),
        ({"serial": 5}, "This badge is no longer valid."),
        ({"late": True}, "This badge has expired."),
    ],
)
def test_a_badge_that_is_not_in_force_opens_nothing_and_says_why(rig: Rig, shown, words: str) -> None:
    rig.revoke_badges(4, 5)
    rig.badge(member(1), **shown)
    assert rig.display.lines[0] == words
    assert rig.door.locked


def test_a_badge_of_an_unrevoked_serial_still_opens(rig: Rig) -> None:
    rig.revoke_badges(4, 5)
    rig.badge(member(1), serial=6)
    assert not rig.door.locked


@pytest.mark.parametrize("text", ["", "HW1:", "HW1:AAAA", "https://example", "HW1:" + "A" * 2000, "HW1:===="])
def test_what_is_no_badge_is_refused_in_words(rig: Rig, text: str) -> None:
    rig.gate.on_badge(text)
    assert rig.display.lines[0] == "This badge cannot be read."
    assert rig.door.locked


def test_without_a_sitting_nobody_is_looked_at(rig: Rig) -> None:
    rig.close_sitting()
    assert not rig.gate.wants_codes
    rig.walk(face(0), face(0), face(0))
    rig.badge(member(1))
    assert rig.door.locked
    assert rig.display.lines == ("No sitting is open.",)


def test_the_badge_message_ends_and_the_next_person_is_looked_at(rig: Rig) -> None:
    rig.walk(*[face(90, axis=7)] * 3)
    assert rig.gate.wants_codes_most
    for _ in range(9):
        rig.wait(500)
    assert not rig.gate.wants_codes_most
    assert rig.seen["view"] == "ready"
    rig.walk(face(1), face(1), face(1))
    assert rig.seen["state"] == "released"


def test_a_full_disk_is_said_to_the_person_and_counts_nobody(rig: Rig) -> None:
    rig.walk(face(1), face(1), face(1))
    rig.disk.full = True
    rig.go_through()
    assert rig.display.lines == ("NOT stored.", "Please see the usher.")
    assert rig.lamp.colour == "red"
    rig.disk.full = False
    assert rig.passages() == []
    rig.wait(5_000)
    rig.walk(face(1), face(1), face(1))
    rig.go_through()
    assert [p.member for p in rig.passages()] == [member(1)]


def test_a_silent_camera_leaves_the_badge_lane(rig: Rig) -> None:
    rig.gate.on_camera(works=False)
    assert rig.display.lines == (
        "The camera is out of order.",
        "Please show your badge, or see the usher.",
    )
    rig.badge(member(1))
    assert rig.go_through()
    rig.gate.on_camera(works=True)
    rig.wait(5_000)
    assert rig.seen["view"] == "ready"
    assert rig.alarms() == ["camera-fault"]


def test_the_record_names_nothing_of_the_face(rig: Rig) -> None:
    rig.walk(face(3), face(5), face(4))
    rig.go_through()
    (record,) = rig.records()
    assert record.congress == CONGRESS
    assert record.body.values() == ["sitting-1", member(1), "in", "face"]


def test_frames_and_inferences_are_counted_and_looks_without_a_frame_are_not(rig: Rig) -> None:
    rig.walk(Sample(), Sample(fault=Fault.BLURRED), Sample(probe=at_angle(1)))
    rig.gate.on_sample(None)
    assert rig.runtime.counters.own == {"frames": 3, "inferences": 1 + 2 + 3}


@pytest.mark.parametrize("text", ["HW1:Á", "HW1:\ud800", "\x00"])
def test_a_hostile_code_before_the_camera_does_not_end_the_gate(rig: Rig, text: str) -> None:
    rig.gate.on_badge(text)
    assert rig.seen["decision"] == "BadBadge"
    assert rig.door.locked


def test_what_is_only_on_the_gates_disk_is_not_called_recorded() -> None:
    """`Đã ghi nhận` is what a keypad says after a receipt; a gate says `Đã lưu`, as it does before."""
    assert screen.panel(screen.View.STORED, "vi+en").lines == ("Đã lưu. Cảm ơn.", "Stored. Thank you.")
