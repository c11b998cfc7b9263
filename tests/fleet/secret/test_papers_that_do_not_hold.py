"""Papers and steps that are refused before anything is lost, each with a sentence for the secretariat."""

from dataclasses import replace

import pytest

from ballot.documents.bodies import Cancel, KeyRecord, RollRows
from ballot.documents.roll import RollRow
from ballot.rules.presets import preset
from tests.ballot.board.election import CONGRESS, CONTEST, HALL, Election, signed
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import SITTING, Congress, SecretHall, kept
from wire.ids import CongressId, HallId, QuestionId, VoterRef

pytestmark = pytest.mark.slow


def test_an_election_without_candidates_or_for_more_seats_than_names_is_not_prepared(
    hall: SecretHall,
) -> None:
    congress = Congress(hall)
    before = kept(hall)
    asked = {"question": "q2", "text": "Bầu?", "preset": "vn-list-with-surplus", "seats": 3}
    path = f"/api/sittings/{SITTING}/secret-questions"

    assert "candidates" in refused(congress.browser.post(path, json=asked), 422, "no-options")
    asked["persons"] = ["Lan", "Minh"]
    assert "2" in refused(congress.browser.post(path, json=asked), 422, "seats-over-options")
    assert kept(hall) == before


def test_a_paper_that_is_none_or_bent_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    whole = signed(congress.election.record, ("an", "binh", "chi"))
    for data in (b"", b"junk", whole[:-1], whole + b"\0"):
        answer = congress.upload(data or b"\0")
        assert refused(answer, 422, "not-a-document")
    bent = bytearray(whole)
    bent[-1] ^= 1
    answer = congress.upload(bytes(bent))
    assert "does not verify" in refused(answer, 422, "bad-signature")
    assert "không đúng" in answer.json()["sentence_vi"]
    assert kept(hall)[0] == 0


def test_papers_of_another_congress_hall_or_contest_are_refused(hall: SecretHall) -> None:
    congress = Congress(hall).ready_to_open()
    before = kept(hall)
    foreign = replace(congress.election.manifest, congress=CongressId("c2"))
    refused(congress.hand_in(foreign), 422, "other-congress")
    refused(congress.hand_in(replace(congress.election.manifest, hall=HallId("hall-9"))), 409, "other-hall")
    refused(congress.hand_in(Cancel(CONGRESS, HALL, CONTEST, "nhầm")), 409, "unknown-contest")
    refused(congress.hand_in(Cancel(CONGRESS, HallId("hall-9"), congress.contest, "nhầm")), 409, "other-hall")

    assert kept(hall) == before


def test_a_paper_signed_by_people_of_another_office_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    congress.roll_made()

    refused(congress.hand_in(congress.election.manifest, ("chair",)), 422, "too-few-signatures")
    refused(congress.hand_in(congress.election.manifest, ("comm-1", "comm-2")), 422, "too-few-signatures")
    refused(congress.hand_in(congress.election.manifest, ("stranger",)), 422, "unknown-name")


def test_a_manifest_with_one_signature_waits_for_the_other_and_is_not_in_force(hall: SecretHall) -> None:
    congress = Congress(hall)
    congress.roll_made()
    waiting = ok(congress.hand_in(congress.election.manifest, ("board-1",)), 201)

    assert "1 of 2" in waiting["waiting"]["en"]
    assert "manifest/1" in refused(congress.step("open"), 409, "papers-missing")
    merged = ok(congress.hand_in(congress.election.manifest, ("board-2",)), 201)
    assert (merged["waiting"], merged["names"]) == (None, ["board-1", "board-2"])
    ok(congress.step("open"))


def test_a_second_manifest_is_refused_until_the_waiting_one_is_withdrawn(hall: SecretHall) -> None:
    congress = Congress(hall)
    congress.roll_made()
    first = ok(congress.hand_in(congress.election.manifest, ("board-1",)), 201)
    other = replace(congress.election.manifest, title="Nội dung khác")
    refused(congress.hand_in(other), 409, "second-manifest")
    assert congress.browser.delete(f"/api/documents/{first['hash']}").status_code == 204

    done = ok(congress.hand_in(other), 201)
    assert done["waiting"] is None
    refused(congress.hand_in(congress.election.manifest), 409, "second-manifest")
    refused(congress.browser.delete(f"/api/documents/{done['hash']}"), 409, "already-recorded")


def test_a_manifest_that_is_not_what_was_announced_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    congress.roll_made()
    manifest = congress.election.manifest

    refused(congress.hand_in(replace(manifest, rule=preset("two-thirds"))), 409, "other-rule")
    refused(congress.hand_in(replace(manifest, question=QuestionId("q9"))), 409, "other-question")
    refused(congress.hand_in(replace(manifest, min_anonymity=9)), 409, "manifest-fault")
    refused(congress.hand_in(replace(manifest, key_record_hash=bytes(32))), 409, "papers-before-manifest")


def test_a_manifest_before_its_roll_and_rows_before_theirs_say_what_comes_first(hall: SecretHall) -> None:
    congress = Congress(hall)
    sentence = refused(congress.hand_in(congress.election.manifest), 409, "papers-before-manifest")
    assert "key-record/1, roll/1, roll-rows/1" in sentence
    refused(congress.hand_in(congress.election.rows), 409, "rows-before-roll")


def test_a_key_that_trustees_did_not_make_together_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    record: KeyRecord = congress.election.record
    forged = replace(record, election_key=record.commitments[0][0])

    refused(congress.hand_in(forged), 409, "bad-key-record")


def test_a_roll_with_a_unit_or_a_seat_twice_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    ok(congress.hand_in(congress.election.record), 201)
    rows = congress.election.rows.rows

    def offered(second: RollRow) -> RollRows:
        found = RollRows(congress.contest, (rows[0], second, *rows[2:]))
        ok(congress.hand_in(found.roll(CONGRESS), ("comm-1", "comm-2")), 201)
        return found

    twice = offered(rows[1]._replace(session_key=rows[0].session_key))
    refused(congress.hand_in(twice), 409, "unit-twice")
    technician = hall.client("technician")
    hall.register(technician, "keypad-9")
    key = Election(voters_n=1, seed=9).units[0].raw_key
    congress.say_key(0, key, "keypad-9")
    seat = {"member": congress.members[3], "seat": "A1"}
    ok(technician.put(f"/api/sittings/{SITTING}/seats/keypad-9", json=seat))
    doubled = offered(rows[1]._replace(session_key=key))
    answer = congress.hand_in(doubled)
    assert "A1" in refused(answer, 409, "seat-twice")
    assert answer.json()["seats"] == ["A1"]


def test_a_roll_of_more_voters_than_are_summoned_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    more = RollRows(
        congress.contest, (*congress.election.rows.rows, RollRow(VoterRef(b"\xff" * 16), 0, None))
    )

    refused(congress.hand_in(more.roll(CONGRESS), ("comm-1", "comm-2")), 409, "roll-too-large")


def test_the_roll_does_not_change_once_the_manifest_names_it(hall: SecretHall) -> None:
    congress = Congress(hall).ready_to_open()
    fewer = RollRows(congress.contest, congress.election.rows.rows[:3])

    refused(congress.hand_in(fewer.roll(CONGRESS), ("comm-1", "comm-2")), 409, "late-roll")


def test_a_manifest_on_an_older_roll_than_the_units_were_told_is_refused(hall: SecretHall) -> None:
    congress = Congress(hall)
    congress.roll_made()
    hall.clock.step(1000)
    newer = RollRows(congress.contest, congress.election.rows.rows[:3])
    ok(congress.hand_in(newer.roll(CONGRESS), ("comm-1", "comm-2")), 201)
    ok(congress.hand_in(newer), 201)

    refused(congress.hand_in(congress.election.manifest), 409, "older-roll")
    roll = newer.roll(CONGRESS)
    manifest = replace(congress.election.manifest, roll_root=roll.root, roll_size=roll.size)
    assert ok(congress.hand_in(manifest), 201)["waiting"] is None
