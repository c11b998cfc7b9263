"""What devices last said of themselves: the newest only, and no dead one kept alive by old bytes."""

import json
from typing import Any

from sqlalchemy import Table, select

from fleet.db import reading
from fleet.tables import births, drops, health
from tests.fleet.ingest.simulated_hall import Device, Hall
from wire import topics
from wire.ids import Epoch


def rows(hall: Hall, table: Table) -> list[Any]:
    hall.turns(8)
    with reading(hall.engine) as connection:
        return list(connection.execute(select(table)))


def test_birth_and_health_are_stored_as_last_said(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.birth(), keypad.birth(last_seq=9), kind=topics.Up.BIRTH)
    hall.link.deliver("keypad-1", keypad.health(1), keypad.health(2), kind=topics.Up.HEALTH)
    (birth,) = rows(hall, births)
    (report,) = rows(hall, health)
    assert birth.last_seq == 9
    assert json.loads(report.readings) == {"keys": 7}
    assert report.clock_skew_ms == 5000 - report.last_seen_ms
    assert hall.link.acknowledged == [1, 2, 3, 4]


def test_a_repeated_health_report_keeps_no_dead_device_alive(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.health(7), kind=topics.Up.HEALTH)
    seen = rows(hall, health)[0].last_seen_ms
    hall.clock.step(60_000)
    hall.link.deliver("keypad-1", keypad.health(7), keypad.health(6), kind=topics.Up.HEALTH)
    assert rows(hall, health)[0].last_seen_ms == seen
    assert [(row.code, row.count) for row in rows(hall, drops)] == [("replayed", 2)]


def test_a_device_with_a_new_store_may_count_its_boots_from_one_again(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.health(7, boot=5), kind=topics.Up.HEALTH)
    seen = rows(hall, health)[0].last_seen_ms
    reborn = Device("keypad-1", keypad.signer, epoch=Epoch(b"epoch--2"))
    hall.link.deliver("keypad-1", reborn.birth(), kind=topics.Up.BIRTH)
    hall.link.deliver("keypad-1", reborn.health(1), kind=topics.Up.HEALTH)
    assert rows(hall, health)[0].last_seen_ms > seen


def test_a_revoked_device_is_heard_no_more(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.revoke("keypad-1")
    hall.turns()
    hall.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
    assert rows(hall, births) == []
