"""What the update listener does by itself: signs anew what would expire, makes patches, clears away."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fleet.db import Engine, reading
from fleet.updates import catalogue, deltas, online, store
from fleet.updates.shelf import Shelf
from wire.errors import HallError

log: Final = logging.getLogger(__name__)
TICK_S: Final = 5.0
REFRESH_MS: Final = 60_000
PRUNE_MS: Final = 3_600_000


class Keeper:
    """One per process. monotonic_ms and wall_ms: clocks, in milliseconds."""

    def __init__(
        self, data: Path, engine: Engine, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int],
        diff: deltas.Diff | None = None,
    ) -> None:  # fmt: skip
        self._shelf = Shelf(data)
        self._engine = engine
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self._diff = diff
        self._refreshed_ms = self._pruned_ms = -PRUNE_MS
        self._trouble = ""

    async def run(self) -> None:
        """Until cancelled. What fails is said once, and tried again."""
        while True:
            await asyncio.to_thread(self.tick)
            await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """One round, at most one patch of it."""
        try:
            self._round(self._monotonic_ms())
        except (HallError, OSError) as err:
            words = err.diagnostics() if isinstance(err, HallError) else f"{err.filename}: {err.strerror}"
            if words != self._trouble:
                log.error("%s", words)
            self._trouble = words
        else:
            if self._trouble:
                log.warning("The trouble is over: %s", self._trouble)
            self._trouble = ""

    def _round(self, now_ms: int) -> None:
        if now_ms - self._refreshed_ms >= REFRESH_MS:
            if online.refresh(self._shelf, self._wall_ms()):
                log.info("Snapshot and timestamp of the releases were signed anew.")
            self._refreshed_ms = now_ms
        with reading(self._engine) as connection:
            pairs = deltas.wanted(self._shelf.data, deltas.pairs(connection))
        if pairs:
            deltas.make(self._shelf, pairs[0], self._diff)
        if now_ms - self._pruned_ms >= PRUNE_MS:
            self.prune()
            self._pruned_ms = now_ms

    def prune(self) -> None:
        """Targets that nobody publishes, runs, or may be brought back to. Raises StoreError."""
        with self._shelf.turn():
            with reading(self._engine) as connection:
                keep = store.standing(connection)
            keep |= {target.sha256 for target in catalogue.targets(self._shelf.data)}
            for path in deltas.prune(self._shelf, keep):
                log.info("%s is no longer published, and no device stands on it: taken away.", path.name)
