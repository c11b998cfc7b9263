"""Whatever a stolen broker sends, a device obeys nothing forged, foreign, expired or old, and prunes
nothing."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from wire.down import AUDIENCE_ALL, BallotNotice, Certified, FreezeNotice, SittingNotice, TimeNotice, Twin
from wire.envelope import Purpose, seal
from wire.ids import DeviceId, Epoch, HallId, QuestionId, SittingId, StoreId
from wire.records import Alarm
from wire.signers import Ed25519Signer


def stranger(name):
    return Ed25519Signer(name, ed25519.Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))


STRANGER = stranger("store")
SITTING = SittingNotice(SittingId("s1"), "open")
HELLO = Alarm("test", "hello")


def ballot(state="open"):
    return BallotNotice(SittingId("s1"), QuestionId("q1"), state, "Question?", True)


@pytest.fixture
def started(device, fleet, recorder):
    fleet.answers = False
    return device.start(recorder)


def test_a_receipt_by_another_key_marks_nothing(started, device, fleet):
    started.append(HELLO)
    fleet.receipt(1, started.outbox.epoch, by=STRANGER)
    device.settle()
    assert started.outbox.marked_seq == 0
    assert started.counters.drops["bad-signature"] == 1
    fleet.receipt(1, started.outbox.epoch)
    device.settle()
    assert started.outbox.marked_seq == 1
    assert device.firmware.marks == [0, 1]


def test_a_receipt_by_the_desk_marks_nothing(started, device, fleet):
    started.append(HELLO)
    fleet.receipt(1, started.outbox.epoch, by=fleet.desk)
    device.settle()
    assert started.outbox.marked_seq == 0
    assert started.counters.drops["unknown-signer"] == 1


def test_a_receipt_for_other_bytes_raises_one_alarm_and_marks_nothing(started, device, fleet):
    started.append(HELLO)
    for _ in range(3):
        fleet.receipt(1, started.outbox.epoch, digest=b"x" * 32)
        device.settle()
    assert started.outbox.marked_seq == 0
    assert [record.body.code for record in fleet.records] == ["test", "receipt-other-bytes"]
    device.kill()
    again = device.start(type(device.firmware))
    fleet.receipt(1, again.outbox.epoch, digest=b"x" * 32)
    device.settle()
    assert again.outbox.last_seq == 2


def test_a_receipt_for_a_record_that_was_never_written_raises_one_alarm(started, device, fleet):
    for _ in range(2):
        fleet.receipt(7, started.outbox.epoch, digest=b"x" * 32)
        device.settle()
    assert [record.body.code for record in fleet.records] == ["receipt-never-said"]


def test_a_receipt_for_another_device_or_hall_marks_nothing(started, device, fleet, monkeypatch):
    started.append(HELLO)
    fleet.device = Ed25519Signer("keypad-02", ed25519.Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32))
    fleet_ack, sent = fleet.ack, []
    monkeypatch.setattr(fleet, "ack", sent.append)
    fleet.receipt(1, started.outbox.epoch)
    fleet.device = device.identity.signer
    fleet_ack(sent[0])
    device.settle()
    assert started.outbox.marked_seq == 0
    assert started.counters.drops["bad-schema"] == 1


def test_certification_prunes_only_what_a_receipt_has_marked(started, device, fleet):
    for _ in range(3):
        started.append(HELLO)
    fleet.receipt(2, started.outbox.epoch)
    device.settle()
    fleet.say(Certified(started.outbox.epoch, 3), "keypad-01")
    device.settle()
    assert (started.outbox.first_seq, started.outbox.last_seq) == (3, 3)
    fleet.say(Certified(Epoch(b"another1"), 3), "keypad-01")
    device.settle()
    assert started.outbox.first_seq == 3


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (
            {"by": stranger("desk")},
            "bad-signature",
        ),
        ({"by": STRANGER}, "bad-signature"),
        (
            {"by": stranger("clerk")},
            "unknown-signer",
        ),
        ({"audience": "keypad-02"}, "bad-schema"),
        ({"expires_in_ms": -1}, "replayed"),
    ],
)
def test_a_message_that_is_forged_foreign_or_expired_is_dropped_and_counted(
    started, device, fleet, how, code
):
    audience = how.pop("audience", AUDIENCE_ALL)
    fleet.say(SITTING, audience, **how)
    device.settle()
    assert device.firmware.down == []
    assert started.counters.drops == {code: 1}


def test_the_store_cannot_say_what_the_desk_says(started, device, fleet):
    fleet.say(ballot(), by=fleet.store)
    device.settle()
    assert device.firmware.down == []
    assert started.counters.drops == {"bad-schema": 1}


def test_an_older_generation_is_a_replay_and_an_equal_one_a_quiet_repeat(started, device, fleet):
    opened = fleet.say(ballot("open"))
    closed = fleet.say(ballot("closed"))
    device.settle()
    fleet.publish(closed)
    fleet.publish(opened)
    device.settle()
    assert [body.state for body in device.firmware.down] == ["open", "closed"]
    assert started.counters.drops == {"replayed": 1}


def test_a_replay_is_refused_after_a_restart_too(started, device, fleet):
    opened = fleet.say(ballot("open"))
    fleet.say(ballot("closed"))
    device.settle()
    device.kill()
    again = device.start(type(device.firmware))
    fleet.publish(opened)
    device.settle()
    assert [body.state for body in device.firmware.down] == ["closed"]
    assert again.counters.drops == {"replayed": 1}


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\xff" * 100, b"\x84\x40\xa0\x40\x40", bytes(70_000)])
def test_garbage_is_counted_and_the_link_lives_on(started, device, fleet, payload):
    fleet.publish(payload)
    fleet.ack(payload)
    fleet.say(SITTING)
    device.settle()
    assert device.firmware.down == [SITTING]
    assert started.counters.drops.total() == 2


def test_an_unknown_kind_from_a_newer_fleet_is_dropped_and_the_rest_obeyed(started, device, fleet):
    from wire import cbor

    payload = cbor.encode(["weather/1", "hall-a", "all", 5, 0, 2**50, []])
    fleet.publish(seal(payload, Purpose.DOWN, fleet.desk))
    fleet.say(SITTING)
    device.settle()
    assert device.firmware.down == [SITTING]
    assert started.counters.drops == {"bad-schema": 1}


def test_a_record_or_receipt_cannot_pass_as_a_message_of_the_desk(started, device, fleet):
    payload = fleet.envelope(SITTING)
    for purpose in (Purpose.RECORD, Purpose.BIRTH):
        fleet.publish(seal(payload[:200], purpose, fleet.desk))
    device.settle()
    assert device.firmware.down == []
    assert started.counters.drops == {"bad-signature": 2}


def test_a_message_of_another_hall_is_not_obeyed(started, device, fleet, monkeypatch):
    monkeypatch.setitem(type(fleet).envelope.__globals__, "HALL", HallId("hall-b"))
    envelope = fleet.envelope(SITTING)
    monkeypatch.undo()
    fleet.publish(envelope)
    device.settle()
    assert device.firmware.down == []
    assert started.counters.drops == {"bad-schema": 1}


def test_a_forged_time_moves_nothing_and_an_old_one_never_back(started, device, fleet, clock):
    genuine = fleet.envelope(TimeNotice(clock.wall + 50_000), generation=5)
    fleet.publish(fleet.envelope(TimeNotice(clock.wall + 9_000_000), generation=6, by=STRANGER))
    device.settle()
    assert started.clock.wall_ms() == clock.wall
    fleet.publish(genuine)
    device.settle()
    assert started.clock.wall_ms() == clock.wall + 50_000
    fleet.publish(fleet.envelope(TimeNotice(clock.wall - 86_400_000), generation=4))
    fleet.publish(fleet.envelope(TimeNotice(clock.wall - 86_400_000), generation=7))
    device.settle()
    assert started.clock.wall_ms() == clock.wall + 50_000


def test_a_former_life_of_the_store_cannot_mark_what_the_present_one_lacks(started, device, fleet):
    for _ in range(3):
        started.append(HELLO)
    fleet.receipt(3, started.outbox.epoch)
    device.settle()
    first, fleet.store_id = fleet.store_id, StoreId(b"B" * 16)
    fleet.resend(2, started.outbox.epoch)
    device.settle()
    assert device.firmware.marks[-1] == 0
    fleet.store_id = first
    fleet.receipt(3, started.outbox.epoch)
    device.settle()
    assert started.outbox.marked_seq == 0


def test_only_this_device_is_addressed(started, device, fleet):
    fleet.say(Twin({"seat": "A1"}), DeviceId("keypad-01"))
    fleet.say(FreezeNotice(SittingId("s1"), True))
    device.settle()
    assert started.twin == {"seat": "A1"}
