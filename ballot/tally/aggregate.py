"""The sum of the ballots that count: per option, of their α and of their β (SPEC §7)."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ballot.group import IDENTITY, POINT_BYTES, Group, Point
from ballot.hashing import h32

_Combine: TypeAlias = Callable[[Point, Point], Point]


class Aggregate:
    """Add every ballot that counts; remove one whose place another takes. The order does not matter."""

    def __init__(self, group: Group, options: int) -> None:
        self._group = group
        self._alphas = [IDENTITY] * options
        self._betas = [IDENTITY] * options
        self._counted = 0

    @property
    def counted(self) -> int:
        return self._counted

    def add(self, ciphertexts: Sequence[bytes]) -> None:
        """Those of `ballot.verify.Accepted`. Raises BadBallot for bytes that are no points, and adds none."""
        self._combine(self._group.add, ciphertexts)
        self._counted += 1

    def remove(self, ciphertexts: Sequence[bytes]) -> None:
        """Those that were added before."""
        self._combine(self._group.sub, ciphertexts)
        self._counted -= 1

    def encoded(self) -> tuple[bytes, ...]:
        """α ‖ β for each option, 64 bytes each."""
        return tuple(alpha + beta for alpha, beta in zip(self._alphas, self._betas, strict=True))

    def _combine(self, combine: _Combine, ciphertexts: Sequence[bytes]) -> None:
        alphas = [
            combine(total, ciphertext[:POINT_BYTES])
            for total, ciphertext in zip(self._alphas, ciphertexts, strict=True)
        ]
        betas = [
            combine(total, ciphertext[POINT_BYTES:])
            for total, ciphertext in zip(self._betas, ciphertexts, strict=True)
        ]
        self._alphas, self._betas = alphas, betas


def aggregate_hash(contest: bytes, encoded: Sequence[bytes]) -> bytes:
    """What a tally names. encoded: as `Aggregate.encoded` gives it."""
    return h32("aggregate", contest, list(encoded))
