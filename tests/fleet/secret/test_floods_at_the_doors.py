"""Doors that need no account, and one rogue officer: nothing is crowded out and nothing fills up."""

import pytest
from sqlalchemy import func, select

from ballot.documents.bodies import Bind
from fleet.db import reading
from fleet.secret import intake, store
from fleet.secret.rules import CLOSE_AGE_MS_MAX, witnessed_ago_ms
from fleet.tables import audit_log
from tests.ballot.board.election import CONGRESS, NO, YES, signer
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import Congress, SecretHall, dispose
from wire.checkpoint import cosignature

pytestmark = pytest.mark.slow


def test_askers_without_end_do_not_crowd_out_what_a_witness_is_signing(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    offer = ok(hall.client().get("/api/log/checkpoint?since=0"))
    line = cosignature(offer["note"], "w-press", signer("w-press"), hall.clock.now_ms // 1000)
    for number, unit in enumerate(congress.election.units):
        unit.ready()
        size = ok(hall.client().get("/api/log/checkpoint"))["note"].split("\n")[1]
        for since in (2**53 - 1, int(size) + number, int(size)) * 4:
            assert hall.client().get(f"/api/log/checkpoint?since={since}").status_code == 200

    answer = hall.client().post("/api/log/cosignatures", json={"name": "w-press", "line": line})
    assert answer.status_code == 204, answer.text


def test_a_cosignature_said_again_writes_nothing(hall: SecretHall, monkeypatch: pytest.MonkeyPatch) -> None:
    Congress(hall).opened()
    offer = ok(hall.client().get("/api/log/checkpoint?since=0"))
    line = cosignature(offer["note"], "w-press", signer("w-press"), hall.clock.now_ms // 1000)
    said = {"name": "w-press", "line": line}
    assert hall.client().post("/api/log/cosignatures", json=said).status_code == 204
    written: list[int] = []
    monkeypatch.setattr(store, "keep_note", lambda *_, **__: written.append(1))

    assert hall.client().post("/api/log/cosignatures", json=said).status_code == 204
    assert written == []


def test_a_tally_signature_said_again_by_anybody_leaves_no_second_line(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, YES, NO)
    congress.closed().ended(4)
    ok(congress.hand_in(dispose(congress, 4)), 201)
    congress.follow()
    tally = congress.tally_body()
    ok(congress.hand_in(tally, ("an", "binh")), 201)
    ok(congress.hand_in(tally, ("w-press",)), 201)
    before = _lines(hall)
    signature = signer("w-press").sign(_signed(tally)).hex()
    for _ in range(5):
        body = {"name": "w-press", "signature": signature}
        answer = hall.client().post(congress.path("/tally/signatures"), json=body)
        assert answer.status_code == 204, answer.text

    assert _lines(hall) == before
    assert congress.seen()["state"] == "closed"


def test_papers_that_lack_signatures_do_not_pile_up(
    hall: SecretHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITING_MAX", 3)
    congress = Congress(hall).opened()
    voter = congress.election.units[0].voter

    def bind(reason: str) -> Bind:
        return Bind(CONGRESS, congress.contest, voter, 1, None, reason)

    for number in range(3):
        ok(congress.hand_in(bind(f"{number}"), ("comm-1",)), 201)
    refused(congress.hand_in(bind("one more"), ("comm-1",)), 409, "too-many-waiting")
    assert ok(congress.hand_in(bind("2"), ("comm-2",)), 201)["waiting"] is None


def test_one_witness_whose_clock_is_wrong_keeps_no_chair_from_closing(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    for name, ahead_s in (("w-inside", 7200), ("w-press", 0)):
        offer = ok(hall.client().get("/api/log/checkpoint?since=0"))
        line = cosignature(offer["note"], name, signer(name), hall.clock.now_ms // 1000 + ahead_s)
        said = {"name": name, "line": line}
        assert hall.client().post("/api/log/cosignatures", json=said).status_code == 204

    assert ok(congress.browser.get(congress.path("/close-draft")))["fresh"]
    assert ok(congress.hand_in(congress.close_body()), 201)["waiting"] is None


def test_when_all_witnesses_looked_long_ago_the_draft_is_old() -> None:
    now_ms = 1_900_000_000_000
    assert witnessed_ago_ms([now_ms // 1000 - 900, now_ms // 1000 - 400], now_ms) > CLOSE_AGE_MS_MAX


def _lines(hall: SecretHall) -> int:
    with reading(hall.engine) as connection:
        return connection.execute(select(func.count()).select_from(audit_log)).scalar_one()


def _signed(tally: object) -> bytes:
    from ballot.documents.document import signed_bytes

    return signed_bytes(tally.kind, tally.encode())  # type: ignore[attr-defined]
