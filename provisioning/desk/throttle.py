"""How often one address may do something. In memory: a restart forgives. Pure but for the caller's clock."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

ADDRESSES_MAX: Final = 4096


@dataclass(slots=True)
class Throttle:
    """At most `times` within `window_s` per address; seconds of a monotonic clock."""

    times: int
    window_s: float
    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def wait_s(self, address: str, now_s: float) -> float:
        """How long this address has to wait; 0 when it may go on."""
        recent = self._recent(address, now_s)
        return recent[0] + self.window_s - now_s if len(recent) >= self.times else 0.0

    def note(self, address: str, now_s: float) -> None:
        if address not in self._seen and len(self._seen) >= ADDRESSES_MAX:
            # Full of addresses: forget the one that was longest silent rather than grow without end.
            del self._seen[min(self._seen, key=lambda known: self._seen[known][-1])]
        self._recent(address, now_s)
        self._seen.setdefault(address, deque()).append(now_s)

    def _recent(self, address: str, now_s: float) -> deque[float]:
        seen = self._seen.get(address)
        if seen is None:
            return deque()
        while seen and now_s - seen[0] >= self.window_s:
            seen.popleft()
        if not seen:
            del self._seen[address]
        return seen
