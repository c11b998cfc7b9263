"""The hall log's tree: RFC 9162 §2.1 over SHA-256. An appendable frontier for the writer, proofs for the
reader.

Hashes are 32 bytes; a leaf's data is a record's envelope.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from wire.errors import BadSchema

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The roots of the perfect subtrees left to right: all that appending needs (at most 53 hashes)."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash; its index."""
        index, merged = self.size, leaf
        while index & 1:
            merged = node_hash(self.peaks.pop(), merged)
            index >>= 1
        self.peaks.append(merged)
        self.size += 1
        return self.size - 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        right = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            right = node_hash(left, right)
        return right

    def copy(self) -> "Frontier":
        return Frontier(self.size, list(self.peaks))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root of these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of leaf `index` in the tree of these leaf hashes (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[bytes] = []
    _descend(leaves, 0, len(leaves), index, path)
    return path


def _descend(leaves: Sequence[bytes], low: int, high: int, index: int, path: list[bytes]) -> None:
    if high - low <= 1:
        return
    middle = low + _split(high - low)
    if index < middle:
        _descend(leaves, low, middle, index, path)
        path.append(root_of(leaves[middle:high]))
    else:
        _descend(leaves, middle, high, index, path)
        path.append(root_of(leaves[low:middle]))


def _split(size: int) -> int:
    """Largest power of two smaller than size."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2. Raises BadSchema when the path does not lead from this leaf to this root."""
    if not 0 <= index < size:
        raise BadSchema("leaf index beyond the tree")
    fn, sn, found = index, size - 1, leaf
    for step in path:
        if sn == 0:
            raise BadSchema("inclusion path is too long")
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or found != root:
        raise BadSchema("inclusion path does not lead to the root")
