"""Several questions at one unit: one that is under way is on the screen, and a press goes to what is read."""

import pytest

from edge.ballot_keypad.foreground import Foreground, Kind
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from wire.down import BallotNotice, Twin
from wire.ids import ContestId, QuestionId, SittingId

OTHER = ContestId(b"other contest 16")
MEMBER = b"m" * 16


def ask_openly(hall: Hall, state: str) -> None:
    hall.say(BallotNotice(SittingId("s1"), QuestionId("q-open"), state, "Thông qua? / Adopt?", True))


@pytest.fixture
def seated(hall: Hall) -> Hall:
    hall.say(Twin({"seat": "A-12", "member": MEMBER}), DEVICE)
    return hall


def test_an_old_question_that_is_spoken_of_again_takes_no_screen_from_one_that_is_open(hall: Hall) -> None:
    seat = hall.seat
    hall.notice("prepared", contest=OTHER)
    hall.notice("cancelled", contest=OTHER)
    hall.notice("certified", contest=OTHER)
    hall.notice("held")
    hall.notice("open")
    before = seat.screen
    hall.notice("certified", contest=OTHER)
    assert seat.screen == before
    assert seat.vote().state == "recorded"


def test_the_question_on_the_screen_is_there_after_a_start_whatever_other_was_told_of_before(
    hall: Hall,
) -> None:
    seat = hall.seat
    seat.vote()
    for other in (b"\0" * 16, b"\xff" * 16):
        hall.notice("prepared", contest=ContestId(other))
    hall.notice("held")
    hall.notice("closed")
    before = seat.question.contest, seat.screen.split(" | ")[1:3]
    seat.restart(connected=False)
    assert (seat.question.contest, seat.screen.split(" | ")[1:3]) == before


def test_an_open_question_comes_back_when_the_secret_one_is_over_and_its_keys_vote(seated: Hall) -> None:
    seat = seated.seat
    ask_openly(seated, "open")
    seated.notice("held")
    seated.notice("open")
    assert seat.keypad.look()["kind"] == "secret"
    seated.notice("closed")
    assert (seat.keypad.look()["kind"], seat.keypad.look()["state"]) == ("open", "open")
    seat.press("no", "ok")
    assert seat.keypad.look()["choice"] == "no"


def test_a_press_never_goes_to_a_question_that_is_not_read(seated: Hall) -> None:
    seat = seated.seat
    ask_openly(seated, "open")
    seat.press("yes")
    assert seat.keypad.look()["state"] == "chosen"
    seated.notice("held")
    seated.notice("open")
    seat.press("ok")
    assert seat.keypad.look()["kind"] == "secret"
    assert seat.keypad.open_vote.ballot.cast is None
    ask_openly(seated, "held")
    ask_openly(seated, "closed")
    assert seat.vote().state == "recorded"


def test_without_a_charter_a_secret_question_leaves_the_screen_when_it_is_over() -> None:
    hall = Hall()
    hall.seat.charter = None
    hall.seat.start()
    hall.notice("open")
    assert "No election charter is pinned here" in hall.seat.screen
    hall.notice("closed")
    assert "charter" not in hall.seat.screen


def test_one_that_is_over_stays_until_another_is_under_way() -> None:
    shown = Foreground()
    for kind, is_under_way, then in (
        (Kind.SECRET, True, Kind.SECRET),
        (Kind.OPEN, False, Kind.SECRET),
        (Kind.SECRET, False, Kind.SECRET),
        (Kind.OPEN, True, Kind.OPEN),
        (Kind.SECRET, True, Kind.SECRET),
        (Kind.SECRET, False, Kind.OPEN),
        (Kind.OPEN, False, Kind.OPEN),
    ):
        shown.spoken(kind, is_under_way=is_under_way)
        assert shown.kind is then
