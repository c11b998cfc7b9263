"""Rollouts as page and terminal read them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fleet.api.errors import NotFound
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.rollout import progress, store
from fleet.rollout.execute import View, view_of
from fleet.rollout.freezing import freeze_of
from fleet.rollout.observing import store as observing
from fleet.rollout.prepare import Prepared, in_no_wave
from fleet.rollout.refused import refused
from fleet.rollout.rules.causes import Cell, common_factor, matrix
from fleet.rollout.rules.eligible import Reason, waits, why_not
from fleet.rollout.rules.plan import plan_json
from fleet.rollout.rules.saying import Said, joined
from fleet.rollout.rules.shape import RolloutState, Target
from fleet.rollout.rules.slots import is_open, minute_of_day
from fleet.rollout.store import Rollout, Row
from wire.ids import DeviceId
from wire.updates import Held

NAMED_MAX: Final = 20
"""Devices of a group that are named."""
_HASH_CHARACTERS: Final = 8


def target(found: Target) -> dict[str, Any]:
    about = found.about
    return {
        "path": found.path,
        "component": about.component,
        "version": about.version,
        "counter": about.counter,
        "length": found.length,
        "sha256": found.sha256.hex(),
        "hardware": list(about.hardware),
        "embedder": None if about.embedder is None else about.embedder.hex(),
    }


def lines(connection: Connection) -> list[dict[str, Any]]:
    """Every rollout in a line, the newest first."""
    cells = store.cells(connection)
    return [_line(rollout, cells.get(rollout.rollout, ())) for rollout in store.everything(connection)]


def detail(connection: Connection, office: Office, name: str) -> dict[str, Any]:
    """All of a rollout but its devices one by one. Raises NotFound."""
    if store.find(connection, name) is None:
        raise refused(NotFound, "no-rollout", code=NotFound.code, rollout=name)
    now_ms = office.clock.wall_ms()
    view = view_of(office, connection, name, now_ms)
    rollout, courses = view.rollout, view.courses
    common = common_factor(courses, view.observations, rollout.plan)
    cells, standing, waves = matrix(courses), rollout.standing, rollout.plan.waves
    by_wave = [progress.tally(cell for cell in cells if cell.wave == at) for at in range(len(waves))]
    return {
        **_line(rollout, cells),
        "generation": standing.generation,
        "account": rollout.account,
        "wave": standing.wave,
        "waves": [
            {"name": wave.name, "devices": each.devices, "done": each.done, "failed": each.failed}
            for wave, each in zip(waves, by_wave, strict=True)
        ],
        "matrix": [
            {
                "state": str(line.state),
                "cause": line.cause,
                "waves": list(line.waves),
                "devices": sum(line.waves),
            }
            for line in progress.across(cells, len(waves))
        ],
        "common": common.en,
        "common_vi": common.vi,
        "curve": progress.curve(courses),
        "eta_ms": None if _waits(view, now_ms) else progress.eta_ms(rollout.plan, courses, now_ms),
        "not_eligible": _groups(view),
        "plan": plan_json(rollout.plan),
    }


def prepared(found: Prepared) -> dict[str, Any]:
    """What would change, and what would not."""
    about = found.target.about
    after = _release(Held(found.target.sha256, about.counter))
    return {
        "target": found.target.path,
        "component": about.component,
        "version": about.version,
        "waves": [wave.name for wave in found.plan.waves],
        "devices": [
            {
                "device": one.device,
                "role": device.role,
                "row": device.row,
                "seat": device.seat,
                "backend": str(one.backend),
                "before": _release(device.held.get(about.component)),
                "after": after,
                "wave": one.wave,
                "slot_ms": one.slot_ms,
            }
            for one in found.planned
            for device in [found.devices[one.device]]
        ],
        "not_eligible": [
            {"device": device, "row": found.devices[device].row, "code": why[0].code, **_sentence(_all(why))}
            for device, why in sorted(found.reasons.items())
        ],
        "enrol_again": found.enrol_again,
        "no_way_back": found.no_way_back,
        "plan": plan_json(found.plan),
    }


def course(row: Row) -> dict[str, Any]:
    one = row.course
    return {
        "device": one.planned.device,
        "wave": one.planned.wave,
        "slot_ms": one.planned.slot_ms,
        "backend": str(one.planned.backend),
        "state": str(one.state),
        "cause": one.cause,
        "detail": one.detail,
        "generation": one.generation,
        "before": None if row.before is None else row.before.hex(),
        "ordered_ms": one.ordered_ms,
        "ended_ms": one.ended_ms,
        "readings": dict(one.readings),
    }


def why(connection: Connection, office: Office, targets: Sequence[Target], name: str) -> dict[str, Any]:
    """One device, release by release. Raises NotFound."""
    seen = observing.seen(connection, office.desk.hall).get(DeviceId(name))
    if seen is None:
        raise NotFound(f"There is no device {name}.")
    now_ms = office.clock.wall_ms()
    return {
        "device": name,
        "backend": str(seen.device.backend),
        "status": seen.status,
        "waits": _reasons(waits(seen.device, now_ms, freeze_of(connection, now_ms))),
        "targets": [
            {
                "path": each.path,
                "version": each.about.version,
                "reasons": _reasons(why_not(seen.device, each)),
            }
            for each in targets
        ],
    }


def _line(rollout: Rollout, cells: Iterable[Cell]) -> dict[str, Any]:
    counted = progress.tally(cells)
    return {
        "rollout": rollout.rollout,
        "component": rollout.component,
        "target": rollout.target.path,
        "version": rollout.target.about.version,
        "state": str(rollout.standing.state),
        "words": rollout.words.en,
        "words_vi": rollout.words.vi,
        "devices": counted.devices,
        "done": counted.done,
        "under_way": counted.under_way,
        "failed": counted.failed,
        "retryable": counted.retryable,
        "created_ms": rollout.created_ms,
        "changed_ms": rollout.changed_ms,
    }


def _waits(view: View, now_ms: int) -> bool:
    """For something that nobody knows the end of: a person, a sitting, a window."""
    window = view.rollout.plan.window
    is_shut = window is not None and not is_open(window, minute_of_day(window, now_ms))
    return view.rollout.standing.state is not RolloutState.RUNNING or bool(view.freeze.sitting) or is_shut


def _groups(view: View) -> list[dict[str, Any]]:
    """Devices that are not in this rollout, by the first reason why not; the largest group first."""
    found: dict[str, list[tuple[DeviceId, Reason]]] = defaultdict(list)
    within = {one.planned.device for one in view.courses}
    for device, each in view.seen.items():
        if device not in within:
            first = next(iter(why_not(each.device, view.rollout.target)), None) or in_no_wave(device)
            found[first.code].append((device, first))
    return [
        {
            "code": code,
            **_sentence(group[0][1].said),
            "count": len(group),
            "devices": [device for device, _ in group[:NAMED_MAX]],
        }
        for code, group in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    ]


def _reasons(reasons: Iterable[Reason]) -> list[Mapping[str, str]]:
    return [{"code": reason.code, **_sentence(reason.said)} for reason in reasons]


def _sentence(said: Said) -> dict[str, str]:
    return {"sentence": said.en, "sentence_vi": said.vi}


def _all(reasons: Iterable[Reason]) -> Said:
    return joined((reason.said for reason in reasons), " ")


def _release(held: Held | None) -> str:
    """For people: the release counter and the beginning of the hash."""
    if held is None:
        return "?"
    return f"{held.counter or 'as made'} ({held.sha256.hex()[:_HASH_CHARACTERS]})"
