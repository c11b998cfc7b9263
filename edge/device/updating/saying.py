"""What a device says of an update: one line for people in its birth, and the records of the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from edge.device.twin import APPLYING, OK, STATUS_BYTES_MAX, rejected
from edge.device.update import GOLDEN, Effect, Job, State
from wire.updates import CAUSE_BYTES_MAX, READINGS_MAX, Update

STEPS: Final[Mapping[Effect, str]] = {
    Effect.SAY_REFUSED: "refused",
    Effect.SAY_SHADOWED: "shadowed",
    Effect.SAY_COMMITTED: "committed",
    Effect.SAY_RETURNED: "returned",
}
_DOES: Final[Mapping[State, str]] = {
    State.WAITING: "is about to begin",
    State.CHECKING: "asks what was released",
    State.FETCHING: "fetches",
    State.VERIFYING: "compares hashes",
    State.STAGING: "unpacks",
    State.TESTING: "tests itself",
    State.SHADOWING: "runs beside the present one",
    State.SWITCHING: "restarts",
    State.TRIAL: "is on trial",
    State.COMMITTING: "commits",
    State.RETURNING: "goes back to the old one",
}
FOR_THE_SITTING: Final = "waits for the end of the sitting"
TO_GO_BACK: Final = f"{FOR_THE_SITTING}, then goes back"
FOR_THE_TIME: Final = "waits for the time from the hall"
FOR_THE_FLEET: Final = "waits: the fleet holds it"
LAST_DAY_MS: Final = 253_402_128_000_000
"""9999-12-30: no calendar of Python goes further than the day after, while an order may."""


def for_its_turn(at_ms: int) -> str:
    """at_ms: Unix ms; said in the time of this machine."""
    if at_ms > LAST_DAY_MS:
        return "waits for its turn after the year 9999"
    at = datetime.fromtimestamp(at_ms / 1000).astimezone()
    return f"waits for its turn at {at:%H:%M} on {at:%Y-%m-%d}"


def in_a_sitting(job: Job) -> str:
    return TO_GO_BACK if job.state is State.RETURNING else FOR_THE_SITTING


def line(job: Job, waits: str) -> str:
    """The status of the twin key. waits: what for, in words; empty: for nothing."""
    if job.is_idle:
        return rejected(job.cause) if job.cause else OK
    does = waits or _DOES[job.state]
    return f"{APPLYING}: {does}".encode()[:STATUS_BYTES_MAX].decode(errors="ignore")


def record(job: Job, effect: Effect) -> Update | None:
    """before: what was in force when this update began; after: what was to be; null: what the device was made
    with. None: nothing to say."""
    step, order, target = STEPS.get(effect), job.order, job.target
    if step is None or order is None:
        return None
    before, after = None, None
    if target is not None:
        after = target.sha256
        if target.back != GOLDEN and target.before is not None:
            before = target.before.sha256
    cause = job.cause.encode()[:CAUSE_BYTES_MAX].decode(errors="ignore")
    readings = dict(list(job.readings.items())[:READINGS_MAX])
    return Update(order.rollout, order.generation, order.component, before, after, step, cause, readings)
