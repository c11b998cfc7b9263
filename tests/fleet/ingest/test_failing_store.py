"""The disk is full, the database is gone: nothing is acknowledged, one sentence is said, and it recovers
by itself.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from fleet.db import Engine
from tests.fleet.ingest.simulated_hall import Hall, ballot
from wire import topics
from wire.records import Alarm


@contextmanager
def failing(engine: Engine, message: str, marks: tuple[str, ...] = ("",)) -> Iterator[None]:
    """Every statement that begins like one of `marks` fails as the driver would say it."""

    def fail(_conn: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if sql.startswith(marks):
            raise OperationalError(sql, parameters, Exception(message))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def test_a_full_disk_stops_acknowledging_and_nothing_is_lost(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keypad = hall.register("keypad-1")
    with failing(hall.engine, "database or disk is full", ("INSERT", "UPDATE")):
        hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(3)])
        hall.turns(50, step_ms=500)
        assert hall.link.acknowledged == []
        assert hall.receipts(keypad) == []
    hall.turns(50, step_ms=500)
    assert hall.link.acknowledged == [1, 2, 3]
    assert hall.of(keypad) == [(1, "ok"), (2, "ok"), (3, "ok")]
    said = [record.message for record in caplog.records]
    assert [text for text in said if "its disk is full: free some space" in text] == said[:1]
    assert [text for text in said if "works again" in text] == said[-1:]


def test_a_database_that_is_gone_is_waited_for(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    with failing(hall.engine, "connection refused"):
        hall.link.deliver("keypad-1", keypad.say(ballot()))
        hall.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
        hall.turns(30, step_ms=500)
        assert hall.receipts(keypad) == []
    hall.turns(30, step_ms=500)
    assert [receipt.seq for receipt in hall.receipts(keypad)] == [1]


def test_while_the_store_fails_only_a_bounded_number_is_taken_from_the_broker(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    with failing(hall.engine, "database or disk is full"):
        hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(1500)])
        hall.turns(50, step_ms=500)
        assert len(hall.link.queue) > 400
    hall.turns(60, step_ms=500)
    assert len(hall.of(keypad)) == 1500


def test_a_commit_whose_answer_is_lost_is_not_repeated(hall: Hall) -> None:
    """The transaction happened, the writer heard of a failure: it must look before it writes again."""
    keypad = hall.register("keypad-1")

    def fail_after(_conn: Any) -> None:
        raise OperationalError("COMMIT", None, Exception("server closed the connection unexpectedly"))

    hall.link.deliver("keypad-1", keypad.say(ballot()))
    dialect_commit = hall.engine.dialect.do_commit

    def commit_and_fail(connection: Any) -> None:
        dialect_commit(connection)
        fail_after(connection)

    hall.engine.dialect.do_commit = commit_and_fail  # type: ignore[method-assign]
    try:
        hall.turns(1)
    finally:
        hall.engine.dialect.do_commit = dialect_commit  # type: ignore[method-assign]
    assert hall.receipts(keypad) == []
    hall.turns(20, step_ms=500)
    assert hall.of(keypad) == [(1, "ok")]
    assert [receipt.seq for receipt in hall.receipts(keypad)] == [1]


def test_another_writer_on_the_same_store_is_noticed_before_anything_is_overwritten(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    other = Hall(hall.engine)
    other.desk = hall.desk
    other.link.deliver("keypad-1", keypad.say(ballot()))
    other.turns()
    hall.link.deliver("keypad-1", keypad.said[0], keypad.say(ballot()))
    hall.turns(20, step_ms=500)
    assert hall.of(keypad) == [(1, "ok"), (2, "ok")]


def test_an_alarm_whose_commit_failed_is_in_the_log_afterwards(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    fork = keypad.forks()
    hall.link.deliver("keypad-1", keypad.say(ballot("yes")))
    hall.turns()
    with failing(hall.engine, "database or disk is full", ("INSERT",)):
        hall.link.deliver("keypad-1", fork.say(ballot("no")))
        hall.turns(5, step_ms=500)
    hall.turns(20, step_ms=500)
    assert [row.kind for row in hall.leaves()].count(Alarm.kind) == 1


def test_a_desk_record_that_may_not_enter_the_log_is_waited_with_not_spun_on(hall: Hall) -> None:
    assert hall.desk is not None
    hall.act(Alarm("first", "a leaf"))
    hall.turns()
    hall.desk.said.append(hall.desk.would_say(Alarm("lost", "the queue never had it")))
    hall.act(Alarm("behind", "follows nothing that is there"))
    hall.turns()
    begun = 0

    def count(_conn: Any) -> None:
        nonlocal begun
        begun += 1

    event.listen(hall.engine, "begin", count)
    hall.turns(100, step_ms=1)
    assert 0 < begun < 20
    assert [row.kind for row in hall.leaves()].count(Alarm.kind) == 1
