"""When a device may begin: behind which access point it is, how many may fetch there, in which minutes of the
day (ADR-0023). Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from fleet.rollout.rules.shape import Course, DeviceState, Observation, Plan, Planned, Window
from wire.ids import DeviceId

DAY_MIN: Final = 1440
_MIN_MS: Final = 60_000
EVERYBODY_ELSE: Final = ""
"""The access point of rows that no access point names."""
OFF_THE_AIR: Final = (
    "applying: compares hashes",
    "applying: unpacks",
    "applying: tests itself",
    "applying: runs beside",
    "applying: restarts",
    "applying: is on trial",
    "applying: commits",
    "applying: goes back",
)
"""How a device begins its line once it has fetched (edge/device/updating/saying.py). Any other line counts as
fetching: a word that is not known costs time, never air."""


def access_point_of(plan: Plan, row: str) -> str:
    """Name of the access point that this row is behind."""
    return _by_row(tuple((name, tuple(rows)) for name, rows in sorted(plan.access_points.items()))).get(
        row, EVERYBODY_ELSE
    )


@lru_cache(maxsize=64)
def _by_row(access_points: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    return {row: name for name, rows in access_points for row in rows}


# -- windows -----------------------------------------------------------------------------------------------


def minute_of_day(window: Window, now_ms: int) -> int:
    """Of the hall's local day, 0 to 1439."""
    return (now_ms // _MIN_MS + window.utc_offset_min) % DAY_MIN


def is_open(window: Window | None, local_min: int) -> bool:
    """The last minute is that before `ends_min`. A window that begins after it ends goes over midnight."""
    if window is None:
        return True
    return (local_min - window.begins_min) % DAY_MIN < lasts_min(window)


def lasts_min(window: Window) -> int:
    """Minutes, 0 when it begins as it ends."""
    return (window.ends_min - window.begins_min) % DAY_MIN


def ends_ms(window: Window, now_ms: int, local_min: int) -> int:
    """When the window that is open now ends, Unix ms."""
    return (now_ms // _MIN_MS + (window.ends_min - local_min) % DAY_MIN) * _MIN_MS


def clock_text(minute: int) -> str:
    """For people: 1320 is 22:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


# -- estimated slots: order, dry run, time left ------------------------------------------------------------


def estimated(plan: Plan, devices: Iterable[tuple[DeviceId, str]], each_ms: int) -> dict[DeviceId, int]:
    """Start of each device (with its row), ms after the beginning of the wave, when a fetch takes each_ms.
    What is really kept is `Air`: a slot gives the order, and tells people how long it will take."""
    behind: dict[str, int] = defaultdict(int)
    slots = {}
    step_ms = max(plan.spacing_ms, math.ceil(each_ms / plan.per_access_point))
    for device, row in devices:
        place = access_point_of(plan, row)
        slots[device] = behind[place] * step_ms
        behind[place] += 1
    return slots


def left_ms(planned: Iterable[tuple[Planned, DeviceState]], each_ms: int, soak_ms: int) -> int:
    """About how long the rest takes: of each wave that has devices waiting, its last slot and the soak."""
    last: dict[int, int] = {}
    first: dict[int, int] = {}
    for one, state in planned:
        if state is DeviceState.WAITING:
            last[one.wave] = max(last.get(one.wave, 0), one.slot_ms)
            first[one.wave] = min(first.get(one.wave, one.slot_ms), one.slot_ms)
    return sum(last[wave] - first[wave] + each_ms + soak_ms for wave in last)


# -- what is on the air now --------------------------------------------------------------------------------


def is_on_the_air(course: Course, observation: Observation) -> bool:
    """Whether it may be fetching. A device that goes back is counted too: it restarts and reconnects."""
    if course.state is DeviceState.WAITING:
        return is_interrupted(course, observation)
    if course.ordered_ms is None:
        return False
    if course.state is DeviceState.WORKING:
        return not observation.status.startswith(OFF_THE_AIR)
    return course.state in (DeviceState.ORDERED, DeviceState.RETURNING)


def is_interrupted(course: Course, observation: Observation) -> bool:
    """A freeze, a pause or the end of a window came between, and it has not let go: it fetches on as soon as
    it may, so that its place is kept."""
    return (
        course.state is DeviceState.WAITING
        and course.generation > 0
        and not observation.status.startswith(("ok", "rejected", *OFF_THE_AIR))
    )


class Air:
    """Who is fetching behind which access point, and when the last one there began."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._busy: dict[str, int] = defaultdict(int)
        self._last_ms: dict[str, int] = {}

    def saw(self, course: Course, observation: Observation) -> None:
        """Count a device as it stands."""
        if not course.generation:
            return
        place = access_point_of(self._plan, observation.facts.get("row", ""))
        if course.ordered_ms is not None and course.ordered_ms > self._last_ms.get(place, -1):
            self._last_ms[place] = course.ordered_ms
        if is_on_the_air(course, observation):
            self._busy[place] += 1

    def begins(self, row: str, now_ms: int) -> bool:
        """Take a slot for a device of this row; False: it has to wait."""
        place = access_point_of(self._plan, row)
        if self._busy[place] >= self._plan.per_access_point:
            return False
        if now_ms - self._last_ms.get(place, now_ms - self._plan.spacing_ms) < self._plan.spacing_ms:
            return False
        self._busy[place] += 1
        self._last_ms[place] = now_ms
        return True
