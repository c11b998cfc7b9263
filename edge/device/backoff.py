"""How long to wait before trying again: decorrelated jitter, so that a hall of devices does not return as one
wave."""

from typing import Final

RECONNECT_BASE_MS: Final = 1000
RECONNECT_CAP_MS: Final = 8000
"""With 5 s for the connection itself, 2,000 devices are back within 15 s of a broker's return (DESIGN
§12)."""


def decorrelated(previous_ms: int, base_ms: int, cap_ms: int, fraction: float) -> int:
    """The next wait: uniform between base and three times the previous one, at most the cap.

    fraction: uniform in [0, 1). Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    high = max(base_ms, 3 * previous_ms)
    return min(cap_ms, base_ms + int(fraction * (high - base_ms)))
