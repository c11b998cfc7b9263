"""A hall's ingest without a broker: fixed keys, devices that chain their records, a link in memory."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import insert, select

from fleet.db import Engine, reading, writing
from fleet.ingest.ballots.polling import Polling
from fleet.ingest.ballots.work import BALLOTS
from fleet.ingest.ledger import Ledger
from fleet.ingest.notices import Notices
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.pool import SIGNATURES, InlineVerifier
from fleet.ingest.ports import Arrival
from fleet.tables import desk_queue, records
from wire import topics
from wire.down import Receipt, Resend, parse_receipt, parse_resend
from wire.envelope import Purpose, seal, verify
from wire.errors import RecordRejected
from wire.fields import Body
from wire.ids import DESK, STORE, CongressId, DeviceId, Epoch, HallId, MemberRef, QuestionId, SittingId
from wire.records import (
    GENESIS,
    DeviceRegistered,
    DeviceRevoked,
    OpenBallot,
    Passage,
    Record,
    Stamp,
    encode_record,
    record_hash,
)
from wire.signers import Ed25519Signer
from wire.up import Birth, Health, encode_up

CONGRESS, HALL = CongressId("c-2026"), HallId("hall-a")
FIRST_EPOCH = Epoch(b"epoch--1")
MEMBER = MemberRef(bytes(range(16)))


def make_signer(kid: str, salt: str = "") -> Ed25519Signer:
    seed = hashlib.sha256(f"{kid}{salt}".encode()).digest()
    return Ed25519Signer(kid, ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def ballot(choice: str = "yes") -> OpenBallot:
    return OpenBallot(SittingId("s1"), QuestionId("q1"), MEMBER, choice)


def passage(direction: str = "in") -> Passage:
    return Passage(SittingId("s1"), MEMBER, direction, "face")


@dataclass
class Device:
    """One chain of records. `say` makes the next; `forks` begins another history with the same past."""

    name: str
    signer: Ed25519Signer
    epoch: Epoch = FIRST_EPOCH
    congress: CongressId = CONGRESS
    hall: HallId = HALL
    said: list[bytes] = field(default_factory=list)

    def say(self, body: Body, **changes: Any) -> bytes:
        envelope = self.would_say(body, **changes)
        self.said.append(envelope)
        return envelope

    def would_say(self, body: Body, **changes: Any) -> bytes:
        previous = record_hash(self.said[-1]) if self.said else GENESIS
        number = len(self.said) + 1
        record = Record(
            self.congress,
            self.hall,
            DeviceId(self.name),
            self.epoch,
            number,
            previous,
            Stamp(1, number, 1000 + number, 5),
            body,
        )
        return seal(encode_record(replace(record, **changes)), Purpose.RECORD, self.signer)

    def forks(self) -> "Device":
        return replace(self, said=list(self.said))

    def birth(self, last_seq: int | None = None) -> bytes:
        last = len(self.said) if last_seq is None else last_seq
        message = Birth(self.hall, DeviceId(self.name), self.epoch, last, 1, 1000, "test", 0, {})
        return seal(encode_up(message), Purpose.BIRTH, self.signer)

    def health(self, monotonic_ms: int = 1, boot: int = 1) -> bytes:
        message = Health(self.hall, DeviceId(self.name), boot, monotonic_ms, 5_000, {"keys": 7})
        return seal(encode_up(message), Purpose.HEALTH, self.signer)


class SimulatedLink:
    """The port in memory. Hands: `deliver`, `connected`, `published`, `acknowledged`."""

    def __init__(self) -> None:
        self.connected = True
        self.queue: list[Arrival] = []
        self.acknowledged: list[Any] = []
        self.published: list[tuple[str, bytes, int]] = []
        self._next = 0

    def deliver(self, device: str, *payloads: bytes, kind: topics.Up = topics.Up.REC) -> None:
        for payload in payloads:
            self._next += 1
            self.queue.append(Arrival(kind, device, payload, self._next))

    def pump(self, timeout_s: float, wake: Sequence[Any]) -> None:
        pass

    @property
    def waiting(self) -> int:
        return len(self.queue)

    def take(self, at_most: int) -> list[Arrival]:
        taken, self.queue = self.queue[:at_most], self.queue[at_most:]
        return taken

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        self.acknowledged += [arrival.token for arrival in arrivals]

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        self.published.append((topic, payload, qos))


class SteppedClock:
    def __init__(self) -> None:
        self.wall, self.monotonic = 1_800_000_000_000, 1_000_000

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_ms(self) -> int:
        return self.monotonic

    def step(self, ms: int) -> None:
        self.wall += ms
        self.monotonic += ms


class SeededBytes:
    """Reproducible randomness; every call differs."""

    def __init__(self, seed: str = "") -> None:
        self._seed, self._calls = seed, 0

    def __call__(self, count: int) -> bytes:
        self._calls += 1
        return hashlib.sha512(f"{self._seed}{self._calls}".encode()).digest()[:count]


class Hall:
    """Ingest over a real store, with a desk whose acts go through the real queue."""

    def __init__(self, engine: Engine, congress: CongressId = CONGRESS, hall: HallId = HALL) -> None:
        self.engine, self.congress, self.hall = engine, congress, hall
        self.store, self.desk_signer = make_signer(STORE), make_signer(DESK)
        self.link, self.clock, self.random = SimulatedLink(), SteppedClock(), SeededBytes()
        self.notices = Notices()
        self.desk: Device | None = None
        self.start()

    def start(self) -> None:
        """Ingest begins, or begins again as after a crash."""
        self.ledger = Ledger(
            self.engine,
            self.store,
            self.desk_signer.public_key,
            self.congress,
            self.hall,
            self.random,
            self.notices.say,
        )
        self.pipeline = Pipeline(
            self.link,
            InlineVerifier(SIGNATURES),
            Polling(InlineVerifier(BALLOTS)),
            self.ledger,
            self.store,
            self.clock,
            self.notices,
            lambda low, high: (low + high) // 2,
        )
        self.pipeline.open()
        if self.desk is None:
            epoch = Epoch(self.ledger.desk_epoch)
            self.desk = Device(DESK, self.desk_signer, epoch, self.congress, self.hall)

    def act(self, *bodies: Body) -> None:
        """The desk signs and queues; nothing is a leaf yet."""
        assert self.desk is not None
        for body in bodies:
            envelope = self.desk.say(body)
            with writing(self.engine) as connection:
                connection.execute(insert(desk_queue).values(seq=len(self.desk.said), envelope=envelope))

    def register(self, name: str, role: str = "keypad", salt: str = "") -> Device:
        device = Device(name, make_signer(name, salt), congress=self.congress, hall=self.hall)
        key = device.signer.public_key
        self.act(DeviceRegistered(DeviceId(name), role, int(key.alg), key.raw))
        self.turns()
        return device

    def revoke(self, name: str) -> None:
        self.act(DeviceRevoked(DeviceId(name), "lost"))

    def turns(self, count: int = 3, step_ms: int = 60) -> None:
        for _ in range(count):
            self.clock.step(step_ms)
            self.pipeline.turn(0)

    def leaves(self) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(records).order_by(records.c.leaf_index)))

    def of(self, device: Device) -> list[tuple[int, str]]:
        """(seq, verdict) of this device's leaves."""
        return [(row.seq, row.verdict) for row in self.leaves() if row.device == device.name]

    def receipts(self, device: Device) -> list[Receipt]:
        return list(self._words(device, Purpose.RECEIPT, parse_receipt))

    def resends(self, device: Device) -> list[Resend]:
        return list(self._words(device, Purpose.RESEND, parse_resend))

    def _words(self, device: Device, purpose: Purpose, parse: Callable[..., Any]) -> Iterator[Any]:
        topic = topics.down(self.hall, DeviceId(device.name), topics.Down.ACK)
        for published, payload, _ in self.link.published:
            if published == topic:
                try:
                    yield parse(verify(payload, purpose, STORE, self.store.public_key))
                except RecordRejected:
                    continue
