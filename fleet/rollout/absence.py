"""Time in which nobody watched over rollouts speaks against no release.

A server that was switched off together with its hall, or whose clock was set forward, would find every
deadline passed before one device could say a word, and take a good release back as `lost`. So while rollouts
are under way it is noted that somebody watches, and what was begun before a gap is moved across it: a device
has as long as it had left. When the clock is set right again, it is moved back out of the time to come.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fleet.db import Connection
from fleet.desk import store as desk
from fleet.desk.office import Office
from fleet.rollout import store
from fleet.rollout.observing import store as observing
from fleet.rollout.observing.store import Seen
from fleet.rollout.rules.follow import is_at_work
from fleet.rollout.rules.shape import Backend, Course, DeviceState
from fleet.rollout.store import Rollout, Row
from wire.ids import DeviceId, HallId

log: Final = logging.getLogger(__name__)
NOTED_EVERY_MS: Final = 10_000
GAP_MS: Final = 60_000
"""A store that is slow for less is no gap: deadlines are of a minute and more."""
_NOTED: Final = "rollouts_watched_ms"
"""In table settings: when somebody last watched over what was under way, Unix ms; absent: never."""
_BEGUN: Final = frozenset(
    {DeviceState.ORDERED, DeviceState.WORKING, DeviceState.COMMITTED, DeviceState.RETURNING}
)


def make_up(office: Office, now_ms: int) -> None:
    """Before anything is decided now: move what is under way across a gap, if there was one."""
    with office.look() as connection:
        if not _is_gap(connection, now_ms):
            return
    with office.keep() as connection:
        if not _is_gap(connection, now_ms):
            return  # another executor was before us
        gap_ms = now_ms - _noted_ms(connection)
        moved = _move(connection, office.desk.hall, gap_ms, now_ms)
        desk.set_setting(connection, _NOTED, str(now_ms))
    if moved and gap_ms > 0:
        log.warning(
            "Nobody watched over rollouts for %d s: %d devices under way are given that time again.",
            gap_ms // 1000,
            moved,
        )
    elif moved:
        log.warning(
            "The clock was set back by %d s: the times of %d devices under way with it.",
            -gap_ms // 1000,
            moved,
        )


def note(office: Office, now_ms: int) -> None:
    """Somebody has watched until now; while nothing is under way that is nothing to write down."""
    with office.look() as connection:
        if 0 <= now_ms - _noted_ms(connection) < NOTED_EVERY_MS or not store.is_under_way(connection, _BEGUN):
            return
    with office.keep() as connection:
        desk.set_setting(connection, _NOTED, str(now_ms))


def _is_gap(connection: Connection, now_ms: int) -> bool:
    """Also one back: the note then stands in the time to come, and so does what was begun."""
    noted_ms = _noted_ms(connection)
    return noted_ms > 0 and abs(now_ms - noted_ms) > GAP_MS and store.is_under_way(connection, _BEGUN)


def _noted_ms(connection: Connection) -> int:
    return int(desk.setting(connection, _NOTED) or 0)


def _move(connection: Connection, hall: HallId, gap_ms: int, now_ms: int) -> int:
    """How many devices of all rollouts under way were moved."""
    moved = 0
    seen = observing.seen(connection, hall)
    for rollout in store.active(connection):
        standing = rollout.standing
        began_ms = standing.began_ms and _across(standing.began_ms, gap_ms, now_ms)
        store.change(
            connection, replace(rollout, standing=replace(standing, began_ms=began_ms), changed_ms=now_ms)
        )
        courses = [
            _later(_as_heard(row, rollout, seen), gap_ms, now_ms) for row in _begun(connection, rollout)
        ]
        store.write_courses(connection, rollout.rollout, courses)
        moved += len(courses)
    return moved


def _begun(connection: Connection, rollout: Rollout) -> list[Row]:
    return [
        row
        for row in store.rows(connection, rollout.rollout)
        if row.course.state in _BEGUN and row.course.ordered_ms is not None
    ]


def _as_heard(row: Row, rollout: Rollout, seen: Mapping[DeviceId, Seen]) -> Course:
    """Ingest may have heard on in the gap: who said then that it is at work is so, since its word will be
    older than the order that is moved. Whatever else it said counts at any time."""
    course = row.course
    found = seen.get(course.planned.device)
    if course.state is not DeviceState.ORDERED or course.planned.backend is not Backend.NATIVE or not found:
        return course
    observation = observing.observed(found, rollout.component, row.before, None)
    return replace(course, state=DeviceState.WORKING) if is_at_work(course, observation) else course


def _later(course: Course, gap_ms: int, now_ms: int) -> Course:
    ordered_ms, ended_ms = course.ordered_ms, course.ended_ms
    if gap_ms < 0 and ordered_ms is not None and ordered_ms > now_ms:
        if course.state is DeviceState.ORDERED:  # its device would wait for the hour that its order names
            return replace(course, state=DeviceState.WAITING, ordered_ms=None)
        if course.state is DeviceState.RETURNING:
            return replace(course, ordered_ms=None)
    # of a device that goes back, `ended_ms` tells when it failed: that stays
    if course.state is DeviceState.COMMITTED and ended_ms is not None:
        ended_ms = _across(ended_ms, gap_ms, now_ms)
    if ordered_ms is not None:
        ordered_ms = _across(ordered_ms, gap_ms, now_ms)
    return replace(course, ordered_ms=ordered_ms, ended_ms=ended_ms)


def _across(moment_ms: int, gap_ms: int, now_ms: int) -> int:
    """Never into the time to come: what was written after the last note was seen by somebody. Back only from
    there: what is past may have been written after the clock was set right."""
    if gap_ms < 0 and moment_ms <= now_ms:
        return moment_ms
    return min(moment_ms + gap_ms, now_ms)
