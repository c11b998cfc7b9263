"""Which parts of a device still report, and what its supervisor is told about that (ADR-0010).

Fresh means alive, not well: a part whose thread goes round and finds the world broken is fresh, a part that
hangs is not. What a hung part needs is another process; what a broken one needs is a person.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


@dataclass(slots=True)
class _Source:
    limit_ms: int
    beaten_ms: int


class Freshness:
    """Named sources, each with the longest silence that is still no fault. now_ms: monotonic.

    A source beats from its own thread; the loop asks. Neither waits for the other.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._sources: dict[str, _Source] = {}

    def expect(self, name: str, limit_ms: int) -> Callable[[], None]:
        """From now on this source must beat at least every limit_ms. Returns its `beat`.

        In the loop's thread, before the source's own thread starts; what is registered counts as just beaten.
        """
        source = _Source(limit_ms, self._now_ms())
        self._sources[name] = source

        def beat() -> None:
            source.beaten_ms = self._now_ms()

        return beat

    def beat(self, name: str) -> None:
        """I am alive. From any thread. Raises KeyError for a name that nobody expects."""
        self._sources[name].beaten_ms = self._now_ms()

    def alive(self, now_ms: int) -> tuple[str, ...]:
        """Names of the sources that are silent for too long, in the order of registration; empty: none."""
        return tuple(
            name for name, source in self._sources.items() if now_ms - source.beaten_ms > source.limit_ms
        )


class Lifeline:
    """What the supervisor is told, tick by tick: READY once, WATCHDOG while every source is fresh, STATUS
    when it changes. period_ms: between two WATCHDOG; None: nobody asked for any."""

    def __init__(self, freshness: Freshness, period_ms: int | None) -> None:
        self._freshness = freshness
        self._period_ms = period_ms
        self._ready = False
        self._due_ms = 0
        self._status = ""

    def step(self, now_ms: int, status: str) -> Iterator[str]:
        """Words for sd_notify(3), one message each. status: how the device is, while all of it lives."""
        if not self._ready:
            self._ready = True
            yield READY
        stale = self._freshness.alive(now_ms)
        said = f"hangs: {', '.join(stale)}" if stale else status
        if said != self._status:
            self._status = said
            yield f"STATUS={said}"
        if self._period_ms is not None and not stale and now_ms >= self._due_ms:
            self._due_ms = now_ms + self._period_ms
            yield ALIVE
