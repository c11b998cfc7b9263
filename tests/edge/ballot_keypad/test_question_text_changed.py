"""A question keeps its text from the moment a unit has met it, while the sitting is frozen, whoever says
another one."""

import pytest

from edge.ballot_keypad.open.texts import QUESTIONS_MAX
from wire.down import BallotNotice, FreezeNotice, TimeNotice
from wire.ids import QuestionId, SittingId

S1 = SittingId("s1")
GOOD, OTHER = "Adopt the budget?", "Reject the budget?"


@pytest.fixture
def put(seat, fleet):
    """The desk says this of a question; the state that the seat then shows."""
    seat.start().bind()
    fleet.say(TimeNotice(fleet.clock.wall))
    fleet.say(FreezeNotice(S1, frozen=True))

    def say(state: str, text: str, question: str = "q1", sitting: SittingId = S1) -> str:
        fleet.say(BallotNotice(sitting, QuestionId(question), state, text, True))
        seat.device.settle()
        return str(seat.state)

    return say


def alarms(fleet) -> list[str]:
    return [r.body.detail for r in fleet.records if getattr(r.body, "code", "") == "question-text-changed"]


def test_another_text_is_not_voted_on_and_not_shown(put, seat, fleet):
    put("open", GOOD)
    seat.press("yes")
    assert put("open", OTHER) == "held"
    assert GOOD in seat.screen
    seat.press("no", "ok")
    assert seat.votes == []
    assert len(alarms(fleet)) == 1
    assert alarms(fleet)[0].startswith("q1: refused the text ")


def test_with_its_own_text_again_the_vote_goes_on(put, seat, fleet):
    put("open", GOOD)
    put("open", OTHER)
    put("open", OTHER)
    assert put("open", GOOD) == "open"
    seat.press("yes", "ok")
    assert seat.votes == ["yes"]
    assert len(alarms(fleet)) == 1, "said once"


@pytest.mark.parametrize("state", ["held", "closed"])
def test_its_end_is_obeyed_whatever_text_it_bears(put, seat, state):
    put("open", GOOD)
    assert put(state, OTHER) == state
    assert OTHER not in seat.screen


def test_it_is_remembered_through_a_restart_and_behind_other_questions(put, seat):
    put("prepared", GOOD)
    put("open", "Another question?", "q2")
    seat.restart()
    assert put("open", OTHER) == "held"


def test_two_people_who_lift_the_freeze_may_correct_a_text(put, seat, fleet):
    put("prepared", GOOD)
    fleet.say(FreezeNotice(S1, frozen=False), "keypad-01", expires_in_ms=600_000)
    assert put("prepared", OTHER) == "prepared"
    assert OTHER in seat.screen
    fleet.say(FreezeNotice(S1, frozen=True), "keypad-01")
    assert put("open", GOOD) == "held", "the corrected one is frozen now"


def test_the_next_sitting_may_use_the_name_again(put, fleet):
    put("open", GOOD)
    fleet.say(FreezeNotice(SittingId("s2"), frozen=True))
    assert put("open", OTHER, sitting=SittingId("s2")) == "open"


def test_a_desk_that_asks_without_end_fills_no_disk(put, seat):
    for number in range(QUESTIONS_MAX + 5):
        put("prepared", "Adopt?" * 160, f"q-{number}")
    assert len(seat.keypad.open_vote._texts._texts) == QUESTIONS_MAX
    seat.restart()
