"""Every record ends as a leaf, a duplicate, a gap, a conflict or a drop; the device is told what it needs."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.tables import drops, high_water, log_head
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL, Device, Hall, ballot, make_signer, passage
from wire import cbor, topics
from wire.checkpoint import origin, verify_checkpoint
from wire.envelope import Purpose, seal, verify
from wire.ids import CongressId, DeviceId, Epoch, HallId
from wire.merkle import root_of
from wire.records import GENESIS, Alarm, DeviceRegistered, Refusal, StoreBegun, parse_record, record_hash

Damage = Callable[[bytes], bytes]


def dropped(hall: Hall) -> dict[tuple[str, str], int]:
    hall.turns(8)
    with reading(hall.engine) as connection:
        return {(row.device, row.code): row.count for row in connection.execute(select(drops))}


def test_a_store_begins_with_its_own_record(hall: Hall) -> None:
    (first,) = hall.leaves()
    body = parse_record(verify(first.envelope, Purpose.RECORD, "store", hall.store.public_key)).body
    assert body == StoreBegun(hall.ledger.life.store_id, None)
    assert (first.leaf_index, first.kind, first.seq, first.verdict) == (0, "store/1", 1, "ok")


def test_a_record_becomes_a_leaf_and_its_device_gets_a_receipt(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    envelope = keypad.say(ballot())
    hall.link.deliver("keypad-1", envelope)
    hall.turns()
    leaf = hall.leaves()[-1]
    assert (leaf.envelope, leaf.verdict, leaf.subject) == (envelope, "ok", "s1/q1")
    (receipt,) = hall.receipts(keypad)
    assert (receipt.seq, receipt.record_hash) == (1, record_hash(envelope))
    assert (receipt.leaf_index, receipt.tree_size) == (leaf.leaf_index, leaf.leaf_index + 1)
    assert hall.link.acknowledged == [1]


def test_one_receipt_answers_a_whole_batch_of_one_device(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(20)])
    hall.turns()
    assert [receipt.seq for receipt in hall.receipts(keypad)] == [20]
    assert hall.of(keypad) == [(seq, "ok") for seq in range(1, 21)]


def test_the_checkpoint_is_signed_over_exactly_the_stored_leaves(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(5)])
    hall.turns()
    with reading(hall.engine) as connection:
        head = connection.execute(select(log_head)).one()
    leaves = [row.leaf_hash for row in hall.leaves()]
    found = verify_checkpoint(
        head.note, origin(CONGRESS, HALL, hall.ledger.life.store_id), hall.store.public_key
    )
    assert (found.size, found.root) == (len(leaves), root_of(leaves)) == (head.size, found.root)


def test_a_duplicate_is_answered_again_and_stored_once(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(3)])
    hall.turns()
    before = len(hall.leaves())
    hall.link.deliver("keypad-1", keypad.said[0])
    hall.turns()
    hall.link.deliver("keypad-1", keypad.said[2])
    hall.turns()
    assert len(hall.leaves()) == before
    assert [receipt.seq for receipt in hall.receipts(keypad)] == [3, 3, 3]


def test_records_reordered_within_a_batch_need_no_second_sending(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    one, two, three = (keypad.say(ballot()) for _ in range(3))
    hall.link.deliver("keypad-1", three, one, two)
    hall.turns()
    assert hall.of(keypad) == [(1, "ok"), (2, "ok"), (3, "ok")]
    assert hall.resends(keypad) == []


def test_a_gap_is_asked_for_once_a_second_and_stores_nothing(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    one, two, three = (keypad.say(ballot()) for _ in range(3))
    hall.link.deliver("keypad-1", one)
    hall.turns()
    for _ in range(5):
        hall.link.deliver("keypad-1", three)
        hall.turns()
    assert hall.of(keypad) == [(1, "ok")]
    assert [resend.from_seq for resend in hall.resends(keypad)] == [2]
    hall.clock.step(1000)
    hall.link.deliver("keypad-1", three)
    hall.turns()
    assert [resend.from_seq for resend in hall.resends(keypad)] == [2, 2]
    assert hall.link.queue == [], "a gap must not block the window"
    hall.link.deliver("keypad-1", two, three)
    hall.turns()
    assert hall.of(keypad) == [(1, "ok"), (2, "ok"), (3, "ok")]


def test_other_bytes_at_a_known_seq_are_an_alarm_and_never_overwrite(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    keypad.say(ballot("yes"))
    clone = keypad.forks()
    keypad.say(ballot("yes"))
    other = clone.say(ballot("no"))
    hall.link.deliver("keypad-1", *keypad.said)
    hall.turns()
    for _ in range(3):
        hall.link.deliver("keypad-1", other)
        hall.turns()
    assert hall.of(keypad) == [(1, "ok"), (2, "ok")]
    alarms = [row for row in hall.leaves() if row.kind == Alarm.kind]
    body = parse_record(verify(alarms[0].envelope, Purpose.RECORD, "store", hall.store.public_key)).body
    assert len(alarms) == 1
    assert isinstance(body, Alarm)
    assert body.code == "seq-conflict"
    assert record_hash(other).hex()[:32] in body.detail
    assert hall.receipts(keypad)[-1].record_hash == record_hash(keypad.said[1])


def test_a_conflict_below_the_last_seq_is_noticed_too(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    clone = keypad.forks()
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(3)])
    hall.turns()
    hall.link.deliver("keypad-1", clone.say(ballot("no")))
    hall.turns()
    assert [row.kind for row in hall.leaves()][-1] == Alarm.kind


def test_a_forked_device_is_not_jammed(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    keypad.say(ballot())
    clone = keypad.forks()
    keypad.say(ballot())
    clone.say(ballot("no"))
    third, fourth = clone.say(ballot("no")), clone.say(ballot("no"))
    hall.link.deliver("keypad-1", *keypad.said, third, fourth)
    hall.turns()
    assert hall.of(keypad) == [(1, "ok"), (2, "ok"), (3, "broken-chain"), (4, "ok")]
    assert [receipt.seq for receipt in hall.receipts(keypad)] == [4]


@pytest.mark.parametrize(
    ("code", "role", "changes"),
    [
        ("wrong-congress", "keypad", {"congress": CongressId("c-1999")}),
        ("wrong-hall", "keypad", {"hall": HallId("hall-b")}),
        ("wrong-role", "gate", {}),
        ("broken-chain", "keypad", {"prev_hash": bytes(31) + b"!"}),
    ],
)
def test_a_signed_record_that_cannot_count_is_a_leaf_with_its_refusal(
    hall: Hall, code: str, role: str, changes: dict[str, object]
) -> None:
    device = hall.register("device-1", role)
    wrong = device.say(ballot(), **changes)
    right = device.say(Alarm("test", "still alive"))
    hall.link.deliver("device-1", wrong, right)
    hall.turns()
    assert hall.of(device) == [(1, code), (2, "ok")]
    leaf, refusal = hall.leaves()[-3:-1]
    body = parse_record(verify(refusal.envelope, Purpose.RECORD, "store", hall.store.public_key)).body
    assert body == Refusal(DeviceId("device-1"), device.epoch, 1, record_hash(wrong), code)
    assert leaf.envelope == wrong
    assert [receipt.seq for receipt in hall.receipts(device)] == [2]


def test_a_signed_record_of_an_unknown_type_is_refused_as_bad_schema(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    name = "unheard\x00of"
    payload = cbor.encode(
        [name, CONGRESS, HALL, "keypad-1", keypad.epoch, 1, GENESIS, 1, 1, 1, 1, ["anything"]]
    )
    envelope = seal(payload, Purpose.RECORD, keypad.signer)
    keypad.said.append(envelope)
    hall.link.deliver("keypad-1", envelope, keypad.say(ballot()))
    hall.turns()
    assert hall.of(keypad) == [(1, "bad-schema"), (2, "ok")]


def test_a_revoked_device_is_refused_from_the_revocation_leaf_on(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.say(ballot()))
    hall.turns()
    hall.revoke("keypad-1")
    hall.link.deliver("keypad-1", keypad.say(ballot()))
    hall.turns()
    assert hall.of(keypad) == [(1, "ok"), (2, "revoked")]


def test_a_revocation_is_known_after_a_restart(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.revoke("keypad-1")
    hall.turns()
    hall.start()
    hall.link.deliver("keypad-1", keypad.say(ballot()))
    hall.turns()
    assert hall.of(keypad) == [(1, "revoked")]


def test_a_device_registered_again_with_a_new_key_is_believed_by_that_key_only(hall: Hall) -> None:
    old = hall.register("keypad-1")
    new = hall.register("keypad-1", salt="new")
    new.epoch = Epoch(b"epoch--2")
    hall.link.deliver("keypad-1", old.say(ballot()), new.say(ballot()))
    hall.turns()
    assert [(row.epoch, row.seq) for row in hall.leaves() if row.device == "keypad-1"] == [(b"epoch--2", 1)]
    assert dropped(hall) == {("keypad-1", "bad-signature"): 1}


@pytest.mark.parametrize(
    ("code", "damage"),
    [
        ("bad-signature", lambda envelope: envelope[:-1] + bytes([envelope[-1] ^ 1])),
        ("bad-encoding", lambda envelope: envelope[:-1]),
        ("bad-encoding", lambda envelope: envelope + b"\0"),
        ("bad-encoding", lambda envelope: b"\x98\x04" + envelope[1:]),  # a longer head than needed
        ("too-large", lambda envelope: envelope + bytes(Purpose.RECORD.limit)),
        ("bad-encoding", lambda _: b""),
        ("bad-schema", lambda _: b"\x80"),
    ],
)
def test_bytes_that_nobody_stands_behind_are_counted_and_get_no_receipt(
    hall: Hall, code: str, damage
) -> None:
    keypad = hall.register("keypad-1")
    leaves = len(hall.leaves())
    hall.link.deliver("keypad-1", damage(keypad.say(ballot())))
    assert dropped(hall) == {("keypad-1", code): 1}
    assert len(hall.leaves()) == leaves
    assert hall.receipts(keypad) == []
    assert hall.link.acknowledged == [1], "unacknowledged bytes would block the window"


def test_a_record_on_another_devices_topic_is_dropped(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.register("keypad-2")
    hall.link.deliver("keypad-2", keypad.say(ballot()))
    assert dropped(hall) == {("keypad-2", "unknown-signer"): 1}


def test_a_device_that_speaks_as_another_is_dropped(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.say(ballot(), device=DeviceId("keypad-2")))
    assert dropped(hall) == {("keypad-1", "bad-schema"): 1}


def test_a_device_that_no_leaf_registers_is_dropped_and_offices_are_no_devices(hall: Hall) -> None:
    stranger = Device("keypad-9", make_signer("keypad-9"))
    assert hall.desk is not None
    hall.link.deliver("keypad-9", stranger.say(ballot()))
    hall.link.deliver("desk", hall.desk.would_say(Alarm("x", "y")))
    assert dropped(hall) == {("keypad-9", "unknown-device"): 1, ("desk", "unknown-device"): 1}


def test_a_newcomer_whom_the_broker_knows_before_the_log_does_loses_nothing(hall: Hall) -> None:
    newcomer = Device("keypad-9", make_signer("keypad-9"))
    key = newcomer.signer.public_key
    hall.act(DeviceRegistered(DeviceId("keypad-9"), "keypad", int(key.alg), key.raw))
    hall.link.deliver("keypad-9", newcomer.say(ballot()), newcomer.say(ballot("no")))
    assert dropped(hall) == {}
    assert hall.of(newcomer) == [(1, "ok"), (2, "ok")]


def test_a_flood_of_invented_names_keeps_a_bounded_number_of_rows(hall: Hall) -> None:
    for number in range(1100):
        hall.link.deliver(f"ghost-{number}", b"?")
    hall.turns(12)
    counted = dropped(hall)
    assert sum(counted.values()) == 1100
    assert len(counted) == 1001


def test_a_receipt_of_one_purpose_is_not_another(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    keypad.say(ballot())
    hall.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.REC)
    assert dropped(hall) == {("keypad-1", "bad-signature"): 1}


def test_gates_pass_people_and_keypads_do_not(hall: Hall) -> None:
    gate, keypad = hall.register("gate-1", "gate"), hall.register("keypad-1")
    hall.link.deliver("gate-1", gate.say(passage()))
    hall.link.deliver("keypad-1", keypad.say(passage()))
    hall.turns()
    assert hall.of(gate) == [(1, "ok")]
    assert hall.of(keypad) == [(1, "wrong-role")]


def test_two_epochs_of_one_device_are_two_chains(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    reborn = Device("keypad-1", keypad.signer, epoch=Epoch(b"epoch--2"))
    hall.link.deliver("keypad-1", keypad.say(ballot()), reborn.say(ballot()), reborn.say(ballot()))
    hall.turns()
    with reading(hall.engine) as connection:
        marks = {
            (row.device, row.epoch): row.seq
            for row in connection.execute(select(high_water))
            if row.device == "keypad-1"
        }
    assert marks == {("keypad-1", keypad.epoch): 1, ("keypad-1", reborn.epoch): 2}
