"""A store that fails anywhere in a commit with a ballot in it: the ballot is in the log once, its unit is
answered after that, and what ingest holds in memory is what is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fleet.db import Engine, reading, writing
from fleet.errors import StoreError
from fleet.ingest import ledger
from fleet.log.tree import LogTree
from tests.ballot.board.election import CONTEST, YES
from tests.fleet.ingest.test_board_entries import Poll
from wire.board import Cast
from wire.checkpoint import verify_checkpoint


@pytest.fixture
def poll(engine: Engine) -> Poll:
    return Poll(engine).open()


def cast_of_the_first(poll: Poll) -> bytes:
    unit = poll.election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    return unit.sealed(Cast(1, body))


def assert_whole(poll: Poll, cast: bytes) -> None:
    poll.hall.turns(10, step_ms=1000)
    poll.follow()
    with reading(poll.hall.engine) as connection:
        stored = LogTree()
        stored.follow(connection)
    found = poll.hall.ledger
    assert found.elections is not None
    point = verify_checkpoint(found.head.note, found.origin, poll.hall.store.public_key)
    assert found.elections.tree.size == stored.tree.size == found.head.size == point.size
    assert found.elections.tree.root() == stored.tree.root() == point.root
    assert [row.envelope for row in poll.hall.leaves()].count(cast) == 1
    assert len(poll.election.board.contests[CONTEST].counting()) == 1
    (answer, *_) = poll.carry(0, cast)
    assert answer.accepted
    poll.believe(answer, cast)


@pytest.mark.parametrize(
    "step",
    ["append_leaves", "write_chains", "write_head", "desk_appended", "write_session_keys", "add_drops"],
)
def test_a_commit_that_fails_at_any_step_leaves_nothing_behind(
    poll: Poll, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = cast_of_the_first(poll)

    def fail(*_: Any) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(ledger.store, step, fail)
        assert poll.carry(0, cast) == []
    assert_whole(poll, cast)


def test_a_commit_that_was_stored_although_it_failed_is_found_in_the_log(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = cast_of_the_first(poll)

    @contextmanager
    def stored_but_failed(engine: Engine) -> Iterator[Any]:
        with writing(engine) as connection:
            yield connection
        raise StoreError("the connection broke at the commit")

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "writing", stored_but_failed)
        assert poll.carry(0, cast) == []
    assert_whole(poll, cast)
