"""An hour without a network: every passage is kept, and delivered once and in order when it is back.

One thread, the product's own runtime, outbox and firmware, a clock in our hands. With real processes:
tests/system/test_gate_offline_for_an_hour.py.
"""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.ports import Arrived, LinkEvent
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import CONGRESS, GATE, HALL, REGISTRAR, SEALING_KEY, SITTING, STORE, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire import topics
from wire.down import LaneList, Receipt, encode_store_message
from wire.envelope import Purpose, seal, verify
from wire.ids import MemberRef, StoreId
from wire.lane import Greeting, pin_of, seal_greeting, wrap_lane_key
from wire.records import GENESIS, Passage, Record, parse_record, record_hash
from wire.up import Badge, badge_text, encode_up

HOUR_MS = 3_600_000
PASSAGES = 600
EVERY_MS = HOUR_MS // PASSAGES
LANE_KEY = bytes(range(32, 64))
BY_LANE = [member(number) for number in range(10, 30)]
STEP_MS = 500
RECOVERY_MS = 300_000


@dataclass
class Log:
    """The fleet's side: takes the next record of the chain and no other, and answers each with a receipt."""

    records: list[Record] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    arrived: deque[bytes] = field(default_factory=deque)

    def listen(self, broker: SimulatedBroker) -> None:
        self.link = SimulatedLink(broker, [topics.ingest_filter(HALL)])
        self.link.start(self._heard)

    def _heard(self, event: LinkEvent) -> None:
        if isinstance(event, Arrived) and event.topic.endswith("/up/rec"):
            self.arrived.append(event.payload)

    def answer(self, rig: Rig) -> None:
        """What has come since, in its order."""
        while self.arrived:
            envelope = self.arrived.popleft()
            record = parse_record(verify(envelope, Purpose.RECORD, GATE, rig.device_key.public_key))
            if (record.seq, record.prev_hash) == (len(self.records) + 1, (self.hashes or [GENESIS])[-1]):
                self.records.append(record)
                self.hashes.append(record_hash(envelope))
            if not self.records:
                continue
            seq, digest = len(self.records), self.hashes[-1]
            word = Receipt(HALL, GATE, StoreId(b"S" * 16), record.epoch, seq, digest, seq - 1, seq, bytes(32))
            where = topics.down(HALL, GATE, topics.Down.ACK)
            self.link.publish(where, seal(encode_store_message(word), Purpose.RECEIPT, STORE))


def lane_list() -> LaneList:
    """Badge number n is that of BY_LANE[n - 1]."""
    public = SEALING_KEY.public_key().public_bytes_raw()
    rows = tuple(
        (
            who,
            serial,
            seal_greeting(
                Greeting(f"Delegate {serial}", ""), LANE_KEY,
                congress=CONGRESS, member=who, serial=serial, nonce=serial.to_bytes(12, "big"),
            ),
        )
        for serial, who in enumerate(BY_LANE, 1)
    )  # fmt: skip
    return LaneList(wrap_lane_key(LANE_KEY, public, congress=CONGRESS, gate=GATE), 0, 1, rows)


def started(before: Rig | None = None) -> tuple[Rig, SimulatedLink]:
    """A gate that knows its people and its sitting; on the disk and the clock of the one before it.

    What it holds in memory alone is said to it again: the network was there for a moment.
    """
    rig = Rig() if before is None else Rig(disk=before.disk, clock=before.clock)
    rig.enrol((member(1), 0, at_angle(0)), (member(2), 0, at_angle(90)))
    rig.say(lane_list())
    rig.open_sitting()
    return rig, rig.broker.links[0]


def come_in(rig: Rig, number: int) -> tuple[MemberRef, str]:
    """The n-th who comes: by face, by badge, by PIN, in turn."""
    way = ("face", "badge", "pin")[number % 3]
    serial = number % len(BY_LANE) + 1
    who = member(1 + number // 3 % 2) if way == "face" else BY_LANE[serial - 1]
    if way == "face":
        rig.walk(*[Sample(probe=at_angle(2 if who == member(1) else 88), track=number + 1)] * 3)
    elif way == "badge":
        badge = Badge(CONGRESS, who, serial, rig.clock.wall_ms() + HOUR_MS)
        rig.gate.on_badge(badge_text(seal(encode_up(badge), Purpose.BADGE, REGISTRAR)))
    else:
        pin = pin_of(LANE_KEY, congress=CONGRESS, member=who, serial=serial)
        rig.gate.on_keys(f"{serial}E{pin}E")
    assert rig.go_through(), (number, way, rig.seen)
    return who, way


def pass_time(rig: Rig, until_ms: int, log: Log) -> None:
    while rig.clock.ms < until_ms:
        rig.wait(min(STEP_MS, until_ms - rig.clock.ms))
        log.answer(rig)


def loses_one_in(count: int) -> Callable[[str], bool]:
    sent = itertools.count(1)
    return lambda _: next(sent) % count == 0


@pytest.mark.parametrize("faulty", [False, True], ids=["whole network", "losing and doubling network"])
def test_six_hundred_passages_are_delivered_once_and_in_order(faulty: bool) -> None:
    rig, link = started()
    log = Log()
    log.listen(rig.broker)
    began_ms = rig.clock.ms
    link.cut()
    came = []
    for number in range(PASSAGES):
        if number == PASSAGES // 2:
            assert len(rig.disk.rows) == number  # all that were told "stored" are
            rig, link = started(rig)  # the power failed
            link.cut()
            log.listen(rig.broker)
        came.append(come_in(rig, number))
        pass_time(rig, began_ms + (number + 1) * EVERY_MS, log)
    assert rig.clock.ms - began_ms >= HOUR_MS
    assert log.records == []
    assert not rig.seen["connected"]

    link.double = faulty
    link.lose = loses_one_in(50) if faulty else link.lose
    link.heal()
    pass_time(rig, rig.clock.ms + RECOVERY_MS, log)
    assert [record.seq for record in log.records] == [*range(1, PASSAGES + 1)]
    said = [record.body for record in log.records]
    assert said == [Passage(SITTING, who, "in", way) for who, way in came]
    assert log.hashes == [record_hash(envelope) for _, envelope in sorted(rig.disk.rows.items())]
    assert (rig.seen["last_seq"], rig.seen["marked_seq"]) == (PASSAGES, PASSAGES)
    spread_ms = log.records[-1].stamp.wall_ms - log.records[0].stamp.wall_ms
    assert spread_ms >= HOUR_MS - 2 * EVERY_MS  # each says when it was, not when it was delivered
