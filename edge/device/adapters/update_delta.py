"""A patch in the form of bsdiff 4, from a target that is on this disk to the one that is wanted.

A patch comes from a server that holds no officer's key. It is bounded before each step, and what it makes is
believed for its hash alone; so whatever is wrong with one costs the saved bytes and no more.
"""

import bz2
import hashlib
import os
import struct
from pathlib import Path
from typing import Final

import bsdiff4.core

PATCH_PPM_MAX: Final = 600_000
"""Of the target's length. A bigger patch saves less than it costs (notes: finding 9)."""
TARGET_BYTES_MAX: Final = 32 * 1024 * 1024
"""Base, parts and result are in memory together: 128 MB then, of the 512 of the smallest device."""
_MAGIC: Final = b"BSDIFF40"
_HEADER: Final = struct.Struct("<8sQQQ")
_TRIPLE: Final = struct.Struct("<3Q")
_TRIPLES_MAX: Final = 200_000
_SIGN: Final = 1 << 63


class BadPatch(Exception):
    """Not a patch to a file of that length."""


def apply_patch(base: Path, sha256: bytes, patch: bytes, length: int, into: Path) -> bool:
    """Write what the patch makes of `base` as `into`, of `length` bytes, synced; its hash is the caller's to
    compare. False, and nothing is written: base is not the target `sha256`, or the patch is not one to that
    length. Raises OSError when the disk fails."""
    if base.stat().st_size > TARGET_BYTES_MAX:
        return False
    old = base.read_bytes()
    if hashlib.sha256(old).digest() != sha256:
        return False
    try:
        made = patched(old, patch, length)
    except BadPatch:
        return False
    with into.open("wb") as stream:
        stream.write(made)
        stream.flush()
        os.fsync(stream.fileno())
    return True


def patched(old: bytes, patch: bytes, length: int) -> bytes:
    """Raises BadPatch. No more than `length` bytes and the control block are unpacked, whatever the patch
    says of itself."""
    if len(patch) < _HEADER.size or not 0 < length <= TARGET_BYTES_MAX:
        raise BadPatch("too short")
    magic, control_size, diff_size, new_size = _HEADER.unpack_from(patch)
    if magic != _MAGIC or new_size != length:
        raise BadPatch("another length, or no patch")
    rest = len(patch) - _HEADER.size
    if control_size > rest or diff_size > rest - control_size:
        raise BadPatch("parts longer than the whole")
    at = _HEADER.size
    control = _unpacked(patch[at : at + control_size], _TRIPLES_MAX * _TRIPLE.size)
    at += control_size
    diff = _unpacked(patch[at : at + diff_size], length)
    extra = _unpacked(patch[at + diff_size :], length - len(diff))
    _check_control(control, len(diff), len(extra), length)
    try:
        made = bytes(bsdiff4.core.patch(old, length, control, diff, extra))
    except (ValueError, MemoryError) as err:
        raise BadPatch(str(err)) from err
    if len(made) != length:
        raise BadPatch("made another length")
    return made


def _unpacked(packed: bytes, most: int) -> bytes:
    """One bz2 stream, the whole of it."""
    unpacker = bz2.BZ2Decompressor()
    try:
        found = unpacker.decompress(packed, most + 1)
    except (OSError, ValueError) as err:
        raise BadPatch("a part is not bz2") from err
    if len(found) > most or not unpacker.eof or unpacker.unused_data:
        raise BadPatch("a part is cut, or longer than it may be")
    return found


def _check_control(control: bytes, diff: int, extra: int, length: int) -> None:
    """The parts are used up exactly; the base is read from anywhere near it, as the form allows."""
    if len(control) % _TRIPLE.size:
        raise BadPatch("the control block is cut")
    at = 0
    for add, copy, seek in _TRIPLE.iter_unpack(control):
        diff, extra = diff - add, extra - copy
        if add >= _SIGN or copy >= _SIGN or diff < 0 or extra < 0:
            raise BadPatch("the control block goes beyond its parts")
        at += add + (-(seek - _SIGN) if seek >= _SIGN else seek)
        if not -length <= at <= 2 * TARGET_BYTES_MAX:
            raise BadPatch("the control block goes far beyond the base")
    if diff or extra:
        raise BadPatch("parts are left over")
