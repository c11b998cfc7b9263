"""The power is cut at every durable step of the writer: nothing that was answered is missing, nothing
stands twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from fleet.db import Engine, reading
from fleet.tables import desk_queue, log_head
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL, Device, Hall, ballot
from wire.checkpoint import origin, verify_checkpoint
from wire.merkle import root_of
from wire.records import Alarm, record_hash


class PowerCut(BaseException):
    """Not an Exception: no handler of ours may take it for a failure and go on."""


@contextmanager
def power_cut_at(engine: Engine, step: int) -> Iterator[list[str]]:
    """Cut before the `step`-th statement or commit from now on; the steps that were reached."""
    reached: list[str] = []

    def count(what: str) -> None:
        reached.append(what)
        if len(reached) == step:
            raise PowerCut

    def statement(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        count(sql.split("\n", maxsplit=1)[0][:40])

    def commit(_conn: Any) -> None:
        count("COMMIT")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield reached
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def assert_log_is_whole(hall: Hall) -> None:
    leaves = hall.leaves()
    assert [row.leaf_index for row in leaves] == list(range(len(leaves)))
    with reading(hall.engine) as connection:
        head = connection.execute(select(log_head)).one()
    checkpoint = verify_checkpoint(
        head.note, origin(CONGRESS, HALL, hall.ledger.life.store_id), hall.store.public_key
    )
    assert (checkpoint.size, checkpoint.root) == (len(leaves), root_of([row.leaf_hash for row in leaves]))


def assert_receipts_are_honoured(hall: Hall, device: Device) -> None:
    hashes = {row.seq: row.record_hash for row in hall.leaves() if row.device == device.name}
    for receipt in hall.receipts(device):
        assert hashes[receipt.seq] == receipt.record_hash
        assert set(range(1, receipt.seq + 1)) <= hashes.keys()


def test_a_power_cut_at_every_step_loses_nothing_and_counts_nothing_twice(hall: Hall) -> None:
    """One round after another, each cut one step later, until a round goes through uncut."""
    keypad, gate = hall.register("keypad-1"), hall.register("gate-1", "gate")
    step, cut = 0, True
    while cut:
        step += 1
        hall.act(Alarm("round", str(step)))
        envelopes = [keypad.say(ballot()), gate.say(ballot()), keypad.say(ballot())]
        hall.link.deliver("keypad-1", envelopes[0], envelopes[2])
        hall.link.deliver("gate-1", envelopes[1])
        acknowledged = len(hall.link.acknowledged)
        with power_cut_at(hall.engine, step) as reached:
            try:
                hall.turns(1)
                cut = False
            except PowerCut:
                assert hall.link.acknowledged[acknowledged:] == [], "acknowledged before it was stored"
        hall.engine.dispose()
        hall.link.queue.clear()
        hall.start()
        hall.link.deliver("keypad-1", *keypad.said)  # what a device does that has no receipt
        hall.link.deliver("gate-1", *gate.said)
        hall.turns(4)
        assert_log_is_whole(hall)
        assert_receipts_are_honoured(hall, keypad)
    assert step > 10, "the writer has more steps than that"
    assert any("COMMIT" in what for what in reached)
    assert [(seq, verdict) for seq, verdict in hall.of(keypad)] == [(n, "ok") for n in range(1, 2 * step + 1)]
    assert [verdict for _, verdict in hall.of(gate)] == ["wrong-role"] * step
    refusals = [row for row in hall.leaves() if row.kind == "refusal/1"]
    assert len(refusals) == step
    with reading(hall.engine) as connection:
        queue = list(connection.execute(select(desk_queue)))
    assert {row.leaf_index for row in queue} == {r.leaf_index for r in hall.leaves() if r.device == "desk"}
    assert hall.receipts(keypad)[-1].record_hash == record_hash(keypad.said[-1])


@pytest.mark.parametrize("step", [1, 3, 5])
def test_a_power_cut_while_a_store_begins_leaves_an_empty_one(engine: Engine, step: int) -> None:
    with power_cut_at(engine, step), pytest.raises(PowerCut):
        Hall(engine)
    engine.dispose()
    assert [row.kind for row in Hall(engine).leaves()] == ["store/1"]
