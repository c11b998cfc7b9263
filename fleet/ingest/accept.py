"""The gate of the log: a batch of verified records and what is in the log -> what becomes a leaf. Pure.

Per device and epoch only the record after the last one is appended. Earlier ones are duplicates (their
receipt is said again) or, with other bytes, conflicts (an alarm, never an overwrite); later ones show a
gap (the device is asked again).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ballot.hall_log.leaf import CheckedRecord
from ballot.hall_log.verdict import NO_CHAIN, Chain, Registry, verdict
from wire.keys import PublicKey

ChainKey = tuple[str, bytes]
"""(device, epoch)"""


class Verified(NamedTuple):
    """A record and the key that verified it."""

    record: CheckedRecord
    key: PublicKey


class Leaf(NamedTuple):
    """A record that becomes a leaf: its position in the batch, and `ok` or the code of its refusal."""

    position: int
    verdict: str


class Conflict(NamedTuple):
    """Two records of one device with one seq: proof that its store was copied or set back, or its key
    stolen.
    """

    device: str
    epoch: bytes
    seq: int
    stored_hash: bytes
    other_hash: bytes


@dataclass(slots=True)
class Decisions:
    """leaves in log order; receipts: chains to be told where they stand; gaps: chain -> first seq that is
    missing.
    """

    leaves: list[Leaf] = field(default_factory=list)
    receipts: set[ChainKey] = field(default_factory=set)
    gaps: dict[ChainKey, int] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """(device, code)"""
    chains: dict[ChainKey, Chain] = field(default_factory=dict)
    """Chains as they stand after the batch, those that changed."""


def earlier(batch: Sequence[Verified], chains: Mapping[ChainKey, Chain]) -> dict[ChainKey, set[int]]:
    """Seqs below each chain's end that the batch speaks of: `decide` wants their stored hashes."""
    wanted: dict[ChainKey, set[int]] = {}
    for record, _ in batch:
        chain = chains.get((record.device, record.epoch))
        if chain is not None and record.seq < chain.seq:
            wanted.setdefault((record.device, record.epoch), set()).add(record.seq)
    return wanted


def decide(
    batch: Sequence[Verified],
    chains: Mapping[ChainKey, Chain],
    stored: Mapping[tuple[str, bytes, int], bytes],
    registry: Registry,
    congress: str,
    hall: str,
) -> Decisions:
    """Total: every record of the batch ends in exactly one of leaves, receipts, gaps, conflicts, dropped.

    chains: the log's ends before the batch; stored: hashes of the records that `earlier` asked for.
    A record that came too early waits for the ones before it within the batch, so reordering costs no
    round trip.
    """
    return _Decider(chains, stored, registry, congress, hall).run(batch)


class _Decider:
    def __init__(
        self,
        chains: Mapping[ChainKey, Chain],
        stored: Mapping[tuple[str, bytes, int], bytes],
        registry: Registry,
        congress: str,
        hall: str,
    ) -> None:
        self._before, self._stored, self._registry = chains, stored, registry
        self._congress, self._hall = congress, hall
        self._appended: dict[tuple[str, bytes, int], bytes] = {}
        self._early: dict[tuple[str, bytes, int], int] = {}
        self._out = Decisions()

    def run(self, batch: Sequence[Verified]) -> Decisions:
        out = self._out
        for position, (record, key) in enumerate(batch):
            provisioned = self._registry.get(record.device)
            if (
                provisioned is None or provisioned.key != key
            ):  # the desk changed it while these bytes were on their way
                out.dropped.append((record.device, "bad-signature"))
                continue
            chain_key = (record.device, record.epoch)
            chain = out.chains.get(chain_key) or self._before.get(chain_key, NO_CHAIN)
            if record.seq == chain.seq + 1:
                self._append(position, record, chain)
                self._append_waiting(batch, chain_key)
            elif record.seq <= chain.seq:
                self._again(record, chain)
            else:
                self._early.setdefault((record.device, record.epoch, record.seq), position)
        for device, epoch, _ in self._early:
            chain = out.chains.get((device, epoch)) or self._before.get((device, epoch), NO_CHAIN)
            out.gaps[device, epoch] = chain.seq + 1
        return out

    def _append(self, position: int, record: CheckedRecord, chain: Chain) -> None:
        provisioned = self._registry.get(record.device)
        assert provisioned is not None  # noqa: S101  # run() dropped everybody else
        out, chain_key = self._out, (record.device, record.epoch)
        out.leaves.append(Leaf(position, verdict(record, provisioned, chain, self._congress, self._hall)))
        out.chains[chain_key] = Chain(record.seq, record.record_hash)
        out.receipts.add(chain_key)
        self._appended[record.device, record.epoch, record.seq] = record.record_hash

    def _append_waiting(self, batch: Sequence[Verified], chain_key: ChainKey) -> None:
        while self._early:
            chain = self._out.chains[chain_key]
            position = self._early.pop((*chain_key, chain.seq + 1), None)
            if position is None:
                return
            self._append(position, batch[position].record, chain)

    def _again(self, record: CheckedRecord, chain: Chain) -> None:
        place = (record.device, record.epoch, record.seq)
        known = self._appended.get(place) or self._stored.get(place)
        before = self._before.get(place[:2], NO_CHAIN)
        for end in (chain, before):  # neither was asked for by `earlier`
            if known is None and record.seq == end.seq:
                known = end.record_hash
        if known is not None and known != record.record_hash:
            self._out.conflicts.append(Conflict(*place, known, record.record_hash))
        self._out.receipts.add(place[:2])
