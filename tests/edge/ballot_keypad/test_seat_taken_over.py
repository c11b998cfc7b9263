"""A keypad that takes over a seat in an open question: it shows the vote that is there, takes another only
where the question allows one, and asks for one only where there is none."""

import pytest

from edge.ballot_keypad.open import ballot as life
from edge.ballot_keypad.open.ballot import Ballot, Cast, Elsewhere, Vote
from edge.device.twin import CAST
from tests.edge.ballot_keypad.conftest import MEMBER, Seat
from wire.down import BallotNotice, Twin
from wire.errors import BadSchema
from wire.ids import MemberRef, QuestionId, SittingId


def take_over(seat: Seat, cast: str | None, member: bytes = MEMBER) -> Seat:
    told = {} if cast is None else {"cast": cast}
    seat.fleet.say(Twin({"seat": "A-12", "member": member, **told}), "keypad-01")
    seat.device.settle()
    return seat


def test_a_spare_shows_the_recorded_vote_at_once_and_takes_no_second_one(seat: Seat) -> None:
    take_over(seat.start().ask(revote=False), "q1 yes")
    assert seat.state == "recorded"
    assert "Đã ghi nhận" in seat.screen
    assert "Tán thành / Yes" in seat.screen
    assert seat.keypad.look()["choice"] == "yes"
    assert "This vote cannot be changed" in seat.press("no").screen
    assert seat.press("ok").state == "recorded"
    assert seat.votes == []


def test_where_the_question_allows_it_the_vote_is_changed_on_the_spare(seat: Seat) -> None:
    take_over(seat.start().ask(revote=True), "q1 yes")
    seat.press("no")
    assert seat.state == "chosen"
    assert seat.press("clear").state == "recorded"
    assert seat.keypad.look()["choice"] == "yes"
    seat.press("no", "ok")
    assert (seat.votes, seat.state, seat.keypad.look()["choice"]) == (["no"], "recorded", "no")
    seat.restart()
    assert (seat.state, seat.keypad.look()["choice"]) == ("recorded", "no")


def test_without_a_vote_in_the_log_the_spare_asks_for_one(seat: Seat) -> None:
    take_over(seat.start().ask(revote=False), None)
    assert seat.state == "open"
    assert seat.press("yes", "ok").votes == ["yes"]


def test_the_vote_of_another_question_or_of_another_member_says_nothing(seat: Seat) -> None:
    take_over(seat.start().ask(revote=False), "q0 yes")
    assert seat.state == "open"
    take_over(seat, "q1 yes")
    assert seat.state == "recorded"
    take_over(seat, None, member=b"n" * 16)
    assert seat.state == "open"
    take_over(seat, "q1 yes").ask(question="q2", revote=False)
    assert seat.state == "open"


@pytest.mark.parametrize(
    ("said", "state"), [("held", "recorded"), ("closed", "recorded"), ("certified", "idle")]
)
def test_it_stays_recorded_through_the_life_of_the_question(seat: Seat, said: str, state: str) -> None:
    take_over(seat.start().ask(revote=False), "q1 abstain")
    assert seat.ask(said, revote=False).state == state


def test_a_restart_shows_what_was_told(seat: Seat) -> None:
    take_over(seat.start().ask(revote=False), "q1 no").restart()
    assert (seat.state, seat.keypad.look()["choice"]) == ("recorded", "no")


def test_a_final_vote_that_is_told_late_is_shown_instead_of_the_one_that_does_not_count(seat: Seat) -> None:
    """It was in the log before, so the second one never counts, though it stands there, too."""
    take_over(seat.start().ask(revote=False), None).press("no", "ok")
    assert seat.keypad.look()["choice"] == "no"
    take_over(seat, "q1 yes")
    assert (seat.state, seat.keypad.look()["choice"]) == ("recorded", "yes")


def opened(revote: bool, **ballot: object) -> Ballot:
    notice = BallotNotice(SittingId("s1"), QuestionId("q1"), "open", "?", revote)
    return life.noticed(Ballot(member=MemberRef(MEMBER), **ballot), notice, 2**52)  # type: ignore[arg-type]


CAST_HERE = Cast(SittingId("s1"), QuestionId("q1"), MemberRef(MEMBER), "no", 7)
THERE = Elsewhere(QuestionId("q1"), "yes")


@pytest.mark.parametrize(
    ("revote", "marked_seq", "choice"),
    [
        (True, 7, "yes"),  # recorded here before the seat was away: the other one is later
        (True, 6, "no"),  # on its way still: it is later wherever it comes to stand
        (False, 7, "yes"),
        (False, 6, "yes"),
    ],
)
def test_a_seat_that_comes_back_shows_the_later_vote(revote: bool, marked_seq: int, choice: str) -> None:
    here = opened(revote, cast=CAST_HERE, marked_seq=marked_seq)
    back = life.seated(here, MemberRef(MEMBER), THERE)
    assert back.choice == choice
    voted = life.saved(back, Cast(SittingId("s1"), QuestionId("q1"), MemberRef(MEMBER), "abstain", 8))
    assert voted.choice == ("abstain" if revote else "yes")
    assert voted.vote is (Vote.STORED if revote else Vote.RECORDED)


@pytest.mark.parametrize(
    "value", ["", "q1", "yes", "q1  yes", "Q 1 yes", "q1 maybe", "q1 yes no", 7, None, "q" * 33 + " yes"]
)
def test_a_twin_that_says_no_vote_is_rejected(value: object) -> None:
    with pytest.raises(BadSchema):
        CAST.check(value)


def test_a_value_that_is_no_vote_changes_nothing_and_is_reported(seat: Seat) -> None:
    take_over(seat.start().ask(revote=False), "q1 maybe")
    assert seat.state == "open"
    assert seat.device.runtime.twin.get("cast") is None
