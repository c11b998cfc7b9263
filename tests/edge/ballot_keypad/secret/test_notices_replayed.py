"""Rules 5, 16 and 20: notices from before, another unit in its place, a close that the chair made."""

import pytest

from ballot.documents.bodies import Bind, Cancel, Close
from tests.ballot.board.election import CLOSED_S, CONGRESS, CONTEST, HALL, QUESTION, SITTING, Unit
from tests.edge.ballot_keypad.secret.hall import Hall
from wire.board import End
from wire.voting import ContestChanged


def test_a_notice_that_is_not_above_the_last_opens_and_closes_nothing(hall: Hall) -> None:
    seat = hall.seat
    opened = hall.counter
    hall.notice("held")
    held = seat.screen
    hall.notice("open", counter=opened)
    assert seat.screen == held
    hall.notice("open", counter=hall.counter)
    assert seat.screen == held


def test_a_replay_is_ignored_after_a_reboot_too(hall: Hall) -> None:
    opened = hall.notice("open")
    hall.notice("held")
    hall.seat.restart()
    hall.publish(opened)
    hall.notice("open", counter=2)
    assert "Voting is paused" in hall.seat.wait().screen


def test_after_the_chair_s_close_no_notice_opens_it_again(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    hall.close()
    seat.wait()
    hall.notice("open")
    seat.wait().press("ok", "yes", "ok").wait()
    assert seat.state == "closed"
    assert "No vote came from here" in seat.screen


def test_a_ballot_that_comes_too_late_says_so_and_the_unit_says_that_nothing_is_pending(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait().press("ok")
    hall.election.close()
    hall.closing = len(hall.election.leaves) - 1
    hall.notice("closed")
    seat.wait().wait()
    assert seat.state == "late"
    assert "too late and does not count" in seat.screen
    (end,) = [entry for entry in hall.entries if isinstance(entry, End)]
    assert end.body_hash is None


def test_a_unit_that_nobody_voted_at_ends_with_an_empty_word(hall: Hall) -> None:
    hall.close()
    hall.seat.wait().wait()
    assert hall.seat.state == "closed"
    (end,) = [entry for entry in hall.entries if isinstance(entry, End)]
    assert end.body_hash is None


def test_a_unit_that_was_away_all_the_time_ends_by_the_chair_s_own_document() -> None:
    hall = Hall().prepare()
    hall.seat.link.cut()
    hall.seat.settle()
    hall.election.desk(ContestChanged(SITTING, QUESTION, CONTEST, "open", hall.election.manifest.hash))
    hall.election.close()
    hall.seat.link.heal()
    hall.seat.settle()
    hall.notice("closed")
    point = hall.election.checkpoint(CLOSED_S - 5)
    hall.document(Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000))
    hall.seat.wait().wait()
    assert hall.seat.state == "closed"
    assert [entry.kind for entry in hall.entries] == ["end/1"]


def test_a_cancelled_question_is_believed_for_the_board_s_signatures_alone(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    hall.notice("cancelled")
    seat.pass_ms(1000)
    assert seat.state == "recorded"
    body = Cancel(CONGRESS, HALL, CONTEST, "sai danh sách")
    hall.document(body, ("board-1",))
    assert seat.state == "recorded"
    key = seat.question.key
    hall.document(body)
    assert "called off" in seat.screen
    assert not any(key in value for value in seat.disk.named.values())


def bound_away(
    hall: Hall, key: bytes | None = bytes(31) + b"\1", names: tuple[str, ...] = ("comm-1", "comm-2")
) -> None:
    voter = hall.election.rows.rows[0].voter
    hall.document(Bind(CONGRESS, CONTEST, voter, 1, key, "đổi máy"), names)


@pytest.mark.parametrize("key", [None, b"k" * 32])
def test_a_unit_whose_voter_is_bound_elsewhere_takes_no_vote_any_more(hall: Hall, key: bytes | None) -> None:
    bound_away(hall, key)
    seat = hall.seat
    assert "This unit votes no more" in seat.screen
    seat.press("ok", "yes", "ok").wait()
    assert [entry.kind for entry in hall.entries] == ["ready/1"]


def test_a_bind_that_the_commission_did_not_sign_changes_nothing(hall: Hall) -> None:
    bound_away(hall, b"k" * 32, ("comm-1",))
    bound_away(hall, b"k" * 32, ())
    assert hall.seat.vote().state == "recorded"


def test_an_old_unit_that_returns_after_the_swap_reads_that_it_was_replaced(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    hall.election.bind(Unit(hall.election, hall.election.rows.rows[0].voter, 1))
    seat.press("ok").wait()
    assert seat.state == "replaced"


def test_a_spare_that_is_bound_votes_in_the_voter_s_name_above_every_seq_before() -> None:
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared")
    hall.seat.pass_ms(1_000)
    assert hall.election.prepare() == []
    election = hall.election
    election.desk(ContestChanged(SITTING, QUESTION, CONTEST, "open", election.manifest.hash))
    old = election.units[0]
    old.ready()
    old.prepare(old.body((1, 0, 0)))
    hall.document(election.record)
    hall.document(election.manifest)
    hall.document(election.rows.roll(CONGRESS), ("comm-1", "comm-2"))
    hall.notice("open")
    assert "no place for this unit" in hall.seat.screen
    bind = Bind(CONGRESS, CONTEST, old.voter, 1, hall.session_keys[-1].key, "máy hỏng")
    assert election.publish(bind) == []
    hall.document(bind)
    hall.seat.wait()
    assert hall.seat.vote().state == "recorded"
    contest = next(iter(election.board.contests.values()))
    assert [(cast.generation, cast.seq > 2) for cast in contest.counting()] == [(1, True)]


def test_a_swap_after_a_vote_gives_nobody_a_second_one_and_says_why() -> None:
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared")
    hall.seat.pass_ms(1_000)
    election = hall.election.open()
    old = election.units[0]
    old.vote((1, 0, 0))
    bind = Bind(CONGRESS, CONTEST, old.voter, 1, hall.session_keys[-1].key, "máy hỏng")
    assert election.publish(bind) == []
    hall.document(election.record)
    hall.document(election.manifest)
    hall.document(election.rows.roll(CONGRESS), ("comm-1", "comm-2"))
    hall.document(bind)
    hall.notice("open")
    hall.seat.wait().vote()
    assert hall.seat.state == "refused"
    assert "A ballot of this seat was cast before" in hall.seat.screen


def test_a_roll_entry_of_another_unit_s_key_gives_no_voice() -> None:
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared")
    hall.seat.pass_ms(1_000)
    hall.document(hall.election.record)
    hall.document(hall.election.manifest)
    hall.send_roll_entry(1)
    hall.notice("open")
    hall.seat.wait()
    assert (hall.seat.state, hall.carried) == ("waiting", [])


def test_a_store_that_has_not_opened_yet_is_asked_again() -> None:
    hall = Hall().prepare()
    hall.notice("open")
    hall.seat.wait()
    assert hall.seat.state == "committing"
    hall.election.desk(ContestChanged(SITTING, QUESTION, CONTEST, "open", hall.election.manifest.hash))
    hall.seat.pass_ms(20_000)
    assert hall.seat.state == "choosing"
    assert len([place for place in hall.places.values() if place.refusal]) < 4
