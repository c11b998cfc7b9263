"""A whole gate in one thread: real runtime, outbox and firmware over simulated hardware, clock, network."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.config import DeviceConfig, Trust
from edge.device.health import Gauges
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from edge.device.parts import Parts
from edge.device.runtime import DeviceRuntime
from edge.rollcall_gate.adapters.hardware import Simulated
from edge.rollcall_gate.app import equipment_of
from edge.rollcall_gate.frames import EmbedderId, Embedding
from edge.rollcall_gate.gate import Gate, Habits
from edge.rollcall_gate.who.decide import DEFAULT, Sample
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from edge.rollcall_gate.who.reception import Manner
from edge.rollcall_gate.who.roster import Keys
from edge.rollcall_gate.who.sealing import seal_reference, wrap_content_key
from tests.edge.rollcall_gate.synthetic import EMBEDDER
from wire import topics
from wire.down import (
    CommandMessage,
    DownMessage,
    Forget,
    LaneList,
    References,
    ReferencesDelta,
    SittingNotice,
    Twin,
    encode_down,
)
from wire.envelope import Purpose, seal, verify
from wire.fields import Body
from wire.ids import CongressId, DeviceId, HallId, MemberRef, SittingId
from wire.lane import Greeting, pin_of, seal_greeting, wrap_lane_key
from wire.records import Deletion, Passage, Record, parse_record
from wire.signers import Ed25519Signer
from wire.up import Badge, badge_text, encode_up

CONGRESS, HALL, GATE = CongressId("congress-1"), HallId("hall-1"), DeviceId("gate-1")
SITTING = SittingId("sitting-1")
WALL_MS = 1_800_000_000_000
CONTENT_KEY = bytes(range(32))
LANE_KEY = bytes(range(64, 96))


def signer(kid: str, seed: int) -> Ed25519Signer:
    return Ed25519Signer(kid, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


DESK, STORE, REGISTRAR = signer("desk", 1), signer("store", 2), signer("registrar", 3)
SEALING_KEY = X25519PrivateKey.from_private_bytes(bytes([9]) * 32)


@dataclass
class HandClock:
    ms: int = 50_000

    def monotonic_ms(self) -> int:
        return self.ms

    def wall_ms(self) -> int:
        return WALL_MS + self.ms


class NoGauges:
    def read(self) -> Gauges:
        return Gauges(None, None, None)


@dataclass
class Rig:
    """`walk`, `badge`, `go_through` are the person; `say` is the fleet; `records` is what the disk holds."""

    embedder: EmbedderId = EMBEDDER
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    clock: HandClock = field(default_factory=HandClock)
    manner: Manner = field(default_factory=lambda: Manner(DEFAULT, UNCALIBRATED))
    direction: str = "in"
    passback_ms: int = 0
    counts: bool = True
    draw: float = 0.0
    forced: bool = False
    """Somebody stands in the open door when the gate starts."""
    sealing_key: X25519PrivateKey = SEALING_KEY
    at_start: Callable[[Simulated], None] = lambda _: None
    """What is the case before the gate starts."""

    def __post_init__(self) -> None:
        self.device_key = signer(GATE, 7)
        trust = Trust(DESK.public_key, STORE.public_key, REGISTRAR.public_key)
        config = DeviceConfig(CONGRESS, HALL, GATE, "gate", "en", "localhost", 1, trust, hands=True)
        identity = Identity(config, self.device_key)
        outbox = Outbox(
            MemoryOutboxStore(self.disk), self.device_key, Speaker(CONGRESS, HALL, GATE), lambda: b"epoch-01"
        )
        self.broker = SimulatedBroker()
        link = SimulatedLink(self.broker, identity.subscriptions)
        self.runtime = DeviceRuntime(
            Parts(identity, outbox, link, self.clock, NoGauges(), lambda: 0.5, "test")
        )
        self.simulated = Simulated.of(self.clock.monotonic_ms)
        self.door, self.sensor, self.fire = self.simulated.door, self.simulated.sensor, self.simulated.fire
        self.display, self.lamp = self.simulated.display, self.simulated.indicator
        if self.forced:
            self.door.force()
        self.at_start(self.simulated)
        self.sealing_keys = [self.sealing_key]
        self.gate = Gate(
            self.runtime,
            replace(equipment_of(self.simulated.hardware), counts=self.counts),
            Habits(self.manner, self.direction, self.passback_ms),
            Keys(CONGRESS, GATE, self.sealing_key),
            self.embedder,
            lambda: self.draw,
            self._new_key,
        )
        self.runtime.begin(self.gate)
        link.start(self.runtime.handle)
        self._generation = self._commands = 0
        self._was_open = False

    # -- the fleet ----------------------------------------------------------------------------------------

    def say(self, body: Body, audience: str = GATE, generation: int | None = None) -> None:
        self._generation += 1
        now_ms = self.clock.wall_ms()
        message = DownMessage(HALL, audience, generation or self._generation, now_ms, now_ms + 60_000, body)
        where = topics.down(HALL, GATE, topics.Down.TWIN)
        self.broker.publish(where, seal(encode_down(message), Purpose.DOWN, DESK))

    def open_sitting(self) -> None:
        self.say(SittingNotice(SITTING, "open"), "all")

    def close_sitting(self) -> None:
        self.say(SittingNotice(SITTING, "closed"), "all")

    def enrol(self, *references: tuple[MemberRef, int, Embedding], runtime: str | None = None) -> None:
        self.say(
            page_of(references, self.embedder if runtime is None else replace(self.embedder, runtime=runtime))
        )

    def change(
        self, base: int, *references: tuple[MemberRef, int, Embedding], gone: tuple[MemberRef, ...] = ()
    ) -> int:
        """A delta of one page; returns its generation."""
        self.say(delta_of(base, references, self.embedder, gone=gone))
        return self._generation

    def expect(self, *guests: tuple[MemberRef, int, str, str]) -> None:
        """A lane list of one page: member, serial of their badge, name, seat."""
        self.say(lane_page(guests))

    def forget(self, generation: int | None = None) -> None:
        """The congress is over."""
        self.say(Forget(self._generation if generation is None else generation))

    def usher_admits(
        self, member: MemberRef, sitting: object = SITTING, identifier: bytes | None = None
    ) -> None:
        self._commands += 1
        identifier = self._commands.to_bytes(16, "big") if identifier is None else identifier
        self.say(CommandMessage(identifier, "admit", {"member": member, "sitting": sitting}))

    def revoke_badges(self, *serials: int) -> None:
        self.say(Twin({"revoked-badges": b"".join(s.to_bytes(4, "big") for s in serials)}))

    # -- the person ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """What the senses do with the door and its beams, once."""
        is_open = self.door.is_open
        moved, self._was_open = is_open != self._was_open, is_open
        if moved and is_open:
            self.gate.on_door(True)
        for crossing in self.sensor.read():
            if self.counts:
                self.gate.on_crossing(crossing)
        if moved and not is_open:
            self.gate.on_door(False)

    def walk(self, *samples: Sample) -> None:
        for sample in samples:
            self.wait(100)
            self.gate.on_sample(sample)

    def badge(
        self, member: MemberRef, *, serial: int = 1, congress: CongressId = CONGRESS, late: bool = False
    ) -> None:
        until = WALL_MS - 10**12 if late else WALL_MS + 10**9
        badge = Badge(congress, member, serial, until)
        self.gate.on_badge(badge_text(seal(encode_up(badge), Purpose.BADGE, REGISTRAR)))

    def keys(self, keys: str) -> None:
        self.gate.on_keys(keys)

    def pin(self, member: MemberRef, serial: int = 1) -> None:
        """Number and PIN of their badge, as they would type them."""
        self.keys(f"{serial}E{pin_of(LANE_KEY, congress=CONGRESS, member=member, serial=serial)}E")

    def go_through(self, people: int = 1) -> bool:
        moved = self.door.pass_through(people)
        self.look()
        self.look()
        return moved

    def _new_key(self) -> X25519PrivateKey:
        self.sealing_keys.append(X25519PrivateKey.generate())
        return self.sealing_keys[-1]

    def restarted(self) -> "Rig":
        """The same device after a power cut: what is on its disk, and nothing else."""
        again = Rig(
            self.embedder, self.disk, self.clock, self.manner, self.direction, self.passback_ms, self.counts
        )
        again._generation, again._commands = self._generation, self._commands
        return again

    def wait(self, ms: int) -> None:
        self.clock.ms += ms
        self.runtime.tick()

    # -- what there is to see -----------------------------------------------------------------------------

    def records(self) -> list[Record]:
        key = self.device_key.public_key
        return [parse_record(verify(e, Purpose.RECORD, GATE, key)) for _, e in sorted(self.disk.rows.items())]

    def passages(self) -> list[Passage]:
        return [r.body for r in self.records() if isinstance(r.body, Passage)]

    def deletions(self) -> list[Deletion]:
        return [r.body for r in self.records() if isinstance(r.body, Deletion)]

    def alarms(self) -> list[str]:
        return [r.body.code for r in self.records() if r.body.kind == "alarm/1"]

    @property
    def seen(self) -> dict[str, object]:
        return self.gate.look()


def page_of(
    references,
    embedder: EmbedderId,
    *,
    page: int = 0,
    pages: int = 1,
    gate: DeviceId = GATE,
    gone: tuple[MemberRef, ...] = (),
    sealed_to: X25519PrivateKey = SEALING_KEY,
) -> References:
    public = sealed_to.public_key().public_bytes_raw()
    rows = tuple(
        (
            member,
            index,
            seal_reference(
                embedding,
                congress=CONGRESS,
                member=member,
                index=index,
                content_key=CONTENT_KEY,
                random_bytes=lambda n, end=bytes([index]) + member[:1]: bytes(n - 2) + end,
            ),
        )
        for member, index, embedding in references
    )
    rows += tuple((member, 0, b"") for member in gone)
    wrapped = wrap_content_key(CONTENT_KEY, public, congress=CONGRESS, gate=gate)
    return References(embedder.model_sha256, embedder.runtime, wrapped, page, pages, rows)


def delta_of(base: int, references, embedder: EmbedderId, **about) -> ReferencesDelta:
    """about: as of page_of."""
    page = page_of(references, embedder, **about)
    return ReferencesDelta(base, *page.values()[:-1], page.rows)


def lane_page(
    guests, *, page: int = 0, pages: int = 1, gate: DeviceId = GATE, sealed_to: X25519PrivateKey = SEALING_KEY
) -> LaneList:
    public = sealed_to.public_key().public_bytes_raw()
    rows = tuple(
        (
            member,
            serial,
            seal_greeting(
                Greeting(name, seat),
                LANE_KEY,
                congress=CONGRESS,
                member=member,
                serial=serial,
                nonce=bytes(11) + member[:1],
            ),
        )
        for member, serial, name, seat in guests
    )
    wrapped = wrap_lane_key(LANE_KEY, public, congress=CONGRESS, gate=gate)
    return LaneList(wrapped, page, pages, rows)
