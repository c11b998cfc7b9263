"""What a gate must be told when references change: a base of all, then one growing delta. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from wire.down import REFERENCES_ROWS_MAX
from wire.ids import MemberRef

DELTA_ROWS_MIN: Final = 200
"""A delta of fewer rows is never worth a new base."""
BASE_SHARE: Final = 4
"""A delta of more than one row in so many of the base gives way to a new base."""

Row = tuple[MemberRef, int, bytes]
Held = Mapping[MemberRef, Mapping[int, bytes]]
"""What a base contains: member -> index -> SHA-256 of the sealed reference."""


def digest(sealed: bytes) -> bytes:
    return hashlib.sha256(sealed).digest()


def changes(held: Held, rows: Sequence[Row]) -> list[Row]:
    """The rows of a delta on this base, where these rows are all references of today: all of whoever has
    others now, one empty row for whoever has none any more."""
    now: dict[MemberRef, dict[int, bytes]] = {}
    for member, index, sealed in rows:
        now.setdefault(member, {})[index] = digest(sealed)
    changed = {member for member, theirs in now.items() if held.get(member) != theirs}
    gone = sorted(held.keys() - now.keys())
    return [row for row in rows if row[0] in changed] + taken_back(gone)


def taken_back(members: Iterable[MemberRef]) -> list[Row]:
    return [(member, 0, b"") for member in members]


def outgrown(changed: int, held: Held) -> bool:
    """Whether a delta of so many rows had better be a new base."""
    return changed >= DELTA_ROWS_MIN and changed * BASE_SHARE > sum(len(theirs) for theirs in held.values())


def pages_of(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """At least one page, which may be empty."""
    starts = range(0, max(1, len(rows)), REFERENCES_ROWS_MAX)
    return [tuple(rows[at : at + REFERENCES_ROWS_MAX]) for at in starts]


def blanked(rows: Sequence[Row], gone: Collection[MemberRef]) -> tuple[Row, ...]:
    """These rows without the references of members who are gone."""
    return tuple((member, index, b"" if member in gone else sealed) for member, index, sealed in rows)
