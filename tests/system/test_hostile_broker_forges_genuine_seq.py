"""A broker in other hands swaps a record for its own at the same seq, and sends receipts of its own."""

from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.system.hall import HALL, SystemHall
from tests.system.intruder import HostileLink
from tests.system.one_broker import ON_ONE_BROKER
from tests.system.talker import Talker
from wire import topics
from wire.down import Certified, DownMessage, Receipt, encode_down, encode_store_message
from wire.envelope import Purpose, claimed_signer, seal, verify
from wire.ids import DESK, STORE, DeviceId, StoreId
from wire.records import encode_record, parse_record, record_hash
from wire.signers import Ed25519Signer

pytestmark = ON_ONE_BROKER


def _forger(kid: str) -> Ed25519Signer:
    return Ed25519Signer(kid, ed25519.Ed25519PrivateKey.generate())


def _talker(hall: SystemHall, name: str) -> tuple[Talker, HostileLink]:
    links: list[HostileLink] = []

    def hostile(honest: object) -> HostileLink:
        links.append(HostileLink(honest))  # type: ignore[arg-type]  # the talker gives its MqttLink
        return links[0]

    return hall.talker(name, link=hostile), links[0]


def test_the_forged_record_is_dropped_and_the_genuine_one_is_stored_later(hall: SystemHall) -> None:
    talker, link = _talker(hall, "gate-forged-seq")
    talker.say(5)
    hall.until_drained(talker)
    since = len(hall.fleet_log())
    forger = _forger(talker.name)

    def swap(topic: str, payload: bytes) -> list[bytes]:
        if not topic.endswith("/up/rec"):
            return [payload]
        genuine = verify(payload, Purpose.RECORD, claimed_signer(payload), talker.identity.signer.public_key)
        return [seal(encode_record(parse_record(genuine)), Purpose.RECORD, forger)]

    link.tamper = swap
    talker.say(5)
    hall.until(lambda: hall.drops(talker.name).get("bad-signature", 0) >= 5, "the forged records are counted")
    assert talker.marked == 5
    assert len(hall.stored(talker.name)) == 5
    link.tamper = None
    hall.until_drained(talker)
    hall.once(f"Bytes from {talker.name} are dropped, bad-signature", since)
    talker.stop()


def test_a_forged_receipt_marks_nothing_and_a_forged_certificate_prunes_nothing(hall: SystemHall) -> None:
    talker, link = _talker(hall, "gate-forged-receipt")
    talker.say(3)
    hall.until_drained(talker)
    link.tamper = lambda _topic, _payload: []
    talker.say(10)
    before, outbox = talker.said(), talker.runtime.outbox
    receipt = Receipt(
        HALL, DeviceId(talker.name), StoreId(bytes(16)), outbox.epoch, 13, before[-1][1], 1, 2, bytes(32)
    )
    certified = DownMessage(HALL, talker.name, 2**52, 1, 2**52, Certified(outbox.epoch, 13))
    ack = topics.down(HALL, DeviceId(talker.name), topics.Down.ACK)
    cmd = topics.down(HALL, DeviceId(talker.name), topics.Down.CMD)
    drops = talker.runtime.counters.drops
    for kid in (STORE, DESK, talker.name):
        link.forge(ack, seal(encode_store_message(receipt), Purpose.RECEIPT, _forger(kid)))
        link.forge(cmd, seal(encode_down(certified), Purpose.DOWN, _forger(kid)))
    hall.until(lambda: sum(drops.values()) >= 6, "all six forgeries are met")
    assert talker.marked == 3
    assert talker.said() == before
    assert record_hash(talker.envelopes()[0][1]) == before[0][1]
    link.tamper = None
    hall.until_drained(talker)
    talker.stop()
