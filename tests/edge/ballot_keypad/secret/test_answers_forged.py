"""Rule 14: an answer is believed for its proofs. Nothing is marked by one that was forged, forked or rolled
back, and what the store signed and cannot be is an alarm."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.documents.bodies import Close
from ballot.documents.pages import pages_of
from tests.ballot.board.election import (
    CLOSED_S,
    CONGRESS,
    CONTEST,
    HALL,
    STORE_ID,
    WITNESSES,
    signed,
    signer,
)
from tests.edge.ballot_keypad.secret.hall import Hall
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.ids import DeviceId, StoreId
from wire.merkle import Tree, leaf_hash
from wire.signers import Ed25519Signer
from wire.voting import BoardAnswer

Bend = Callable[[Hall, BoardAnswer], BoardAnswer]


def other_index(_hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, index=answer.index - 1)


def index_beyond(_hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, index=10_000)


def no_path(_hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, path=b"")


def forked(hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    """A log of this unit's own: the entry stands in it, and it does not grow from the one that was shown."""
    leaves = [b"another log", *hall.election.leaves[1:]]
    return with_log(answer, leaves, consistency=answer.consistency)


def rolled_back(hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    """A shorter log, with the entry put where something else stood."""
    entry = hall.carried[-1].entry
    leaves = [*hall.election.leaves[:3], entry]
    return replace(with_log(answer, leaves), index=3, beacon=b"", beacon_index=0, beacon_path=b"")


def with_log(answer: BoardAnswer, leaves: list[bytes], consistency: bytes = b"") -> BoardAnswer:
    tree = Tree(map(leaf_hash, leaves))
    point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), tree.size, tree.root())
    index = min(answer.index, tree.size - 1)
    beacon_path = (
        b"".join(tree.inclusion(answer.beacon_index)) if 0 < answer.beacon_index < tree.size else b""
    )
    return replace(
        answer,
        note=sign_checkpoint(point, signer("store")),
        path=b"".join(tree.inclusion(index)),
        beacon_path=beacon_path,
        consistency=consistency,
    )


def beacon_of_before(hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    """The nonce of an earlier commitment: the store would choose it again."""
    first = next(place for place in hall.places.values() if place.beacon is not None)
    assert first.beacon is not None
    size = hall.fresh_head()[1]
    path = b"".join(hall.election.tree.inclusion(first.beacon, size))
    return replace(
        answer, beacon=hall.election.leaves[first.beacon], beacon_index=first.beacon, beacon_path=path
    )


def beacon_of_its_own(_hall: Hall, answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, beacon=answer.beacon[:-1] + bytes([answer.beacon[-1] ^ 1]))


ALARMS = {
    other_index: "board-inclusion",
    index_beyond: "board-inclusion",
    no_path: "board-inclusion",
    forked: "board-consistency",
    rolled_back: "board-consistency",
    beacon_of_before: "board-beacon",
    beacon_of_its_own: "board-beacon",
}


@pytest.mark.parametrize("bend", ALARMS)
def test_what_the_store_signed_and_cannot_be_is_an_alarm_and_marks_nothing(hall: Hall, bend: Bend) -> None:
    hall.bend = lambda answer: bend(hall, answer)
    head = hall.seat.keypad.secret._unit.head
    hall.seat.press("ok", "yes", "ok").wait()
    assert hall.seat.state == "preparing"
    assert ALARMS[bend] in hall.alarms
    assert "THE RECORD DOES NOT FIT" in hall.seat.screen
    assert hall.seat.keypad.secret._unit.head == head


@pytest.mark.parametrize("bend", [forked, rolled_back])
def test_a_fork_is_found_after_a_restart_too(hall: Hall, bend: Bend) -> None:
    hall.bend = lambda answer: bend(hall, answer)
    hall.is_silent = True
    hall.seat.press("ok", "yes", "ok").wait()
    hall.seat.restart()
    hall.is_silent = False
    hall.seat.wait()
    assert "board-consistency" in hall.alarms


def wrong_device(answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, device=DeviceId("keypad-02"))


def wrong_entry(answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, entry_hash=bytes(32))


def wrong_store(answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, store_id=StoreId(bytes(16)))


def from_before(answer: BoardAnswer) -> BoardAnswer:
    return replace(answer, known_size=1)


def note_of_another_key(answer: BoardAnswer) -> BoardAnswer:
    point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), 9, bytes(32))
    return replace(answer, note=sign_checkpoint(point, signer("desk")))


@pytest.mark.parametrize("bend", [wrong_device, wrong_entry, wrong_store, from_before, note_of_another_key])
def test_what_is_for_somebody_else_is_put_aside_without_an_alarm(
    hall: Hall, bend: Callable[[BoardAnswer], BoardAnswer]
) -> None:
    hall.bend = bend
    hall.seat.press("ok", "yes", "ok").wait()
    assert (hall.seat.state, hall.alarms) == ("preparing", [])
    hall.bend = lambda answer: answer
    assert hall.seat.wait().wait().state == "code"


def test_an_answer_that_the_store_did_not_sign_is_dropped(hall: Hall) -> None:
    hall.sealer = Ed25519Signer("store", ed25519.Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    hall.seat.press("ok", "yes", "ok").wait()
    assert hall.seat.state == "preparing"


def test_a_refusal_is_believed_only_as_a_leaf_about_this_very_entry(hall: Hall) -> None:
    late = Hall(seed=12).open()
    late.election.close()
    late.seat.press("ok", "yes", "ok").wait()
    assert late.seat.state == "closed"
    stolen = next(place.refusal for place in late.places.values() if place.refusal)
    hall.bend = lambda answer: replace(answer, accepted=False, refusal=stolen)
    hall.seat.press("ok", "yes", "ok").wait()
    assert hall.seat.state == "preparing"
    assert "board-inclusion" in hall.alarms


def test_a_close_that_the_chair_did_not_sign_ends_nothing(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    election = hall.election
    point = election.checkpoint(CLOSED_S)
    body = Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000)
    (page,) = pages_of(signed(body, ("board-1",)), body.kind, CONTEST)
    hall.closing = len(election.leaves)
    election.desk(page)
    hall.notice("closed")
    election.checkpoint(CLOSED_S + 5)
    seat.wait().wait()
    assert seat.state == "recorded"
    assert "end/1" not in [entry.kind for entry in hall.entries]
    assert "board-closing" in hall.alarms


def test_a_notice_of_the_desk_alone_closes_nothing(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    hall.notice("closed")
    seat.wait().wait()
    assert seat.state == "recorded"
    assert not seat.question.kept.is_closed


@pytest.mark.parametrize(
    ("witnesses", "state"),
    [((), "recorded"), (WITNESSES[:1], "recorded"), (WITNESSES[1:], "recorded"), (WITNESSES, "in-record")],
)
def test_the_closed_record_needs_the_witnesses_of_the_charter(
    hall: Hall, witnesses: tuple[str, ...], state: str
) -> None:
    seat = hall.seat
    seat.vote()
    hall.close()
    hall.election.cosigned.clear()
    hall.election.checkpoint(CLOSED_S + 9, witnesses)
    seat.wait().wait()
    assert seat.state == state


def test_a_witness_s_line_that_does_not_verify_spoils_the_note(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    hall.close()
    note = hall.fresh_head()[0]
    for name in WITNESSES:
        note = cosign(note, name, signer("somebody-else"), CLOSED_S + 9)
    hall.election.cosigned.append(note)
    seat.wait().wait()
    assert seat.state == "recorded"


def test_a_smaller_note_than_the_kept_one_is_consistent_the_other_way(hall: Hall) -> None:
    """After the close the store shows the witnesses' checkpoint, which may be older than the newest."""
    seat = hall.seat
    seat.vote()
    hall.close()
    hall.witness()
    for _ in range(5):
        hall.election.store_beacon()
    hall.use_cosigned = False
    seat.wait()
    kept = seat.keypad.secret._unit.head
    hall.use_cosigned = True
    seat.wait().wait()
    assert seat.state == "in-record"
    assert seat.keypad.secret._unit.head == kept
