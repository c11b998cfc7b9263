"""The entries of one key of one voter: their order and their sequence numbers (SPEC §6.2, 7 and 8). Pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from wire.board import FIRST_PREV, Abandoned, Cast, Checked, End, Entry, Prepared, Ready
from wire.fields import Body


class Fixed(NamedTuple):
    """A prepared ballot that is neither cast nor opened nor abandoned yet."""

    seq: int
    body_hash: bytes


class Commitment(NamedTuple):
    value: bytes
    leaf: int


@dataclass(slots=True)
class Chain:
    """seq: the current one, None before the first commitment. commitments: for each seq the last one."""

    n: int = 0
    last_hash: bytes = FIRST_PREV
    seq: int | None = None
    pending: Fixed | None = None
    commitments: dict[int, Commitment] = field(default_factory=dict)
    cast: dict[int, bytes] = field(default_factory=dict)
    """seq -> body hash of the accepted casts, in their order."""
    ended_at: int | None = None
    """The leaf of its first end. What it says after that takes nothing back."""

    def follows(self, entry: Entry) -> bool:
        return entry.n == self.n + 1 and entry.prev_hash == self.last_hash

    def seq_is_due(self, body: Body, generation: int, used: int) -> bool:
        """used: the greatest seq in any accepted entry of this voter."""
        pending = self.pending
        match body:
            case Ready(_, seq):
                return self.n == 0 and (seq == 1 if generation == 0 else seq > used)
            case Prepared(seq, _, _):
                return seq == self.seq and pending is None
            case Cast(seq, _) | Checked(seq, _, _):
                # With nothing pending there is no seq to compare with: the next rules say what is wrong.
                return pending is None or seq == pending.seq
            case Abandoned(seq, _):
                return seq == self.seq or (pending is not None and seq == pending.seq)
            case End(body_hash):
                return body_hash == self.last_cast()
        return False

    def take(self, body: Body, leaf: int, entry_hash: bytes) -> None:
        """The entry has become a leaf."""
        self.advance(self.n + 1, entry_hash)
        match body:
            case Ready(commitment, seq):
                self._commit(seq, commitment, leaf)
            case Prepared(seq, body_hash, commitment):
                self.pending = Fixed(seq, body_hash)
                self._commit(seq + 1, commitment, leaf)
            case Cast(seq, _):
                if self.pending is not None:
                    self.cast[seq] = self.pending.body_hash
                self.pending, self.seq = None, seq + 1
            case Checked(seq, _, _):
                self.pending, self.seq = None, seq + 1
            case Abandoned(seq, commitment):
                self.pending = None
                self._commit(seq + 1, commitment, leaf)
            case End():
                self.ended_at = leaf if self.ended_at is None else self.ended_at

    def advance(self, n: int, entry_hash: bytes) -> None:
        """The next entry must follow this one."""
        self.n, self.last_hash = n, entry_hash

    def last_cast(self) -> bytes | None:
        return next(reversed(self.cast.values()), None)

    def _commit(self, seq: int, commitment: bytes, leaf: int) -> None:
        self.seq = seq
        self.commitments[seq] = Commitment(commitment, leaf)
