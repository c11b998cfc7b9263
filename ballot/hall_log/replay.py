"""Reads a log again from its first leaf, believing nothing: signatures, chains, verdicts, refusals, lives
of the store. What voters say under their pseudonyms goes to the election board, never to a device's chain.
Pure.

Every fault is named and reading goes on: a damaged leaf says nothing about the next one.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from ballot.counting import Leaf as Counted
from ballot.hall_log.format import LeafItem
from ballot.hall_log.leaf import CheckedRecord, checked_record
from ballot.hall_log.verdict import NO_CHAIN, OK, Chain, Registry, office_fault, verdict
from wire.board import is_voter_kid
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body
from wire.ids import DESK, STORE, DeviceId, Epoch
from wire.keys import PublicKey
from wire.merkle import Frontier, Tree, leaf_hash
from wire.records import Refusal, StoreBegun

OFFICES: Final = frozenset({DESK, STORE})


class Place(NamedTuple):
    """Which record: device, epoch in hex, seq. Empty where the bytes do not even say that."""

    device: str = ""
    epoch: str = ""
    seq: int = 0

    def __str__(self) -> str:
        return f"{self.device} epoch {self.epoch} seq {self.seq}" if self.device else "record unknown"


@dataclass(frozen=True, slots=True)
class Fault:
    """leaf: index in the log, None when it is about the file or a result."""

    leaf: int | None
    place: Place
    what: str

    def __str__(self) -> str:
        where = "" if self.leaf is None else f"leaf {self.leaf}, {self.place}: "
        return where + self.what


class Election(Protocol):
    """The secret questions of a log (ballot/board). Both say in words what is wrong, if anything."""

    def record(self, leaf: int, body: Body) -> list[str]:
        """An accepted record of an office."""

    def entry(self, leaf: int, envelope: bytes) -> list[str]:
        """A leaf that a voter signed."""


class _Refused(NamedTuple):
    leaf: int
    place: Place
    expected: Refusal


@dataclass(slots=True)
class Replay:
    """Feed it leaves in order, then `finish`. `counted` are the leaves that rules may count; `entries` how
    many are of the election board. Without `election` such a leaf is a fault: nothing says who may sign it.
    """

    congress: str
    hall: str
    desk_key: PublicKey
    store_key: PublicKey
    frontier: Frontier = field(default_factory=Frontier)
    registry: Registry = field(default_factory=Registry)
    faults: list[Fault] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    store_ids: list[bytes] = field(default_factory=list)
    refusals: int = 0
    election: Election | None = None
    entries: int = 0
    tree: Tree = field(default_factory=Tree)
    _chains: dict[tuple[str, bytes], Chain] = field(default_factory=dict)
    _refused: _Refused | None = None
    _desk_epochs: list[bytes] = field(default_factory=list)

    def add(self, item: LeafItem) -> None:
        hashed = leaf_hash(item.envelope)
        self.tree.append(hashed)
        leaf = self.frontier.append(hashed)
        if item.index != leaf:
            self._fault(leaf, Place(), f"stands in the file as leaf {item.index}")
        try:
            signer = claimed_signer(item.envelope)
            if is_voter_kid(signer):
                self._entry(leaf, item)
                return
            key = self._key(signer)
            record, body = checked_record(verify(item.envelope, Purpose.RECORD, signer, key), item.envelope)
        except RecordRejected as err:
            self._expect_refusal(leaf, None)
            self._fault(leaf, Place(), err.what)
            return
        place = Place(record.device, record.epoch.hex(), record.seq)
        self._expect_refusal(leaf, body if record.device == STORE else None)
        before = len(self.faults)
        if record.device in OFFICES:
            self._office(leaf, place, record, body, item.verdict)
        else:
            self._device(leaf, place, record, item.verdict)
        self._chains[record.device, record.epoch] = Chain(record.seq, record.record_hash)
        if body is not None and item.verdict == OK and len(self.faults) == before:
            self.counted.append(Counted(leaf, DeviceId(record.device), body))
            if self.election is not None and record.device in OFFICES:
                self._say(leaf, place, self.election.record(leaf, body))

    def root(self, size: int) -> bytes | None:
        """Of the first `size` leaves; None when there are fewer."""
        return self.tree.root(size) if size <= self.tree.size else None

    def skip(self, what: str) -> None:
        """An item of the file that is no leaf stands where one should."""
        self._fault(self.frontier.size, Place(), what)

    def finish(self) -> None:
        self._expect_refusal(self.frontier.size, None)
        if not self.store_ids:
            self._fault(None, Place(), "no leaf says which store began this log")

    def _entry(self, leaf: int, item: LeafItem) -> None:
        self._expect_refusal(leaf, None)
        self.entries += 1
        if item.verdict != OK:
            self._fault(leaf, Place(), f"no board entry is refused, the file says {item.verdict!r}")
        if self.election is None:
            self._fault(leaf, Place(), "an entry of the election board, and no charter says who may vote")
        else:
            self._say(leaf, Place(), self.election.entry(leaf, item.envelope))

    def _say(self, leaf: int, place: Place, whats: list[str]) -> None:
        for what in whats:
            self._fault(leaf, place, what)

    def _fault(self, leaf: int | None, place: Place, what: str) -> None:
        self.faults.append(Fault(leaf, place, what))

    def _key(self, signer: str) -> PublicKey:
        if signer == DESK:
            return self.desk_key
        if signer == STORE:
            return self.store_key
        known = self.registry.get(signer)
        if known is None:
            raise BadSchema(f"signed by {signer!r:.40}, whom no earlier leaf registers")
        return known.key

    def _device(self, leaf: int, place: Place, record: CheckedRecord, claimed: str) -> None:
        provisioned = self.registry.get(record.device)
        if provisioned is None:
            raise AssertionError("its key was found a moment ago")
        chain = self._chains.get((record.device, record.epoch), NO_CHAIN)
        if record.seq != chain.seq + 1:
            self._fault(leaf, place, f"follows seq {chain.seq} of its epoch: {_hole(record.seq, chain.seq)}")
        found = verdict(record, provisioned, chain, self.congress, self.hall)
        if found != claimed:
            self._fault(leaf, place, f"the verdict is {found!r}, the file says {claimed!r}")
        if found != OK:
            self.refusals += 1
            refusal = Refusal(
                DeviceId(record.device), Epoch(record.epoch), record.seq, record.record_hash, found
            )
            self._refused = _Refused(leaf, place, refusal)

    def _office(
        self, leaf: int, place: Place, record: CheckedRecord, body: Body | None, claimed: str
    ) -> None:
        chain = self._chains.get((record.device, record.epoch), NO_CHAIN)
        fault = office_fault(record, chain, self.congress, self.hall)
        if fault is not None:
            self._fault(leaf, place, fault)
        if claimed != OK:
            self._fault(
                leaf, place, f"records of the {record.device} are never refused, the file says {claimed!r}"
            )
        if record.device == DESK:
            self._desk(leaf, place, record, body)
        elif isinstance(body, StoreBegun):
            self._begun(leaf, place, record, body)

    def _desk(self, leaf: int, place: Place, record: CheckedRecord, body: Body | None) -> None:
        if record.epoch not in self._desk_epochs:
            self._desk_epochs.append(record.epoch)
            if len(self._desk_epochs) > max(1, len(self.store_ids)):
                self._fault(leaf, place, "the desk begins a new chain although the store was not restored")
        try:
            self.registry.learn(body)
        except BadSchema as err:
            self._fault(leaf, place, err.what)

    def _begun(self, leaf: int, place: Place, record: CheckedRecord, body: StoreBegun) -> None:
        previous = self.store_ids[-1] if self.store_ids else None
        if record.seq != 1 or body.store_id in self.store_ids:
            self._fault(leaf, place, "a store begins once, with the first record of its epoch")
        if body.restored_from != previous:
            self._fault(leaf, place, "the store does not say that it grew from the one before it in this log")
        self.store_ids.append(body.store_id)

    def _expect_refusal(self, leaf: int, body: Body | None) -> None:
        """Directly behind a refused record stands its refusal, and nowhere else."""
        refused, self._refused = self._refused, None
        said = body if isinstance(body, Refusal) else None
        if refused is not None and said != refused.expected:
            self._fault(
                refused.leaf,
                refused.place,
                f"refused as {refused.expected.code}, but no such refusal follows",
            )
        if refused is None and said is not None:
            place = Place(said.device, said.epoch.hex(), said.seq)
            self._fault(leaf, place, f"a refusal ({said.code}) of a record that does not stand before it")


def _hole(seq: int, last: int) -> str:
    if seq <= last:
        return "the same or an earlier seq twice"
    return f"seq {last + 1} to {seq - 1} are missing" if seq > last + 2 else f"seq {last + 1} is missing"
