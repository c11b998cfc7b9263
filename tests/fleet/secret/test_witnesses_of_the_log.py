"""Witnesses come over the API without an account: their own program against ours, and those who only say that
they are witnesses."""

from pathlib import Path

import pytest

from officers.witness.ports import Offer, parse_offer
from officers.witness.rounds import Rounds
from officers.witness.state import load
from officers.witness.witness import Witness
from tests.ballot.board.election import CHARTER, CONGRESS, HALL, NO, YES, signer
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import Congress, SecretHall, dispose
from tests.officers.people import Script
from wire.checkpoint import cosignature, cosigners

pytestmark = pytest.mark.slow
KEYS = {name: signer(name).public_key for name in ("w-inside", "w-press")}


class OverTheApi:
    """The port of the witness's program, on a browser that nobody has signed in."""

    def __init__(self, hall: SecretHall) -> None:
        self.browser = hall.client()
        self.offers: list[Offer] = []

    def checkpoint(self, since: int) -> Offer:
        self.offers.append(parse_offer(ok(self.browser.get(f"/api/log/checkpoint?since={since}"))))
        return self.offers[-1]

    def cosign(self, witness: str, line: str) -> None:
        answer = self.browser.post("/api/log/cosignatures", json={"name": witness, "line": line})
        assert answer.status_code == 204, answer.text

    def tally(self, contest: bytes) -> bytes:
        return self.browser.get(f"/api/contests/{contest.hex()}/tally").content

    def sign_tally(self, contest: bytes, witness: str, signature: bytes) -> None:
        body = {"name": witness, "signature": signature.hex()}
        answer = self.browser.post(f"/api/contests/{contest.hex()}/tally/signatures", json=body)
        assert answer.status_code == 204, answer.text


def watcher(hall: SecretHall, name: str, folder: Path) -> Rounds:
    """Somebody's witness program, connected."""
    folder.mkdir()
    person = Script()
    found = Witness(CHARTER, name, signer(name), load(folder), person, lambda: hall.clock.now_ms // 1000)
    found.knows(HALL, signer("store").public_key.raw)
    return Rounds(found, HALL, OverTheApi(hall))


def trouble(rounds: Rounds) -> str:
    """What the witness's program has complained about."""
    return rounds._trouble


def test_the_witnesses_own_program_cosigns_and_signs_the_tally(hall: SecretHall, tmp_path: Path) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, YES, NO)
    inside, press = watcher(hall, "w-inside", tmp_path / "a"), watcher(hall, "w-press", tmp_path / "b")
    inside.round()
    press.round()
    ok(congress.hand_in(congress.close_body()), 201)
    congress.follow()
    congress.ended(4)
    ok(congress.hand_in(dispose(congress, 4)), 201)
    hall.clock.step(6000)
    inside.round()
    press.round()
    tally = congress.tally_body(congress.witness())
    assert ok(congress.hand_in(tally, ("an", "binh")), 201)["waiting"] is not None
    inside.round()
    press.round()

    assert (trouble(inside), trouble(press)) == ("", "")
    assert congress.seen()["state"] == "tallied"


def test_the_note_that_the_second_witness_keeps_is_enough_for_a_trustee(
    hall: SecretHall, tmp_path: Path
) -> None:
    Congress(hall).opened()
    for name in ("w-inside", "w-press"):
        watcher(hall, name, tmp_path / name).round()

    (kept,) = (tmp_path / "w-press").glob("*-checkpoint.txt")
    assert cosigners(kept.read_text(), CONGRESS, KEYS).keys() == {"w-inside", "w-press"}


def test_two_witnesses_meet_on_one_size_while_the_log_grows(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    first = ok(hall.client().get("/api/log/checkpoint?since=0"))
    congress.vote(YES)
    second = ok(hall.client().get("/api/log/checkpoint?since=0"))
    assert first["note"] == second["note"]

    hall.clock.step(6000)
    assert ok(hall.client().get("/api/log/checkpoint?since=0"))["note"] != first["note"]


def test_what_was_offered_is_consistent_with_what_was_signed_before(hall: SecretHall, tmp_path: Path) -> None:
    congress = Congress(hall).opened()
    rounds = watcher(hall, "w-press", tmp_path / "a")
    rounds.round()
    congress.vote(YES, NO)
    hall.clock.step(6000)
    rounds.round()

    assert trouble(rounds) == ""
    assert rounds.fleet.offers[-1].consistency  # type: ignore[attr-defined]  # of the port above


def test_a_cosignature_of_nobody_of_another_note_or_of_a_stranger_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    browser = hall.client()
    note = ok(browser.get("/api/log/checkpoint?since=0"))["note"]
    forged = cosignature(note, "w-press", signer("w-inside"), 1_800_000_000)
    for body in (
        {"name": "w-press", "line": forged},
        {"name": "w-press", "line": "— junk"},
        {"name": "w-inside", "line": cosignature(note, "w-press", signer("w-press"), 1_800_000_000)},
        {"name": "stranger", "line": cosignature(note, "stranger", signer("stranger"), 1_800_000_000)},
    ):
        refused(browser.post("/api/log/cosignatures", json=body), 409, "unknown-cosignature")
    refused(congress.browser.get(congress.path("/close-draft")), 409, "no-checkpoint")


def test_a_signature_under_a_tally_by_somebody_who_is_no_witness_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, NO)
    browser = hall.client()
    body = {"name": "w-press", "signature": "00" * 64}
    path = congress.path("/tally/signatures")
    refused(browser.post(path, json=body), 409, "no-tally")
    congress.closed().ended(3, 4)
    for number in (3, 4):
        ok(congress.hand_in(dispose(congress, number)), 201)
    congress.follow()
    ok(congress.hand_in(congress.tally_body(), ("an", "binh")), 201)

    refused(browser.post(path, json=body), 422, "bad-signature")
    refused(browser.post(path, json={**body, "name": "stranger"}), 422, "unknown-name")
    refused(browser.post(path, json={**body, "name": "an"}), 422, "unknown-name")


def test_without_a_charter_there_is_nothing_to_witness(hall: SecretHall) -> None:
    from fleet.db import writing
    from fleet.desk.store import CHARTER as SETTING
    from fleet.desk.store import set_setting

    with writing(hall.engine) as connection:
        set_setting(connection, SETTING, "")
    assert "charter" in refused(hall.client().get("/api/log/checkpoint?since=0"), 409, "no-charter")
