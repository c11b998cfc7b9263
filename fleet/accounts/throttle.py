"""How often one address may fail to sign in. In memory: a restart forgives."""

import threading
from dataclasses import dataclass, field
from typing import Final

FAILURES_MAX: Final = 10
WINDOW_MS: Final = 60_000
ADDRESSES_MAX: Final = 10_000


@dataclass(slots=True)
class Throttle:
    """Failures per address within a sliding minute. Time is the caller's monotonic clock.

    turn: held while a password is checked. Guesses sent all at once would otherwise all be under way before
    the first one counts; and every check takes 64 MB.
    """

    turn: threading.Lock = field(default_factory=threading.Lock)
    _failures: dict[str, list[int]] = field(default_factory=dict)

    def wait_ms(self, address: str, now_ms: int) -> int:
        """How long this address has to wait; 0 when it may try."""
        recent = self._recent(address, now_ms)
        return recent[-FAILURES_MAX] + WINDOW_MS - now_ms if len(recent) >= FAILURES_MAX else 0

    def failed(self, address: str, now_ms: int) -> None:
        if address not in self._failures and len(self._failures) >= ADDRESSES_MAX:
            # Full of addresses: forget the one that failed longest ago rather than grow without end.
            oldest = min(self._failures, key=lambda known: self._failures[known][-1])
            del self._failures[oldest]
        self._failures[address] = [*self._recent(address, now_ms), now_ms][-FAILURES_MAX:]

    def _recent(self, address: str, now_ms: int) -> list[int]:
        return [at for at in self._failures.get(address, ()) if now_ms - at < WINDOW_MS]
