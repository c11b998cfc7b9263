"""A hall with one secret question: officers, desk and store as they are, and a keypad on a simulated device.

The store is that of tests/ballot/board; it answers with proofs of its own log, and may lie in any way that
a test asks.
"""

import queue
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ballot.board.verdicts import Accept
from ballot.documents.body import DocumentBody
from ballot.documents.pages import pages_of
from ballot.documents.roll import RollRow, RollRows, encode_row, roll_tree
from ballot.hashing import hash_of
from ballot.shape import Shape
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.keys.press import BOUNCE_MS, Button
from edge.ballot_keypad.secret.pace import GRID_MS
from edge.ballot_keypad.secret.question import Question
from edge.ballot_keypad.secret.trust import Pinned
from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.config import DeviceConfig, Trust
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from edge.device.parts import Parts
from edge.device.ports import LinkEvent, OutboxStore
from edge.device.runtime import DeviceRuntime
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    CONTEST,
    GROUP,
    HALL,
    QUESTION,
    SIGNERS,
    SITTING,
    STORE_ID,
    Election,
    signed,
    signer,
)
from tests.edge.conftest import HandClock, NoGauges
from wire import topics
from wire.board import Abandoned, Prepared, Ready, parse_entry
from wire.checkpoint import Checkpoint, origin, sign_checkpoint
from wire.down import DownMessage, encode_down
from wire.envelope import Purpose, claimed_signer, seal, verify
from wire.fields import Body
from wire.ids import DESK, STORE, DeviceId, Epoch
from wire.keys import Alg, Signer, public_key
from wire.records import parse_record
from wire.voting import (
    BoardAnswer,
    Carried,
    ContestChanged,
    ContestNotice,
    RollEntry,
    SessionKey,
    encode_board_message,
    parse_carried,
    parse_session_key,
)

DEVICE = DeviceId("keypad-01")
NAMES = ("Tán thành", "Không", "Không ý kiến")


@dataclass
class Place:
    """Where an entry, or its refusal, stands."""

    index: int
    refusal: bytes = b""
    beacon: int | None = None


@dataclass
class Hall:
    """shape, labels: of the question. The store may lie: `bend` changes an answer before it is sealed,
    `sealer` signs it, `is_silent` says nothing."""

    revote: str = "none"
    shape: Shape | None = None
    labels: tuple[str, ...] = ()
    voters: int = 3
    seed: int = 11
    bend: Callable[[BoardAnswer], BoardAnswer] = lambda answer: answer
    is_silent: bool = False

    def __post_init__(self) -> None:
        self.election = Election(self.voters, revote=self.revote)
        if self.shape is not None:
            self.election.manifest = replace(self.election.manifest, shape=self.shape, labels=self.labels)
        self.clock = HandClock()
        self.broker = SimulatedBroker()
        self.link = SimulatedLink(self.broker, [topics.ingest_filter(HALL)])
        self.link.start(self._heard)
        self.device_key = signer(DEVICE)
        self.sealer: Signer = signer(STORE)
        self.session_keys: list[SessionKey] = []
        self.carried: list[Carried] = []
        self.heard: list[tuple[int, topics.Up, bytes]] = []
        """(monotonic ms, what, payload) of everything that left the unit."""
        self.places: dict[bytes, Place] = {}
        self.closing: int | None = None
        self.use_cosigned = True
        self.counter = self.generation = 0
        self.randomness = random.Random(self.seed)
        self.seat = Seat(self)

    # -- the store ---------------------------------------------------------------------------------------

    def _heard(self, event: LinkEvent) -> None:
        topic, payload = getattr(event, "topic", None), getattr(event, "payload", b"")
        if topic is None:
            return
        kind = topics.parse_up(topic).kind
        self.heard.append((self.clock.monotonic, kind, payload))
        if kind is not topics.Up.BOARD:
            return
        key = self.device_key.public_key
        for purpose, parse in ((Purpose.CARRIED, parse_carried), (Purpose.SESSION_KEY, parse_session_key)):
            try:
                found = parse(verify(payload, purpose, DEVICE, key))
            except Exception:  # noqa: S112, BLE001  # the other purpose
                continue
            if isinstance(found, SessionKey):
                self.session_keys.append(found)
            else:
                self.carried.append(found)
                if not self.is_silent:
                    self.answer(found)

    def take(self, entry: bytes) -> Place | None:
        """Judge and append, as ingest does; None for what is dropped."""
        digest = hash_of(entry)
        if digest not in self.places:
            before = len(self.election.leaves)
            found = self.election.offer(entry)
            if len(self.election.leaves) == before:
                return None
            place = Place(before)
            if not isinstance(found, Accept):
                place.refusal = self.election.leaves[before]
            elif isinstance(found.entry.body, Ready | Prepared | Abandoned):
                place.beacon = before + 1
            self.places[digest] = place
        return self.places[digest]

    def answer(self, carried: Carried) -> None:
        place = self.take(carried.entry)
        if place is not None:
            self.say_answer(self.bend(self.made(carried, place)))

    def made(self, carried: Carried, place: Place) -> BoardAnswer:
        """An honest answer."""
        note, size = self.head()
        tree = self.election.tree
        if place.index >= size or (self.closing is not None and self.closing >= size):
            note, size = self.fresh_head()
        known = carried.known_size
        small, large = sorted((known, size))
        consistency = b"".join(tree.consistency(small, large)) if 0 < small < large else b""
        beacon = place.beacon
        closing = self.closing if self.closing is not None and self.closing < size else None
        leaves = self.election.leaves
        path = {
            at: b"".join(tree.inclusion(at, size)) for at in (place.index, beacon, closing) if at is not None
        }
        return BoardAnswer(
            HALL, DEVICE, STORE_ID, CONTEST, hash_of(carried.entry), not place.refusal, place.refusal,
            place.index, path[place.index],
            b"" if beacon is None else leaves[beacon], beacon or 0, b"" if beacon is None else path[beacon],
            note, known, consistency,
            b"" if closing is None else leaves[closing], closing or 0,
            b"" if closing is None else path[closing],
        )  # fmt: skip

    def head(self) -> tuple[str, int]:
        cosigned = self.election.cosigned
        if self.closing is not None and cosigned and self.use_cosigned:
            return cosigned[-1], int(cosigned[-1].split("\n")[1])
        return self.fresh_head()

    def fresh_head(self) -> tuple[str, int]:
        tree = self.election.tree
        point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), tree.size, tree.root())
        return sign_checkpoint(point, signer(STORE)), tree.size

    def say_answer(self, answer: BoardAnswer) -> None:
        payload = seal(encode_board_message(answer), Purpose.BOARD_ANSWER, self.sealer)
        self.link.publish(topics.down(HALL, DEVICE, topics.Down.ACK), payload)

    # -- the desk ----------------------------------------------------------------------------------------

    def say(self, body: Body, audience: str = "all", by: Signer | None = None) -> bytes:
        self.generation += 1
        wall = self.clock.wall
        message = DownMessage(HALL, audience, self.generation, wall, wall + 3_600_000, body)
        payload = seal(encode_down(message), Purpose.DOWN, by or signer(DESK))
        self.publish(payload)
        return payload

    def publish(self, payload: bytes) -> None:
        self.link.publish(topics.down(HALL, DEVICE, topics.Down.TWIN), payload)
        self.seat.settle()

    def notice(self, state: str, counter: int | None = None, **changes: object) -> bytes:
        self.counter = self.counter + 1 if counter is None else counter
        body = ContestNotice(CONGRESS, SITTING, QUESTION, CONTEST, self.counter, state, "Bầu cử? / Election?")
        return self.say(replace(body, **changes))

    def document(self, body: DocumentBody, names: Sequence[str] | None = None) -> None:
        """To the unit; whether it stands in the log is another matter."""
        names = SIGNERS[type(body)] if names is None else names
        contest = None if body.kind == "key-record/1" else CONTEST
        for page in pages_of(signed(body, names), body.kind, contest):
            self.say(page)

    def send_roll_entry(self, voter: int = 0) -> None:
        rows, election = self.election.rows.rows, self.election
        path = b"".join(roll_tree(rows).inclusion(voter))
        roll = signed(election.rows.roll(CONGRESS), ("comm-1", "comm-2"))
        self.say(RollEntry(CONTEST, roll, voter, encode_row(rows[voter]), path), DEVICE)

    # -- the course --------------------------------------------------------------------------------------

    def enroll(self, voter: int = 0) -> None:
        """The keypad's session key stands in the roll for this voter."""
        election = self.election
        rows = list(election.rows.rows)
        rows[voter] = RollRow(rows[voter].voter, 0, self.session_keys[-1].key)
        election.rows = RollRows(CONTEST, tuple(rows))
        election.manifest = replace(election.manifest, roll_root=election.rows.roll(CONGRESS).root)

    def prepare(self) -> "Hall":
        """Everything up to the opening."""
        self.seat.start()
        self.notice("prepared")
        self.seat.pass_ms(1_000)
        self.enroll()
        assert self.election.prepare() == []
        self.send_papers()
        return self

    def send_papers(self) -> None:
        self.document(self.election.record)
        self.document(self.election.manifest)
        self.send_roll_entry()

    def open(self) -> "Hall":
        """Open, and the unit is ready to be voted on."""
        self.prepare()
        change = ContestChanged(SITTING, QUESTION, CONTEST, "open", self.election.manifest.hash)
        assert self.election.desk(change) == []
        self.notice("open")
        self.seat.pass_ms(2 * GRID_MS)
        return self

    def close(self, late_s: int = 3) -> None:
        """The chair closes; witnesses see it; the desk says so."""
        leaves = len(self.election.leaves)
        assert self.election.close(late_s) == []
        self.closing = leaves
        self.notice("closed")

    def witness(self) -> None:
        self.election.checkpoint(1_700_000_700)

    @property
    def entries(self) -> list[Body]:
        """What the unit said on the board, as leaves."""
        own = {key.key for key in self.session_keys}
        found = []
        for leaf in self.election.leaves:
            voter = claimed_signer(leaf)
            if len(voter) != 32:
                continue
            row = next(row for row in self.election.rows.rows if row.voter.hex() == voter)
            if row.session_key in own:
                key = public_key(Alg.EDDSA, row.session_key)
                found.append(parse_entry(verify(leaf, Purpose.BOARD, voter, key)).body)
        return found

    @property
    def alarms(self) -> list[str]:
        """Codes of the alarms that left the unit."""
        found = []
        for _, kind, payload in self.heard:
            if kind is topics.Up.REC:
                body = parse_record(verify(payload, Purpose.RECORD, DEVICE, self.device_key.public_key)).body
                found.append(getattr(body, "code", ""))
        return found


@dataclass
class Seat:
    """The person's place: presses, reads, pulls the plug."""

    hall: Hall
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    charter: object = CHARTER
    open_store: Callable[[], OutboxStore] | None = None
    language: str = "vi+en"
    sealing_key: X25519PrivateKey | None = None

    def start(self, *, connected: bool = True) -> "Seat":
        hall = self.hall
        trust = Trust(signer(DESK).public_key, signer(STORE).public_key, signer(DESK).public_key)
        config = DeviceConfig(CONGRESS, HALL, DEVICE, "keypad", self.language, "127.0.0.1", 1, trust, True)
        store = self.open_store() if self.open_store else MemoryOutboxStore(self.disk)
        speaker = Speaker(CONGRESS, HALL, DEVICE)
        outbox = Outbox(store, hall.device_key, speaker, lambda: Epoch(b"epoch-01"))
        identity = Identity(config, hall.device_key)
        self.link = SimulatedLink(hall.broker, identity.subscriptions)
        self.runtime = DeviceRuntime(
            Parts(identity, outbox, self.link, hall.clock, NoGauges(), lambda: 0.5, "test 1")
        )
        self.keys = SimulatedKeys(self.runtime.clock.monotonic_ms)
        self.glass = SimulatedScreen()
        pinned = Pinned(self.charter, HALL, GROUP) if self.charter is not None else None
        self.keypad = Keypad(
            self.runtime, KeypadConfig(BOUNCE_MS, {}), self.keys, self.glass,
            election=pinned, random=hall.randomness.randbytes,
            sealing_key=self.sealing_key,
        )  # fmt: skip
        self.runtime.begin(self.keypad)
        self.arrivals: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
        if not connected:
            self.link.cut()
        self.link.start(self.arrivals.put)
        self.settle()
        return self

    def settle(self) -> None:
        if not hasattr(self, "arrivals"):
            return
        inbox = self.runtime._inbox
        while not (self.arrivals.empty() and inbox.empty()):
            self.runtime.handle(self.arrivals.get() if inbox.empty() else inbox.get())

    def pass_ms(self, ms: int, step_ms: int = 500) -> "Seat":
        while ms > 0:
            self.hall.clock.pass_ms(min(step_ms, ms))
            ms -= step_ms
            self.runtime.tick()
            self.settle()
        return self

    def kill(self) -> None:
        self.link.close()

    def restart(self, **how: bool) -> "Seat":
        self.kill()
        return self.start(**how)

    def press(self, *names: str) -> "Seat":
        for name in names:
            self.hall.clock.pass_ms(100)
            self.keys.push(Button(name))
            self.settle()
        return self

    def wait(self) -> "Seat":
        """Until what was said is answered."""
        return self.pass_ms(2 * GRID_MS)

    def vote(self, *names: str) -> "Seat":
        """Choose, note the code, cast."""
        return self.press(*(names or ("ok", "yes", "ok"))).wait().press("ok").wait()

    @property
    def question(self) -> Question:
        found = self.keypad.secret.front()
        assert found is not None
        return found

    @property
    def state(self) -> str:
        return self.keypad.look()["state"]

    @property
    def screen(self) -> str:
        return " | ".join(self.glass.lines)


__all__ = ["DEVICE", "Hall", "Place", "Seat"]
