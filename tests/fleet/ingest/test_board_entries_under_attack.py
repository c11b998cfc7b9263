"""Voters, commissions and restored stores that behave badly: ingest goes on for everybody else."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from fleet.db import Engine, writing
from fleet.desk.store import CHARTER, set_setting
from fleet.ingest.ballots import polling
from fleet.tables import cosigned_notes, session_keys
from tests.ballot.board.election import CHARTER as PINNED
from tests.ballot.board.election import (
    CONGRESS,
    CONTEST,
    HALL,
    QUESTION,
    SITTING,
    WITNESSES,
    YES,
    Election,
    Unit,
    signer,
)
from tests.fleet.ingest.test_board_entries import Poll
from wire import topics
from wire.board import Cast, Ready
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.envelope import Purpose, seal
from wire.ids import ContestId, DeviceId, StoreId
from wire.voting import Carried, ContestChanged, SessionKey, encode_board_message, session_proof

pytestmark = pytest.mark.slow

AGAIN = ContestId(b"contest-contest2")


@pytest.fixture
def poll(engine: Engine) -> Poll:
    return Poll(engine).open()


def arrive(poll: Poll, number: int, envelope: bytes) -> None:
    """It is at ingest's door; nothing has been done with it."""
    device = poll.devices[number]
    message = Carried(HALL, DeviceId(device.name), 0, envelope)
    payload = seal(encode_board_message(message), Purpose.CARRIED, device.signer)
    poll.hall.link.deliver(device.name, payload, kind=topics.Up.BOARD)


def test_one_voter_who_signs_without_end_keeps_no_other_from_being_heard(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "UNDER_WAY_MAX", 8)
    loud, quiet = poll.election.units[:2]
    for number in range(30):
        arrive(poll, 0, loud.sealed(Ready(bytes([number]) * 32, 1)))
    arrive(poll, 1, quiet.sealed(Ready(quiet.commit(1), 1)))
    poll.hall.turns(1)

    assert [answer.accepted for answer in poll.answers(poll.devices[1])] == [True]


def test_a_voter_of_an_earlier_roll_speaks_again_in_the_next_contest(poll: Poll) -> None:
    assert poll.election.units[0].vote(YES)
    second = Election(voters_n=3, contest=AGAIN)
    second.desk = poll.desk  # type: ignore[method-assign]
    second.prepare()
    poll.desk(ContestChanged(SITTING, QUESTION, AGAIN, "open", second.manifest.hash))
    unit = second.units[0]
    assert unit.voter == poll.election.units[0].voter

    (answer,) = poll.carry(0, unit.sealed(Ready(unit.commit(1), 1)))
    assert answer.accepted
    assert answer.contest == AGAIN


def test_a_key_that_comes_after_the_certification_is_not_written_down(poll: Poll) -> None:
    poll.desk(ContestChanged(SITTING, QUESTION, CONTEST, "certified", poll.election.manifest.hash))
    unit = poll.election.units[0].signer
    proof = unit.sign(session_proof(CONGRESS, HALL, DeviceId("u0"), CONTEST))
    message = SessionKey(HALL, DeviceId("u0"), CONTEST, unit.public_key.raw, proof)
    payload = seal(encode_board_message(message), Purpose.SESSION_KEY, poll.devices[0].signer)
    poll.hall.link.deliver("u0", payload, kind=topics.Up.BOARD)
    poll.hall.turns(6)

    with writing(poll.hall.engine) as connection:
        assert connection.execute(select(session_keys)).all() == []


def test_a_charter_that_takes_the_place_of_another_counts_from_the_next_paper_on(engine: Engine) -> None:
    poll = Poll(engine)
    other = replace(PINNED, witness_quorum=1)
    with writing(engine) as connection:
        set_setting(connection, CHARTER, other.encode().hex())
    poll.hall.start()
    with writing(engine) as connection:
        set_setting(connection, CHARTER, PINNED.encode().hex())
    poll.desk(ContestChanged(SITTING, QUESTION, CONTEST, "prepared", None))

    assert poll.hall.ledger.elections is not None
    assert poll.hall.ledger.elections.board.charter == PINNED
    assert poll.hall.ledger.elections.tree.size == poll.hall.ledger.head.size


def test_a_unit_is_never_shown_a_checkpoint_of_a_life_before_the_restore(poll: Poll) -> None:
    unit = poll.election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    cast = unit.sealed(Cast(1, body))
    poll.carry(0, cast)
    poll.election.close()
    ledger = poll.hall.ledger
    before = Checkpoint(origin(CONGRESS, HALL, StoreId(b"the life before.")), ledger.head.size, bytes(32))
    note = sign_checkpoint(before, poll.hall.store)
    for name in WITNESSES:
        note = cosign(note, name, signer(name), 1_800_000_000)
    with writing(poll.hall.engine) as connection:
        connection.execute(insert(cosigned_notes).values(size=before.size, note=note, complete=True))
    (answer,) = poll.carry(0, cast)

    assert answer.note.startswith(f"{ledger.origin}\n")
    poll.believe(answer, cast)


def test_a_stranger_of_the_same_name_fills_no_voters_place(poll: Poll) -> None:
    unit = poll.election.units[0]
    stranger = Unit(poll.election, unit.voter, key="somebody else")
    for number in range(10):
        arrive(poll, 1, stranger.sealed(Ready(bytes([number]) * 32, 1)))
    arrive(poll, 0, unit.sealed(Ready(unit.commit(1), 1)))
    poll.hall.turns(1)

    assert [answer.accepted for answer in poll.answers(poll.devices[0])] == [True]
