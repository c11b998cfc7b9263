"""Which device is in which wave, the same each time it is asked. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Final

from fleet.rollout.rules.errors import PlanRefused
from fleet.rollout.rules.saying import wave_word
from fleet.rollout.rules.shape import Device, Plan, Planned, Wave
from fleet.rollout.rules.slots import estimated
from wire.ids import DeviceId

EACH_MS: Final = 30_000
"""About what a fetch takes, when nobody knows better."""


def ordered(rollout: str, devices: Iterable[Device]) -> list[Device]:
    """Mixed by the name of the rollout: a percent is not of the same rows each time, and yet the same for
    whoever computes it again."""
    return sorted(
        devices, key=lambda one: (hashlib.sha256(f"{rollout}\0{one.device}".encode()).digest(), one.device)
    )


def assign(
    plan: Plan, rollout: str, devices: Iterable[Device], each_ms: int = EACH_MS
) -> tuple[tuple[Planned, ...], tuple[DeviceId, ...]]:
    """Eligible devices in their waves and slots, and those that no wave takes. each_ms: of one fetch. Raises
    PlanRefused for a wave that nobody is in."""
    pool = ordered(rollout, devices)
    total, percent, by_percent = len(pool), 0, 0
    planned: list[Planned] = []
    for number, wave in enumerate(plan.waves):
        percent += wave.percent or 0
        share = max(1, total * percent // 100 - by_percent)
        by_percent += share * (wave.percent is not None)
        taken = _taken(wave, pool, share)
        if not taken:
            raise PlanRefused(
                "nobody-in-wave", name=wave_word(wave.name), total=total, before=total - len(pool)
            )
        gone = {one.device for one in taken}
        pool = [one for one in pool if one.device not in gone]
        slots = estimated(plan, ((one.device, one.row) for one in taken), each_ms)
        planned += [Planned(one.device, number, slots[one.device], one.backend) for one in taken]
    return tuple(planned), tuple(one.device for one in pool)


def _taken(wave: Wave, pool: list[Device], share: int) -> list[Device]:
    """share: devices of a wave by percent. It is what all percents so far make, rounded down, less those that
    were due to them, and at least one: so there is somebody left for a last wave without percent."""
    here = [
        one
        for one in pool
        if (not wave.halls or one.hall in wave.halls) and (not wave.rows or one.row in wave.rows)
    ]
    if wave.percent is not None:
        return here[:share]
    if wave.per_row is None:
        return here
    of_row: Counter[str] = Counter()
    taken = []
    for one in here:
        if of_row[one.row] < wave.per_row:
            of_row[one.row] += 1
            taken.append(one)
    return taken
