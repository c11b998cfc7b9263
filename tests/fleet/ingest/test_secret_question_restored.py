"""A store that goes on from a backup in the middle of a secret vote: nothing counts twice, what the backup
lacks is refused with a signed reason, and a binding lets its voter go on."""

from pathlib import Path

import pytest

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Bind
from ballot.hashing import hash_of
from fleet import db
from fleet.ingest.commands import backup, restore
from tests.ballot.board.election import CONGRESS, CONTEST, HALL, NO, YES, Unit
from tests.fleet.ingest.simulated_hall import Hall as Ingest
from tests.fleet.ingest.test_board_entries import Poll, _body
from tests.fleet.log.conftest import write_keys
from wire.board import Cast, Prepared
from wire.voting import BallotRefusal


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    write_keys(data)
    (data / "fleet.toml").write_text(f'hall = "{HALL}"\ncongress = "{CONGRESS}"\n')
    return data


def opened(data: Path) -> db.Engine:
    engine = db.open_engine(db.database_url(data, {}))
    db.upgrade(engine)
    return engine


def go_on(poll: Poll, data: Path, file: Path) -> None:
    """The store is lost; the hall goes on from the backup."""
    poll.hall.engine.dispose()
    assert restore(data, file, {}) == 0
    poll.hall = Ingest(opened(data), CONGRESS, HALL)
    poll.known = 0
    poll.follow()


def test_a_cast_that_the_backup_lacks_counts_once_when_its_unit_says_it_again(
    data: Path, tmp_path: Path
) -> None:
    poll = Poll(opened(data)).open()
    unit = poll.election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    backup(data, tmp_path / "backup.db", {})
    cast = unit.sealed(Cast(1, body))
    (lost,) = poll.carry(0, cast)
    go_on(poll, data, tmp_path / "backup.db")
    (again,) = poll.carry(0, cast)

    assert lost.accepted
    assert again.accepted
    assert lost.store_id != again.store_id
    poll.believe(again, cast)
    counting = poll.election.board.contests[CONTEST].counting()
    assert [each.body_hash for each in counting] == [hash_of(body)]
    poll.hall.engine.dispose()


def test_a_unit_whose_past_is_lost_is_refused_and_a_binding_lets_its_voter_go_on(
    data: Path, tmp_path: Path
) -> None:
    poll = Poll(opened(data)).open()
    unit = poll.election.units[0]
    unit.ready()
    backup(data, tmp_path / "backup.db", {})
    body = unit.body(YES)
    unit.prepare(body)
    cast = unit.sealed(Cast(1, body))
    poll.carry(0, cast)
    go_on(poll, data, tmp_path / "backup.db")
    (refused,) = poll.carry(0, cast)

    refusal = _body(poll, refused.refusal)
    assert isinstance(refusal, BallotRefusal)
    assert refusal.code == "broken-chain"
    assert poll.election.board.contests[CONTEST].counting() == []
    fresh = poll.election.units[0] = Unit(poll.election, unit.voter, 1)
    bind = Bind(CONGRESS, CONTEST, unit.voter, 1, fresh.raw_key, "khôi phục từ bản sao lưu")
    poll.election.publish(bind)
    assert isinstance(fresh.ready(2), Accept)
    again = fresh.body(NO)
    assert isinstance(fresh.say(Prepared(2, hash_of(again), fresh.commit(3))), Accept)
    assert isinstance(fresh.cast(again), Accept)
    counting = poll.election.board.contests[CONTEST].counting()
    assert [each.body_hash for each in counting] == [hash_of(again)]
    poll.hall.engine.dispose()
