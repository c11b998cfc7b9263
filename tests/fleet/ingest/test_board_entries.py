"""Entries of a secret question on their way through ingest: judged, in the log as they stand, answered with
proofs that a unit can check; a crash, a full disk, a forger and a flood between them."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from ballot.board.verdicts import Accept, Drop
from ballot.hashing import hash_of
from fleet.db import Engine, writing
from fleet.desk.store import CHARTER, set_setting
from fleet.errors import StoreError
from fleet.ingest import ledger
from fleet.ingest.ballots.polling import UNDER_WAY_MAX
from fleet.tables import cosigned_notes, session_keys
from tests.ballot.board.election import CHARTER as PINNED
from tests.ballot.board.election import (
    CONGRESS,
    CONTEST,
    HALL,
    NO,
    QUESTION,
    SITTING,
    WITNESSES,
    YES,
    Election,
    Unit,
    signer,
)
from tests.fleet.ingest.simulated_hall import Device
from tests.fleet.ingest.simulated_hall import Hall as Ingest
from wire import topics
from wire.board import Cast, Prepared, Ready, parse_entry
from wire.checkpoint import cosign, origin, verify_checkpoint
from wire.envelope import Purpose, claimed_signer, seal, verify
from wire.fields import Body
from wire.ids import STORE, DeviceId
from wire.merkle import leaf_hash, verify_consistency, verify_inclusion
from wire.records import parse_record
from wire.signers import Ed25519Signer
from wire.voting import (
    BallotRefusal,
    Beacon,
    BoardAnswer,
    Carried,
    ContestChanged,
    SessionKey,
    encode_board_message,
    parse_board_answer,
    session_proof,
)


class Poll:
    """A hall whose ingest carries one secret question; units speak through the devices u0, u1 …"""

    def __init__(self, engine: Engine, voters: int = 3, revote: str = "none") -> None:
        with writing(engine) as connection:
            set_setting(connection, CHARTER, PINNED.encode().hex())
        self.hall = Ingest(engine, CONGRESS, HALL)
        self.election = Election(voters_n=voters, revote=revote)
        self.devices = [self.hall.register(f"u{number}") for number in range(voters)]
        self.known = 0
        self.election.offer = self.offer  # type: ignore[method-assign]  # entries go through ingest here
        self.election.desk = self.desk  # type: ignore[method-assign]
        self.follow()

    def follow(self) -> None:
        """After a start of ingest: nonces and places are those of its board."""
        assert self.hall.ledger.elections is not None
        self.election.board = self.hall.ledger.elections.board

    def desk(self, body: Body) -> list[str]:
        self.hall.act(body)
        self.hall.turns(1)
        return []

    def carry(self, number: int, envelope: bytes, known_size: int = 0) -> list[BoardAnswer]:
        """A unit says it; the answers that it gets within a second."""
        device = self.devices[number]
        message = Carried(HALL, DeviceId(device.name), known_size, envelope)
        payload = seal(encode_board_message(message), Purpose.CARRIED, device.signer)
        self.hall.link.deliver(device.name, payload, kind=topics.Up.BOARD)
        before = len(self.answers(device))
        self.hall.turns(4, step_ms=250)
        return self.answers(device)[before:]

    def answers(self, device: Device) -> list[BoardAnswer]:
        return list(self.hall._words(device, Purpose.BOARD_ANSWER, parse_board_answer))

    def offer(self, envelope: bytes) -> Accept | Drop:
        number = [unit.voter.hex() for unit in self.election.units].index(claimed_signer(envelope))
        answers = self.carry(number, envelope, self.known)
        if not answers or not answers[-1].accepted:
            return Drop("refused or unanswered")
        self.known = self.believe(answers[-1], envelope)
        unit = self.election.units[number]
        verified = verify(envelope, Purpose.BOARD, unit.signer.kid, unit.signer.public_key)
        return Accept(parse_entry(verified), hash_of(envelope))

    def believe(self, answer: BoardAnswer, leaf: bytes) -> int:
        """As a unit does (SPEC §6.5): the size of the checkpoint that it may keep."""
        store_id = self.hall.ledger.life.store_id
        point = verify_checkpoint(answer.note, origin(CONGRESS, HALL, store_id), self.hall.store.public_key)
        verify_inclusion(leaf_hash(leaf), answer.index, point.size, _hashes(answer.path), point.root)
        if answer.beacon:
            verify_inclusion(
                leaf_hash(answer.beacon),
                answer.beacon_index,
                point.size,
                _hashes(answer.beacon_path),
                point.root,
            )
        if 0 < answer.known_size < point.size:
            known = self.hall.ledger.elections.tree.root(answer.known_size)  # type: ignore[union-attr]
            verify_consistency(answer.known_size, point.size, known, point.root, _hashes(answer.consistency))
        return point.size

    def open(self) -> "Poll":
        self.election.prepare()
        self.desk(ContestChanged(SITTING, QUESTION, CONTEST, "open", self.election.manifest.hash))
        self.follow()
        return self


def _hashes(path: bytes) -> list[bytes]:
    return [path[at : at + 32] for at in range(0, len(path), 32)]


@pytest.fixture
def poll(engine: Engine) -> Poll:
    return Poll(engine).open()


def test_a_ballot_becomes_a_leaf_as_its_unit_said_it_and_the_unit_can_check_that(poll: Poll) -> None:
    unit = poll.election.units[0]
    assert isinstance(unit.vote(YES), Accept)

    kinds = [row.kind for row in poll.hall.leaves() if row.device == unit.signer.kid]
    assert kinds == ["ready/1", "prepared/1", "cast/1"]
    entries = [row.envelope for row in poll.hall.leaves() if row.device == unit.signer.kid]
    assert all(b"u0" not in entry for entry in entries)


def test_behind_every_commitment_stands_a_beacon_that_nobody_knew_before(poll: Poll) -> None:
    for unit in poll.election.units:
        unit.ready()

    nonces = [_body(poll, row.envelope).nonce for row in poll.hall.leaves() if row.kind == Beacon.kind]
    assert len(nonces) == len(set(nonces)) == 3


def test_two_units_whose_entries_come_together_share_a_beacon(poll: Poll) -> None:
    for number, unit in enumerate(poll.election.units[:2]):
        message = Carried(HALL, DeviceId(f"u{number}"), 0, unit.sealed(Ready(unit.commit(1), 1)))
        payload = seal(encode_board_message(message), Purpose.CARRIED, poll.devices[number].signer)
        poll.hall.link.deliver(f"u{number}", payload, kind=topics.Up.BOARD)
    poll.hall.turns(4)

    assert [row.kind for row in poll.hall.leaves()][-3:] == ["ready/1", "ready/1", "beacon/1"]


def test_the_same_entry_again_is_answered_again_and_is_no_second_leaf(poll: Poll) -> None:
    unit = poll.election.units[0]
    envelope = unit.sealed(Ready(unit.commit(1), 1))
    first, again = poll.carry(0, envelope), poll.carry(0, envelope)

    assert first[0].index == again[0].index
    assert [row.envelope for row in poll.hall.leaves()].count(envelope) == 1


def test_a_refusal_is_a_signed_leaf_with_its_reason_and_the_unit_can_check_that(poll: Poll) -> None:
    unit = poll.election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    other = unit.body(NO)

    (answer,) = poll.carry(0, unit.sealed(Cast(1, other)))

    assert not answer.accepted
    refusal = _body(poll, answer.refusal)
    assert isinstance(refusal, BallotRefusal)
    assert (refusal.code, refusal.body_hash) == ("other-body", hash_of(other))
    poll.believe(answer, answer.refusal)
    assert isinstance(unit.cast(body), Accept), "the ballot that was prepared is as good as before"


def test_an_entry_that_no_voter_signed_is_dropped_and_leaves_no_trace_in_the_log(poll: Poll) -> None:
    size = len(poll.hall.leaves())
    stranger = Unit(poll.election, poll.election.units[0].voter, key="somebody else")

    assert poll.carry(0, stranger.sealed(Ready(bytes(32), 1))) == []
    assert poll.carry(0, b"junk") == []
    assert len(poll.hall.leaves()) == size


def test_a_ballot_that_arrives_after_close_is_refused_and_never_counted(poll: Poll) -> None:
    for unit in poll.election.units[:2]:
        unit.vote(YES)
    late = poll.election.units[2]
    late.ready()
    body = late.body(NO)
    late.prepare(body)
    poll.election.close()
    (answer,) = poll.carry(2, late.sealed(Cast(1, body)))

    assert _body(poll, answer.refusal).code == "after-close"
    assert answer.closing, "the unit is shown the close that it came too late for"
    assert len(poll.election.board.contests[CONTEST].counting()) == 2


def test_ingest_killed_between_any_two_entries_goes_on_with_the_same_board(engine: Engine) -> None:
    poll = Poll(engine).open()
    unit = poll.election.units[0]

    def restart() -> None:
        poll.hall.start()
        poll.follow()

    unit.ready()
    restart()
    body = unit.body(YES)
    unit.prepare(body)
    restart()
    cast = unit.sealed(Cast(1, body))
    (first,) = poll.carry(0, cast)
    restart()
    (again,) = poll.carry(0, cast)

    assert first.accepted
    assert again.index == first.index
    assert [each.body_hash for each in poll.election.board.contests[CONTEST].counting()] == [hash_of(body)]


def test_a_commit_that_fails_answers_nobody_and_loses_nothing(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = poll.election.units[0]
    envelope = unit.sealed(Ready(unit.commit(1), 1))
    with monkeypatch.context() as broken:
        broken.setattr(ledger.store, "append_leaves", _raising(StoreError("disk full")))
        assert poll.carry(0, envelope) == []
    poll.hall.turns(10, step_ms=1000)

    assert [answer.accepted for answer in poll.answers(poll.devices[0])] == [True]
    assert [row.envelope for row in poll.hall.leaves()].count(envelope) == 1


def test_once_witnesses_have_seen_the_close_a_unit_is_shown_their_checkpoint(poll: Poll) -> None:
    unit = poll.election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    cast = unit.sealed(Cast(1, body))
    poll.carry(0, cast)
    poll.election.close()
    (before,) = poll.carry(0, cast)
    note = poll.hall.ledger.head.note
    for name in WITNESSES:
        note = cosign(note, name, signer(name), 1_800_000_000)
    with writing(poll.hall.engine) as connection:
        row = {"size": poll.hall.ledger.head.size, "note": note, "complete": True}
        connection.execute(insert(cosigned_notes).values(**row))
    (after,) = poll.carry(0, cast)

    assert "witness" not in before.note
    assert after.note == note
    poll.believe(after, cast)


def test_a_session_key_is_written_down_only_if_the_unit_holds_it(poll: Poll) -> None:
    mine, foreign = poll.election.units[0].signer, poll.election.units[1].signer
    _say_key(poll, mine, mine)
    _say_key(poll, foreign, mine)
    poll.hall.turns(6)

    with writing(poll.hall.engine) as connection:
        rows = connection.execute(select(session_keys)).all()
    assert [(row.device, row.key) for row in rows] == [("u0", mine.public_key.raw)]


def test_prepared_again_in_another_seq_needs_what_was_committed_for_it(poll: Poll) -> None:
    unit = poll.election.units[0]
    unit.ready()
    answers = poll.carry(0, unit.sealed(Prepared(2, bytes(32), bytes(32))))

    assert _body(poll, answers[0].refusal).code == "bad-seq"


def test_a_flood_of_entries_is_let_go_and_a_voter_is_answered_behind_it(poll: Poll) -> None:
    assert UNDER_WAY_MAX >= 2000, "every seat of the largest hall has one entry under way"
    unit = poll.election.units[0]
    for _ in range(80):
        poll.hall.link.deliver("u1", b"junk", kind=topics.Up.BOARD)

    assert isinstance(unit.ready(), Accept)


def _say_key(poll: Poll, key: Ed25519Signer, prover: Ed25519Signer) -> None:
    proof = prover.sign(session_proof(CONGRESS, HALL, DeviceId("u0"), CONTEST))
    message = SessionKey(HALL, DeviceId("u0"), CONTEST, key.public_key.raw, proof)
    payload = seal(encode_board_message(message), Purpose.SESSION_KEY, poll.devices[0].signer)
    poll.hall.link.deliver("u0", payload, kind=topics.Up.BOARD)


def _body(poll: Poll, envelope: bytes) -> Body:
    return parse_record(verify(envelope, Purpose.RECORD, STORE, poll.hall.store.public_key)).body


def _raising(err: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise err

    return fail
