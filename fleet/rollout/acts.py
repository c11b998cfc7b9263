"""What people do with rollouts: each an act with its audit line, and its orders in the same transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Act, Office
from fleet.rollout import store
from fleet.rollout.execute import View, carry_out, view_of
from fleet.rollout.observing import store as observing
from fleet.rollout.prepare import Prepared, prepare, target_of
from fleet.rollout.refused import of_rules, refused
from fleet.rollout.rules import verbs
from fleet.rollout.rules.errors import NotInThisState
from fleet.rollout.rules.refusals import state_word
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import Backend, Decision, DeviceState, RolloutState, Standing, Target
from fleet.rollout.store import Rollout, Row
from wire.ids import DeviceId

Verb = Callable[[View, int], Decision]
"""(what it is decided on, now) -> what is to be done. Raises NotInThisState."""
_NEXT: Final[Mapping[DeviceState, frozenset[DeviceState]]] = {
    DeviceState.ORDERED: frozenset({DeviceState.WORKING, DeviceState.COMMITTED, DeviceState.FAILED}),
    DeviceState.WORKING: frozenset({DeviceState.WORKING, DeviceState.COMMITTED, DeviceState.FAILED}),
    DeviceState.COMMITTED: frozenset({DeviceState.COMMITTED, DeviceState.FAILED}),
    DeviceState.RETURNING: frozenset({DeviceState.RETURNED, DeviceState.FAILED}),
}
"""What a follower may report of a device in which state."""
_HAS_IT: Final = (DeviceState.COMMITTED, DeviceState.SOAKED)
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What a follower has seen. generation: of the order that it followed."""

    state: DeviceState
    generation: int
    cause: str
    detail: str


def create(
    office: Office,
    account: str,
    name: str,
    targets: Sequence[Target],
    path: str,
    plan: Mapping[str, Any] | None,
    *,
    dry_run: bool,
) -> Prepared:
    """Plan a rollout; nothing begins. Raises NotFound, BadInput, Conflict."""
    target = target_of(targets, path)
    with office.look() as connection:
        _check_free(connection, name)
        prepared = prepare(connection, office.desk.hall, name, target, plan)
    if dry_run:
        return prepared
    with office.act(account, "rollout.created", name) as act:
        _check_free(act.connection, name)
        prepared = prepare(act.connection, office.desk.hall, name, target, plan)
        store.add(
            act.connection,
            Rollout(
                rollout=name,
                target=target,
                standing=Standing(RolloutState.DRAFT),
                plan=prepared.plan,
                words=Said(
                    f"planned for {len(prepared.planned)} devices; nothing has begun",
                    f"đã lập kế hoạch cho {len(prepared.planned)} máy; chưa có gì bắt đầu",
                ),
                account=account,
                created_ms=act.now_ms,
                changed_ms=act.now_ms,
            ),
        )
        store.put_rows(act.connection, name, prepared.rows())
        act.note(target=path, devices=len(prepared.planned))
    return prepared


def start(office: Office, account: str, name: str, targets: Sequence[Target]) -> None:
    """Let it begin, planned again on what is true now. Raises NotFound, BadInput, Conflict."""
    with office.act(account, "rollout.started", name) as act:
        view = _view(act, office, name)
        decision = _decided(lambda: verbs.start(view.standing))
        target = _still_there(targets, view.rollout)
        prepared = prepare(act.connection, office.desk.hall, name, target, view.rollout.plan)
        _check_alone(act.connection, view.rollout, [one.device for one in prepared.planned])
        store.put_rows(act.connection, name, prepared.rows())
        carry_out(act, view.rollout, decision)
        act.note(target=target.path, devices=len(prepared.planned))


def pause(office: Office, account: str, name: str) -> None:
    """No new order; whoever is under way holds where it stands. Raises NotFound, Conflict."""
    _do(
        office,
        account,
        "rollout.paused",
        name,
        lambda view, now: verbs.pause(view.standing, view.courses, now),
    )


def resume(office: Office, account: str, name: str, targets: Sequence[Target]) -> None:
    """Raises NotFound, Conflict."""

    def verb(view: View, now_ms: int) -> Decision:
        _still_there(targets, view.rollout)
        return verbs.resume(view.standing, view.courses, now_ms)

    _do(office, account, "rollout.resumed", name, verb)


def abort(office: Office, account: str, name: str) -> None:
    """Stop it, and bring everybody back who took it; of a draft: let nothing come of it. Raises NotFound,
    Conflict."""

    def verb(view: View, _now_ms: int) -> Decision:
        if view.standing.state is RolloutState.DRAFT:
            dropped = Said(f"dropped by {account} before it began", f"{account} đã bỏ trước khi bắt đầu")
            return Decision(replace(view.standing, state=RolloutState.ABORTED), dropped)
        why = Said(f"stopped by {account}", f"{account} đã dừng")
        return verbs.abort(view.standing, view.rollout.target, view.courses, view.observations, why)

    _do(office, account, "rollout.aborted", name, verb)


def roll_back(office: Office, account: str, name: str) -> None:
    """Bring everybody back who took it, when it is over too. Raises NotFound, Conflict."""

    def verb(view: View, _now_ms: int) -> Decision:
        why = Said(f"rolled back by {account}", f"{account} cho quay lại bản cũ")
        return verbs.roll_back(view.standing, view.rollout.target, view.courses, view.observations, why)

    _do(office, account, "rollout.rolled-back", name, verb, begins=True)


def retry(
    office: Office,
    account: str,
    name: str,
    targets: Sequence[Target],
    devices: Collection[DeviceId] | None = None,
) -> None:
    """Once more on those that failed for something that can be cured without a new release. devices: of these
    alone. Raises NotFound, Conflict."""

    def verb(view: View, now_ms: int) -> Decision:
        _still_there(targets, view.rollout)
        return verbs.retry(view.standing, view.courses, now_ms, devices)

    _do(office, account, "rollout.retried", name, verb, begins=True)


def follow(office: Office, account: str, name: str, device: str, report: Report) -> Row:
    """What a follower says of a device that does not report by itself. Raises NotFound, Conflict."""
    with office.act(account, "rollout.followed", name) as act:
        row = next((r for r in store.rows(act.connection, name) if r.course.planned.device == device), None)
        rollout = store.find(act.connection, name)
        if row is None or rollout is None:
            raise NotFound(f"There is no device {device} in a rollout {name}.")
        course = row.course
        if course.planned.backend is Backend.NATIVE:
            raise Conflict(f"{device} reports by itself; nobody reports for it.", code="not-followed")
        if report.generation != course.generation:
            raise Conflict(
                f"{device} has the order {course.generation}, not {report.generation}: read it again.",
                code="other-generation",
            )
        if report.state not in _NEXT.get(course.state, frozenset()):
            raise Conflict(
                f"{device} is {course.state}: it cannot be {report.state} now.", code="wrong-state"
            )
        over = report.state is not DeviceState.WORKING
        cause = report.cause or (course.cause if report.state is DeviceState.RETURNED else "")
        if report.state is DeviceState.FAILED and not cause:
            raise BadInput("cause: say in a word why it failed.")
        changed = replace(
            course,
            state=report.state,
            cause=cause,
            detail=report.detail or course.detail,
            ended_ms=act.now_ms if over and course.state is not report.state else course.ended_ms,
        )
        store.write_courses(act.connection, name, [changed])
        store.change(act.connection, replace(rollout, changed_ms=act.now_ms))
        act.note(device=device, state=str(report.state), cause=cause)
        return replace(row, course=changed)


def set_backend(office: Office, account: str, device: str, backend: Backend) -> None:
    """Who updates this device from now on. Raises NotFound; Conflict while a rollout has it."""
    with office.act(account, "device.backend", device) as act:
        if observing.backend_of(act.connection, device) is None:
            raise NotFound(f"There is no device {device}.")
        if busy := store.busy(act.connection, "").get(device):
            raise Conflict(f"{device} is in the rollout {busy}: wait until it is over.", code="busy")
        observing.set_backend(act.connection, device, backend)
        act.note(backend=str(backend))


# -- shared ------------------------------------------------------------------------------------------------


def _do(office: Office, account: str, action: str, name: str, verb: Verb, *, begins: bool = False) -> None:
    """begins: of a rollout that may be over, so that another one may have its devices now."""
    with office.act(account, action, name) as act:
        view = _view(act, office, name)
        decision = _decided(lambda: verb(view, act.now_ms))
        if begins:
            devices = [one.planned.device for one in decision.courses]
            _check_alone(act.connection, view.rollout, devices)
            if decision.standing.state is RolloutState.ABORTING:
                devices += [one.planned.device for one in view.courses if one.state in _HAS_IT]
            _check_newest(act.connection, view.rollout, devices)
        carry_out(act, view.rollout, decision)


def _view(act: Act, office: Office, name: str) -> View:
    if store.find(act.connection, name) is None:
        raise refused(NotFound, "no-rollout", code=NotFound.code, rollout=name)
    return view_of(office, act.connection, name, act.now_ms)


def _decided(decide: Callable[[], Decision]) -> Decision:
    try:
        return decide()
    except NotInThisState as err:
        raise of_rules(Conflict, err) from None


def _check_free(connection: Connection, name: str) -> None:
    if store.find(connection, name) is not None:
        raise refused(Conflict, "rollout-exists", rollout=name)


def _still_there(targets: Sequence[Target], rollout: Rollout) -> Target:
    target = rollout.target
    if not any((one.path, one.sha256) == (target.path, target.sha256) for one in targets):
        raise refused(Conflict, "target-gone", code="no-target", path=target.path)
    return target


def _check_alone(connection: Connection, rollout: Rollout, devices: Sequence[DeviceId]) -> None:
    """A device has one order at a time, and what a wave says of a release must be due to it alone."""
    for other in store.active(connection):
        if other.rollout != rollout.rollout and other.component == rollout.component:
            raise refused(
                Conflict,
                "other-rollout",
                other=other.rollout,
                state=state_word(other.standing.state),
                component=other.component,
            )
    busy = store.busy(connection, rollout.rollout)
    taken = sorted(device for device in devices if device in busy)
    if taken:
        names = ", ".join(sorted({busy[device] for device in taken}))
        raise refused(Conflict, "busy", count=len(taken), rollouts=names, devices=_few(taken))


def _check_newest(connection: Connection, rollout: Rollout, devices: Sequence[DeviceId]) -> None:
    """What was before a rollout is no longer there once another one has come over it."""
    later = store.later(connection, rollout)
    over = sorted(device for device in set(devices) if device in later)
    if over:
        names = ", ".join(sorted({later[device] for device in over}))
        raise refused(Conflict, "not-newest", count=len(over), rollouts=names, devices=_few(over))


def _few(devices: Sequence[DeviceId]) -> str:
    return ", ".join(devices[:_NAMED]) + (" …" if len(devices) > _NAMED else "")
