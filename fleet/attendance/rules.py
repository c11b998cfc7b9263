"""Who is in the hall, from the passages of its gates in the order of the log. Pure.

The order is that of the leaves: the clocks of two gates may disagree, the log does not (DESIGN §11).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from wire.ids import MemberRef
from wire.records import Passage


@dataclass(slots=True)
class Presence:
    """Presence as the passages say it one after the other: feed it passages, read it whenever."""

    present: set[MemberRef] = field(default_factory=set)
    ever: set[MemberRef] = field(default_factory=set)
    """Who attended at some time, whether they left or not."""
    entries_by_method: dict[str, int] = field(default_factory=dict)

    def add(self, passage: Passage) -> None:
        """`in` again without `out` is not a second attendance, and `out` without `in` is none at all."""
        if passage.direction == "out":
            self.present.discard(passage.member)
            return
        if passage.member in self.present:
            return
        self.present.add(passage.member)
        self.ever.add(passage.member)
        self.entries_by_method[passage.method] = self.entries_by_method.get(passage.method, 0) + 1


@dataclass(frozen=True, slots=True)
class Attendance:
    """Members by where they stand. guests: in the hall, but not on the roll of this sitting."""

    present: frozenset[MemberRef]
    left: frozenset[MemberRef]
    absent: frozenset[MemberRef]
    guests: frozenset[MemberRef]


def attendance(presence: Presence, summoned: AbstractSet[MemberRef]) -> Attendance:
    """Everybody summoned is exactly one of present, left, absent; only they count for a quorum."""
    present = frozenset(presence.present & summoned)
    left = frozenset((presence.ever & summoned) - presence.present)
    return Attendance(
        present=present,
        left=left,
        absent=frozenset(summoned - present - left),
        guests=frozenset(presence.present - summoned),
    )


def presence_of(passages: Iterable[Passage]) -> Presence:
    """Presence after all these passages, in the order of their leaves."""
    presence = Presence()
    for passage in passages:
        presence.add(passage)
    return presence
