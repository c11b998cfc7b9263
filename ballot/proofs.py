"""What prover and verifier of a ballot share: its layout, and the challenge over all of it (SPEC §5.1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ballot.context import Context
from ballot.group import Scalar
from ballot.hashing import hs
from ballot.shape import Terms

VERSION: Final = 1
PROOF_SCALAR_BYTES: Final = 32
SESSION_KEY_BYTES: Final = 32

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ballot belongs: whose it is, under which generation and session key, and which of theirs."""

    voter: bytes
    generation: int
    session_key: bytes
    seq: int


def challenge_of(
    context: Context, place: Place, ciphertexts: Sequence[bytes], commitments: Sequence[bytes]
) -> Scalar:
    """c. commitments: one string for each proof, A1 and A2 of its branches one behind the other."""
    voter, generation, session_key, seq = place.voter, place.generation, place.session_key, place.seq
    return hs(
        "ballot", context.encoded, voter, generation, session_key, seq, list(ciphertexts), list(commitments)
    )


def combined(terms: Terms, of: Sequence[T], times: Callable[[int, T], T], plus: Callable[[T, T], T]) -> T:
    """Σ weight·of[index] over terms, which are never empty."""
    index, weight = terms[0]
    total = of[index] if weight == 1 else times(weight, of[index])
    for index, weight in terms[1:]:
        total = plus(total, of[index] if weight == 1 else times(weight, of[index]))
    return total
