"""What a device found of its own parts is read from the log's newest leaf that says so, and from nothing
else."""

from fleet.db import reading
from fleet.devices.tending import store
from tests.fleet.ingest.simulated_hall import Hall
from wire.self_test import SelfTest

COMMAND = b"c" * 16


def found(hall: Hall, device: str) -> store.Found | None:
    with reading(hall.engine) as connection:
        return store.find(connection, device)


def test_the_newest_signed_self_test_of_a_device_is_kept_with_its_leaf(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    rows = (("disk", True, "812 MB free"), ("clock", False, "90.0 s behind the hall"))
    hall.link.deliver("keypad-1", keypad.say(SelfTest(COMMAND, rows)))
    hall.turns()
    first = found(hall, "keypad-1")
    assert first is not None
    assert (first.command, first.passed, first.rows) == (COMMAND.hex(), False, rows)
    leaf = next(row for row in hall.leaves() if row.kind == "self-test/1")
    assert (leaf.leaf_index, leaf.received_ms) == (first.leaf_index, first.received_ms)
    assert (leaf.verdict, first.wall_ms) == ("ok", 1001)
    hall.link.deliver("keypad-1", keypad.say(SelfTest(None, (("disk", True, "812 MB free"),))))
    hall.turns()
    second = found(hall, "keypad-1")
    assert second is not None
    assert (second.command, second.passed, second.leaf_index) == (None, True, first.leaf_index + 1)
    with reading(hall.engine) as connection:
        assert store.every(connection) == [second]


def test_a_self_test_said_twice_or_refused_changes_nothing(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    envelope = keypad.say(SelfTest(COMMAND, (("disk", True, ""),)))
    hall.link.deliver("keypad-1", envelope)
    hall.turns()
    before = found(hall, "keypad-1")
    hall.clock.step(1000)
    hall.link.deliver("keypad-1", envelope, keypad.say(SelfTest(None, (("disk", False, ""),)), hall="hall-b"))
    hall.turns()
    assert found(hall, "keypad-1") == before
    assert hall.of(keypad) == [(1, "ok"), (2, "wrong-hall")]
