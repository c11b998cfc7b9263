"""Where everything of a contest stands in the hall log: what answers to its units are made of. Pure."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Of an entry: its own leaf, or that of its refusal. refusal: that record's envelope; empty: accepted."""

    leaf: int
    refusal: bytes


class Found(NamedTuple):
    """A leaf and its envelope."""

    leaf: int
    envelope: bytes


@dataclass(slots=True)
class Shelf:
    """One contest. closing: the record that holds CLOSE."""

    places: dict[bytes, Place] = field(default_factory=dict)
    """By the hash of the entry's envelope."""
    closing: Found | None = None
    _beacon_indexes: list[int] = field(default_factory=list)
    _beacons: list[bytes] = field(default_factory=list)

    def add_beacon(self, index: int, envelope: bytes) -> None:
        """In the order of the log."""
        self._beacon_indexes.append(index)
        self._beacons.append(envelope)

    def beacon_behind(self, index: int) -> Found | None:
        """The first beacon behind this leaf."""
        at = bisect_right(self._beacon_indexes, index)
        return Found(self._beacon_indexes[at], self._beacons[at]) if at < len(self._beacons) else None
