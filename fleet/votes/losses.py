"""When so many seated units vanish at once that a question is held until somebody has looked. Pure.

A unit is lost when it was heard of while the question was open, and is not any more. One that comes back
counts as back only after it has been heard of for BACK_MS: a network that flaps is no network. Lost units are
forgotten WINDOW_MS after their loss: those that go out one by one over an hour are for a technician, not a
reason to stop the hall. Whatever is missing when the question opens, or goes on after a hold, is no loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from wire.ids import DeviceId

WINDOW_MS: Final = 30_000
BACK_MS: Final = 5_000
LOST_UNITS_MIN: Final = 2
"""One unit is a swap, however small the hall."""


@dataclass(frozen=True, slots=True)
class Losses:
    """ready: units heard of at the last look, and since when; None before the first. lost: when."""

    ready: Mapping[DeviceId, int] | None = None
    lost: Mapping[DeviceId, int] = field(default_factory=lambda: MappingProxyType({}))


def look(before: Losses, ready: Mapping[DeviceId, bool], now_ms: int) -> Losses:
    """After one more look at the seated units. Looks come in the order of their times."""
    known = before.ready
    since = {
        unit: now_ms if known is None else known.get(unit, now_ms) for unit, well in ready.items() if well
    }
    lost = {
        unit: at_ms for unit, at_ms in before.lost.items() if now_ms - at_ms < WINDOW_MS and unit in ready
    }
    if known is not None:
        lost |= {unit: now_ms for unit in known if unit in ready and unit not in since and unit not in lost}
    back = {unit for unit in lost if unit in since and now_ms - since[unit] >= BACK_MS}
    kept = {unit: at_ms for unit, at_ms in lost.items() if unit not in back}
    return Losses(MappingProxyType(since), MappingProxyType(kept))


def too_many(losses: Losses, seated_n: int, percent: int) -> bool:
    """Whether more than this share of the seated units is lost. percent 0: never."""
    lost_n = len(losses.lost)
    return percent > 0 and lost_n >= LOST_UNITS_MIN and lost_n * 100 > seated_n * percent
