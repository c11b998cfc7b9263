"""Papers and steps refused once a secret question is open, closed or cancelled: nothing is lost."""

from dataclasses import replace

import pytest

from ballot.documents.bodies import Bind, Cancel
from fleet.secret.rules import CLOSE_AGE_MS_MAX, ENDS_WAIT_MS
from tests.ballot.board.election import CHARTER, CONGRESS, HALL, NO, YES
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import SITTING, Congress, SecretHall, dispose, kept
from wire.ids import VoterRef

pytestmark = pytest.mark.slow


def test_a_manifest_changed_after_the_opening_is_refused_and_the_vote_goes_on(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    before = kept(hall)
    changed = replace(congress.election.manifest, labels=("Không", "Tán thành", "Không ý kiến"))

    assert "cannot change" in refused(congress.hand_in(changed), 409, "manifest-changed")
    assert kept(hall) == before
    congress.vote(YES, NO)
    assert congress.seen()["cast"] == 2


def test_a_binding_out_of_turn_of_a_stranger_or_with_a_key_in_use_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    first, second = congress.election.units[:2]

    def bind(voter: VoterRef, generation: int, key: bytes | None) -> Bind:
        return Bind(CONGRESS, congress.contest, voter, generation, key, "thay")

    refused(congress.hand_in(bind(first.voter, 2, None)), 409, "bind-out-of-turn")
    refused(congress.hand_in(bind(VoterRef(b"\xff" * 16), 1, None)), 409, "bind-unknown")
    refused(congress.hand_in(bind(first.voter, 1, second.raw_key)), 409, "unit-twice")


def test_seats_that_are_not_ready_are_named_and_can_be_accepted(hall: SecretHall) -> None:
    congress = Congress(hall).ready_to_open()
    hall.clock.step(60_000)
    hall.alive("keypad-1", "keypad-2")
    answer = congress.step("open")

    refused(answer, 409, "seats-missing")
    assert answer.json()["seats"] == ["A3", "A4"]
    ok(congress.step("open", accept_missing=True))


def test_a_second_secret_question_does_not_open_beside_one_that_runs(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    asked = {"question": "q2", "text": "Khác?", "preset": "simple-majority"}

    refused(
        congress.browser.post(f"/api/sittings/{SITTING}/secret-questions", json=asked), 409, "another-open"
    )


def test_a_close_whose_checkpoint_is_not_cosigned_or_too_old_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    refused(congress.browser.get(congress.path("/close-draft")), 409, "no-checkpoint")
    congress.witness("w-press")
    refused(congress.browser.get(congress.path("/close-draft")), 409, "no-checkpoint")
    congress.witness("w-inside")
    close = congress.close_body()
    refused(congress.hand_in(replace(close, root=bytes(32))), 409, "close-unwitnessed")
    refused(congress.hand_in(replace(close, size=close.size - 1)), 409, "close-unwitnessed")
    hall.clock.step(CLOSE_AGE_MS_MAX + 1000)
    assert not ok(congress.browser.get(congress.path("/close-draft")))["fresh"]
    refused(congress.hand_in(replace(close, at_ms=hall.clock.now_ms)), 409, "close-too-old")

    assert congress.seen()["state"] == "open"


def test_nobody_but_the_chair_closes_and_nothing_is_reopened(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.witness()
    close = congress.close_body()
    refused(congress.hand_in(close, ("board-1", "board-2")), 422, "too-few-signatures")
    ok(congress.hand_in(close), 201)

    for which in ("open", "hold", "resume"):
        refused(congress.step(which), 409, "wrong-state")


def test_a_cancelled_vote_is_never_counted(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, NO)
    congress.witness()
    ok(congress.hand_in(Cancel(CONGRESS, HALL, congress.contest, "mất điện")), 201)
    congress.follow()

    assert congress.seen()["state"] == "cancelled"
    refused(congress.hand_in(congress.tally_body()), 409, "wrong-state")


def test_a_tally_before_every_end_or_disposition_is_refused_and_names_the_seats(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, YES, NO)
    congress.closed().ended(2, 4)
    refused(congress.hand_in(congress.tally_body()), 409, "tally-not-ready")
    board = hall.client("board")
    refused(board.get(congress.path("/ends")), 409, "ends-arriving")
    hall.clock.step(ENDS_WAIT_MS)
    auditor = hall.client("auditor")

    assert [each["seat"] for each in ok(board.get(congress.path("/ends")))] == ["A2", "A4"]
    assert [each["seat"] for each in ok(auditor.get(congress.path("/ends")))] == [None, None]
    for number in (2, 4):
        ok(congress.hand_in(dispose(congress, number)), 201)
    congress.follow()
    assert "Witnesses" in congress.seen()["tally_waits"][0]["en"]
    congress.witness()
    assert congress.seen()["tally_waits"] == []
    congress.tallied()


def test_a_disposition_of_a_stranger_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, YES)
    congress.closed()
    body = dispose(congress, 1)
    stranger = replace(body, rows=((VoterRef(b"\xff" * 16), "ai?"),))

    refused(congress.hand_in(stranger), 409, "disposition-unknown")


def test_a_late_binding_after_the_close_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.closed()
    bind = Bind(CONGRESS, congress.contest, congress.election.units[0].voter, 1, None, "muộn")

    refused(congress.hand_in(bind), 409, "wrong-state")


def test_the_charter_that_the_papers_name_is_the_installed_one(hall: SecretHall) -> None:
    congress = Congress(hall)
    other = replace(congress.election.record, charter_hash=bytes(32))

    assert CHARTER.hash != bytes(32)
    refused(congress.hand_in(other), 422, "other-charter")
