"""ristretto255 in plain integers, after RFC 9496 §4: slow, and without a line that libsodium could share."""

from typing import NamedTuple

from ballot.errors import BadBallot
from ballot.group import BASE, ORDER

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


class Element(NamedTuple):
    """Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z."""

    x: int
    y: int
    z: int
    t: int


ZERO = Element(0, 1, 1, 0)


def magnitude(number: int) -> int:
    return P - number % P if number % P % 2 else number % P


def inverse_root(of: int) -> tuple[bool, int]:
    """Whether 1/of is a square, and the even root of it, or of i/of (RFC 9496 §4.2 with u = 1)."""
    root = pow(of, 3, P) * pow(pow(of, 7, P), (P - 5) // 8, P) % P
    check = of * root * root % P
    if check in (P - 1, -ROOT_OF_MINUS_1 % P):
        root = root * ROOT_OF_MINUS_1 % P
    return check in (1, P - 1), magnitude(root)


INVERSE_ROOT_OF_A_MINUS_D = inverse_root((-1 - D) % P)[1]


def decode(data: bytes) -> Element:
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s % 2:
        raise BadBallot("not canonical")
    plus, minus = 1 + s * s, 1 - s * s
    v = (-D * minus * minus - plus * plus) % P
    square, root = inverse_root(v * plus * plus % P)
    x = magnitude(2 * s * root * plus)
    y = minus * root * root * plus * v % P
    t = x * y % P
    if not square or t % 2 or y == 0:
        raise BadBallot("not an element")
    return Element(x, y, 1, t)


def encode(element: Element) -> bytes:
    x, y, z, t = element
    product, u = x * y % P, (z + y) * (z - y) % P
    root = inverse_root(u * product * product % P)[1]
    one, other = root * u % P, root * product % P
    z_inverse = one * other * t % P
    if t * z_inverse % P % 2:
        x, y = y * ROOT_OF_MINUS_1 % P, x * ROOT_OF_MINUS_1 % P
        factor = one * INVERSE_ROOT_OF_A_MINUS_D % P
    else:
        factor = other
    if x * z_inverse % P % 2:
        y = -y % P
    return magnitude(factor * (z - y)).to_bytes(32, "little")


def plus(one: Element, other: Element) -> Element:
    """Complete for a = -1: also doubles (Hisil, Wong, Carter, Dawson 2008, §3.1)."""
    a = (one.y - one.x) * (other.y - other.x)
    b = (one.y + one.x) * (other.y + other.x)
    c = 2 * D * one.t * other.t
    d = 2 * one.z * other.z
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return Element(e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar: int, element: Element) -> Element:
    total = ZERO
    for digit in f"{scalar % ORDER:b}":
        total = plus(total, total)
        if digit == "1":
            total = plus(total, element)
    return total


class PlainRistretto:
    """A Group."""

    def base(self, scalar: int, /) -> bytes:
        return encode(times(scalar, decode(BASE)))

    def mul(self, scalar: int, point: bytes, /) -> bytes:
        return encode(times(scalar, decode(point)))

    def add(self, one: bytes, other: bytes, /) -> bytes:
        return encode(plus(decode(one), decode(other)))

    def sub(self, one: bytes, other: bytes, /) -> bytes:
        x, y, z, t = decode(other)
        return encode(plus(decode(one), Element(-x % P, y, z, -t % P)))

    def is_point(self, data: bytes, /) -> bool:
        try:
            decode(data)
        except BadBallot:
            return False
        return True
