"""The part of judging an entry that costs: proofs, and ballots made anew. It needs nothing of the board's
state, so it may run in another process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ballot.context import Context
from ballot.errors import BadBallot
from ballot.group import Group
from ballot.hashing import hash_of
from ballot.prove import Prover
from ballot.seeds import seed_of
from ballot.verify import Refused, check_body
from wire.ids import VoterRef


@dataclass(frozen=True, slots=True)
class ProofWork:
    """Do the proofs of a cast ballot hold?"""

    context: Context
    voter: VoterRef
    generation: int
    session_key: bytes
    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class CheckWork:
    """Is an opened ballot, made anew, the one that was prepared? Nothing in it is secret any more."""

    context: Context
    voter: VoterRef
    generation: int
    session_key: bytes
    seq: int
    local: bytes
    nonce: bytes
    choices: tuple[int, ...]
    body_hash: bytes


Work: TypeAlias = ProofWork | CheckWork
Perform: TypeAlias = Callable[[Work], str | None]
"""None: it holds; otherwise the code of the refusal."""


class Performer:
    """Does the work of any contest; keeps the prover's tables of each election key."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._provers: dict[bytes, Prover] = {}

    def __call__(self, work: Work) -> str | None:
        if isinstance(work, ProofWork):
            found = check_body(
                *(self._group, work.context, work.voter, work.generation),
                *(work.session_key, work.seq, work.body),
            )
            return found.code if isinstance(found, Refused) else None
        try:
            body = self._remade(work)
        except BadBallot:
            return "check-fails"
        return None if hash_of(body) == work.body_hash else "check-fails"

    def _remade(self, work: CheckWork) -> bytes:
        prover = self._provers.get(work.context.encoded)
        if prover is None:
            prover = self._provers[work.context.encoded] = Prover(self._group, work.context)
        seed = seed_of(work.local, work.nonce, work.context, work.voter, work.seq)
        return prover.body(work.voter, work.generation, work.session_key, work.seq, seed, work.choices)


def believed(_: Work) -> str | None:
    """For the log of this very store, whose entries it judged before they became leaves."""
    return None
