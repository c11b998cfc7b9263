"""One secret question, from the leaves of the log in their order: who may say what, and what counts
(SPEC §6).

The same object judges what asks to become a leaf and reads what has become one. Judging is cut in three,
so that the costly part runs elsewhere: `judge_cheap`, the work of what it leaves pending, `judge_again`
(something may have come between). Only `apply` changes anything. Total: any bytes end in a verdict."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

from ballot.board.chain import Chain
from ballot.board.course import Course
from ballot.board.verdicts import CODES, Accept, Drop, Pending, Refuse, Repeat, Verdict
from ballot.board.voter import CastBallot, Voter, among
from ballot.board.work import CheckWork, ProofWork, Work
from ballot.group import POINT_BYTES
from ballot.hashing import hash_of
from ballot.seeds import commitment
from wire import cbor
from wire.board import BODY_BYTES_MAX, Abandoned, Cast, Checked, End, Entry, Prepared, parse_entry
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import BadSchema, BadSignature, RecordRejected, UnknownSigner
from wire.fields import Body
from wire.ids import ContestId, VoterRef
from wire.keys import PublicKey
from wire.voting import BallotRefusal, Beacon

PREPARED_MAX: Final = 8
REFUSALS_MAX: Final = 64
_CIPHERTEXTS: Final = 4  # place in a ballot's body, SPEC §5.1


@dataclass(slots=True)
class Contest:
    course: Course
    refusals: int = 0
    casts_of: dict[bytes, VoterRef] = field(default_factory=dict)
    """α of an accepted cast -> who cast it."""
    _answered: dict[bytes, tuple[int, bool]] = field(default_factory=dict)
    _beacons: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def id(self) -> ContestId:
        return self.course.contest

    # -- judging -----------------------------------------------------------------------------------------

    def judge_cheap(self, envelope: bytes) -> Verdict | Pending:
        """All that needs neither a proof checked nor a ballot made."""
        entry_hash = hash_of(envelope)
        if entry_hash in self._answered:
            return Repeat(entry_hash, *self._answered[entry_hash])
        try:
            entry, key = self._signed(envelope)
        except RecordRejected as err:
            return Drop(err.code)
        return self._judged(envelope, entry, entry_hash, key)

    def judge_again(self, pending: Pending, code: str | None) -> Verdict:
        """code: what the work found. The cheap part is done anew, and comes first as ever."""
        entry, entry_hash = pending.entry, pending.entry_hash
        if entry_hash in self._answered:
            return Repeat(entry_hash, *self._answered[entry_hash])
        found = self._judged(pending.envelope, entry, entry_hash, pending.key)
        if not isinstance(found, Pending):
            return found
        voter = self.course.voters[entry.voter]
        ciphertexts: tuple[bytes, ...] = ()
        if code is None and isinstance(entry.body, Cast):
            # Only a ballot whose proofs hold is compared, so that a junk copy of somebody's α hurts nobody.
            ciphertexts = ciphertexts_of(entry.body.body)
            if any(self.casts_of.get(each[:POINT_BYTES], entry.voter) != entry.voter for each in ciphertexts):
                code = "copied"
        if code is not None:
            return self._refused(voter, entry, entry_hash, code)
        return Accept(entry, entry_hash, ciphertexts)

    # -- leaves ------------------------------------------------------------------------------------------

    def apply(self, leaf: int, accepted: Accept) -> None:
        """The entry has become that leaf."""
        entry, body = accepted.entry, accepted.entry.body
        voter = self.course.voters[entry.voter]
        chain = voter.chain(entry.generation)
        chain.take(body, leaf, accepted.entry_hash)
        voter.seq_used = max(voter.seq_used, getattr(body, "seq", 0))
        match body:
            case Prepared():
                voter.prepared += 1
            case Checked():
                voter.checked += 1
            case Abandoned():
                voter.abandoned += 1
            case Cast(seq, _):
                self._count(voter, entry, seq, leaf, accepted.ciphertexts)
        self._answered[accepted.entry_hash] = (leaf, True)

    def refused(self, leaf: int, refusal: BallotRefusal) -> list[str]:
        """A signed refusal has become that leaf."""
        voter = self.course.voters.get(refusal.voter)
        if voter is None:
            return [f"a refusal for {refusal.voter.hex()}, who does not stand in the roll"]
        voter.refusals += 1
        self.refusals += 1
        known = self._answered.setdefault(refusal.entry_hash, (leaf, False))
        if known != (leaf, False):
            return [f"refuses what leaf {known[0]} answered already"]
        return [] if self._has_reason(voter, refusal.code) else [f"refuses as {refusal.code} for no reason"]

    def beacon(self, leaf: int, beacon: Beacon) -> None:
        self._beacons.append((leaf, beacon.nonce))

    def resume(self, envelope: bytes) -> None:
        """A leaf that should not stand there: what follows it is judged as if it were its unit's last."""
        try:
            entry, _ = self._signed(envelope)
        except RecordRejected:
            return
        self.course.voters[entry.voter].chain(entry.generation).advance(entry.n, hash_of(envelope))

    # -- what it comes to --------------------------------------------------------------------------------

    def counting(self) -> list[CastBallot]:
        """The ballots that count, one of a voter at most, in the order of the roll."""
        found = (voter.counting() for voter in self.course.voters.values())
        return [cast for cast in found if cast is not None]

    def unaccounted(self, size: int | None = None) -> list[VoterRef]:
        """Enabled voters of whom neither unit nor counting board has said, among the first `size` leaves (all
        without it), that nothing is pending. What comes later takes nothing back: neither a unit that wakes
        up behind a tally, nor a key that is bound there, can undo it."""
        return [
            voter.ref
            for voter in self.course.voters.values()
            if voter.enabled
            and not voter.has_ended(size)
            and not among(self.course.disposed_at.get(voter.ref), size)
        ]

    def nonce_behind(self, leaf: int) -> bytes | None:
        """Of the first beacon behind that leaf."""
        at = bisect_right(self._beacons, leaf, key=lambda beacon: beacon[0])
        return self._beacons[at][1] if at < len(self._beacons) else None

    # -- the rules ---------------------------------------------------------------------------------------

    def _signed(self, envelope: bytes) -> tuple[Entry, PublicKey]:
        """The entry, and which of its voter's keys signed it. Raises RecordRejected."""
        kid = claimed_signer(envelope)
        voter = next((v for v in (_voter_of(kid),) if v in self.course.voters), None)
        if voter is None:
            raise UnknownSigner(f"{kid!r:.40} does not stand in the roll")
        for key in self.course.voters[voter].known_keys():
            try:
                verified = verify(envelope, Purpose.BOARD, kid, key)
            except BadSignature:
                continue
            entry = parse_entry(verified)
            if (entry.congress, entry.contest) != (self.course.congress, self.id):
                raise BadSchema("of another congress or contest")
            return entry, key
        raise BadSignature("no key that this voter has or had signed it")

    def _judged(
        self, envelope: bytes, entry: Entry, entry_hash: bytes, key: PublicKey
    ) -> Accept | Refuse | Drop | Pending:
        voter = self.course.voters[entry.voter]
        code = self._objection(voter, entry, key)
        if code is not None:
            return self._refused(voter, entry, entry_hash, code)
        work = self._work(voter, entry, key)
        return Accept(entry, entry_hash) if work is None else Pending(envelope, entry, entry_hash, key, work)

    def _objection(self, voter: Voter, entry: Entry, key: PublicKey) -> str | None:
        """SPEC §6.2, 4 to 11, but for what costs: the code of the first that fails."""
        body, chain = entry.body, voter.chains.get(entry.generation, Chain())
        if entry.generation != voter.generation or key != voter.key:
            return "old-key"
        code = self._out_of_time(isinstance(body, End))
        if code is not None:
            return code
        if not chain.follows(entry):
            return "broken-chain"
        if not chain.seq_is_due(body, entry.generation, voter.seq_used) or self._too_early(chain, body):
            return "bad-seq"
        match body:
            case Cast():
                return self._against_cast(voter, chain, body)
            case Checked():
                return self._against_checked(voter, chain, body)
        return "too-many" if isinstance(body, Prepared) and voter.prepared >= PREPARED_MAX else None

    def _too_early(self, chain: Chain, body: Body) -> bool:
        """Whether a ballot was fixed before the store drew the nonce that goes into it."""
        committed = chain.commitments.get(body.seq) if isinstance(body, Prepared) else None
        return committed is not None and self.nonce_behind(committed.leaf) is None

    def _out_of_time(self, end: bool) -> str | None:
        course = self.course
        if course.opened is None or course.context is None:
            return "not-open"
        if end:
            return "before-close" if course.closed is None or course.cancelled is not None else None
        return "after-close" if course.closed is not None or course.cancelled is not None else None

    def _against_cast(self, voter: Voter, chain: Chain, body: Cast) -> str | None:
        if chain.pending is None:
            return "not-prepared"
        if hash_of(body.body) != chain.pending.body_hash:
            return "other-body"
        return "already-cast" if voter.casts and not self.course.revote else None

    def _against_checked(self, voter: Voter, chain: Chain, body: Checked) -> str | None:
        if chain.pending is None:
            return "already-cast" if body.seq in chain.cast else "not-prepared"
        committed, context = chain.commitments.get(body.seq), self.course.context
        if committed is None or context is None or self.nonce_behind(committed.leaf) is None:
            return "check-fails"
        if committed.value != commitment(voter.ref, self.id, body.seq, body.local):
            return "check-fails"
        return None if context.shape.allows(tuple(body.choices)) else "check-fails"

    def _work(self, voter: Voter, entry: Entry, key: PublicKey) -> Work | None:
        context, chain = self.course.context, voter.chain(entry.generation)
        who = (context, voter.ref, entry.generation, key.raw)
        match entry.body:
            case Cast(seq, body):
                return ProofWork(*who, seq, body)  # type: ignore[arg-type]  # context: `_objection` saw that it is there
            case Checked(seq, local, choices):
                nonce = self.nonce_behind(chain.commitments[seq].leaf)
                fixed = chain.pending
                return CheckWork(*who, seq, local, nonce, tuple(choices), fixed.body_hash)  # type: ignore[arg-type, union-attr]  # as above
        return None

    def _has_reason(self, voter: Voter, code: str) -> bool:
        """Whether the leaves before could be a reason: the refused bytes themselves stand nowhere."""
        reasons: dict[str, object] = {
            "already-cast": voter.casts or voter.checked,
            "too-many": voter.prepared >= PREPARED_MAX,
            "copied": self.casts_of,
        }
        return code in CODES and voter.refusals <= REFUSALS_MAX and bool(reasons.get(code, True))

    def _refused(self, voter: Voter, entry: Entry, entry_hash: bytes, code: str) -> Refuse | Drop:
        if voter.refusals >= REFUSALS_MAX:
            return Drop("refused-too-often")
        body_hash = hash_of(entry.body.body) if isinstance(entry.body, Cast) else None
        return Refuse(entry, entry_hash, body_hash, code)

    def _count(self, voter: Voter, entry: Entry, seq: int, leaf: int, ciphertexts: tuple[bytes, ...]) -> None:
        options = len(self.course.context.shape.options) if self.course.context else 0
        body_hash = voter.chain(entry.generation).cast[seq]
        voter.casts.append(
            CastBallot(voter.ref, entry.generation, seq, leaf, body_hash, ciphertexts[:options])
        )
        for each in ciphertexts:
            self.casts_of.setdefault(each[:POINT_BYTES], voter.ref)


def ciphertexts_of(body: bytes) -> tuple[bytes, ...]:
    """All of a ballot; none of one that no reader would accept, which then must not count."""
    try:
        parts: Any = cbor.decode(body, BODY_BYTES_MAX)
    except RecordRejected:
        return ()
    if type(parts) is not list or len(parts) <= _CIPHERTEXTS or type(parts[_CIPHERTEXTS]) is not list:
        return ()
    found = tuple(parts[_CIPHERTEXTS])
    return found if all(type(each) is bytes for each in found) else ()


def _voter_of(kid: str) -> VoterRef:
    try:
        return VoterRef(bytes.fromhex(kid))
    except ValueError:
        return VoterRef(b"")
