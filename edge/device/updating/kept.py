"""What of updates outlives a restart: values of the outbox, each written in one durable step with the record
that says it."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from edge.device.update import GOLDEN, Event, Job, State, Target
from edge.device.updating.weigh import raised
from wire import cbor
from wire.errors import RecordRejected
from wire.updates import Held, encode_order, parse_about, parse_order

JOB: Final = "update"
FLOORS: Final = "update/floors"
"""Versions of metadata, by role, below which nothing is believed."""
MINIMUMS: Final = "update/minimums"
"""By component: counters below which nothing is started again."""
BEFORE: Final = "update/before/"
"""By component: of which rollout the committed one is, which slot was in force before, and what it held."""
_BYTES_MAX: Final = 64 * 1024
_FORM: Final = 1


class Values(Protocol):
    def value(self, name: str) -> bytes | None: ...


def encode_job(job: Job) -> bytes:
    target = job.target
    return cbor.encode(
        [
            _FORM,
            str(job.state),
            None if job.order is None else encode_order(job.order),
            None if target is None else _target_row(target),
            job.wrong,
            job.slow,
            job.cause,
            dict(job.readings),
        ]
    )


def read_job(values: Values) -> Job:
    """A job that cannot be read is none: what is in force stays, and the fleet orders anew."""
    found = _decoded(values.value(JOB))
    try:
        form, state, order, target, wrong, slow, cause, readings = found
        if form != _FORM:
            return Job()
        job = Job(
            State(state),
            None if order is None else parse_order(order),
            None if target is None else _target_of(target),
            wrong,
            slow,
            cause,
            readings,
        )
        return job if _is_whole(job) else Job()
    except (TypeError, ValueError, RecordRejected):
        return Job()


def _is_whole(job: Job) -> bool:
    if job.order is None:
        return job.is_idle
    return job.target is not None or job.state in (State.IDLE, State.WAITING, State.CHECKING)


def read_numbers(values: Values, name: str) -> dict[str, int]:
    """Of FLOORS or MINIMUMS."""
    found = _decoded(values.value(name))
    return found if type(found) is dict else {}


def encode_before(rollout: str, target: Target) -> bytes:
    held = target.before
    return cbor.encode([rollout, target.sha256, target.back, *_held_row(held)])


def read_before(values: Values, component: str) -> tuple[str, Target] | None:
    """(rollout, from where back to what), as far as a job needs it. None: nothing was ever committed."""
    found = _decoded(values.value(BEFORE + component))
    try:
        rollout, sha256, back, before, counter = found
    except (TypeError, ValueError):
        return None
    held = None if before is None else Held(before, counter)
    return rollout, Target("", 0, sha256, None, GOLDEN, back, held)


def changes(job: Job, event: Event, values: Values) -> dict[str, bytes | None]:
    """What becomes durable with the new state beside the job itself."""
    target, order = job.target, job.order
    if event is not Event.DISARMED or target is None or order is None or target.about is None:
        return {}
    component = order.component
    minimums = read_numbers(values, MINIMUMS)
    minimums[component] = max(target.about.minimum, minimums.get(component, 0))
    return {
        MINIMUMS: cbor.encode(minimums),
        BEFORE + component: encode_before(order.rollout, target),
    }


def floors_with(values: Values, version: Mapping[str, int]) -> dict[str, bytes | None]:
    """Believed now, and nothing older ever again of the same keys."""
    present = read_numbers(values, FLOORS)
    floors = raised(present, version)
    return {} if floors == present else {FLOORS: cbor.encode(floors)}


def _target_row(target: Target) -> list[cbor.Value]:
    about = None if target.about is None else target.about.custom()
    return [
        target.path,
        target.length,
        target.sha256,
        about,
        target.slot,
        target.back,
        *_held_row(target.before),
    ]


def _held_row(held: Held | None) -> tuple[bytes | None, int]:
    return (None, 0) if held is None else (held.sha256, held.counter)


def _target_of(row: Any) -> Target:
    path, length, sha256, about, slot, back, before, counter = row
    held = None if before is None else Held(before, counter)
    return Target(path, length, sha256, None if about is None else parse_about(about), slot, back, held)


def _decoded(data: bytes | None) -> Any:
    if data is None:
        return None
    try:
        return cbor.decode(data, _BYTES_MAX)
    except RecordRejected:
        return None
