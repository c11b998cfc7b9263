"""A device without hardware or network, and a fleet small enough to be honest or hostile at will."""

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.config import DeviceConfig, Trust
from edge.device.firmware import Firmware
from edge.device.health import Gauges
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from edge.device.parts import Parts
from edge.device.ports import LinkEvent, OutboxStore
from edge.device.runtime import DeviceRuntime
from wire import topics
from wire.down import DownMessage, Receipt, Resend, encode_down, encode_store_message, signer_of
from wire.envelope import Purpose, seal, verify
from wire.fields import Body
from wire.ids import CongressId, DeviceId, Epoch, HallId, StoreId
from wire.keys import Signer
from wire.records import GENESIS, Record, parse_record, record_hash
from wire.signers import Ed25519Signer
from wire.up import Birth, Health, parse_birth, parse_health

NOW_MS = 1_800_000_000_000
HALL = HallId("hall-a")


def signer(name: str, number: int) -> Ed25519Signer:
    return Ed25519Signer(name, ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


@dataclass
class HandClock:
    """Both clocks stand still until a test moves them; the wall clock may step as it likes."""

    monotonic: int = 1000
    wall: int = NOW_MS

    def monotonic_ms(self) -> int:
        return self.monotonic

    def wall_ms(self) -> int:
        return self.wall

    def pass_ms(self, ms: int) -> None:
        self.monotonic += ms
        self.wall += ms


class NoGauges:
    def read(self) -> Gauges:
        return Gauges(rss_kb=40_000, temperature_mc=None, disk_free_kb=None)


@dataclass
class Fleet:
    """Takes what ingest takes: the next seq with the right prev_hash. Says whatever a test lets it say."""

    broker: SimulatedBroker
    clock: HandClock
    desk: Signer = field(default_factory=lambda: signer("desk", 1))
    store: Signer = field(default_factory=lambda: signer("store", 2))
    device: Signer = field(default_factory=lambda: signer("keypad-01", 3))
    store_id: StoreId = field(default_factory=lambda: StoreId(b"A" * 16))
    answers: bool = True
    records: list[Record] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    births: list[Birth] = field(default_factory=list)
    healths: list[Health] = field(default_factory=list)
    received: int = 0
    generation: int = 0

    def join(self) -> None:
        self.link = SimulatedLink(self.broker, [topics.ingest_filter(HALL)])
        self.link.start(self._heard)

    def _heard(self, event: LinkEvent) -> None:
        if not hasattr(event, "topic"):
            return
        kind = topics.parse_up(event.topic).kind
        purpose = {"rec": Purpose.RECORD, "birth": Purpose.BIRTH, "health": Purpose.HEALTH}[kind]
        verified = verify(event.payload, purpose, self.device.kid, self.device.public_key)
        if kind is topics.Up.BIRTH:
            self.births.append(parse_birth(verified))
        elif kind is topics.Up.HEALTH:
            self.healths.append(parse_health(verified))
        else:
            self._record(parse_record(verified), event.payload)

    def _record(self, record: Record, envelope: bytes) -> None:
        self.received += 1
        previous = self.hashes[-1] if self.hashes else GENESIS
        if record.seq == len(self.records) + 1 and record.prev_hash == previous:
            self.records.append(record)
            self.hashes.append(record_hash(envelope))
        if self.answers and self.records:
            self.receipt(len(self.records), record.epoch)

    def receipt(self, seq: int, epoch: Epoch, digest: bytes | None = None, by: Signer | None = None) -> None:
        """A receipt for the record at seq; `digest` and `by` are for forgers."""
        digest = digest if digest is not None else self.hashes[seq - 1]
        who = DeviceId(self.device.kid)
        word = Receipt(HALL, who, self.store_id, epoch, seq, digest, seq - 1, seq, bytes(32))
        self.ack(seal(encode_store_message(word), Purpose.RECEIPT, by or self.store))

    def resend(self, from_seq: int, epoch: Epoch) -> None:
        word = Resend(HALL, DeviceId(self.device.kid), self.store_id, epoch, from_seq)
        self.ack(seal(encode_store_message(word), Purpose.RESEND, self.store))

    def ack(self, envelope: bytes) -> None:
        self.link.publish(topics.down(HALL, DeviceId(self.device.kid), topics.Down.ACK), envelope)

    def envelope(
        self,
        body: Body,
        audience: str = "all",
        generation: int | None = None,
        expires_in_ms: int = 3_600_000,
        by: Signer | None = None,
    ) -> bytes:
        if generation is None:
            self.generation += 1
            generation = self.generation
        message = DownMessage(
            HALL, audience, generation, self.clock.wall, max(0, self.clock.wall + expires_in_ms), body
        )
        office = self.desk if signer_of(body.kind) == "desk" else self.store
        return seal(encode_down(message), Purpose.DOWN, by or office)

    def publish(self, envelope: bytes) -> None:
        self.link.publish(topics.down(HALL, DeviceId(self.device.kid), topics.Down.TWIN), envelope)

    def say(self, body: Body, audience: str = "all", **how: object) -> bytes:
        envelope = self.envelope(body, audience, **how)  # type: ignore[arg-type]  # passed on as it came
        self.publish(envelope)
        return envelope


class Device:
    """One device whose process can be killed and whose network can be cut. `start` makes the next process."""

    def __init__(self, fleet: Fleet, broker: SimulatedBroker, clock: HandClock, role: str) -> None:
        trust = Trust(fleet.desk.public_key, fleet.store.public_key, fleet.desk.public_key)
        config = DeviceConfig(
            CongressId("c1"), HALL, DeviceId(fleet.device.kid), role, "vi+en", "127.0.0.1", 1, trust, True
        )
        self.identity = Identity(config, fleet.device)
        self.disk = MemoryDisk()
        self.clock = clock
        self.epochs = iter(f"epoch-{n:02}".encode() for n in range(100))
        self._broker = broker

    def start(self, build: Callable[[DeviceRuntime], Firmware], *, connected: bool = True) -> DeviceRuntime:
        config = self.identity.config
        speaker = Speaker(config.congress, config.hall, config.device)
        outbox = Outbox(self.store(), self.identity.signer, speaker, lambda: Epoch(next(self.epochs)))
        self.link = SimulatedLink(self._broker, self.identity.subscriptions)
        self.runtime = DeviceRuntime(
            Parts(self.identity, outbox, self.link, self.clock, NoGauges(), lambda: 0.5, "test 1")
        )
        self.firmware = build(self.runtime)
        self.runtime.begin(self.firmware)
        self.arrivals: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
        if not connected:
            self.link.cut()
        self.link.start(self.arrivals.put)
        self.settle()
        return self.runtime

    def store(self) -> OutboxStore:
        return MemoryOutboxStore(self.disk)

    def settle(self) -> None:
        """Handle whatever has arrived or been posted, until all is quiet."""
        inbox = self.runtime._inbox
        while not (self.arrivals.empty() and inbox.empty()):
            self.runtime.handle(self.arrivals.get() if inbox.empty() else inbox.get())

    def pass_ms(self, ms: int, step_ms: int = 500) -> None:
        """Time passes, in the steps a real loop would take."""
        while ms > 0:
            self.clock.pass_ms(min(step_ms, ms))
            ms -= step_ms
            self.runtime.tick()
            self.settle()

    def kill(self) -> None:
        """kill -9: nothing is tidied."""
        self.link.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def broker() -> SimulatedBroker:
    return SimulatedBroker()


@pytest.fixture
def fleet(broker: SimulatedBroker, clock: HandClock) -> Iterator[Fleet]:
    found = Fleet(broker, clock)
    found.join()
    yield found
    found.link.close()


@pytest.fixture
def device(fleet: Fleet, broker: SimulatedBroker, clock: HandClock) -> Device:
    return Device(fleet, broker, clock, "keypad")
