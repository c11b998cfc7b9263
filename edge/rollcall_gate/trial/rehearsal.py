"""A whole gate in one thread, over a recording instead of a camera and a disk and door that are simulated.

The firmware, its senses and its networks are the real ones. Time is the recording's, so what is decided does
not depend on how fast the machine is; people who are admitted walk through at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

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
from edge.rollcall_gate.app import equipment_of, organs_of
from edge.rollcall_gate.door.passage import State
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.track import Lane
from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.gate import Gate, Habits
from edge.rollcall_gate.ports import Camera, PinPad
from edge.rollcall_gate.senses import Senses
from edge.rollcall_gate.trial.recording import Recording
from edge.rollcall_gate.trial.stages import Stages, TimedCamera, TimedCodes
from edge.rollcall_gate.who.decide import Decision
from edge.rollcall_gate.who.roster import Keys
from edge.rollcall_gate.who.sealing import CONTENT_KEY_BYTES, NONCE_BYTES, seal_reference, wrap_content_key
from wire.down import LANE_ROWS_MAX, REFERENCES_ROWS_MAX, DownMessage, LaneList, References, SittingNotice
from wire.envelope import Purpose, verify
from wire.fields import Body
from wire.ids import CongressId, DeviceId, HallId, MemberRef, SittingId
from wire.keys import PublicKey
from wire.lane import Greeting, seal_greeting, wrap_lane_key
from wire.records import Record, parse_record
from wire.signers import Ed25519Signer

STEP_MS: Final = 20
"""How often the senses look round, in time of the recording."""
HALL, GATE, SITTING = HallId("rehearsal"), DeviceId("gate-1"), SittingId("rehearsal")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on the lane list. serial: of their badge."""

    member: MemberRef
    serial: int
    greeting: Greeting


@dataclass(frozen=True, slots=True)
class House:
    """What the fleet would have told this gate. references: member -> embeddings. wall_ms: at the recording's
    beginning.
    """

    congress: CongressId
    registrar: PublicKey
    references: Mapping[MemberRef, tuple[Embedding, ...]] = field(default_factory=dict)
    guests: tuple[Guest, ...] = ()
    lane_key: bytes = bytes(32)
    wall_ms: int = 1_800_000_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A decision, and when: of the recording. looked_ms: since the first frame of that person."""

    at_ms: int
    decision: Decision
    looked_ms: int


@dataclass(slots=True)
class _Clock:
    wall_at_0_ms: int
    ms: int = 0

    def monotonic_ms(self) -> int:
        return self.ms

    def wall_ms(self) -> int:
        return self.wall_at_0_ms + self.ms


class _NoGauges:
    def read(self) -> Gauges:
        return Gauges(None, None, None)


class Rehearsal:
    """sight: makes camera and pad over the rehearsal's clock. random_bytes: for keys and nonces. draw: for
    challenges.
    """

    def __init__(
        self,
        sight: Callable[[Callable[[], int]], tuple[Camera, PinPad]],
        pipeline: Pipeline,
        house: House,
        habits: Habits,
        lane: Lane,
        stages: Stages,
        *,
        random_bytes: Callable[[int], bytes],
        draw: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._house = house
        self._random_bytes = random_bytes
        self._clock = _Clock(house.wall_ms)
        self._signer = Ed25519Signer(GATE, Ed25519PrivateKey.generate())
        self._sealing_key = X25519PrivateKey.generate()
        self._disk = MemoryDisk()
        runtime = self._runtime()
        self.simulated = Simulated.of(self._clock.monotonic_ms)
        camera, pins = sight(self._clock.monotonic_ms)
        hardware = replace(
            self.simulated.hardware,
            camera=TimedCamera(camera, stages),
            codes=TimedCodes(self.simulated.hardware.codes, stages),
            pins=pins,
        )
        keys = Keys(house.congress, GATE, self._sealing_key)
        self.gate = Gate(
            runtime, equipment_of(hardware), habits, keys, pipeline.embedder, draw, X25519PrivateKey.generate
        )
        lookout = Lookout(pipeline, lane)
        self._senses = Senses(organs_of(hardware), lookout, self.gate, lambda what: what(), lambda: None)
        self._device = runtime
        self._came_ms: int | None = None
        runtime.begin(self.gate)
        self._tell(SittingNotice(SITTING, "open"))
        for page in (*self._reference_pages(), *self._lane_pages()):
            self._tell(page)

    def play(self, recording: Recording) -> Iterator[Seen]:
        """Every decision, as it falls; who is admitted walks through at once."""
        for at_ms in range(0, recording.ends_ms + STEP_MS, STEP_MS):
            seen = self.step(at_ms)
            if self.gate.state is State.RELEASED:
                self.simulated.door.pass_through()
            if seen is not None:
                yield seen

    def step(self, at_ms: int) -> Seen | None:
        """One round of the senses and the loop at this moment; what was decided in it. at_ms only rises."""
        self._clock.ms = at_ms
        before = self.gate.decisions
        self._senses.round()
        self._device.tick()
        if self.gate.looks and self._came_ms is None:
            self._came_ms = at_ms
        came_ms = self._came_ms
        if not self.gate.looks:
            self._came_ms = None
        if self.gate.decisions == before or self.gate.decision is None:
            return None
        return Seen(at_ms, self.gate.decision, 0 if came_ms is None else at_ms - came_ms)

    def records(self) -> list[Record]:
        """What stands in the outbox: signed, in order."""
        key = self._signer.public_key
        rows = sorted(self._disk.rows.items())
        return [parse_record(verify(envelope, Purpose.RECORD, GATE, key)) for _, envelope in rows]

    def _runtime(self) -> DeviceRuntime:
        key, house = self._signer.public_key, self._house
        trust = Trust(key, key, house.registrar)
        config = DeviceConfig(house.congress, HALL, GATE, "gate", "en", "localhost", 1, trust, hands=True)
        identity = Identity(config, self._signer)
        speaker = Speaker(house.congress, HALL, GATE)
        outbox = Outbox(MemoryOutboxStore(self._disk), self._signer, speaker, lambda: self._random_bytes(8))
        link = SimulatedLink(SimulatedBroker(), identity.subscriptions)
        return DeviceRuntime(
            Parts(identity, outbox, link, self._clock, _NoGauges(), lambda: 0.5, "rehearsal")
        )

    def _tell(self, body: Body) -> None:
        wall_ms = self._clock.wall_ms()
        self.gate.on_down(DownMessage(HALL, GATE, 1, wall_ms, wall_ms + 3_600_000, body))

    def _reference_pages(self) -> Iterable[References]:
        content_key = self._random_bytes(CONTENT_KEY_BYTES)
        public = self._sealing_key.public_key().public_bytes_raw()
        wrapped = wrap_content_key(content_key, public, congress=self._house.congress, gate=GATE)
        rows = [
            (
                member,
                index,
                seal_reference(
                    embedding,
                    congress=self._house.congress,
                    member=member,
                    index=index,
                    content_key=content_key,
                    random_bytes=self._random_bytes,
                ),
            )
            for member, embeddings in self._house.references.items()
            for index, embedding in enumerate(embeddings)
        ]
        if not rows:
            return
        embedder = next(iter(self._house.references.values()))[0].embedder
        pages = [rows[at : at + REFERENCES_ROWS_MAX] for at in range(0, len(rows), REFERENCES_ROWS_MAX)]
        for number, page in enumerate(pages):
            yield References(
                embedder.model_sha256, embedder.runtime, wrapped, number, len(pages), tuple(page)
            )

    def _lane_pages(self) -> Iterable[LaneList]:
        house, public = self._house, self._sealing_key.public_key().public_bytes_raw()
        wrapped = wrap_lane_key(house.lane_key, public, congress=house.congress, gate=GATE)
        rows = [
            (
                guest.member,
                guest.serial,
                seal_greeting(
                    guest.greeting,
                    house.lane_key,
                    congress=house.congress,
                    member=guest.member,
                    serial=guest.serial,
                    nonce=self._random_bytes(NONCE_BYTES),
                ),
            )
            for guest in house.guests
        ]
        pages = [rows[at : at + LANE_ROWS_MAX] for at in range(0, len(rows), LANE_ROWS_MAX)]
        for number, page in enumerate(pages):
            yield LaneList(wrapped, number, len(pages), tuple(page))
