"""A secret vote from the first notice to the closed record, and what the person sees on the way."""

from dataclasses import replace

import pytest

from ballot.rules.rule import Base, Elect, Rule
from ballot.seeds import fingerprint, parse_check_text
from ballot.shape import at_most, each_of
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.frames import joined
from tests.edge.ballot_keypad.secret.hall import NAMES, Hall
from wire.board import Cast, Checked, End
from wire.down import Twin


def kinds(hall: Hall) -> list[str]:
    return [entry.kind for entry in hall.entries]


def counted(hall: Hall) -> list[tuple[int, int]]:
    contest = next(iter(hall.election.board.contests.values()))
    return [(cast.generation, cast.seq) for cast in contest.counting()]


def test_a_vote_is_sealed_noted_cast_recorded_and_found_in_the_closed_record(hall: Hall) -> None:
    seat = hall.seat
    assert fingerprint(hall.election.manifest.hash) in seat.screen
    seat.press("ok", "yes")
    assert "Tán thành" in seat.screen
    seat.press("ok")
    assert seat.state == "preparing"
    seat.wait()
    assert seat.state == "code"
    seat.press("ok")
    assert "Đã lưu, đang gửi… | Stored, sending…" in seat.screen
    seat.wait()
    assert "Đã ghi nhận | Recorded" in seat.screen
    hall.close()
    seat.wait()
    hall.witness()
    seat.wait()
    assert "Phiếu có trong biên bản đã khoá | In the closed record" in seat.screen
    assert kinds(hall) == ["ready/1", "prepared/1", "cast/1", "end/1"]
    assert counted(hall) == [(0, 1)]


def test_stored_recorded_and_in_the_closed_record_are_three_screens(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait().press("ok")
    screens = [seat.screen]
    seat.wait()
    screens.append(seat.screen)
    hall.close()
    seat.wait()
    hall.witness()
    seat.wait()
    assert len({*screens, seat.screen}) == 3


def test_the_code_is_shown_only_after_the_receipt_and_never_beside_the_choice(hall: Hall) -> None:
    seat = hall.seat
    hall.is_silent = True
    seat.press("ok", "no", "ok").wait().wait()
    assert (seat.state, seat.keypad.look()["code"]) == ("preparing", "")
    assert seat.press("ok", "check").state == "preparing"
    hall.is_silent = False
    seat.wait().wait()
    assert seat.keypad.look()["code"]
    assert not any(name in seat.screen for name in NAMES)


def test_a_ballot_that_is_checked_is_shown_as_codes_never_counts_and_the_person_votes_again(
    hall: Hall,
) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    code = seat.keypad.look()["code"]
    seat.press("check")
    assert "OPEN THIS BALLOT TO CHECK IT?" in seat.screen
    seat.press("ok").wait()
    assert seat.state == "checked"
    text = joined(seat.keypad.look()["qr"])
    assert text is not None
    check = parse_check_text(text)
    assert check.choices == b"\1\0\0"
    assert code not in seat.screen
    assert isinstance(hall.entries[-1], Checked)
    seat.press("ok").vote("ok", "no", "ok")
    assert seat.state == "recorded"
    assert counted(hall) == [(0, 2)]


def test_check_may_be_thought_better_of(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait().press("check", "clear")
    assert seat.state == "code"
    assert seat.press("ok").wait().state == "recorded"
    assert kinds(hall) == ["ready/1", "prepared/1", "cast/1"]


def test_a_person_may_choose_anew_after_the_code_and_nothing_of_the_first_choice_is_opened(
    hall: Hall,
) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait().press("clear").wait()
    assert seat.state == "choosing"
    assert seat.vote().state == "recorded"
    assert kinds(hall) == ["ready/1", "prepared/1", "abandoned/1", "prepared/1", "cast/1"]


def test_a_vote_is_final_unless_the_ballot_paper_says_otherwise(hall: Hall) -> None:
    seat = hall.seat
    seat.vote().press("ok", "no", "ok").wait()
    assert seat.state == "recorded"
    assert kinds(hall).count("prepared/1") == 1


def test_where_it_may_be_changed_the_last_vote_counts_and_looking_costs_nothing() -> None:
    hall = Hall(revote="until-close").open()
    seat = hall.seat
    seat.vote()
    assert seat.press("ok").state == "choosing"
    assert seat.press("clear").state == "recorded"
    seat.press("ok").vote("ok", "no", "ok")
    assert seat.state == "recorded"
    assert counted(hall) == [(0, 2)]
    hall.close()
    hall.witness()
    seat.wait().wait()
    assert seat.state == "in-record"
    cast = [entry for entry in hall.entries if isinstance(entry, Cast)][-1]
    assert isinstance(hall.entries[-1], End)
    assert hall.entries[-1].body_hash is not None
    assert cast.seq == 2


def test_a_changed_vote_that_is_not_finished_at_the_close_leaves_the_one_before_standing() -> None:
    hall = Hall(revote="until-close").open()
    seat = hall.seat
    seat.vote().press("ok", "ok", "no", "ok").wait()
    assert seat.state == "code"
    hall.close()
    hall.witness()
    seat.wait().wait()
    assert seat.state == "in-record"
    assert counted(hall) == [(0, 1)]


def test_while_the_question_is_held_no_key_does_anything_and_afterwards_all_is_as_it_was(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    before = seat.screen
    hall.notice("held")
    assert "Voting is paused" in seat.screen
    assert seat.press("ok", "check", "clear").state == "code"
    hall.notice("open")
    assert seat.screen == before
    assert seat.press("ok").wait().state == "recorded"


def test_a_disabled_unit_takes_no_key_and_says_why(hall: Hall) -> None:
    seat = hall.seat
    hall.say(Twin({"seat": "A-12", "enabled": False, "why": "recused"}), "keypad-01")
    assert "Recused from this question" in seat.screen
    assert seat.press("ok", "yes", "ok").state == "choosing"
    hall.say(Twin({"seat": "A-12"}), "keypad-01")
    assert seat.vote().state == "recorded"


@pytest.mark.parametrize(
    ("shape", "labels", "presses"),
    [
        (
            at_most(2, ("c1", "c2", "c3")),
            ("An", "Bình", "Chi", "Trắng"),
            ("1", "ok", "ok", "3", "ok", "ok", "ok", "ok"),
        ),
        (at_most(2, ("c1", "c2", "c3")), ("An", "Bình", "Chi", "Trắng"), ("blank", "ok")),
        (
            each_of(("c1", "c2")),
            ("An: Đồng ý", "An: Không", "Bình: Đồng ý", "Bình: Không"),
            ("yes", "no", "ok"),
        ),
    ],
)
def test_lists_are_voted_on_by_number_or_person_by_person(
    shape: object, labels: tuple[str, ...], presses: tuple[str, ...]
) -> None:
    seat = _with_rule(shape, labels).open().seat
    assert seat.press("ok", *presses).wait().state == "code"
    assert seat.press("ok").wait().state == "recorded"


def _with_rule(shape: object, labels: tuple[str, ...]) -> Hall:
    hall = Hall(shape=shape, labels=labels)  # type: ignore[arg-type]
    is_list = labels[-1] == "Trắng"
    rule = (
        Rule("list", Elect.TOP, Base.VALID, 1, 2, seats=2, blank_allowed=True)
        if is_list
        else Rule("each", Elect.EACH, Base.VALID, 1, 2, seats=2)
    )
    hall.election.manifest = replace(hall.election.manifest, rule=rule)
    return hall


def test_two_keys_at_once_choose_nothing(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok")
    seat.keys.hold(Button.YES)
    seat.keys.hold(Button.NO)
    seat.settle()
    assert "One key at a time" in seat.screen
    seat.keys.release()
    seat.settle()
    assert seat.press("ok").wait().state == "choosing"


def test_a_dark_display_takes_no_press(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes")
    seat.glass.unplug()
    seat.press("no", "ok")
    seat.wait()
    seat.glass.plug()
    seat.pass_ms(500)
    assert "Tán thành" in seat.screen
    assert seat.state == "choosing"
    assert kinds(hall) == ["ready/1"]


def test_a_ninth_ballot_is_never_prepared_and_the_eighth_says_that_it_is_the_last(hall: Hall) -> None:
    seat = hall.seat
    for _ in range(7):
        seat.press("ok", "yes", "ok").wait().press("clear").wait()
    seat.press("ok", "yes", "ok").wait()
    assert "phiếu cuối cùng" in seat.screen
    seat.press("clear").wait()
    assert seat.state == "used-up"
    assert kinds(hall).count("prepared/1") == 8
    assert not any(place.refusal for place in hall.places.values())


def test_after_certification_the_session_key_is_gone_from_the_disk(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    hall.close()
    hall.witness()
    seat.wait().wait()
    key = seat.question.key
    assert any(key in value for value in seat.disk.named.values())
    hall.notice("certified")
    seat.pass_ms(500)
    assert not any(key in value for value in seat.disk.named.values())
    assert "In the closed record" in seat.screen, "who looks up only now is to see it too"


def test_a_certificate_that_comes_too_early_takes_no_key_from_a_ballot_that_is_not_proved(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait().press("ok")
    hall.is_silent = True
    seat.wait()
    hall.notice("certified")
    seat.pass_ms(1000)
    assert seat.state == "casting"
    hall.is_silent = False
    assert seat.wait().wait().state == "recorded"
