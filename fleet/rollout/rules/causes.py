"""What came of it, counted; and what the failures have in common, in words. Pure.

The common factor is looked for among single facts and pairs of facts of the devices that have ended. One
counts when failures carry it far more often than they would if they were drawn blindly: the one-sided
hypergeometric tail (Fisher's exact test), times the number of facts and pairs that were tried (Bonferroni),
is at most 5 %.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from fleet.rollout.rules.saying import NOTHING, Said, facts
from fleet.rollout.rules.shape import Course, DeviceState, Observation, Plan
from fleet.rollout.rules.slots import EVERYBODY_ELSE, access_point_of
from wire.ids import DeviceId

LATE: Final = "late"
"""Heard of since its order, and not done by its deadline."""
SILENT: Final = "silent"
"""Ordered, or waited for, and not heard of since: says nothing of the release."""
LOST: Final = "lost"
"""Had begun, and was never heard of again."""
WITHDRAWN: Final = "withdrawn"
"""Under way when the rollout was stopped: says nothing of the release."""
UNSEEN: Final = "unseen"
"""Too few people walked by to compare the candidate on: says nothing of the release."""
NO_WAY_BACK: Final = "no-way-back"
"""Took it well, and cannot be brought back: an OS image is replaced by a newer one alone, and nothing below
the minimum of a release runs again."""
NEUTRAL: Final = frozenset({SILENT, WITHDRAWN, UNSEEN, NO_WAY_BACK})
UNTESTED: Final = frozenset({SILENT, UNSEEN})
"""Nothing was found out about the release: a rollout that is resumed asks these once more."""
RETRIABLE: Final = frozenset(
    {SILENT, LATE, LOST, WITHDRAWN, UNSEEN, "slow", "disk-full", "no-clock", "no-launcher", "expired"}
)
"""Failed for something that somebody can cure without a new release: worth the same order again."""
ODDS_MAX: Final = 0.05
SUPPORT_MIN: Final = 2
"""So many failures must share it."""
SHARE_MIN: Final = 0.5
"""So large a part of the failures must share it, to be called common."""


def has_failed(course: Course) -> bool:
    """It speaks against the release."""
    return (
        course.cause not in NEUTRAL
        and course.cause != ""
        and course.state in (DeviceState.FAILED, DeviceState.RETURNING, DeviceState.RETURNED)
    )


def went_well(course: Course) -> bool:
    """It speaks for the release: watched to the end, or committed when the rollout was stopped."""
    return course.cause == "" and course.state in (
        DeviceState.SOAKED,
        DeviceState.RETURNING,
        DeviceState.RETURNED,
    )


def is_retriable(state: DeviceState, cause: str) -> bool:
    """It is over for this device, and may be tried once more."""
    if state is DeviceState.RETURNED:
        return cause == UNSEEN
    return state is DeviceState.FAILED and cause in RETRIABLE


@dataclass(frozen=True, slots=True)
class Cell:
    """So many devices of a wave are in this state for this cause."""

    wave: int
    state: DeviceState
    cause: str
    devices: int


def matrix(courses: Iterable[Course]) -> list[Cell]:
    """Every device once; by wave, then as far as they are, then by cause."""
    counted = Counter((one.planned.wave, one.state, one.cause) for one in courses)
    states = list(DeviceState)
    return [
        Cell(wave, state, cause, counted[wave, state, cause])
        for wave, state, cause in sorted(counted, key=lambda key: (key[0], states.index(key[1]), key[2]))
    ]


@dataclass(frozen=True, slots=True)
class Factor:
    """facts: (name, value), one or two. failed, well: devices that have it. odds: chance that failures would
    carry it so often if it had nothing to do with them, corrected for how many were tried, at most 1."""

    facts: tuple[tuple[str, str], ...]
    failed: int
    well: int
    odds: float


def common_factor(
    courses: Sequence[Course], observations: Mapping[DeviceId, Observation], plan: Plan
) -> Said:
    """A sentence for people, empty when nobody has failed."""
    failed = [facts_of(one, observations, plan) for one in courses if has_failed(one)]
    well = [
        facts_of(one, observations, plan)
        for one in courses
        if went_well(one) or one.state is DeviceState.COMMITTED
    ]
    if not failed:
        return NOTHING
    en, vi = f"{len(failed)} failed, {len(well)} went well", f"{len(failed)} hỏng, {len(well)} chạy tốt"
    if len(failed) < SUPPORT_MIN:
        return Said(
            f"{en}: too few to tell what failures have in common.",
            f"{vi}: còn quá ít để biết các máy hỏng có điểm gì chung.",
        )
    if not well:
        shared = facts(sorted(set.intersection(*(set(each.items()) for each in failed))))
        return Said(
            f"{en}: all that ended have failed" + (f" ({shared.en})." if shared else "."),
            f"{vi}: mọi máy đã chạy xong đều hỏng" + (f" ({shared.vi})." if shared else "."),
        )
    found = find_factor(failed, well)
    if found is None:
        return Said(
            f"{en}: no fact that the fleet knows sets the failures apart.",
            f"{vi}: không có đặc điểm nào mà máy chủ biết tách riêng các máy hỏng.",
        )
    words = facts(found.facts)
    return Said(
        f"{found.failed} of {len(failed)} failures, and {found.well} of {len(well)} that went well: "
        f"{words.en}.",
        f"{found.failed} trên {len(failed)} máy hỏng, và {found.well} trên {len(well)} máy chạy tốt: "
        f"{words.vi}.",
    )


def facts_of(course: Course, observations: Mapping[DeviceId, Observation], plan: Plan) -> Mapping[str, str]:
    """With what the plan knows: an access point is no property of the device, and yet it may be the cause."""
    seen = observations.get(course.planned.device)
    known = dict(seen.facts) if seen else {}
    place = access_point_of(plan, known.get("row", ""))
    if place != EVERYBODY_ELSE:
        known["access-point"] = place
    return {name: value for name, value in known.items() if value}


def find_factor(failed: Sequence[Mapping[str, str]], well: Sequence[Mapping[str, str]]) -> Factor | None:
    """The fact or pair that sets the failures apart best; None: none does. Of equals the simpler one."""
    names = sorted({name for each in failed for name in each})
    keys = [(name,) for name in names] + list(combinations(names, 2))
    found, tried = [], 0
    for key in keys:
        in_failed, in_well = Counter(_values(failed, key)), Counter(_values(well, key))
        tried += len(in_failed.keys() | in_well.keys())
        found += [
            (values, key, count, in_well[values])
            for values, count in in_failed.items()
            if count >= SUPPORT_MIN and count >= SHARE_MIN * len(failed)
        ]
    best: tuple[float, int, tuple[tuple[str, str], ...], int, int] | None = None
    for values, key, count, of_well in found:
        log_odds = log_tail(count, len(failed), of_well, len(well))
        pairs = tuple(zip(key, values, strict=True))
        # rounded, so that equals are equal and the simpler one comes first
        rank = (round(log_odds, 6), len(key), pairs, count, of_well)
        best = rank if best is None or rank < best else best
    if best is None:
        return None
    odds = min(1.0, math.exp(best[0]) * max(1, tried))
    return Factor(best[2], best[3], best[4], odds) if odds <= ODDS_MAX else None


def _values(devices: Iterable[Mapping[str, str]], key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for known in devices:
        if all(name in known for name in key):
            yield tuple(known[name] for name in key)


def log_tail(with_failed: int, failed: int, with_well: int, well: int) -> float:
    """Natural logarithm of the chance that `with_failed` or more of the failures carry a fact that
    with_failed + with_well of all devices carry, if failures were drawn blindly (hypergeometric)."""
    carriers, total = with_failed + with_well, failed + well
    whole = _log_comb(total, failed)
    terms = [
        _log_comb(carriers, k) + _log_comb(total - carriers, failed - k) - whole
        for k in range(with_failed, min(carriers, failed) + 1)
        if failed - k <= total - carriers
    ]
    most = max(terms)
    return min(0.0, most + math.log(sum(math.exp(term - most) for term in terms)))


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
