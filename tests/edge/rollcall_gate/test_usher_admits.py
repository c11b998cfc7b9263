"""One tap on an usher's phone: a signed command that admits one member, once, in this sitting."""

import logging

import pytest

from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import SITTING, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.down import CommandMessage
from wire.records import Passage


@pytest.fixture
def rig() -> Rig:
    made = Rig(passback_ms=120_000)
    made.enrol((member(1), 0, at_angle(0)))
    made.expect((member(1), 1, "An", ""), (member(9), 9, "Chi", "C3"))
    made.open_sitting()
    return made


def test_a_member_without_face_or_badge_walks_in_at_an_ushers_word(rig: Rig) -> None:
    rig.usher_admits(member(9))
    assert (rig.seen["state"], rig.seen["method"]) == ("released", "usher")
    assert rig.display.lines == ("Welcome, Chi.", "Seat C3.")
    assert rig.go_through()
    assert rig.passages() == [Passage(SITTING, member(9), "in", "usher")]
    assert rig.alarms() == []


def test_it_ends_whatever_the_camera_was_about(rig: Rig) -> None:
    rig.walk(*[Sample(at_angle(90, axis=7), track=1)] * 2)
    rig.usher_admits(member(9))
    rig.walk(Sample(at_angle(90, axis=7), track=1))
    assert rig.seen["member"] == member(9).hex()
    assert rig.go_through()


def test_a_word_said_twice_lets_in_once(rig: Rig) -> None:
    rig.usher_admits(member(9), identifier=b"i" * 16)
    rig.go_through()
    rig.usher_admits(member(9), identifier=b"i" * 16)
    assert rig.seen["state"] == "secured"
    again = rig.restarted()
    again.open_sitting()
    again.usher_admits(member(9), identifier=b"i" * 16)
    assert again.seen["state"] == "secured"


def test_another_word_lets_in_again(rig: Rig) -> None:
    for _ in range(2):
        rig.usher_admits(member(9))
        assert rig.go_through()
    assert len(rig.passages()) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"member": member(9)},
        {"sitting": SITTING},
        {"member": member(9), "sitting": "another"},
        {"member": member(9), "sitting": None},
        {"member": member(9)[:15], "sitting": SITTING},
        {"member": member(9) + b"\0", "sitting": SITTING},
        {"member": member(9).hex(), "sitting": SITTING},
        {"member": 9, "sitting": SITTING},
        {"member": None, "sitting": SITTING},
        {"member": True, "sitting": SITTING},
    ],
)
def test_a_word_that_names_nobody_or_another_sitting_is_not_followed_and_said_so(
    rig: Rig, arguments: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        rig.say(CommandMessage(b"x" * 16, "admit", arguments))
    assert rig.door.locked
    assert (rig.seen["decisions"], rig.records()) == (0, [])
    assert "not followed" in caplog.text
    rig.badge(member(1))
    assert rig.go_through()


def test_between_sittings_nobody_is_admitted(rig: Rig) -> None:
    rig.close_sitting()
    rig.usher_admits(member(9))
    rig.usher_admits(member(9), sitting=None)
    assert rig.door.locked
    assert rig.seen["decisions"] == 0


def test_while_somebody_passes_it_waits_and_does_not_count_them_as_another(rig: Rig) -> None:
    rig.badge(member(1))
    rig.door.push()
    rig.look()
    rig.usher_admits(member(9))
    assert rig.display.lines == ("Welcome, An.",)
    rig.door.let_go(people=1)
    rig.look()
    rig.look()
    assert [p.member for p in rig.passages()] == [member(1)]
    rig.wait(100)  # the word has waited for its turn
    assert rig.go_through()
    assert [p.member for p in rig.passages()] == [member(1), member(9)]


def test_a_word_that_cannot_be_followed_for_too_long_is_void_and_said_in_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.badge(member(1))
    rig.door.push()
    rig.look()
    rig.usher_admits(member(9))
    with caplog.at_level(logging.WARNING):
        for _ in range(23):
            rig.wait(500)
    assert "not followed" in caplog.text
    rig.door.let_go(people=1)
    rig.look()
    rig.look()
    rig.wait(500)
    assert not rig.go_through()


@pytest.mark.parametrize("counts", [True, False])
def test_at_a_jammed_turnstile_whoever_is_handed_past_is_counted(counts: bool) -> None:
    rig = Rig(counts=counts)
    rig.open_sitting()
    rig.door.jam()
    rig.gate.on_jam(True)
    rig.usher_admits(member(9))
    if counts:
        assert rig.passages() == []
        rig.sensor.cross()
        rig.look()
    assert rig.passages() == [Passage(SITTING, member(9), "in", "usher")]
    rig.usher_admits(member(8))
    if counts:
        rig.sensor.cross()
        rig.look()
    assert [p.member for p in rig.passages()] == [member(9), member(8)]


def test_in_a_fire_there_is_nobody_to_admit(rig: Rig) -> None:
    rig.gate.on_fire(True)
    rig.usher_admits(member(9))
    assert rig.seen["view"] == "evacuation"
    assert rig.passages() == []


def test_an_unknown_command_is_not_obeyed(rig: Rig) -> None:
    rig.say(CommandMessage(b"y" * 16, "open", {"member": member(9), "sitting": SITTING}))
    assert rig.door.locked


def test_no_member_stands_in_the_log_of_a_word(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        rig.usher_admits(member(9))
        rig.go_through()
        rig.usher_admits(member(9), sitting="another")
    assert member(9).hex() not in caplog.text
    assert "Chi" not in caplog.text
