"""The hall log's tree: RFC 9162 §2.1 over SHA-256. An appendable frontier for the writer, proofs for the
reader.

Hashes are 32 bytes; a leaf's data is a record's envelope.
"""

import hashlib
from collections.abc import Iterable, Sequence
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


class Tree:
    """All levels in memory, for whoever answers with proofs: two hashes a leaf. Only perfect subtrees are
    kept; what is right of them is joined when asked."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash; its index. O(log n)."""
        index, node, level = self.size, leaf, 0
        self._levels[0].append(leaf)
        at = index
        while at & 1:
            node = node_hash(self._levels[level][at - 1], node)
            at, level = at >> 1, level + 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)
        return index

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves; of all without it."""
        size = self._at_most(self.size if size is None else size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Audit path of leaf `index` in the tree of the first `size` leaves (RFC 9162 §2.1.3.1). O(log²
        n)."""
        size = self._at_most(self.size if size is None else size)
        if not 0 <= index < size:
            raise IndexError(index)
        return self._path(index, index + 1, size)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the tree of `new` leaves grew from that of `old` (RFC 9162 §2.1.4.1); empty when old
        is 0 or new. O(log n)."""
        new = self._at_most(self.size if new is None else new)
        if not 0 <= old <= new:
            raise IndexError(old)
        if old in (0, new):
            return []
        # The largest perfect subtree at the old tree's right edge stands in the new one too: begin there.
        edge = old & -old
        path = self._path(old - edge, old, new)
        return path if edge == old else [self._range(old - edge, old), *path]

    def _path(self, low: int, high: int, size: int) -> list[bytes]:
        """The siblings from the perfect subtree low … high up to the root of the first `size` leaves."""
        path: list[bytes] = []
        left, right = 0, size
        while (left, right) != (low, high):
            middle = left + _split(right - left)
            if low < middle:
                path.append(self._range(middle, right))
                right = middle
            else:
                path.append(self._range(left, middle))
                left = middle
        path.reverse()
        return path

    def _range(self, low: int, high: int) -> bytes:
        """Hash of the leaves low … high-1, where low is a multiple of the perfect subtree that they begin
        with."""
        span = high - low
        if span & (span - 1) == 0:
            level = span.bit_length() - 1
            return self._levels[level][low >> level]
        middle = low + _split(span)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _at_most(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise IndexError(size)
        return size


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root of these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


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


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """RFC 9162 §2.1.4.2. Raises BadSchema when the path does not show that the tree of `new` leaves grew
    from that of `old`. From 0 everything grows, with an empty path."""
    if not 0 <= old <= new:
        raise BadSchema("a tree does not grow backwards")
    if old in {0, new}:
        if path or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise BadSchema("consistency path does not lead to the root")
        return
    steps = list(path)
    if old & (old - 1) == 0:  # the old tree is itself a perfect subtree of the new one
        steps.insert(0, old_root)
    if not steps:
        raise BadSchema("consistency path is too short")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if sn == 0:
            raise BadSchema("consistency path is too long")
        if fn & 1 or fn == sn:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found_new = node_hash(found_new, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or found_old != old_root or found_new != new_root:
        raise BadSchema("consistency path does not lead to the root")
