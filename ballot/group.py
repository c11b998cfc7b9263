"""The group that ballots live in: ristretto255 (RFC 9496) as a port, and the encoding of scalars (SPEC §1).

The arithmetic itself is libsodium's, in `ballot.adapters.libsodium`; everything else takes a Group as an
argument, so that a counting or a pure one can stand in its place.
"""

from typing import Final, Protocol, TypeAlias

from ballot.errors import BadBallot

Scalar: TypeAlias = int
"""Any integer: the group reduces it modulo ORDER."""
Point: TypeAlias = bytes
"""32 bytes, the canonical encoding."""

POINT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
IDENTITY: Final[Point] = bytes(POINT_BYTES)
BASE: Final[Point] = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")


class Group(Protocol):
    """Total over scalars. Every point that is not canonical raises BadBallot, whatever the scalar."""

    def base(self, scalar: Scalar, /) -> Point:
        """scalar·B"""
        ...

    def mul(self, scalar: Scalar, point: Point, /) -> Point: ...

    def add(self, one: Point, other: Point, /) -> Point: ...

    def sub(self, one: Point, other: Point, /) -> Point: ...

    def is_point(self, data: bytes, /) -> bool:
        """Whether these bytes are the canonical encoding of an element; that of the identity is one."""
        ...


def is_usable(group: Group, point: Point) -> bool:
    """Whether this can be a key, a commitment or an α: an element other than the identity."""
    return group.is_point(point) and point != IDENTITY


def scalar_bytes(scalar: Scalar) -> bytes:
    """32 bytes, little-endian, of the scalar modulo ORDER."""
    return (scalar % ORDER).to_bytes(SCALAR_BYTES, "little")


def scalar_of(data: bytes) -> Scalar:
    """The scalar in 32 bytes. Raises BadBallot for another length, or for one that is not below ORDER."""
    if len(data) != SCALAR_BYTES:
        raise BadBallot(f"a scalar has {SCALAR_BYTES} bytes, not {len(data)}")
    scalar = int.from_bytes(data, "little")
    if scalar >= ORDER:
        raise BadBallot("a scalar is not below the order of the group")
    return scalar
