"""A unit that starts without what it believed before: another charter on its disk, or a document that the
disk did not take. It signs nothing, says why, and goes on where it was once all is there again."""

from dataclasses import replace

import pytest

from edge.ballot_keypad.secret.kept import KEY_RECORDS
from tests.ballot.board.election import CHARTER, officer
from tests.edge.ballot_keypad.secret.hall import Hall

OTHER = replace(CHARTER, trustees=tuple(officer(f"other-{n}") for n in range(1, 4)))


def to_code(hall: Hall) -> None:
    hall.seat.press("ok", "yes", "ok").wait()
    assert hall.seat.state == "code"


@pytest.mark.parametrize("keys", [("ok",), ("check", "ok"), ("clear",), ("yes", "ok")])
def test_a_unit_with_another_charter_signs_nothing_and_says_why(hall: Hall, keys: tuple[str, ...]) -> None:
    to_code(hall)
    said = len(hall.entries)
    hall.seat.charter = OTHER
    hall.seat.restart().wait()
    hall.seat.press(*keys).wait()
    assert len(hall.entries) == said
    assert "Waiting for documents" in hall.seat.screen
    assert hall.seat.keypad.look()["code"] == ""


def test_with_its_own_charter_again_the_person_votes_and_is_counted_once(hall: Hall) -> None:
    to_code(hall)
    hall.seat.charter = OTHER
    hall.seat.restart().wait()
    hall.seat.charter = CHARTER
    hall.seat.restart().pass_ms(20_000)
    assert "NOT CAST" in hall.seat.screen
    assert hall.seat.vote().state == "recorded"


def test_a_charter_that_is_exchanged_while_it_runs_changes_nothing_before_the_next_start(hall: Hall) -> None:
    to_code(hall)
    hall.seat.charter = OTHER
    assert hall.seat.press("ok").wait().state == "recorded"


@pytest.mark.parametrize("keys", [("ok",), ("check", "ok")])
def test_an_election_key_that_the_disk_did_not_take_is_waited_for(keys: tuple[str, ...], hall: Hall) -> None:
    to_code(hall)
    seat, said = hall.seat, len(hall.entries)
    outbox = seat.runtime.outbox
    outbox.keep(dict.fromkeys(name for name in outbox.values(KEY_RECORDS)))
    seat.restart().wait().press(*keys).wait()
    assert len(hall.entries) == said
    assert "The election key is missing" in seat.screen
    hall.document(hall.election.record)
    seat.pass_ms(20_000)
    assert seat.vote().state == "recorded"
