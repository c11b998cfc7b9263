"""Rows and columns of a key matrix -> which keys are closed, and which of them may be ghosts. Pure.

A matrix is read column by column: one column is pulled low, the others float, and a row that is low has a
closed contact there. Without a diode at every key the current also finds its way backwards: when three
corners of a rectangle are closed, the fourth reads as closed too, and which of the four is the ghost cannot
be known. So any key that stands in a rectangle of which three corners read as closed is *doubtful*, and
press.py refuses everything until all keys are up. With diodes there is nothing to doubt; several keys at
once are refused all the same.
"""

from collections.abc import Collection, Mapping, Sequence

from edge.ballot_keypad.keys.layout import AT
from edge.ballot_keypad.keys.press import Button, Sample

Crosspoint = tuple[int, int]
"""(row, column)"""


def crosspoints(sample: Sequence[Sequence[bool]]) -> frozenset[Crosspoint]:
    """sample[column][row]: whether that row was low while that column was pulled low."""
    return frozenset((r, c) for c, rows in enumerate(sample) for r, is_low in enumerate(rows) if is_low)


def doubtful(closed: Collection[Crosspoint]) -> frozenset[Crosspoint]:
    """Those that stand in a rectangle with two other closed corners, or three."""
    found: set[Crosspoint] = set()
    by_row: dict[int, set[int]] = {}
    for row, col in closed:
        by_row.setdefault(row, set()).add(col)
    for row, cols in by_row.items():
        for other, others in by_row.items():
            if other == row or not cols & others or len(cols) < 2:
                continue
            # this row has two corners, the other at least one below them
            found |= {(row, col) for col in cols} | {(other, col) for col in cols & others}
    return frozenset(found)


def read(
    sample: Sequence[Sequence[bool]],
    at_ms: int,
    *,
    has_diodes: bool,
    keys: Mapping[Crosspoint, Button] = AT,
) -> Sample:
    """What the keys say at this moment. A contact where no key stands is a fault of the wiring: it casts its
    doubt on the others, and is no key."""
    closed = crosspoints(sample)
    ghosts = frozenset() if has_diodes else doubtful(closed)
    return Sample(
        frozenset(keys[point] for point in closed if point in keys),
        at_ms,
        frozenset(keys[point] for point in ghosts if point in keys),
    )
