"""When to say what to the devices: new messages at once, those in force again and again, everything to a
device that is born.

Pure schedule over rows of table downlink; the envelopes stay in the database until they are due. Repeats
are spread over their interval, and births let the broadcasts be said again at most once a second, however
many devices come back.
"""

import heapq
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from fleet.ingest.store import Notice
from wire.down import AUDIENCE_ALL, PAGED, References, ReferencesDelta

REPEAT_MS: Final = 5000
REPEAT_GRID_MS: Final = 100
"""Repeats fall on multiples of this: 2,000 twins are 50 reads of the database per interval, not 2,000."""
REPEAT_REFERENCES_MS: Final = 300_000
"""A roster is megabytes and is said again at births; the repeat only heals what a broker swallowed."""
BROADCAST_GAP_MS: Final = 1000
_HELD: Final = re.compile(r"([0-9]{1,16})/([0-9]{1,16})")
_KNUTH: Final = 2_654_435_761


class Due(NamedTuple):
    """A message whose moment has come. fresh: nobody it is for has heard it on this connection."""

    id: int
    topic: str
    fresh: bool


@dataclass(slots=True)
class _Entry:
    notice: Notice
    due_ms: int
    fresh: bool = True
    said_ms: int | None = None


class Downlink:
    """now_ms is monotonic everywhere but in `expires_ms` of the rows, which is compared with wall_ms."""

    def __init__(self) -> None:
        self.last_id = 0
        self._entries: dict[int, _Entry] = {}
        self._of_audience: dict[str, set[int]] = {}
        self._waiting: dict[int, Notice] = {}
        self._heap: list[tuple[int, int]] = []
        self._said: dict[tuple[str, str, int], int] = {}
        """The generation in which each page was said last."""

    def __len__(self) -> int:
        return len(self._entries)

    def learn(self, notices: Iterable[Notice], desk_seq: int, now_ms: int) -> None:
        """New rows; and rows that waited for a desk record that is a leaf by now. A page that was signed
        again under the generation in which it was said before waits for its repeat."""
        for notice in notices:
            self.last_id = max(self.last_id, notice.id)
            self._waiting[notice.id] = notice
        for notice in [row for row in self._waiting.values() if row.after_desk_seq <= desk_seq]:
            del self._waiting[notice.id]
            entry = self._entries[notice.id] = _Entry(notice, now_ms)
            self._of_audience.setdefault(notice.audience, set()).add(notice.id)
            if self._said.get(_page(notice)) == notice.generation:
                self._again(entry, now_ms)
            else:
                heapq.heappush(self._heap, (now_ms, notice.id))

    def forget(self, row_id: int) -> None:
        """The row is gone: something newer has taken its place."""
        self._waiting.pop(row_id, None)
        entry = self._entries.pop(row_id, None)
        if entry is not None:
            self._of_audience[entry.notice.audience].discard(row_id)

    def keep_only(self, ids: Iterable[int]) -> None:
        """Forget every row that is not among these."""
        existing = set(ids)
        for row_id in [*self._entries, *self._waiting]:
            if row_id not in existing:
                self.forget(row_id)

    def born(self, device: str, now_ms: int, held: Mapping[str, int]) -> None:
        """Say everything in force again to this device, except pages of the generation that it holds (kind ->
        generation)."""
        for row_id in self._of_audience.get(device, ()):
            notice = self._entries[row_id].notice
            if held.get(notice.kind) != notice.generation:
                self._move(row_id, now_ms)
        self.broadcast_soon(now_ms)

    def broadcast_soon(self, now_ms: int) -> None:
        """Somebody may have missed the broadcasts."""
        for row_id in self._of_audience.get(AUDIENCE_ALL, ()):
            said_ms = self._entries[row_id].said_ms
            self._move(row_id, now_ms if said_ms is None else max(now_ms, said_ms + BROADCAST_GAP_MS))

    def due(self, now_ms: int, wall_ms: int, at_most: int) -> list[Due]:
        """What is to be said now, oldest first; each is due again one interval later."""
        found: list[Due] = []
        while self._heap and self._heap[0][0] <= now_ms and len(found) < at_most:
            due_ms, row_id = heapq.heappop(self._heap)
            entry = self._entries.get(row_id)
            if entry is None or entry.due_ms != due_ms:
                continue
            if entry.notice.expires_ms < wall_ms:
                self.forget(row_id)
                continue
            found.append(Due(row_id, entry.notice.topic, entry.fresh))
            if entry.notice.kind in PAGED:
                self._said[_page(entry.notice)] = entry.notice.generation
            self._again(entry, now_ms)
        return found

    def next_due_ms(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def _again(self, entry: _Entry, now_ms: int) -> None:
        interval = REPEAT_REFERENCES_MS if entry.notice.kind in PAGED else REPEAT_MS
        if entry.fresh:  # a scattered first repeat: what was said in one instant is not repeated in one
            interval = interval // 2 + (entry.notice.id * _KNUTH) % (interval // 2)
        due_ms = -(-(now_ms + interval) // REPEAT_GRID_MS) * REPEAT_GRID_MS
        entry.fresh, entry.said_ms, entry.due_ms = False, now_ms, due_ms
        heapq.heappush(self._heap, (entry.due_ms, entry.notice.id))

    def _move(self, row_id: int, due_ms: int) -> None:
        entry = self._entries[row_id]
        entry.fresh = True
        if due_ms < entry.due_ms:
            entry.due_ms = due_ms
            heapq.heappush(self._heap, (due_ms, row_id))


def held_references(reported: Mapping[str, str]) -> dict[str, int]:
    """What a gate says at its birth that it holds: `base generation/delta generation` under `references`."""
    said = _HELD.fullmatch(reported.get("references", ""))
    return {References.kind: int(said[1]), ReferencesDelta.kind: int(said[2])} if said else {}


def _page(notice: Notice) -> tuple[str, str, int]:
    return notice.audience, notice.kind, notice.page
