"""ristretto255 by libsodium (Debian's libsodium23), through ctypes. Thread-safe; every call releases the GIL.

Three habits of version 1.0.18 are put right here, before the call. It reads a point with bit 255 set as if
the bit were not there, so that one element has two encodings. A product answers with the same -1 whether the
factor is no point or the product is the identity; the order is prime, so only a factor of zero makes it so. A
point that is too short is read beyond its end. That the identity is a point stays: who must not meet it says
so.
"""

import ctypes
from typing import Any, Final

from ballot.errors import BadBallot, LibsodiumMissing
from ballot.group import IDENTITY, ORDER, POINT_BYTES, Point, Scalar, scalar_bytes

LIBRARY: Final = "libsodium.so.23"
_NO_POINT: Final = "32 bytes that are no point of the group"


class Libsodium:
    """The Group that units, fleet, trustees and audits use."""

    def __init__(self, library: str = LIBRARY) -> None:
        """Raises LibsodiumMissing when this machine has none, or one without ristretto255."""
        try:
            sodium = ctypes.CDLL(library)
            ready = sodium.sodium_init()
            self._base = _function(sodium, "crypto_scalarmult_ristretto255_base", 2)
            self._mul = _function(sodium, "crypto_scalarmult_ristretto255", 3)
            self._add = _function(sodium, "crypto_core_ristretto255_add", 3)
            self._sub = _function(sodium, "crypto_core_ristretto255_sub", 3)
            self._is_point = _function(sodium, "crypto_core_ristretto255_is_valid_point", 1)
        except (OSError, AttributeError) as err:
            raise LibsodiumMissing(
                f"{library} with ristretto255 is not on this machine; install it: apt install libsodium23"
            ) from err
        if ready < 0:
            raise LibsodiumMissing(f"{library} does not start on this machine (no source of randomness)")

    def base(self, scalar: Scalar, /) -> Point:
        if scalar % ORDER == 0:
            return IDENTITY
        product = ctypes.create_string_buffer(POINT_BYTES)
        if self._base(product, scalar_bytes(scalar)) != 0:
            raise BadBallot("libsodium refuses a scalar")
        return product.raw

    def mul(self, scalar: Scalar, point: Point, /) -> Point:
        if scalar % ORDER == 0 or point == IDENTITY:
            if not self.is_point(point):
                raise BadBallot(_NO_POINT)
            return IDENTITY
        product = ctypes.create_string_buffer(POINT_BYTES)
        if not _has_form(point) or self._mul(product, scalar_bytes(scalar), point) != 0:
            raise BadBallot(_NO_POINT)
        return product.raw

    def add(self, one: Point, other: Point, /) -> Point:
        return self._combined(self._add, one, other)

    def sub(self, one: Point, other: Point, /) -> Point:
        return self._combined(self._sub, one, other)

    def is_point(self, data: bytes, /) -> bool:
        return _has_form(data) and self._is_point(data) == 1

    def _combined(self, function: Any, one: Point, other: Point) -> Point:
        combined = ctypes.create_string_buffer(POINT_BYTES)
        if not (_has_form(one) and _has_form(other)) or function(combined, one, other) != 0:
            raise BadBallot(_NO_POINT)
        return combined.raw


def _has_form(data: bytes) -> bool:
    """32 bytes, of which libsodium reads every bit."""
    return len(data) == POINT_BYTES and data[-1] < 0x80


def _function(sodium: ctypes.CDLL, name: str, pointers: int) -> Any:
    function = getattr(sodium, name)
    function.restype = ctypes.c_int
    function.argtypes = [ctypes.c_char_p] * pointers
    return function
