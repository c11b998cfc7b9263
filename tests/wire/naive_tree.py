"""Audit paths as RFC 9162 §2.1.3.1 defines them, step by step: what the fast tree is held against."""

from collections.abc import Sequence

from wire.merkle import root_of


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
    middle = low + (1 << ((high - low - 1).bit_length() - 1))
    if index < middle:
        _descend(leaves, low, middle, index, path)
        path.append(root_of(leaves[middle:high]))
    else:
        _descend(leaves, middle, high, index, path)
        path.append(root_of(leaves[low:middle]))
