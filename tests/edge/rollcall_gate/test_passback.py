"""A badge that has just opened the gate, shown again: it may have been handed back over the barrier."""

import pytest

from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.passback import PREFIX, Inside, load
from tests.edge.rollcall_gate.rig import Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member

WINDOW_MS = 120_000


def gate(**how) -> Rig:
    made = Rig(passback_ms=WINDOW_MS, **how)
    made.enrol((member(1), 0, at_angle(0)))
    made.expect((member(1), 1, "An", ""), (member(2), 2, "Bình", ""))
    made.open_sitting()
    return made


@pytest.fixture
def rig() -> Rig:
    return gate()


def in_by_badge(rig: Rig, who: int = 1) -> None:
    rig.badge(member(who), serial=who)
    assert rig.go_through()
    rig.wait(5_000)


def test_a_badge_again_within_the_time_is_for_a_human(rig: Rig) -> None:
    in_by_badge(rig)
    rig.badge(member(1))
    assert rig.seen["decision"] == "AlreadyInside"
    assert rig.display.lines == ("This badge has just been used.", "Please see the usher.")
    assert rig.seen["code"] == "already-inside"
    assert rig.door.locked
    assert rig.alarms() == ["already-inside"]
    assert len(rig.passages()) == 1


def test_another_badge_of_the_same_member_or_their_pin_is_no_way_round_it(rig: Rig) -> None:
    in_by_badge(rig)
    rig.badge(member(1), serial=77)
    assert rig.seen["decision"] == "AlreadyInside"
    rig.wait(5_000)
    rig.pin(member(1))
    assert rig.seen["decision"] == "AlreadyInside"
    assert rig.door.locked


def test_after_the_time_it_is_taken_again(rig: Rig) -> None:
    in_by_badge(rig)
    entered_ms = rig.clock.ms - 5_000
    rig.clock.ms = entered_ms + WINDOW_MS - 1
    rig.badge(member(1))
    assert rig.seen["decision"] == "AlreadyInside"
    rig.clock.ms = entered_ms + WINDOW_MS + 5_000
    rig.badge(member(1))
    assert rig.seen["state"] == "released"


def test_a_face_is_not_asked_for_it_cannot_be_handed_back(rig: Rig) -> None:
    in_by_badge(rig)
    rig.walk(*[Sample(at_angle(0), track=9)] * 3)
    assert rig.go_through()
    assert [p.method for p in rig.passages()] == ["badge", "face"]


def test_the_usher_may_let_them_in_all_the_same(rig: Rig) -> None:
    in_by_badge(rig)
    rig.badge(member(1))
    rig.usher_admits(member(1))
    assert rig.go_through()


def test_who_was_admitted_and_did_not_go_in_may_come_again(rig: Rig) -> None:
    rig.badge(member(1))
    rig.wait(6_000)
    assert rig.door.locked
    rig.badge(member(1))
    assert rig.seen["state"] == "released"


def test_whoever_went_in_by_face_cannot_hand_out_their_badge_either(rig: Rig) -> None:
    rig.walk(*[Sample(at_angle(0), track=1)] * 3)
    assert rig.go_through()
    rig.badge(member(1))
    assert rig.seen["decision"] == "AlreadyInside"


def test_other_members_are_not_concerned(rig: Rig) -> None:
    in_by_badge(rig)
    in_by_badge(rig, 2)
    assert [p.member for p in rig.passages()] == [member(1), member(2)]


def test_a_site_that_does_not_mind_keeps_nothing() -> None:
    rig = Rig()
    rig.open_sitting()
    in_by_badge(rig)
    rig.badge(member(1))
    assert rig.seen["state"] == "released"
    assert not [name for name in rig.disk.named if name.startswith(PREFIX)]


def test_a_gate_that_leads_out_minds_nobody() -> None:
    rig = gate(direction="out")
    in_by_badge(rig)
    rig.badge(member(1))
    assert rig.seen["state"] == "released"


def test_a_clock_that_went_back_holds_nobody_out(rig: Rig) -> None:
    in_by_badge(rig)
    again = rig.restarted()
    again.clock.ms -= 20_000
    again.open_sitting()
    again.badge(member(1))
    assert again.seen["state"] == "released"


def test_a_power_cut_is_no_way_round_it(rig: Rig) -> None:
    in_by_badge(rig)
    again = rig.restarted()
    again.open_sitting()
    again.badge(member(1))
    assert again.seen["decision"] == "AlreadyInside"


def test_what_no_longer_matters_is_not_kept(rig: Rig) -> None:
    for who in (1, 2, 3):
        in_by_badge(rig, who)
        rig.clock.ms += WINDOW_MS
    assert [name for name in rig.disk.named if name.startswith(PREFIX)] == [PREFIX + member(3).hex()]


def test_whose_passage_was_not_stored_may_come_again_by_badge_and_be_counted(rig: Rig) -> None:
    rig.badge(member(1))
    rig.disk.full = True
    rig.go_through()
    assert rig.display.lines[0] == "NOT stored."
    rig.disk.full = False
    rig.wait(5_000)
    rig.badge(member(1))
    assert rig.go_through()
    assert [p.member for p in rig.passages()] == [member(1)]


def test_a_badge_that_is_held_up_is_one_badge(rig: Rig) -> None:
    rig.badge(member(9))
    rig.go_through()
    for _ in range(20):
        rig.wait(1_000)
        rig.badge(member(9))
    assert rig.alarms() == []
    rig.wait(5_000)
    rig.badge(member(9))
    assert rig.alarms() == ["already-inside"]


def test_what_was_kept_is_read_back() -> None:
    inside, changes = Inside(WINDOW_MS).entered(member(1), 1_000)
    inside, more = inside.entered(member(2), 2_000)
    kept = {name: value for name, value in (changes | more).items() if value is not None}
    assert load(kept, WINDOW_MS) == inside
    assert load({PREFIX + "short": b"\x01"}, WINDOW_MS) == Inside(WINDOW_MS, {})
