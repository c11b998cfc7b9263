"""Partial decryptions of one aggregate, the proof that each is right, and the counts that any k of them give
(SPEC §7). Nothing else than the aggregate of a signed tally is ever put in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.errors import BadBallot
from ballot.group import (
    BASE,
    IDENTITY,
    ORDER,
    POINT_BYTES,
    Group,
    Point,
    Scalar,
    is_usable,
    scalar_bytes,
    scalar_of,
)
from ballot.hashing import Part, h64, hs
from wire.ids import ContestId

RAND_BYTES: Final = 32
Row = tuple[bytes, bytes, bytes]
"""M, c, z of one option."""


class BadShare(BadBallot):
    """A share that does not open this aggregate: of another option, trustee or tally, or a proof fails."""

    code = "bad-share"


class TooFewShares(BadBallot):
    code = "too-few-shares"


@dataclass(frozen=True, slots=True)
class Bound:
    """What every share is bound to. aggregate: per option α || β. root: of the tally."""

    ceremony_id: bytes
    key_record_hash: bytes
    contest: ContestId
    aggregate_hash: bytes
    root: bytes
    aggregate: tuple[bytes, ...]

    def statement(self, j: int, i: int, share_key: Point, part: Point) -> tuple[Part, ...]:
        """Of the DLEQ proof for option j of trustee i, up to M."""
        alpha = self.aggregate[j][:POINT_BYTES]
        return (
            *(self.ceremony_id, self.key_record_hash, self.contest, self.aggregate_hash),
            *(self.root, j, i, share_key, alpha, part),
        )


def make_rows(group: Group, bound: Bound, i: int, secret: Scalar, rands: Sequence[bytes]) -> tuple[Row, ...]:
    """Trustee i's share: per option M = x·A, with its proof. rands: 32 fresh random bytes per option."""
    share_key = group.base(secret)
    rows = []
    for j, (ciphertext, rand) in enumerate(zip(bound.aggregate, rands, strict=True)):
        alpha = ciphertext[:POINT_BYTES]
        part = group.mul(secret, alpha)
        said = bound.statement(j, i, share_key, part)
        # x stands in the hash: should the machine's randomness ever repeat, u still differs for another A.
        nonce = h64("dleqnonce", scalar_bytes(secret), rand, *said)
        u = int.from_bytes(nonce, "little") % ORDER
        c = hs("dleq", *said, group.base(u), group.mul(u, alpha))
        rows.append((part, scalar_bytes(c), scalar_bytes(u + c * secret)))
    return tuple(rows)


def check_rows(group: Group, bound: Bound, i: int, share_key: Point, rows: Sequence[Row]) -> None:
    """Raises BadShare unless these rows open this aggregate as trustee i must. Total."""
    if len(rows) != len(bound.aggregate):
        raise BadShare(f"a share of {len(rows)} options, the tally has {len(bound.aggregate)}")
    if not is_usable(group, share_key):
        raise BadShare(f"trustee {i} has no key in the key record")
    for j, (part, challenge, response) in enumerate(rows):
        try:
            c, z = scalar_of(challenge), scalar_of(response)
            alpha = bound.aggregate[j][:POINT_BYTES]
            t1 = group.sub(group.base(z), group.mul(c, share_key))
            t2 = group.sub(group.mul(z, alpha), group.mul(c, part))
        except BadBallot as err:
            raise BadShare(f"option {j} of trustee {i}: {err.what}") from None
        if c != hs("dleq", *bound.statement(j, i, share_key, part), t1, t2):
            raise BadShare(f"option {j} of trustee {i}: the proof does not hold")


def combine(
    group: Group, bound: Bound, k: int, rows_of: Mapping[int, Sequence[Row]], most: Sequence[int]
) -> tuple[int, ...]:
    """The counts per option, from k of these checked shares (those of the lowest i). most: the greatest count
    that each option can have. Raises TooFewShares; BadShare when they do not come to counts."""
    if len(rows_of) < k:
        raise TooFewShares(f"{len(rows_of)} shares, {k} are needed")
    chosen = sorted(rows_of)[:k]
    factors = {i: lagrange_at_0(chosen, i) for i in chosen}
    found, counts = [], _counts(group, max(most, default=0))
    for j, ciphertext in enumerate(bound.aggregate):
        left = ciphertext[POINT_BYTES:]
        for i in chosen:
            left = group.sub(left, group.mul(factors[i], rows_of[i][j][0]))
        if counts.get(left, most[j] + 1) > most[j]:
            raise BadShare("the shares do not come to a count: one of them is of another tally")
        found.append(counts[left])
    return tuple(found)


def lagrange_at_0(indices: Sequence[int], i: int) -> Scalar:
    """λ_i: with which the value at i weighs in the value at 0 of the polynomial through `indices`."""
    top, bottom = 1, 1
    for other in indices:
        if other != i:
            top = top * other % ORDER
            bottom = bottom * (other - i) % ORDER
    return top * pow(bottom, -1, ORDER) % ORDER


def _counts(group: Group, most: int) -> dict[Point, int]:
    """m·B -> m, for 0 ≤ m ≤ most."""
    found, step = {IDENTITY: 0}, IDENTITY
    for m in range(1, most + 1):
        step = group.add(step, BASE)
        found[step] = m
    return found
