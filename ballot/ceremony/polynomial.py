"""Secret polynomials over the scalars of the group, and what the others can check of them (SPEC §3.1)."""

from collections.abc import Callable, Sequence

from ballot.group import IDENTITY, ORDER, Group, Point, Scalar, is_usable, scalar_bytes, scalar_of
from ballot.hashing import h64, hs
from wire.errors import RecordRejected

Random = Callable[[int], bytes]
"""That many bytes nobody can guess."""


def draw(random: Random, k: int) -> tuple[Scalar, ...]:
    """k coefficients, none of them 0: degree k - 1, so that k shares are needed and k - 1 tell nothing."""
    return tuple(_scalar(random) for _ in range(k))


def points_of(group: Group, coefficients: Sequence[Scalar]) -> tuple[Point, ...]:
    return tuple(group.base(coefficient) for coefficient in coefficients)


def evaluate(coefficients: Sequence[Scalar], j: int) -> Scalar:
    """The share of trustee j. At 0 stands the secret itself, so nobody is ever given that."""
    if j < 1:
        raise ValueError("a share is taken at a trustee's number, from 1")
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * j + coefficient) % ORDER
    return value


def point_at(group: Group, points: Sequence[Point], j: int) -> Point:
    """The point that evaluate(…, j) must give, from the public points alone."""
    total = IDENTITY
    for power, point in enumerate(points):
        total = group.add(total, group.mul(pow(j, power, ORDER), point))
    return total


def prove(
    group: Group, ceremony_id: bytes, i: int, coefficients: Sequence[Scalar], random: Random
) -> tuple[bytes, ...]:
    """For each coefficient, that trustee i knows it: else a rogue point could cancel those of the others."""
    proofs = []
    for j, coefficient in enumerate(coefficients):
        point = group.base(coefficient)
        secret = scalar_bytes(coefficient)
        nonce = h64("poknonce", secret, random(32), ceremony_id, i, j, point)
        u = int.from_bytes(nonce, "little") % ORDER
        c = hs("pok", ceremony_id, i, j, point, group.base(u))
        proofs.append(scalar_bytes(c) + scalar_bytes((u + c * coefficient) % ORDER))
    return tuple(proofs)


def proof_holds(group: Group, ceremony_id: bytes, i: int, j: int, point: Point, proof: bytes) -> bool:
    """Total: any bytes get an answer."""
    if len(proof) != 64 or not is_usable(group, point):
        return False
    try:
        c, z = scalar_of(proof[:32]), scalar_of(proof[32:])
    except RecordRejected:
        return False
    commitment = group.sub(group.base(z), group.mul(c, point))
    return c == hs("pok", ceremony_id, i, j, point, commitment)


def bad_coefficient(
    group: Group, ceremony_id: bytes, i: int, points: Sequence[Point], proofs: Sequence[bytes]
) -> int | None:
    """Number of the first coefficient whose point or proof is no good, None when all hold."""
    for j, (point, proof) in enumerate(zip(points, proofs, strict=True)):
        if not proof_holds(group, ceremony_id, i, j, point, proof):
            return j
    return None


def _scalar(random: Random) -> Scalar:
    while True:
        # 64 bytes, so that the remainder is uniform but for 2^-250
        value = int.from_bytes(random(64), "little") % ORDER
        if value != 0:
            return value
