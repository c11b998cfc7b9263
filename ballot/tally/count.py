"""From a contest to its counts: the aggregate, the tally that may be signed for it, the shares."""

from collections.abc import Iterable
from dataclasses import dataclass

from ballot.board.contest import Contest
from ballot.ceremony.key_record import ceremony_id_in, share_key
from ballot.documents.bodies import KeyRecord, Manifest, Share, Tally
from ballot.errors import BadBallot
from ballot.group import Group
from ballot.tally.aggregate import Aggregate, aggregate_hash
from ballot.tally.shares import BadShare, Bound, Row, check_rows, combine


@dataclass(frozen=True, slots=True)
class Electing:
    """A contest that was opened, with what opened it. aggregate: of the ballots that count."""

    contest: Contest
    manifest: Manifest
    manifest_hash: bytes
    record: KeyRecord
    counted: int
    aggregate: tuple[bytes, ...]

    def tally(self, size: int, root: bytes) -> Tally:
        """The tally of these ballots under that checkpoint."""
        return Tally(
            self.manifest.congress,
            self.manifest.hall,
            self.contest.id,
            self.manifest.key_record_hash,
            self.manifest_hash,
            size,
            root,
            self.counted,
            aggregate_hash(self.contest.id, self.aggregate),
        )

    def bound(self, tally: Tally) -> Bound:
        """What the shares of that tally are bound to. Raises BadShare for a tally of another aggregate."""
        if tally != self.tally(tally.size, tally.root):
            raise BadShare("the tally is not of the ballots that count here")
        return Bound(
            ceremony_id_in(self.record, self.contest.course.charter),
            tally.key_record_hash,
            self.contest.id,
            tally.aggregate_hash,
            tally.root,
            self.aggregate,
        )


def electing(group: Group, contest: Contest) -> Electing | None:
    """None when the contest was not opened, or a ballot that counts is none (a fault of its leaf)."""
    course = contest.course
    manifest, record = course.manifest, course.key_record
    if course.context is None or manifest is None or record is None or course.manifest_hash is None:
        return None
    aggregate = Aggregate(group, len(manifest.shape.options))
    try:
        for cast in contest.counting():
            aggregate.add(cast.ciphertexts)
    except (BadBallot, ValueError):
        return None
    return Electing(contest, manifest, course.manifest_hash, record, aggregate.counted, aggregate.encoded())


@dataclass(frozen=True, slots=True)
class Counts:
    """counts: per option, None while there are fewer than k good shares. faults: of shares and tally."""

    counts: tuple[int, ...] | None
    trustees: tuple[int, ...]
    faults: tuple[str, ...]


def counts_of(group: Group, found: Electing, tally: Tally, shares: Iterable[Share]) -> Counts:
    """What these shares make of the tally. Each is checked; any k good ones give the counts."""
    charter = found.contest.course.charter
    faults: list[str] = []
    rows_of: dict[int, tuple[Row, ...]] = {}
    try:
        bound = found.bound(tally)
    except BadShare as err:
        return Counts(None, (), (err.what,))
    for share in shares:
        fault = _share_fault(group, found, bound, share)
        if fault is not None:
            faults.append(fault)
            continue
        # A second share that holds says the same M, and proves it with other randomness: no harm in it.
        rows_of.setdefault(share.trustee, share.rows)
    if len(rows_of) < charter.k:
        return Counts(None, tuple(sorted(rows_of)), tuple(faults))
    most = [found.counted] * len(found.aggregate)
    try:
        counts = combine(group, bound, charter.k, rows_of, most)
    except BadShare as err:
        return Counts(None, tuple(sorted(rows_of)), (*faults, err.what))
    return Counts(counts, tuple(sorted(rows_of)), tuple(faults))


def share_of(bound: Bound, trustee: int, rows: tuple[Row, ...]) -> Share:
    """The body that trustee i signs."""
    return Share(
        bound.ceremony_id,
        bound.key_record_hash,
        bound.contest,
        bound.aggregate_hash,
        bound.root,
        trustee,
        rows,
    )


def _share_fault(group: Group, found: Electing, bound: Bound, share: Share) -> str | None:
    if share != share_of(bound, share.trustee, share.rows):
        return f"the share of trustee {share.trustee} is for another tally"
    if not 1 <= share.trustee <= found.record.n:
        return f"there is no trustee {share.trustee}"
    try:
        check_rows(group, bound, share.trustee, share_key(group, found.record, share.trustee), share.rows)
    except BadShare as err:
        return err.what
    return None
