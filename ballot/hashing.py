"""The hashes of SPEC §1: every one names the suite and what it is for, then its parts, in the one encoding.

A part may be a bytearray: its bytes then go straight into the hash and into no other copy, so that whoever
owns it can wipe it. A part may be Encoded: what stands in many hashes is encoded once.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from ballot.group import ORDER, Scalar
from wire import cbor

SUITE: Final = "hallvote-eg-ristretto255-sha512-v1"
HASH_BYTES: Final = 32


class Encoded(bytes):
    """The encoding of a value, to stand in a hash as that value."""

    __slots__ = ()


Secret: TypeAlias = bytes | bytearray
Part: TypeAlias = "cbor.Value | bytearray | Encoded"


def h32(tag: str, *parts: Part) -> bytes:
    digest = hashlib.sha256()
    for piece in _pieces(tag, parts):
        digest.update(piece)
    return digest.digest()


def h64(tag: str, *parts: Part) -> bytes:
    digest = hashlib.sha512()
    for piece in _pieces(tag, parts):
        digest.update(piece)
    return digest.digest()


def hs(tag: str, *parts: Part) -> Scalar:
    return int.from_bytes(h64(tag, *parts), "little") % ORDER


def hash_of(data: bytes) -> bytes:
    """SHA-256 of bytes as they stand."""
    return hashlib.sha256(data).digest()


def keyed_scalar(key: Secret, *numbers: int) -> Scalar:
    """HMAC-SHA-512 of the numbers, modulo ORDER (SPEC §5.2)."""
    return int.from_bytes(hmac.digest(key, cbor.encode(numbers), "sha512"), "little") % ORDER


def wipe(*secrets: bytearray) -> None:
    """Overwrite with zeros. Python keeps copies of what went through integers and `bytes`: a process that
    holds secrets must stay out of swap and core dumps as well."""
    for secret in secrets:
        secret[:] = bytes(len(secret))


def _pieces(tag: str, parts: Sequence[Part]) -> Iterator[Secret]:
    """What E([SUITE, tag, …]) consists of, one behind the other."""
    yield _head(0x80, 2 + len(parts)) + cbor.encode(SUITE) + cbor.encode(tag)
    for part in parts:
        if isinstance(part, Encoded):
            yield part
        elif isinstance(part, bytearray):
            yield _head(0x40, len(part))
            yield part
        else:
            yield cbor.encode(part)


def _head(major: int, count: int) -> bytes:
    """Of an array (0x80) or a byte string (0x40) of fewer than 256."""
    return bytes((major | count,)) if count < 24 else bytes((major | 24, count))
