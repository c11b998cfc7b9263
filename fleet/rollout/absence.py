"""Time in which nobody watched over rollouts speaks against no release.

A server that was switched off together with its hall, or whose clock was set forward, would find every
deadline passed before one device could say a word, and take a good release back as `lost`. So while rollouts
are under way it is noted that somebody watches, and what was begun before a gap is moved across it: a device
has as long as it had left.
"""

import logging
from dataclasses import replace
from typing import Final

from fleet.db import Connection
from fleet.desk import store as desk
from fleet.desk.office import Office
from fleet.rollout import store
from fleet.rollout.rules.shape import Course, DeviceState

log: Final = logging.getLogger(__name__)
NOTED_EVERY_MS: Final = 10_000
GAP_MS: Final = 60_000
"""A store that is slow for less is no gap: deadlines are of a minute and more."""
_NOTED: Final = "rollouts_watched_ms"
"""In table settings: when somebody watched last, Unix ms; absent: never."""
_BEGUN: Final = frozenset(
    {DeviceState.ORDERED, DeviceState.WORKING, DeviceState.COMMITTED, DeviceState.RETURNING}
)


def make_up(office: Office, now_ms: int) -> None:
    """Before anything is decided now: move what is under way across a gap, if there was one."""
    with office.look() as connection:
        if not _is_gap(connection, now_ms):
            return
    with office.keep() as connection:
        gap_ms = now_ms - _noted_ms(connection)
        moved = _move(connection, gap_ms, now_ms)
        desk.set_setting(connection, _NOTED, str(now_ms))
    if moved:
        log.warning(
            "Nobody watched over rollouts for %d s: %d devices under way are given that time again.",
            gap_ms // 1000,
            moved,
        )


def note(office: Office, now_ms: int) -> None:
    """Somebody has watched until now."""
    with office.look() as connection:
        if now_ms - _noted_ms(connection) < NOTED_EVERY_MS:
            return
    with office.keep() as connection:
        desk.set_setting(connection, _NOTED, str(now_ms))


def _is_gap(connection: Connection, now_ms: int) -> bool:
    noted_ms = _noted_ms(connection)
    return noted_ms > 0 and now_ms - noted_ms > GAP_MS


def _noted_ms(connection: Connection) -> int:
    return int(desk.setting(connection, _NOTED) or 0)


def _move(connection: Connection, gap_ms: int, now_ms: int) -> int:
    """How many devices of all rollouts under way were moved."""
    moved = 0
    for rollout in store.active(connection):
        standing = rollout.standing
        began_ms = standing.began_ms and min(standing.began_ms + gap_ms, now_ms)
        store.change(
            connection, replace(rollout, standing=replace(standing, began_ms=began_ms), changed_ms=now_ms)
        )
        courses = [
            _later(row.course, gap_ms, now_ms)
            for row in store.rows(connection, rollout.rollout)
            if row.course.state in _BEGUN and row.course.ordered_ms is not None
        ]
        store.write_courses(connection, rollout.rollout, courses)
        moved += len(courses)
    return moved


def _later(course: Course, gap_ms: int, now_ms: int) -> Course:
    """Never into the time to come: what was written after the last note was seen by somebody."""

    def moved(moment_ms: int | None) -> int | None:
        return None if moment_ms is None else min(moment_ms + gap_ms, now_ms)

    # of a device that goes back, `ended_ms` tells when it failed: that stays
    ended_ms = moved(course.ended_ms) if course.state is DeviceState.COMMITTED else course.ended_ms
    return replace(course, ordered_ms=moved(course.ordered_ms), ended_ms=ended_ms)
