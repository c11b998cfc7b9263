"""Time for the fleet's processes, injected everywhere so that tests can step it."""

import logging
import time
from typing import Final, Protocol

log: Final = logging.getLogger(__name__)
BEHIND_MS: Final = 60_000
"""How far this machine's clock may lie behind before somebody is told to set it."""


class Clock(Protocol):
    def wall_ms(self) -> int:
        """Milliseconds since 1970 UTC; may step."""

    def monotonic_ms(self) -> int:
        """Milliseconds since some moment; never steps."""


class SystemClock:
    """The clocks of this machine."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class HallTime:
    """The hall's time: this machine's, but never earlier than what the hall was told before.

    Were it to follow a clock that is set back, every device would take the desk's messages for expired and
    older than those it has. Steps forward are followed; after one back the monotonic clock carries on, and
    it is said once. said_ms: the latest moment that stands in the store, so that a restart changes nothing.
    """

    def __init__(self, clock: Clock, said_ms: int) -> None:
        self._clock = clock
        self._line = (clock.monotonic_ms(), said_ms)
        self._warned = False

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms()

    def wall_ms(self) -> int:
        monotonic_ms, machine_ms = self._clock.monotonic_ms(), self._clock.wall_ms()
        began_ms, said_ms = self._line
        carried_ms = said_ms + monotonic_ms - began_ms
        if machine_ms >= carried_ms:
            self._line, self._warned = (monotonic_ms, machine_ms), False
            return machine_ms
        if carried_ms - machine_ms > BEHIND_MS and not self._warned:
            self._warned = True
            log.warning(
                "This machine's clock is %d s behind what the hall was told before: "
                "the hall goes on with its own time; set the clock.",
                (carried_ms - machine_ms) // 1000,
            )
        return carried_ms
