"""What time it is, as far as a device without a clock battery can know (DESIGN §11).

Until the hall server has spoken, the operating system is believed, but never below the floor: the latest time
that was ever proved by a signed notice. After that the server's time is carried on by the monotonic clock,
and the operating system may step as it likes. A notice proves only that it is *at least* that late, so a
delayed or replayed one can pull the clock back by no more than its own uncertainty, and never below the
floor.
"""

from dataclasses import dataclass, replace
from typing import Final

from edge.device.ports import Clock
from wire.fields import TIME_MS_MAX
from wire.records import Stamp

CLOCK_FLOOR: Final = "clock-floor"
"""Of the outbox's values: the floor of the last start."""
UNKNOWN_MS: Final = 400 * 86_400_000
"""Uncertainty before the first notice of this start: more than a year."""
NOTICE_MS: Final = 1000
"""Uncertainty of a notice that has just come: the way through the broker."""
DRIFT_PPM: Final = 200
"""Twice what a Raspberry Pi's crystal is off at the worst (its datasheet says 100 ppm over temperature and
age)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """floor_ms: proved lower bound of the time. anchor: (monotonic, wall) of the last notice believed."""

    floor_ms: int
    anchor: tuple[int, int] | None = None

    def wall_ms(self, monotonic_ms: int, system_wall_ms: int) -> int:
        if self.anchor is None:
            return min(max(self.floor_ms, system_wall_ms), TIME_MS_MAX)
        return max(self.floor_ms, self.anchor[1] + monotonic_ms - self.anchor[0])

    def uncertainty_ms(self, monotonic_ms: int) -> int:
        if self.anchor is None:
            return UNKNOWN_MS
        return NOTICE_MS + (monotonic_ms - self.anchor[0]) * DRIFT_PPM // 1_000_000


def learn(belief: Belief, monotonic_ms: int, notice_ms: int) -> Belief:
    """The belief after a genuine notice of that time. A notice that says less than is already proved changes
    nothing."""
    if notice_ms < belief.floor_ms:
        return belief
    if belief.anchor is not None:
        now_ms = belief.wall_ms(monotonic_ms, 0)
        if notice_ms < now_ms - belief.uncertainty_ms(monotonic_ms):
            return belief
    return replace(belief, floor_ms=notice_ms, anchor=(monotonic_ms, notice_ms))


class HallClock:
    """A belief over the operating system's clocks. boot: the number of this start, for the stamps."""

    def __init__(self, clock: Clock, floor_ms: int, boot: int) -> None:
        self._clock = clock
        self._belief = Belief(floor_ms)
        self._began_ms = clock.monotonic_ms()
        self._boot = boot

    @property
    def floor_ms(self) -> int:
        """To be persisted now and then, and given to the next start."""
        return self._belief.floor_ms

    @property
    def is_synchronised(self) -> bool:
        return self._belief.anchor is not None

    def monotonic_ms(self) -> int:
        """Since this start."""
        return self._clock.monotonic_ms() - self._began_ms

    def wall_ms(self) -> int:
        return self._belief.wall_ms(self.monotonic_ms(), self._clock.wall_ms())

    def proved_ms(self) -> int:
        """It is at least that late: the operating system is not asked. Before the first notice of this start
        that is the floor, and the time since the start."""
        since_ms = self.monotonic_ms()
        if self.is_synchronised:
            return self._belief.wall_ms(since_ms, 0)
        return min(self._belief.floor_ms + since_ms, TIME_MS_MAX)

    def stamp(self) -> Stamp:
        monotonic_ms = self.monotonic_ms()
        return Stamp(
            boot=self._boot,
            monotonic_ms=monotonic_ms,
            wall_ms=self._belief.wall_ms(monotonic_ms, self._clock.wall_ms()),
            clock_uncertainty_ms=self._belief.uncertainty_ms(monotonic_ms),
        )

    def learn(self, notice_ms: int) -> bool:
        """Take a verified notice of the hall server's time. False when it changed nothing."""
        before = self._belief
        self._belief = learn(before, self.monotonic_ms(), notice_ms)
        return self._belief is not before
