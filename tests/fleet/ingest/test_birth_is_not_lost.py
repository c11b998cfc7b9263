"""A birth that was acknowledged and not written when the process died is asked for, and so is what a restored
store lacks; no old one takes a newer one's place, and a hall that is asked is told nothing anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from fleet.db import reading, writing
from fleet.ingest.ledger import Batch, Ledger
from fleet.ingest.pipeline import BIRTH_GAP_MS, FLUSH_MS
from fleet.tables import births, desk_queue, downlink, drops
from tests.fleet.ingest.simulated_hall import FIRST_EPOCH, HALL, Device, Hall, make_signer
from wire import topics
from wire.down import NO_EPOCH
from wire.envelope import Purpose, seal
from wire.ids import DeviceId, Epoch
from wire.records import Alarm, DeviceRegistered
from wire.up import BIRTH_AGAIN, BIRTH_KEY, Birth, encode_up

AGAIN = {BIRTH_KEY: BIRTH_AGAIN}


@dataclass
class Born:
    """What a device says of itself; `at` makes another."""

    device: Device
    facts: Birth = field(init=False)

    def __post_init__(self) -> None:
        name = DeviceId(self.device.name)
        self.facts = Birth(HALL, name, self.device.epoch, 0, 1, 1000, "keypad 1", 0, {})

    def at(self, **facts: Any) -> bytes:
        return seal(encode_up(replace(self.facts, **facts)), Purpose.BIRTH, self.device.signer)


@pytest.fixture
def keypad(hall: Hall) -> Device:
    return hall.register("keypad-1")


@pytest.fixture
def born(keypad: Device) -> Born:
    return Born(keypad)


def say(hall: Hall, *payloads: bytes, kind: topics.Up = topics.Up.BIRTH) -> None:
    hall.link.deliver("keypad-1", *payloads, kind=kind)
    hall.turns(8)


def asked(hall: Hall, device: Device) -> int:
    return sum(resend.epoch == NO_EPOCH for resend in hall.resends(device))


def written(hall: Hall) -> list[tuple[int, str, dict[str, str]]]:
    """(boot, software, reported) of every birth in the store."""
    with reading(hall.engine) as connection:
        rows = connection.execute(select(births).order_by(births.c.device)).all()
    return [(row.boot, row.software, json.loads(row.reported)) for row in rows]


def replayed(hall: Hall) -> int:
    with reading(hall.engine) as connection:
        found = connection.execute(select(drops.c.count).where(drops.c.code == "replayed")).scalar()
    return found or 0


def test_a_birth_that_died_with_the_process_before_it_was_written_is_asked_for(
    hall: Hall, keypad: Device, born: Born
) -> None:
    for facts in ({"software": "old"}, {"software": "keypad 1", "wall_ms": 2000}):
        hall.link.deliver("keypad-1", born.at(**facts), kind=topics.Up.BIRTH)
        hall.turns(1)
    assert hall.link.acknowledged == [1, 2]
    assert [software for _, software, _ in written(hall)] == ["old"]
    hall.start()
    say(hall, keypad.health(1), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 1
    say(hall, born.at(wall_ms=3000, reported={"seat": "ok", **AGAIN}))
    assert written(hall) == [(1, "keypad 1", {"seat": "ok"})]


def test_who_has_said_no_record_is_asked_too_and_again_until_the_birth_is_here_and_then_no_more(
    hall: Hall, keypad: Device, born: Born
) -> None:
    for number in range(1, 20):
        say(hall, keypad.health(number), kind=topics.Up.HEALTH)
    assert 19 * 8 * 60 // BIRTH_GAP_MS <= asked(hall, keypad) <= 1 + 19 * 8 * 60 // BIRTH_GAP_MS
    say(hall, born.at())
    before = asked(hall, keypad)
    hall.clock.step(2 * BIRTH_GAP_MS)
    say(hall, keypad.health(20), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == before


def test_a_start_of_the_device_whose_birth_the_broker_lost_is_noticed(
    hall: Hall, keypad: Device, born: Born
) -> None:
    say(hall, born.at())
    say(hall, keypad.health(1, boot=2), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 1


def test_a_birth_that_came_while_the_connection_to_the_broker_was_down_is_asked_for(
    hall: Hall, keypad: Device, born: Born
) -> None:
    say(hall, born.at())
    for hall.link.connected in (False, True):
        hall.turns(1)
    say(hall, keypad.health(1), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 1
    say(hall, born.at(wall_ms=2000, twin_generation=1, reported=AGAIN))
    hall.clock.step(2 * BIRTH_GAP_MS)
    say(hall, keypad.health(2), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 1


def test_a_new_epoch_whose_birth_was_lost_is_asked_for_though_it_counts_its_starts_from_one(
    hall: Hall, keypad: Device, born: Born
) -> None:
    say(hall, born.at(boot=5))
    say(hall, keypad.health(1, boot=1), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 1


def test_a_device_that_is_not_registered_or_was_revoked_is_asked_nothing(hall: Hall, keypad: Device) -> None:
    hall.revoke("keypad-1")
    hall.turns()
    say(hall, keypad.health(1), kind=topics.Up.HEALTH)
    assert asked(hall, keypad) == 0


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    "older",
    [{"boot": 6, "last_seq": 99}, {"last_seq": 3, "twin_generation": 99}, {"twin_generation": 69}],
    ids=["boot", "last-seq", "twin"],
)
def test_a_replayed_birth_takes_no_newer_one_s_place(
    hall: Hall, born: Born, older: dict[str, int], restarted: bool
) -> None:
    newest = {"boot": 7, "last_seq": 4, "twin_generation": 70}
    say(hall, born.at(**newest, wall_ms=50))
    if restarted:
        hall.start()
    say(hall, born.at(**{**newest, **older}, software="old", wall_ms=2000))
    assert written(hall) == [(7, "keypad 1", {})]
    assert replayed(hall) == 1
    assert hall.link.queue == []
    assert len(hall.link.acknowledged) == 2


def test_of_two_births_of_one_moment_the_later_counts_whatever_its_clock_says_and_each_counts_once(
    hall: Hall, born: Born
) -> None:
    first, second = born.at(wall_ms=9000, reported={"seat": "applying"}), born.at(reported={"seat": "ok"})
    say(hall, first, second, first)
    assert written(hall) == [(1, "keypad 1", {"seat": "ok"})]
    assert replayed(hall) == 1


def test_an_epoch_that_was_left_does_not_come_back_and_a_new_one_begins_at_any_boot(
    hall: Hall, keypad: Device, born: Born
) -> None:
    say(hall, keypad.say(Alarm("a", "b")), kind=topics.Up.REC)
    say(hall, born.at(boot=5, last_seq=1))
    reborn = Device("keypad-1", keypad.signer, epoch=Epoch(b"epoch--2"))
    again = Born(reborn)
    say(hall, again.at(software="new"))
    say(hall, reborn.say(Alarm("new-epoch", "by hand")), kind=topics.Up.REC)
    say(hall, born.at(boot=9, last_seq=99, epoch=FIRST_EPOCH))
    assert written(hall) == [(1, "new", {})]
    hall.start()
    say(hall, born.at(boot=9, last_seq=99, epoch=FIRST_EPOCH))
    assert written(hall) == [(1, "new", {})]


def put_roll_entry(hall: Hall) -> None:
    """A page for keypad-1 alone, not to be repeated for minutes; said once by the time this returns."""
    values = {
        "id": 1, "audience": "keypad-1", "kind": "roll-entry/1", "page": 0, "generation": 1,
        "expires_ms": hall.clock.wall + 10**8, "after_desk_seq": 0, "topic": "t", "envelope": b"entry",
    }  # fmt: skip
    with writing(hall.engine) as connection:
        connection.execute(insert(downlink).values(**values))
    hall.turns(8)


def entries_said(hall: Hall) -> int:
    return sum(payload == b"entry" for _, payload, _ in hall.link.published)


def received(hall: Hall) -> list[int]:
    with reading(hall.engine) as connection:
        return list(connection.execute(select(births.c.received_ms)).scalars())


def test_who_was_asked_is_told_nothing_anew_and_who_comes_back_is_told_everything(
    hall: Hall, born: Born
) -> None:
    put_roll_entry(hall)
    assert entries_said(hall) == 1
    say(hall, born.at(reported=AGAIN))
    assert entries_said(hall) == 1
    say(hall, born.at(wall_ms=2000))
    assert entries_said(hall) == 2


@pytest.mark.parametrize("other", [{"boot": 2}, {"epoch": Epoch(b"epoch--2")}], ids=["boot", "epoch"])
def test_who_was_asked_and_has_started_anew_is_told_everything_but_by_a_store_that_knew_no_other_start(
    hall: Hall, born: Born, other: dict[str, Any]
) -> None:
    put_roll_entry(hall)
    say(hall, born.at(reported=AGAIN))
    assert entries_said(hall) == 1
    say(hall, born.at(**other, wall_ms=2000, reported=AGAIN))
    assert entries_said(hall) == 2
    hall.start()
    hall.turns(8)
    assert entries_said(hall) == 3, "whoever is there hears everything from a store that begins"
    say(hall, born.at(**{**other, "boot": 3}, wall_ms=3000, reported=AGAIN))
    assert entries_said(hall) == 3


def test_who_comes_back_before_it_knows_the_time_is_answered_and_no_sign_of_life_is_made_of_old_bytes(
    hall: Hall, born: Born
) -> None:
    put_roll_entry(hall)
    say(hall, born.at())
    first, said = received(hall), entries_said(hall)
    say(hall, born.at())
    assert entries_said(hall) == said + 1
    assert (received(hall), replayed(hall)) == (first, 0)
    say(hall, born.at(boot=2))
    assert [boot for boot, _, _ in written(hall)] == [2]


def crowd(hall: Hall, count: int) -> list[Device]:
    """So many devices, registered at once."""
    found = [Device(f"keypad-{n}", make_signer(f"keypad-{n}")) for n in range(count)]
    assert hall.desk is not None
    with writing(hall.engine) as connection:
        for device in found:
            key = device.signer.public_key
            body = DeviceRegistered(DeviceId(device.name), "keypad", int(key.alg), key.raw)
            envelope = hall.desk.say(body)
            connection.execute(insert(desk_queue).values(seq=len(hall.desk.said), envelope=envelope))
    hall.turns(count // 200 + 2)
    return found


def deliver(hall: Hall, devices: Sequence[Device], make: Any, kind: topics.Up) -> None:
    for device in devices:
        hall.link.deliver(device.name, make(device), kind=kind)


def test_two_thousand_that_are_asked_after_a_restart_answer_once_each_and_are_written_together(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = crowd(hall, 2000)
    batches: list[int] = []
    commit = Ledger.commit

    def counted(ledger: Ledger, batch: Batch, *rest: Any) -> Any:
        batches.append(len(batch.births))
        return commit(ledger, batch, *rest)

    monkeypatch.setattr(Ledger, "commit", counted)
    hall.start()
    hall.link.published.clear()
    deliver(hall, devices, lambda each: each.health(1), topics.Up.HEALTH)
    hall.turns(20)
    questions = [topic for topic, _, _ in hall.link.published if topic.endswith("/down/ack")]
    assert len(questions) == len(set(questions)) == 2000
    deliver(hall, devices, lambda each: Born(each).at(reported=AGAIN), topics.Up.BIRTH)
    hall.turns(20)
    assert len(written(hall)) == 2000
    assert sum(batches) == 2000
    assert sum(1 for count in batches if count) <= 1 + 20 * 60 // FLUSH_MS
