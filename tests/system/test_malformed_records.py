"""A device with a genuine certificate sends what is no record: forged, oversized, truncated, replayed, not
canonical."""

from tests.system.hall import SystemHall
from tests.system.intruder import with_the_certificate_of
from tests.system.one_broker import ON_ONE_BROKER
from wire import cbor
from wire.envelope import Purpose

pytestmark = ON_ONE_BROKER


def _not_canonical(envelope: bytes) -> bytes:
    """The same array, its head one byte longer than needed."""
    assert envelope[0] == 0x84
    return b"\x98\x04" + envelope[1:]


def _with_signature(envelope: bytes, signature: bytes) -> bytes:
    parts = cbor.decode(envelope, Purpose.RECORD.limit)
    return cbor.encode([*parts[:3], signature])


def test_each_is_counted_and_said_once_and_the_next_genuine_one_is_stored(hall: SystemHall) -> None:
    name = "gate-malformed"
    talker = hall.talker(name)
    talker.say(6)
    hall.until_drained(talker)
    envelopes = [envelope for _, envelope in talker.envelopes()]
    before = hall.stored(name)
    talker.stop()
    since = len(hall.fleet_log())
    bad = {
        "bad-signature": [
            _with_signature(envelopes[0], bytes(64)),
            _with_signature(envelopes[5], b"\x01" * 64),
        ],
        "too-large": [envelopes[0] + bytes(Purpose.RECORD.limit)],
        "bad-encoding": [envelopes[1][:-1], b"", _not_canonical(envelopes[2]), envelopes[3] + b"\x00"],
        "bad-schema": [cbor.encode([1, 2, 3]), cbor.encode({1: 2})],
    }
    with with_the_certificate_of(hall, name) as device:
        for _ in range(3):
            for payloads in bad.values():
                for payload in payloads:
                    device.send(hall.up(name), payload)
            for envelope in envelopes:  # replayed: answered again, stored once
                device.send(hall.up(name), envelope)
        counts = {code: 3 * len(payloads) for code, payloads in bad.items()}
        hall.until(lambda: hall.drops(name) == counts, f"every one is counted, {counts}")
    for code in bad:
        hall.once(f"Bytes from {name} are dropped, {code}", since)
    assert hall.stored(name) == before
    again = hall.talker(name)
    again.say(4)
    hall.until_drained(again)
    assert len(hall.stored(name)) == 10
    hall.audited()
    again.stop()
