"""Time and chance of a simulated hall: a heap of (time, order, action), and one seed."""

import heapq
import random
from collections import deque
from collections.abc import Callable

START_MS = 1_780_000_000_000
"""Wall time at which every simulated hall begins: a day in 2026."""
TRACE_MAX = 4000


class HallFault(AssertionError):
    """A promise of the hall was broken. The message ends with the command that shows it again."""


class World:
    """One thread, one clock, one source of chance. now_ms: since the beginning, never steps."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.now_ms = 0.0
        self.actions = 0
        self.trace: deque[str] = deque(maxlen=TRACE_MAX)
        self._order = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    @property
    def wall_ms(self) -> int:
        """The true time, which no clock of the hall need know."""
        return START_MS + int(self.now_ms)

    def after(self, delay_ms: float, action: Callable[[], None]) -> None:
        self._order += 1  # ties break by insertion, never by object identity
        heapq.heappush(self._heap, (self.now_ms + delay_ms, self._order, action))

    def run_until(self, until_ms: float) -> None:
        while self._heap and self._heap[0][0] <= until_ms:
            self.now_ms, _, action = heapq.heappop(self._heap)
            self.actions += 1
            action()
        self.now_ms = until_ms

    def say(self, words: str) -> None:
        """A line of the trace: what the world did, not every packet."""
        self.trace.append(f"{self.now_ms / 1000:9.3f} s  {words}")

    def fault(self, words: str) -> HallFault:
        self.say(f"BROKEN: {words}")
        return HallFault(
            f"{words}\n  at {self.now_ms / 1000:.3f} s of the hall of seed {self.seed}; "
            f"again with: make hall SEED={self.seed}"
        )

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)


class SteppableClock:
    """A machine's clocks: the wall may be stepped, the monotonic one begins anew with each power-up."""

    def __init__(self, world: World, began_ms: float = 0.0) -> None:
        self._world = world
        self._began_ms = began_ms
        self.step_ms = 0

    def restarted(self) -> "SteppableClock":
        """The same machine after a power cut: its battery-less wall clock keeps its step."""
        clock = SteppableClock(self._world, self._world.now_ms)
        clock.step_ms = self.step_ms
        return clock

    def monotonic_ms(self) -> int:
        return int(self._world.now_ms - self._began_ms)

    def wall_ms(self) -> int:
        return self._world.wall_ms + self.step_ms


class PowerCut(BaseException):
    """Not an Exception: no handler of ours may survive it, as none survives the real one."""


class Fuse:
    """Blows at the n-th durable step from now; 0: not armed."""

    def __init__(self) -> None:
        self.left = 0

    def burn(self, _what: object = None) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise PowerCut
