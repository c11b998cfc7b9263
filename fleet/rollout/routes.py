"""Rollouts over HTTP: what `hallward fleet rollout` and the page of updates call."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints

from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Body, Name, View
from fleet.rollout import acts, store, views
from fleet.rollout.looks import Looks
from fleet.rollout.observing import store as observing
from fleet.rollout.prepare import Prepared
from fleet.rollout.refused import of_release, refused
from fleet.rollout.rules.shape import Backend, DeviceState, Target
from fleet.updates.errors import ReleaseRefused
from wire.ids import DeviceId
from wire.updates import CAUSE_BYTES_MAX

router = APIRouter(tags=["rollouts"])

TargetPath = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z]+/[a-z0-9][a-z0-9._-]*$")]
Cause = Annotated[str, StringConstraints(max_length=CAUSE_BYTES_MAX, pattern=r"^[a-z0-9-]*$")]


class NewRollout(Body):
    """plan: as in docs/runbooks/updates.md; null: one for this hall. dry_run: say what would change, and keep
    nothing."""

    name: Name
    target: TargetPath
    plan: Annotated[dict[str, Any], Field(max_length=16)] | None = None
    dry_run: bool = True


class Retry(Body):
    """devices: of those that may be tried again these alone; null: all of them."""

    devices: Annotated[list[Name], Field(min_length=1, max_length=5000)] | None = None


class Carrier(Body):
    """Who updates a device: its own firmware, a hawkBit client, the balena supervisor."""

    backend: Literal["native", "ddi", "balena"]


class Followed(Body):
    """What a follower has seen of a device that does not report by itself. generation: of the order that it
    followed. cause: empty while all is well."""

    state: Literal["working", "committed", "failed", "returned"]
    generation: Annotated[int, Field(ge=1, lt=2**53)]
    cause: Cause = ""
    detail: Annotated[str, StringConstraints(max_length=200)] = ""


class TargetView(View):
    """embedder: SHA-256 of the network that makes references; null: none is in it."""

    path: str
    component: str
    version: str
    counter: int
    length: int
    sha256: str
    hardware: list[str]
    embedder: str | None


class ReasonView(View):
    code: str
    sentence: str
    sentence_vi: str


class PlannedView(View):
    """before, after: the release and the first digits of its hash. slot_ms: after the beginning of the wave,
    estimated. wave: index into waves."""

    device: str
    role: str
    row: str
    seat: str
    backend: str
    before: str
    after: str
    wave: int
    slot_ms: int


class LeftView(View):
    device: str
    row: str
    code: str
    sentence: str
    sentence_vi: str


class PreparedView(View):
    """enrol_again: how many people must be enrolled again before gates know them; null or 0: nobody.
    no_way_back: how many devices could not be brought back, whatever comes of it."""

    rollout: str
    target: str
    component: str
    version: str
    dry_run: bool
    waves: list[str]
    devices: list[PlannedView]
    not_eligible: list[LeftView]
    enrol_again: int | None
    no_way_back: int
    plan: dict[str, Any]


class LineView(View):
    """done: have the new release. failed: speak against it. retryable: failed, or were not tested, for
    something that can be cured without a new release. words: why it stands where it stands."""

    rollout: str
    component: str
    target: str
    version: str
    state: str
    words: str
    words_vi: str
    devices: int
    done: int
    under_way: int
    failed: int
    retryable: int
    created_ms: int
    changed_ms: int


class WaveView(View):
    name: str
    devices: int
    done: int
    failed: int


class MatrixView(View):
    """waves: how many devices of each wave are in this state for this cause."""

    state: str
    cause: str
    waves: list[int]
    devices: int


class GroupView(View):
    """Devices that are not eligible for the same reason; the first few by name. sentence: of the first."""

    code: str
    sentence: str
    sentence_vi: str
    count: int
    devices: list[str]


class RolloutView(LineView):
    """wave: index of the last one begun, -1: none. common: what the failures have in common, in words. curve:
    of [ms since the first order, devices done]. eta_ms: about when it is done, Unix ms."""

    generation: int
    account: str
    wave: int
    waves: list[WaveView]
    matrix: list[MatrixView]
    common: str
    common_vi: str
    curve: list[tuple[int, int]]
    eta_ms: int | None
    not_eligible: list[GroupView]
    plan: dict[str, Any]


class CourseView(View):
    """How far one device is. generation: of its order; 0: it has none."""

    device: str
    wave: int
    slot_ms: int
    backend: str
    state: str
    cause: str
    detail: str
    generation: int
    before: str | None
    ordered_ms: int | None
    ended_ms: int | None
    readings: dict[str, int]


class TargetReasons(View):
    """reasons: empty: eligible."""

    path: str
    version: str
    reasons: list[ReasonView]


class WhyView(View):
    """One device, release by release. waits: what an eligible device waits for all the same."""

    device: str
    backend: str
    status: str
    waits: list[ReasonView]
    targets: list[TargetReasons]


class BackendView(View):
    device: str
    backend: str


def _exist(hall: Services) -> Sequence[Target]:
    """What exists, or the reason why nobody may trust what is there. Raises Conflict."""
    try:
        return hall.targets()
    except ReleaseRefused as err:
        raise of_release(err) from None


@router.get("/api/targets")
def targets(hall: Hall) -> list[TargetView]:
    """What exists to be installed: signed by its officers, and verified."""
    return [TargetView(**views.target(each)) for each in _exist(hall)]


@router.get("/api/rollouts")
def rollouts(hall: Hall) -> list[LineView]:
    """The newest first."""
    with hall.office.look() as connection:
        return [LineView(**line) for line in views.lines(connection)]


@router.post("/api/rollouts", status_code=201, response_model=PreparedView)
def create(hall: Hall, who: Who, body: NewRollout) -> JSONResponse:
    """Plan a rollout. Nothing begins before it is started, which plans it again on what is true then."""
    prepared = acts.create(
        hall.office, who.account, body.name, _exist(hall), body.target, body.plan, dry_run=body.dry_run
    )
    return JSONResponse(_prepared(prepared, body), 200 if body.dry_run else 201)


def _prepared(prepared: Prepared, body: NewRollout) -> dict[str, Any]:
    return {"rollout": body.name, "dry_run": body.dry_run, **views.prepared(prepared)}


@router.get("/api/rollouts/{rollout}")
def rollout_detail(request: Request, rollout: Name) -> RolloutView:
    """At most half a second old, however many people look."""
    found: Looks = request.app.state.rollouts
    return RolloutView(**found.detail(rollout))


def _now(hall: Services, rollout: str) -> RolloutView:
    """As it stands after what was just done to it."""
    with hall.office.look() as connection:
        return RolloutView(**views.detail(connection, hall.office, rollout))


@router.get("/api/rollouts/{rollout}/devices", response_model=list[CourseView])
def rollout_devices(hall: Hall, rollout: Name) -> JSONResponse:
    """Every device of it. Written straight as JSON: thousands of them should take no time."""
    with hall.office.look() as connection:
        if store.find(connection, rollout) is None:
            raise refused(NotFound, "no-rollout", code=NotFound.code, rollout=rollout)
        return JSONResponse([views.course(row) for row in store.rows(connection, rollout)])


@router.post("/api/rollouts/{rollout}/start")
def start(hall: Hall, who: Who, rollout: Name) -> RolloutView:
    acts.start(hall.office, who.account, rollout, _exist(hall))
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/pause")
def pause(hall: Hall, who: Who, rollout: Name) -> RolloutView:
    """No new order is given; who is at work stands where it is."""
    acts.pause(hall.office, who.account, rollout)
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/resume")
def resume(hall: Hall, who: Who, rollout: Name) -> RolloutView:
    acts.resume(hall.office, who.account, rollout, _exist(hall))
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/abort")
def abort(hall: Hall, who: Who, rollout: Name) -> RolloutView:
    """Stop it; every device that took the new release goes back to the one before."""
    acts.abort(hall.office, who.account, rollout)
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/roll-back")
def roll_back(hall: Hall, who: Who, rollout: Name) -> RolloutView:
    """The same of one that is over."""
    acts.roll_back(hall.office, who.account, rollout)
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/retry")
def retry(hall: Hall, who: Who, rollout: Name, body: Retry) -> RolloutView:
    """Once more, on just those that failed for something that can be cured without a new release."""
    devices = None if body.devices is None else {DeviceId(device) for device in body.devices}
    acts.retry(hall.office, who.account, rollout, _exist(hall), devices)
    return _now(hall, rollout)


@router.post("/api/rollouts/{rollout}/devices/{device}")
def followed(hall: Hall, who: Who, rollout: Name, device: Name, body: Followed) -> CourseView:
    """A follower's report of a device that speaks for itself nowhere: balena, hawkBit."""
    row = acts.follow(
        hall.office,
        who.account,
        rollout,
        device,
        acts.Report(DeviceState(body.state), body.generation, body.cause, body.detail),
    )
    return CourseView(**views.course(row))


@router.get("/api/devices/{device}/why-not")
def why_not(hall: Hall, device: Name) -> WhyView:
    """Of every release for this device: why it is not eligible, and what it waits for when it is."""
    with hall.office.look() as connection:
        return WhyView(**views.why(connection, hall.office, _exist(hall), device))


@router.get("/api/devices/{device}/backend")
def backend(hall: Hall, device: Name) -> BackendView:
    with hall.office.look() as connection:
        found = observing.backend_of(connection, device)
    if found is None:
        raise NotFound(f"There is no device {device}.")
    return BackendView(device=device, backend=found)


@router.put("/api/devices/{device}/backend")
def set_backend(hall: Hall, who: Who, device: Name, body: Carrier) -> BackendView:
    """Who updates this device from now on."""
    acts.set_backend(hall.office, who.account, device, Backend(body.backend))
    return backend(hall, device)
