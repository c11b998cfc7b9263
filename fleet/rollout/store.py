"""Rollouts in the database, and what else there says of devices, as the rules want to see it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, case, delete, func, insert, select, update

from fleet.db import Connection
from fleet.rollout.rules.causes import Cell
from fleet.rollout.rules.plan import parse_plan, plan_json
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import (
    Backend,
    Course,
    DeviceState,
    Plan,
    Planned,
    RolloutState,
    Standing,
    Target,
)
from fleet.tables import (
    ddi_actions,
    rollout_devices,
    rollouts,
)
from wire.ids import DeviceId
from wire.updates import About, parse_about

ACTIVE: Final = (RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.ABORTING)
"""Orders of theirs are in force."""
RESTORED: Final = Said(
    "paused: the store was restored from a backup; see what became of the devices, then resume or abort",
    "tạm dừng: dữ liệu được khôi phục từ bản sao lưu; hãy xem các máy ra sao, rồi cho chạy tiếp hoặc dừng",
)
_CHUNK: Final = 500
"""Values in one IN: databases limit them."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """words: where it stands. Times: Unix ms."""

    rollout: str
    target: Target
    standing: Standing
    plan: Plan
    words: Said
    account: str
    created_ms: int
    changed_ms: int

    @property
    def component(self) -> str:
        return self.target.about.component


@dataclass(frozen=True, slots=True)
class Row:
    """A device of a rollout: how far it is, and what it had when it was planned."""

    course: Course
    before: bytes | None


def add(connection: Connection, rollout: Rollout) -> None:
    connection.execute(insert(rollouts).values(**_values(rollout)))


def change(connection: Connection, rollout: Rollout) -> None:
    """Write this rollout as it is here."""
    connection.execute(
        update(rollouts).where(rollouts.c.rollout == rollout.rollout).values(**_values(rollout))
    )


def everything(connection: Connection) -> list[Rollout]:
    """The newest first."""
    query = select(rollouts).order_by(rollouts.c.created_ms.desc(), rollouts.c.rollout)
    return [_rollout(row) for row in connection.execute(query)]


def find(connection: Connection, name: str) -> Rollout | None:
    row = connection.execute(select(rollouts).where(rollouts.c.rollout == name)).first()
    return _rollout(row) if row else None


def active(connection: Connection) -> list[Rollout]:
    query = select(rollouts).where(rollouts.c.state.in_(ACTIVE)).order_by(rollouts.c.rollout)
    return [_rollout(row) for row in connection.execute(query)]


def is_under_way(connection: Connection, begun: Collection[DeviceState]) -> bool:
    """Whether a rollout is running, or an order has force of a device in one of these states."""
    c = rollout_devices.c
    running = select(rollouts.c.rollout).where(rollouts.c.state == str(RolloutState.RUNNING))
    ordered = (
        select(c.device)
        .join(rollouts, rollouts.c.rollout == c.rollout)
        .where(rollouts.c.state.in_(ACTIVE), c.state.in_(begun), c.ordered_ms.is_not(None))
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in (running, ordered))


def next_generation(connection: Connection, now_ms: int) -> int:
    """Above those of all rollouts, since a device compares them whichever rollout they are of; and not below
    the time, since a store that comes back from a backup has forgotten the last ones."""
    newest = connection.execute(select(func.max(rollouts.c.generation))).scalar_one() or 0
    return max(int(newest) + 1, now_ms)


def begin_again(connection: Connection, now_ms: int) -> int:
    """After the store came back from a backup: devices may have newer orders than stand in it, and what was
    stopped since must not run on. What was running is paused; whoever was under way is told anew, under a
    newer generation. How many rollouts that were."""
    found = active(connection)
    for rollout in found:
        running = rollout.standing.state is RolloutState.RUNNING
        standing = replace(
            rollout.standing,
            state=RolloutState.PAUSED if running else rollout.standing.state,
            generation=next_generation(connection, now_ms),
            why=RESTORED if running else rollout.standing.why,
        )
        change(connection, replace(rollout, standing=standing, changed_ms=now_ms))
        courses = [row.course for row in rows(connection, rollout.rollout)]
        write_courses(connection, rollout.rollout, [again for one in courses if (again := _untold(one))])
    return len(found)


def _untold(course: Course) -> Course | None:
    if course.state in (DeviceState.ORDERED, DeviceState.WORKING):
        return replace(course, state=DeviceState.WAITING, ordered_ms=None)
    if course.state is DeviceState.RETURNING:
        return replace(course, ordered_ms=None)
    return None


# -- devices of a rollout ----------------------------------------------------------------------------------


def put_rows(connection: Connection, rollout: str, rows: Iterable[Row]) -> None:
    """Let these be the devices of a rollout, and no others."""
    connection.execute(delete(rollout_devices).where(rollout_devices.c.rollout == rollout))
    found = [
        {"rollout": rollout, "before_sha256": row.before, "device": row.course.planned.device}
        | _progress(row.course)
        | {
            "wave": row.course.planned.wave,
            "slot_ms": row.course.planned.slot_ms,
            "backend": str(row.course.planned.backend),
        }
        for row in rows
    ]
    if found:
        connection.execute(insert(rollout_devices), found)


def rows(connection: Connection, rollout: str) -> list[Row]:
    """In the order of their waves and slots."""
    c = rollout_devices.c
    query = select(rollout_devices).where(c.rollout == rollout).order_by(c.wave, c.slot_ms, c.device)
    return [_row(row) for row in connection.execute(query).all()]


def cells(connection: Connection) -> dict[str, list[Cell]]:
    """The matrix of each rollout."""
    c = rollout_devices.c
    found: dict[str, list[Cell]] = defaultdict(list)
    query = select(c.rollout, c.wave, c.state, c.cause, func.count())
    for rollout, wave, state, cause, number in connection.execute(
        query.group_by(c.rollout, c.wave, c.state, c.cause)
    ):
        found[rollout].append(Cell(wave, DeviceState(state), cause, number))
    return found


def busy(connection: Connection, rollout: str) -> dict[str, str]:
    """Devices that another active rollout has: device -> that rollout."""
    c = rollout_devices.c
    query = (
        select(c.device, c.rollout)
        .join(rollouts, rollouts.c.rollout == c.rollout)
        .where(rollouts.c.state.in_(ACTIVE), c.rollout != rollout, c.state != str(DeviceState.NOT_ELIGIBLE))
    )
    return {row.device: row.rollout for row in connection.execute(query)}


def later(connection: Connection, rollout: Rollout) -> dict[str, str]:
    """Devices that have taken this component from a rollout after they were last ordered anything in this
    one: device -> that rollout. Each by its own order: one that is tried again makes no order of the others
    newer."""
    theirs, ours = rollout_devices.alias(), rollout_devices.alias()
    ordered = case((ours.c.generation > 0, ours.c.generation), else_=rollout.standing.generation)
    query = (
        select(theirs.c.device, theirs.c.rollout)
        .join(rollouts, rollouts.c.rollout == theirs.c.rollout)
        .join(ours, (ours.c.device == theirs.c.device) & (ours.c.rollout == rollout.rollout))
        .where(
            rollouts.c.component == rollout.component,
            theirs.c.rollout != rollout.rollout,
            theirs.c.generation > ordered,
            theirs.c.state.in_((str(DeviceState.COMMITTED), str(DeviceState.SOAKED))),
        )
    )
    return {row.device: row.rollout for row in connection.execute(query)}


def write_courses(connection: Connection, rollout: str, courses: Sequence[Course]) -> None:
    """How far these devices are now."""
    if not courses:
        return
    c = rollout_devices.c
    statement = update(rollout_devices).where(c.rollout == rollout, c.device == bindparam("of_device"))
    connection.execute(
        statement,
        [{"of_device": course.planned.device, **_progress(course)} for course in courses],
    )


# -- what a hawkBit client is to do ------------------------------------------------------------------------


def open_actions(
    connection: Connection, rollout: str, wanted: Sequence[tuple[DeviceId, int]], now_ms: int
) -> None:
    """One action per (device, generation), in place of any that is not closed yet."""
    if not wanted:
        return
    close_actions(connection, [device for device, _ in wanted], now_ms)
    connection.execute(
        insert(ddi_actions),
        [
            {
                "device": device,
                "rollout": rollout,
                "generation": generation,
                "state": "open",
                "feedback": "[]",
                "changed_ms": now_ms,
            }
            for device, generation in wanted
        ],
    )


def cancel_actions(connection: Connection, names: Sequence[DeviceId], now_ms: int) -> None:
    """The clients of these devices are asked to go no further."""
    _to(connection, names, "cancelling", ("open",), now_ms)


def close_actions(connection: Connection, names: Sequence[DeviceId], now_ms: int) -> None:
    _to(connection, names, "closed", ("open", "cancelling"), now_ms)


def _to(
    connection: Connection, names: Sequence[DeviceId], state: str, of: tuple[str, ...], now_ms: int
) -> None:
    c = ddi_actions.c
    for at in range(0, len(names), _CHUNK):
        which = (c.device.in_(names[at : at + _CHUNK]), c.state.in_(of))
        connection.execute(update(ddi_actions).where(*which).values(state=state, changed_ms=now_ms))


# -- rows and back ------------------------------------------------------------------------------------------


def _values(rollout: Rollout) -> dict[str, Any]:
    target, standing = rollout.target, rollout.standing
    return {
        "rollout": rollout.rollout,
        "component": rollout.component,
        "target": target.path,
        "sha256": target.sha256,
        "length": target.length,
        "about": json.dumps(target.about.custom(), sort_keys=True, ensure_ascii=False),
        "state": str(standing.state),
        "generation": standing.generation,
        "plan": json.dumps(plan_json(rollout.plan), ensure_ascii=False),
        "words": rollout.words.en,
        "words_vi": rollout.words.vi,
        "why": standing.why.en,
        "why_vi": standing.why.vi,
        "wave": standing.wave,
        "began_ms": standing.began_ms,
        "account": rollout.account,
        "created_ms": rollout.created_ms,
        "changed_ms": rollout.changed_ms,
    }


def _rollout(row: Any) -> Rollout:
    return Rollout(
        rollout=row.rollout,
        target=Target(row.target, row.length, row.sha256, _about(row.about)),
        standing=Standing(
            RolloutState(row.state),
            row.generation,
            row.wave,
            row.began_ms,
            why=Said(row.why, row.why_vi),
        ),
        plan=_plan(row.plan),
        words=Said(row.words, row.words_vi),
        account=row.account,
        created_ms=row.created_ms,
        changed_ms=row.changed_ms,
    )


def _progress(course: Course) -> dict[str, Any]:
    return {
        "state": str(course.state),
        "cause": course.cause,
        "detail": course.detail,
        "generation": course.generation,
        "readings": json.dumps(dict(course.readings), sort_keys=True),
        "ordered_ms": course.ordered_ms,
        "ended_ms": course.ended_ms,
    }


def _row(row: Any) -> Row:
    planned = Planned(DeviceId(row.device), row.wave, row.slot_ms, Backend(row.backend))
    course = Course(
        planned,
        DeviceState(row.state),
        row.generation,
        row.cause,
        row.detail,
        row.ordered_ms,
        row.ended_ms,
        _json(row.readings),
    )
    return Row(course, row.before_sha256)


@lru_cache(maxsize=64)
def _about(text: str) -> About:
    return parse_about(json.loads(text))


@lru_cache(maxsize=64)
def _plan(text: str) -> Plan:
    """As it was written: rows that the hall has renamed since stay those that they were."""
    data = json.loads(text)
    named = [row for wave in data["waves"] for row in wave["rows"]]
    behind = [row for rows in data["access_points"].values() for row in rows]
    return parse_plan(data, {*named, *behind}, {hall for wave in data["waves"] for hall in wave["halls"]})


@lru_cache(maxsize=16_384)
def _json(text: str) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(text)
    return found
