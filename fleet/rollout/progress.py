"""How far a rollout is, in numbers for page and terminal. Pure but for what it is given."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from fleet.rollout.rules.causes import NEUTRAL, Cell, is_retriable
from fleet.rollout.rules.shape import Course, DeviceState, Plan
from fleet.rollout.rules.slots import left_ms
from fleet.rollout.rules.waves import EACH_MS

DONE: Final = frozenset({DeviceState.COMMITTED, DeviceState.SOAKED})
UNDER_WAY: Final = frozenset({DeviceState.ORDERED, DeviceState.WORKING, DeviceState.RETURNING})
_AGAINST: Final = frozenset({DeviceState.FAILED, DeviceState.RETURNING, DeviceState.RETURNED})
CURVE_POINTS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Tally:
    """done: have the new release now. failed: speak against it. retryable: see causes.py."""

    devices: int = 0
    done: int = 0
    under_way: int = 0
    failed: int = 0
    retryable: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the matrix: so many devices, wave by wave, are in this state for this cause."""

    state: DeviceState
    cause: str
    waves: tuple[int, ...]


def tally(cells: Iterable[Cell]) -> Tally:
    devices = done = under_way = failed = retryable = 0
    for cell in cells:
        if cell.state is DeviceState.NOT_ELIGIBLE:
            continue
        devices += cell.devices
        done += cell.devices * (cell.state in DONE)
        under_way += cell.devices * (cell.state in UNDER_WAY)
        failed += cell.devices * (cell.state in _AGAINST and bool(cell.cause) and cell.cause not in NEUTRAL)
        retryable += cell.devices * is_retriable(cell.state, cell.cause)
    return Tally(devices, done, under_way, failed, retryable)


def across(cells: Iterable[Cell], waves: int) -> list[Line]:
    """By state as far as they go, then by cause."""
    counted: dict[tuple[DeviceState, str], list[int]] = defaultdict(lambda: [0] * waves)
    for cell in cells:
        counted[cell.state, cell.cause][cell.wave] += cell.devices
    order = list(DeviceState)
    keys = sorted(counted, key=lambda key: (order.index(key[0]), key[1]))
    return [Line(state, cause, tuple(counted[state, cause])) for state, cause in keys]


def curve(courses: Sequence[Course]) -> list[tuple[int, int]]:
    """(ms since the first order, devices that were done by then); thinned, and with both ends."""
    begun = [course.ordered_ms for course in courses if course.ordered_ms is not None]
    ends = sorted(
        course.ended_ms for course in courses if course.state in DONE and course.ended_ms is not None
    )
    if not begun or not ends:
        return []
    first = min(begun)
    step = -(-len(ends) // CURVE_POINTS_MAX)
    picked = sorted({*range(step - 1, len(ends), step), len(ends) - 1})
    return [(0, 0), *((max(0, ends[at] - first), at + 1) for at in picked)]


def eta_ms(plan: Plan, courses: Sequence[Course], now_ms: int) -> int | None:
    """About when the last device is done, Unix ms; None: none is left."""
    open_ = [course for course in courses if course.state is DeviceState.WAITING]
    begun = [course for course in courses if course.state in UNDER_WAY]
    if not open_ and not begun:
        return None
    took = [
        course.ended_ms - course.ordered_ms
        for course in courses
        if course.state in DONE and course.ended_ms is not None and course.ordered_ms is not None
    ]
    each = int(median(took)) if took else EACH_MS
    soak = plan.gate.soak_s * 1000
    rest = left_ms(((course.planned, course.state) for course in open_), each, soak)
    return now_ms + rest + (each + soak if begun else 0)
