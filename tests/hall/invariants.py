"""What must hold in a hall after every action, from what was said and what is stored, and from nothing else.

None of the product's rules is used here but the wire's: keys, envelopes, records and the tree are read anew.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from edge.ballot_keypad.keypad import Keypad
from tests.hall.device import Device, GateOnly
from tests.hall.fleet import Fleet
from tests.hall.world import World
from wire import cbor
from wire.envelope import Purpose, verify
from wire.ids import DESK, STORE, DeviceId, MemberRef
from wire.keys import PublicKey
from wire.merkle import Frontier, leaf_hash
from wire.records import (
    GENESIS,
    OpenBallot,
    QuestionChanged,
    Record,
    RollPage,
    Seating,
    parse_record,
    record_hash,
)

Chain = tuple[str, bytes]


class SeenLeaf(NamedTuple):
    position: int
    record: Record
    verdict: str
    envelope: bytes


@dataclass(slots=True)
class Span:
    """Between which leaves the ballots of one question count."""

    opened: int | None = None
    closed: int | None = None
    held: list[tuple[int, str]] = field(default_factory=list)
    """(leaf, state) of every step."""

    def counts(self, position: int) -> bool:
        if self.opened is None or position < self.opened or (self.closed or position) < position:
            return False
        return [state for leaf, state in self.held if leaf < position][-1] == "open"


@dataclass(slots=True)
class Life:
    """What one store holds. Only ever grows; a restored store is another one."""

    leaves: list[SeenLeaf] = field(default_factory=list)
    chains: dict[Chain, list[bytes]] = field(default_factory=dict)
    """Hashes by (device, epoch), seq 1 first."""
    leaf_of: dict[bytes, int] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    tree: Frontier = field(default_factory=Frontier)


class Truth:
    """devices: every one of the hall; said: what each has durably written."""

    def __init__(self, world: World, fleet: Fleet, devices: dict[str, Device]) -> None:
        self._world, self._fleet, self._devices = world, fleet, devices
        self.said: dict[Chain, list[bytes]] = {}
        self.lives: dict[bytes, Life] = {}
        self.receipts = 0
        self._marks: dict[str, tuple[bytes | None, int]] = {}
        self._keys: dict[str, PublicKey] = {
            DESK: fleet.desk_signer.public_key, STORE: fleet.store_signer.public_key
        }  # fmt: skip
        self._keys |= {name: device.signer.public_key for name, device in devices.items()}

    @property
    def life(self) -> Life:
        """Of the store there is now."""
        return self.lives.setdefault(bytes(self._fleet.store_id), Life())

    # -- after anything that happens to a device ---------------------------------------------------------

    def after_device(self, device: Device) -> None:
        self._disk(device)
        runtime = device.runtime
        if runtime is None:
            return
        marks = (runtime.outbox.store_id, runtime.outbox.marked_seq)
        if marks != self._marks.get(device.name):
            self._marked(device, runtime.outbox.epoch, *marks)
            self._marks[device.name] = marks
        if isinstance(device.firmware, GateOnly):
            self._must(device.firmware.told_recorded <= marks[1], f"{device.name} tells more than it marked")
        else:
            self._screen(device)

    def _disk(self, device: Device) -> None:
        """Every record that was ever durable is still there, in one unbroken chain, unchanged."""
        epoch = device.disk.named.get("epoch")
        if epoch is None:
            return
        said = self.said.setdefault((device.name, epoch), [])
        rows = device.disk.rows
        self._must(len(rows) >= len(said), f"{device.name} has lost records that were durable")
        for seq in range(len(said) + 1, len(rows) + 1):
            self._must(seq in rows, f"{device.name} has a gap before seq {seq}")
            record = self._opened(device.name, rows[seq])
            previous = said[-1] if said else GENESIS
            self._must(
                (record.seq, record.prev_hash, record.epoch) == (seq, previous, epoch),
                f"{device.name} seq {seq} does not follow the one before",
            )
            said.append(record_hash(rows[seq]))

    def _marked(self, device: Device, epoch: bytes, store_id: bytes | None, seq: int) -> None:
        if not seq:
            return
        held = self.lives.get(store_id or b"", Life()).chains.get((device.name, epoch), [])
        said = self.said[device.name, epoch]
        self._must(
            held[:seq] == said[:seq] and len(held) >= seq,
            f"{device.name} believes {seq} records stored; the store holds {len(held)} of them",
        )

    def _screen(self, device: Device) -> None:
        """A vote that is shown as recorded is in the log, with that choice and by that keypad."""
        seen = device.look()
        if seen.get("state") != "recorded" or device.runtime is None:
            return
        if self._taken_over(device):
            return
        outbox = device.runtime.outbox
        life = self.lives.get(outbox.store_id or b"", Life())
        held = life.chains.get((device.name, outbox.epoch), [])
        votes = [
            record
            for digest in held[: outbox.marked_seq]
            if isinstance((record := life.leaves[life.leaf_of[digest]].record).body, OpenBallot)
        ]
        self._must(
            bool(votes)
            and isinstance(votes[-1].body, OpenBallot)
            and votes[-1].body.choice == seen["choice"],
            f"{device.name} shows {seen['choice']} as recorded; the log does not hold it",
        )
        self._in_time(device, life, votes[-1])

    def _taken_over(self, device: Device) -> bool:
        """A keypad that shows a vote which was cast at another one shows it as it stands in the log. Of a
        store that was restored since, the twin of its next swap says what is left of it."""
        ballot = device.firmware.open_vote.ballot if isinstance(device.firmware, Keypad) else None
        choice = ballot.taken_over if ballot is not None else None
        if ballot is None or choice is None or ballot.notice is None:
            return False
        there = any(
            leaf.verdict == "ok"
            and isinstance(body := leaf.record.body, OpenBallot)
            and (body.question, body.member, body.choice) == (ballot.notice.question, ballot.member, choice)
            and leaf.record.device != device.name
            for life in self.lives.values()
            for leaf in life.leaves
        )
        self._must(there, f"{device.name} shows {choice} as cast elsewhere; no log holds it")
        return True

    def _in_time(self, device: Device, life: Life, vote: Record) -> None:
        """Once a keypad has heard where its question was closed, `recorded` means that the vote counts."""
        if not isinstance(vote.body, OpenBallot) or device.question_counted != vote.body.question:
            return
        span = life.spans.get(vote.body.question)
        if span is None or span.closed is None or life is not self.life:
            return  # the store has been restored to a time before: what it lost cannot be looked up
        position = life.leaf_of[self.said[device.name, vote.epoch][vote.seq - 1]]
        self._must(
            span.counts(position),
            f"{device.name} shows its vote on closed {vote.body.question} as recorded; leaf {position} "
            f"does not count: {span}",
        )

    # -- after every turn of ingest ------------------------------------------------------------------------

    def after_fleet(self) -> None:
        self._log()
        link = self._fleet.link
        for topic, payload in link.said if link is not None else ():
            if topic.endswith("/down/ack"):
                self._receipt(topic, payload)
        if link is not None:
            link.said.clear()

    def _log(self) -> None:
        life = self.life
        if self._fleet.log_size() == len(life.leaves):
            return
        for index, device, epoch, seq, kind, verdict, _, envelope in self._fleet.leaves(len(life.leaves)):
            self._must(index == len(life.leaves), f"leaf {len(life.leaves)} is missing from the log")
            record = self._opened(device, envelope)
            self._must(
                (record.device, record.epoch, record.seq, record.body.kind) == (device, epoch, seq, kind),
                f"leaf {index} is filed under another record",
            )
            chain = life.chains.setdefault((device, epoch), [])
            self._must(seq == len(chain) + 1, f"leaf {index}: {device} seq {seq} after {len(chain)}")
            digest = record_hash(envelope)
            if device in self._devices:
                said = self.said[device, epoch]
                self._must(
                    len(said) >= seq and said[seq - 1] == digest, f"leaf {index}: {device} never said that"
                )
                self._must(digest not in life.leaf_of, f"leaf {index} stands in the log twice")
            chain.append(digest)
            life.leaf_of[digest] = index
            life.tree.append(leaf_hash(envelope))
            life.leaves.append(SeenLeaf(index, record, verdict, envelope))
            _step(life, index, record)
        self._must(
            self._fleet.log_size() == len(life.leaves), "the log's head counts other leaves than there are"
        )

    def reread(self) -> None:
        """The log is still what was once seen to be appended to it."""
        stored = [row[-1] for row in self._fleet.leaves(0)]
        self._must(stored == [leaf.envelope for leaf in self.life.leaves], "leaves have changed or vanished")

    def _receipt(self, topic: str, payload: bytes) -> None:
        """Nothing is receipted before it is committed."""
        words = cbor.decode(cbor.decode(payload, 1024)[2], 1024)
        if words[0] != "receipt/1":
            return
        self.receipts += 1
        device, store_id, epoch, seq, digest = words[2], words[3], words[4], words[5], words[6]
        held = self.lives.get(store_id, Life()).chains.get((device, epoch), [])
        self._must(
            len(held) >= seq and held[seq - 1] == digest, f"a receipt to {topic} for what is not committed"
        )

    # -- what the log says ---------------------------------------------------------------------------------

    def counted(self, question: str) -> dict[MemberRef, str] | None:
        """Choices that count, by the SPEC's words alone; None unless opened and closed in this store."""
        opened = closed = None
        held, revote = False, False
        found: dict[MemberRef, str] = {}
        speaks: dict[MemberRef, str | None] = {}
        for leaf in self.life.leaves:
            body = leaf.record.body
            if isinstance(body, RollPage):
                speaks |= dict(body.rows)
            if isinstance(body, Seating) and body.member is not None:
                speaks[body.member] = body.device
            if isinstance(body, QuestionChanged) and body.question == question:
                if body.state == "open" and opened is None:
                    opened, revote = leaf.position, body.revote
                if body.state == "closed":
                    closed = leaf.position
                held = body.state == "held"
            if opened is None or closed is not None or held or leaf.verdict != "ok":
                continue
            if not isinstance(body, OpenBallot) or body.question != question:
                continue
            if speaks.get(body.member) == leaf.record.device:
                found[body.member] = body.choice if revote else found.get(body.member, body.choice)
        return found if opened is not None and closed is not None else None

    def _opened(self, device: str, envelope: bytes) -> Record:
        """Raises HallFault when this device did not sign it."""
        key = self._keys.get(device)
        if key is None:
            raise self._world.fault(f"bytes of {device}, whom nobody knows, are stored")
        return parse_record(verify(envelope, Purpose.RECORD, DeviceId(device), key))

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise self._world.fault(otherwise)


def _step(life: Life, index: int, record: Record) -> None:
    body = record.body
    if not isinstance(body, QuestionChanged):
        return
    span = life.spans.setdefault(body.question, Span())
    span.held.append((index, body.state))
    if body.state == "open" and span.opened is None:
        span.opened = index
    if body.state == "closed" and span.closed is None:
        span.closed = index
