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


class Values(Protocol):
    def value(self, name: str) -> bytes | None: ...


def encode_job(job: Job) -> bytes:
    """By name: a firmware on trial reads what the one before it wrote, and that one, when it is back, what
    the candidate wrote. So a later version may add names, and must keep these."""
    return cbor.encode(
        {
            "state": str(job.state),
            "order": None if job.order is None else encode_order(job.order),
            "target": None if job.target is None else _target_row(job.target),
            "wrong": job.wrong,
            "slow": job.slow,
            "cause": job.cause,
            "readings": dict(job.readings),
        }
    )


def read_job(values: Values) -> Job:
    """A job that cannot be read is none: what is in force stays, and the fleet orders anew."""
    found = _decoded(values.value(JOB))
    try:
        order, target = found["order"], found["target"]
        job = Job(
            State(found["state"]),
            None if order is None else parse_order(order),
            None if target is None else _target_of(target),
            found.get("wrong", 0),
            found.get("slow", 0),
            found.get("cause", ""),
            found.get("readings", {}),
        )
        return job if _is_whole(job) else Job()
    except (AttributeError, KeyError, TypeError, ValueError, RecordRejected):
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


def _target_row(target: Target) -> dict[str, cbor.Value]:
    before, counter = _held_row(target.before)
    return {
        "path": target.path,
        "length": target.length,
        "sha256": target.sha256,
        "about": None if target.about is None else target.about.custom(),
        "slot": target.slot,
        "back": target.back,
        "before": before,
        "counter": counter,
    }


def _held_row(held: Held | None) -> tuple[bytes | None, int]:
    return (None, 0) if held is None else (held.sha256, held.counter)


def _target_of(row: Any) -> Target:
    about, before = row["about"], row["before"]
    return Target(
        row["path"],
        row["length"],
        row["sha256"],
        None if about is None else parse_about(about),
        row["slot"],
        row["back"],
        None if before is None else Held(before, row["counter"]),
    )


def _decoded(data: bytes | None) -> Any:
    if data is None:
        return None
    try:
        return cbor.decode(data, _BYTES_MAX)
    except RecordRejected:
        return None
