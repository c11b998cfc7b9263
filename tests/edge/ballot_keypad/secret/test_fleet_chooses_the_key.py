"""Rule 1: a fleet that sends its own election key, or a ballot paper of its own, gets no ballot under it."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from ballot.documents.roll import RollRows
from ballot.seeds import fingerprint
from tests.ballot.board.election import CHARTER, CONGRESS, TRUSTEES, key_record, officer
from tests.edge.ballot_keypad.secret.hall import Hall
from wire.ids import CongressId, HallId

Attack = Callable[[Hall], None]


def under_way() -> Hall:
    """The unit's key is in the roll; it has no document yet."""
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared")
    hall.seat.pass_ms(1_000)
    hall.enroll()
    return hall


def foreign_key_by_the_fleet(hall: Hall) -> None:
    record, _ = key_record(random.Random(99))
    hall.document(record, ())
    hall.document(replace(hall.election.manifest, key_record_hash=record.hash), ())


def foreign_key_that_two_trustees_signed(hall: Hall) -> None:
    record, _ = key_record(random.Random(99))
    hall.document(record, TRUSTEES[:2])
    hall.document(replace(hall.election.manifest, key_record_hash=record.hash))


def key_that_is_not_the_sum_of_the_trustees(hall: Hall) -> None:
    record, _ = key_record(random.Random(99))
    bad = replace(record, election_key=record.commitments[0][0])
    hall.document(bad)
    hall.document(replace(hall.election.manifest, key_record_hash=bad.hash))


def paper_of_one_board_member(hall: Hall) -> None:
    hall.document(hall.election.record)
    hall.document(hall.election.manifest, ("board-1",))


def paper_signed_by_the_commission(hall: Hall) -> None:
    hall.document(hall.election.record)
    hall.document(hall.election.manifest, ("comm-1", "comm-2"))


def permuted_candidates(hall: Hall) -> None:
    hall.document(hall.election.record)
    manifest = hall.election.manifest
    permuted = replace(manifest, labels=(manifest.labels[1], manifest.labels[0], manifest.labels[2]))
    hall.document(permuted, ())


def paper_of_another_hall(hall: Hall) -> None:
    hall.document(hall.election.record)
    hall.document(replace(hall.election.manifest, hall=HallId("hall-9")))


def paper_with_another_roll(hall: Hall) -> None:
    hall.document(hall.election.record)
    hall.document(replace(hall.election.manifest, roll_root=bytes(32)))


def rehearsal_under_a_key_of_the_house(hall: Hall) -> None:
    charter = replace(CHARTER, trustees=tuple(officer(f"house-{n}") for n in range(3)))
    record, _ = key_record(random.Random(5), charter)
    hall.document(record, [f"house-{n}" for n in range(3)])
    hall.document(replace(hall.election.manifest, key_record_hash=record.hash, charter_hash=charter.hash))


@pytest.mark.parametrize(
    "attack",
    [
        foreign_key_by_the_fleet,
        foreign_key_that_two_trustees_signed,
        key_that_is_not_the_sum_of_the_trustees,
        paper_of_one_board_member,
        paper_signed_by_the_commission,
        permuted_candidates,
        paper_of_another_hall,
        paper_with_another_roll,
        rehearsal_under_a_key_of_the_house,
    ],
)
def test_no_ciphertext_leaves_a_unit_whose_papers_are_not_the_officers(attack: Attack) -> None:
    hall = under_way()
    attack(hall)
    hall.send_roll_entry()
    hall.notice("open")
    hall.seat.wait().press("ok", "yes", "ok").wait()
    assert hall.seat.state == "waiting"
    assert hall.carried == []


def test_the_person_reads_why_the_papers_are_not_believed() -> None:
    hall = under_way()
    paper_of_one_board_member(hall)
    assert "the counting board" in hall.seat.screen


def test_after_the_attack_the_right_papers_are_as_good_as_ever() -> None:
    hall = under_way()
    foreign_key_by_the_fleet(hall)
    permuted_candidates(hall)
    assert hall.election.prepare() == []
    hall.send_papers()
    assert hall.seat.state == "ready"


def test_an_open_ballot_paper_is_not_exchanged_even_by_the_whole_board(hall: Hall) -> None:
    before = hall.seat.screen
    manifest = hall.election.manifest
    hall.document(replace(manifest, labels=(manifest.labels[1], manifest.labels[0], manifest.labels[2])))
    assert hall.seat.screen == before
    assert hall.seat.vote().state == "recorded"


def test_a_unit_without_a_charter_says_so_and_sends_nothing() -> None:
    hall = Hall()
    hall.seat.charter = None
    hall.seat.start()
    hall.notice("prepared")
    hall.send_roll_entry()
    hall.notice("open")
    hall.seat.wait().press("ok", "yes", "ok").wait()
    assert "No election charter is pinned here" in hall.seat.screen
    assert (hall.session_keys, hall.carried) == ([], [])


def test_the_ballot_paper_s_code_is_shown_before_the_first_press(hall: Hall) -> None:
    assert hall.seat.keypad.look()["code"] == fingerprint(hall.election.manifest.hash)


def test_documents_come_back_from_the_disk_without_a_network(hall: Hall) -> None:
    seat = hall.seat
    before = seat.screen
    seat.restart(connected=False)
    assert hall.election.manifest.title in seat.screen
    assert seat.question.standing.lack is None
    seat.link.heal()
    seat.settle()
    assert seat.wait().screen == before


def test_a_kept_document_is_not_believed_under_another_charter(hall: Hall) -> None:
    seat = hall.seat
    seat.charter = replace(CHARTER, board=(officer("board-8"), officer("board-9")))
    seat.restart()
    hall.notice("held")
    hall.notice("open")
    seat.wait().press("ok", "yes", "ok").wait()
    assert seat.question.context is None
    assert [entry.kind for entry in hall.entries] == ["ready/1"]


def test_a_session_key_is_said_with_its_proof_until_the_roll_knows_it() -> None:
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared")
    hall.seat.pass_ms(30_000)
    assert len(hall.session_keys) > 1
    assert len({message.key for message in hall.session_keys}) == 1
    hall.enroll()
    assert hall.election.prepare() == []
    hall.send_papers()
    said = len(hall.session_keys)
    hall.seat.pass_ms(60_000)
    assert len(hall.session_keys) == said


def test_a_congress_that_is_not_ours_opens_nothing() -> None:
    hall = Hall()
    hall.seat.start()
    hall.notice("prepared", congress=CongressId("c9"))
    hall.seat.pass_ms(5_000)
    assert hall.session_keys == []


def test_an_earlier_roll_of_the_commission_that_is_said_again_takes_no_seat_its_voice(hall: Hall) -> None:
    rows = hall.election.rows
    earlier = RollRows(rows.contest, rows.rows[:-1]).roll(CONGRESS)
    assert earlier.root != hall.election.manifest.roll_root
    hall.document(earlier, ("comm-1", "comm-2"))
    assert hall.seat.vote().state == "recorded"
    hall.seat.restart().pass_ms(5_000)
    assert hall.seat.state == "recorded"
