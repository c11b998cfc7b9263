"""What one transaction adds to the log, gathered in memory first, so that a failed one leaves nothing
behind. Pure.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ballot.hall_log.leaf import CheckedRecord, checked_record
from ballot.hall_log.verdict import NO_CHAIN, OK, Chain, Registry
from ballot.hashing import hash_of
from fleet.ingest.accept import ChainKey
from fleet.ingest.life import Life
from fleet.ingest.store import NewLeaf
from wire.board import Entry, kid_of
from wire.envelope import Purpose, VerifiedBytes, seal
from wire.fields import Body
from wire.ids import EPOCH_BYTES, STORE, DeviceId, Epoch
from wire.keys import Signer
from wire.merkle import Frontier, leaf_hash
from wire.records import (
    RECORD_TYPES,
    DeviceRegistered,
    DeviceRevoked,
    Record,
    Refusal,
    Stamp,
    encode_record,
    record_hash,
)

UNKNOWN_KIND: Final = "unknown"
"""In table records, for a type that no reader knows: its name is the device's to choose, and PostgreSQL
takes no NUL.
"""


class Now(NamedTuple):
    """Both clocks, in milliseconds, read once per transaction."""

    wall_ms: int
    monotonic_ms: int


@dataclass(slots=True)
class State:
    """All that ingest remembers of the log: the same as what is stored, or it is read again."""

    life: Life
    frontier: Frontier
    chains: dict[ChainKey, Chain]
    leaf_indexes: dict[ChainKey, int]
    """Of each chain's last record."""
    registry: Registry


@dataclass(slots=True)
class Draft:
    """Leaves that are about to be stored, over a state that does not change until they are."""

    base: State
    signer: Signer
    now: Now
    frontier: Frontier = field(init=False)
    registry: Registry = field(init=False)
    chains: dict[ChainKey, Chain] = field(default_factory=dict)
    leaf_indexes: dict[ChainKey, int] = field(default_factory=dict)
    rows: list[NewLeaf] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frontier = self.base.frontier.copy()
        self.registry = self.base.registry

    def chain(self, key: ChainKey) -> Chain:
        return self.chains.get(key) or self.base.chains.get(key, NO_CHAIN)

    def learn(self, body: Body | None) -> None:
        """Take in a registration or revocation. Raises BadSchema for a device that could never sign."""
        if not isinstance(body, DeviceRegistered | DeviceRevoked):
            return
        if self.registry is self.base.registry:
            self.registry = self.registry.copy()
        self.registry.learn(body)

    def add(self, record: CheckedRecord, envelope: bytes, verdict: str) -> int:
        """Make it the next leaf, and let the store's refusal follow when it is refused; its leaf index."""
        index = self.frontier.append(record.leaf_hash)
        key = (record.device, record.epoch)
        self.chains[key] = Chain(record.seq, record.record_hash)
        self.leaf_indexes[key] = index
        self.rows.append(
            NewLeaf(
                index,
                record.device,
                record.epoch,
                record.seq,
                record.kind if record.kind in RECORD_TYPES else UNKNOWN_KIND,
                verdict,
                record.subject,
                self.now.wall_ms,
                record.record_hash,
                record.leaf_hash,
                envelope,
            )
        )
        if verdict != OK:
            device, epoch = DeviceId(record.device), Epoch(record.epoch)
            self.say(Refusal(device, epoch, record.seq, record.record_hash, verdict))
        return index

    def add_entry(self, entry: Entry, envelope: bytes) -> int:
        """Make a voter's entry the next leaf, as it stands; its leaf index. It is of no device's chain but of
        one for its contest and generation: a voter named as in an earlier roll must not stop the hall."""
        chain = hash_of(entry.contest + entry.generation.to_bytes(4, "big"))[:EPOCH_BYTES]
        hashed = leaf_hash(envelope)
        leaf = self.frontier.append(hashed)
        self.rows.append(
            NewLeaf(
                leaf,
                kid_of(entry.voter),
                chain,
                entry.n,
                entry.body.kind,
                OK,
                entry.contest.hex(),
                self.now.wall_ms,
                record_hash(envelope),
                hashed,
                envelope,
            )
        )
        return leaf

    def say(self, body: Body) -> int:
        """Sign a record of the store and make it the next leaf."""
        life = self.base.life
        chain = self.chain((STORE, life.store_epoch))
        stamp = Stamp(life.boot, self.now.monotonic_ms, self.now.wall_ms, 0)
        payload = encode_record(
            Record(
                life.congress,
                life.hall,
                STORE,
                life.store_epoch,
                chain.seq + 1,
                chain.record_hash,
                stamp,
                body,
            )
        )
        envelope = seal(payload, Purpose.RECORD, self.signer)
        own = VerifiedBytes(payload, STORE, Purpose.RECORD)  # signed a line above: nothing to verify
        return self.add(checked_record(own, envelope)[0], envelope, OK)

    def adopted(self) -> State:
        """The state once these leaves are stored."""
        self.base.chains.update(self.chains)
        self.base.leaf_indexes.update(self.leaf_indexes)
        return State(self.base.life, self.frontier, self.base.chains, self.base.leaf_indexes, self.registry)
