"""What an observation makes of one device's course. Pure.

The device's own record counts under the generation of the order that it was given; what it reports to hold
counts whatever it says: a word is believed to end an order, a hash alone to end the watch over it.
"""

from dataclasses import replace
from typing import Final

from fleet.rollout.rules.causes import LATE, LOST, NO_WAY_BACK, SILENT, WITHDRAWN
from fleet.rollout.rules.eligible import is_offline
from fleet.rollout.rules.shape import Backend, Course, DeviceState, GateRules, Observation
from fleet.rollout.rules.verdict import fault

SILENT_AFTER_MS: Final = 300_000
"""An order that its device was not heard of since for so long is taken to have met nobody."""
BACK_WITHIN_MS: Final = 600_000
"""A device that is told to go back answers within this, or is counted as it last reported itself."""
APPLYING: Final = "applying"
_OURS: Final = (LATE, LOST, SILENT)


def follow(course: Course, seen: Observation, sha256: bytes, rules: GateRules, now_ms: int) -> Course:
    """The course as it is now; the same object when nothing has changed. sha256: of the rollout's target."""
    if not course.generation:
        return course  # it was never ordered anything
    match course.state:
        case DeviceState.WAITING | DeviceState.ORDERED | DeviceState.WORKING:
            return _under_way(course, seen, sha256, rules, now_ms)
        case DeviceState.COMMITTED:
            return _watched(course, seen, sha256, rules, now_ms)
        case DeviceState.SOAKED if _said(course, seen) == "returned":
            return _failed(
                course, seen.cause or "trial-unwell", "went back by itself after the watch", now_ms
            )
        case DeviceState.FAILED if course.cause in _OURS:
            return _belated(course, seen, sha256, now_ms)
        case DeviceState.RETURNING:
            return _going_back(course, seen, sha256, now_ms)
        case _:
            return course


def can_be_reached(course: Course, seen: Observation, now_ms: int) -> bool:
    """Those of other backends ask by themselves, and are not always heard of."""
    return course.planned.backend is not Backend.NATIVE or not is_offline(seen.seen_ms, now_ms)


def holds(seen: Observation, sha256: bytes) -> bool:
    """It reports the rollout's own target."""
    return seen.held is not None and seen.held.sha256 == sha256


def _is_gone(seen: Observation) -> bool:
    """Revoked meanwhile, or of a store that was restored: its silence is not the release's fault."""
    return seen.seen_ms is None


def _said(course: Course, seen: Observation) -> str | None:
    """Its newest step, unless that is of another order."""
    return seen.step if seen.generation in (None, course.generation) else None


def _under_way(course: Course, seen: Observation, sha256: bytes, rules: GateRules, now_ms: int) -> Course:
    said = _said(course, seen)
    if said == "refused" and seen.cause in (LATE, WITHDRAWN):
        return _out_of_time(course, seen, rules, now_ms)
    if said in ("refused", "returned"):
        return _turned_down(course, seen, said, now_ms)
    if said in ("shadowed", "committed"):
        found = fault(seen.readings, rules)
        if found is not None:
            return _to_return(_read(course, seen), found.cause, found.detail, now_ms)
    if said == "committed" or holds(seen, sha256):
        return replace(_read(course, seen), state=DeviceState.COMMITTED, cause="", detail="", ended_ms=now_ms)
    if course.state is DeviceState.WAITING or course.ordered_ms is None:
        return course
    if course.state is DeviceState.ORDERED and (said == "shadowed" or is_at_work(course, seen)):
        course = replace(course, state=DeviceState.WORKING)
    return _overdue(course, seen, rules, now_ms)


def is_at_work(course: Course, seen: Observation) -> bool:
    """By a word behind its order: one that waited for the end of a sitting, and was switched off with the
    hall, has not begun."""
    is_newer = seen.status_ms is None or seen.status_ms > (course.ordered_ms or 0)
    return is_newer and seen.status.startswith(APPLYING)


def _out_of_time(course: Course, seen: Observation, rules: GateRules, now_ms: int) -> Course:
    """The device let go of an order, since its hours were over or another order came. When a window or a
    freeze took them from it, it gets them anew."""
    if course.ordered_ms is None or now_ms - course.ordered_ms < rules.deadline_s * 1000:
        return replace(course, state=DeviceState.WAITING, ordered_ms=None) if seen.cause == LATE else course
    return _failed(course, seen.cause, "refused by the device: its hours were over", now_ms)


def _overdue(course: Course, seen: Observation, rules: GateRules, now_ms: int) -> Course:
    ordered_ms = course.ordered_ms or 0
    waited_ms = now_ms - ordered_ms
    is_native = course.planned.backend is Backend.NATIVE
    never_heard = is_native and (seen.seen_ms is None or seen.seen_ms <= ordered_ms)
    is_late = waited_ms > rules.deadline_s * 1000
    if course.state is DeviceState.ORDERED and never_heard and (is_late or waited_ms > SILENT_AFTER_MS):
        return _failed(course, SILENT, "not heard of since it was ordered", now_ms)
    if not is_late:
        return course
    if is_native and is_offline(seen.seen_ms, now_ms):
        cause = LOST if course.state is DeviceState.WORKING and not _is_gone(seen) else SILENT
        return _failed(
            course, cause, f"not heard of any more; its last word: {seen.status or 'none'}", now_ms
        )
    return _failed(course, LATE, f"not done by its deadline; its last word: {seen.status or 'none'}", now_ms)


def _watched(course: Course, seen: Observation, sha256: bytes, rules: GateRules, now_ms: int) -> Course:
    said, since_ms = _said(course, seen), course.ended_ms or 0
    if said == "returned":
        return _failed(_read(course, seen), seen.cause or "trial-unwell", "went back by itself", now_ms)
    found = fault(seen.readings, rules) if said in ("shadowed", "committed") else None
    if found is not None:
        return _to_return(_read(course, seen), found.cause, found.detail, now_ms)
    watched_ms = now_ms - since_ms
    if watched_ms < rules.soak_s * 1000:
        return course
    is_well = holds(seen, sha256) and (seen.seen_ms or 0) >= since_ms and not is_offline(seen.seen_ms, now_ms)
    if is_well or course.planned.backend is not Backend.NATIVE:
        return replace(_read(course, seen), state=DeviceState.SOAKED, ended_ms=now_ms)
    if watched_ms <= (rules.soak_s + rules.deadline_s) * 1000:
        return course
    if is_offline(seen.seen_ms, now_ms):
        cause = SILENT if _is_gone(seen) else LOST
        return _failed(course, cause, "committed, and was not heard of again", now_ms)
    return _failed(course, LATE, "said that it committed, and reports another version", now_ms)


def _belated(course: Course, seen: Observation, sha256: bytes, now_ms: int) -> Course:
    """It was given up, and has an answer after all."""
    said = _said(course, seen)
    if said in ("refused", "returned"):
        return _turned_down(course, seen, said, now_ms)
    if said == "committed" or holds(seen, sha256):
        return replace(_read(course, seen), state=DeviceState.COMMITTED, cause="", detail="", ended_ms=now_ms)
    return course


def _going_back(course: Course, seen: Observation, sha256: bytes, now_ms: int) -> Course:
    said, is_on_old = _said(course, seen), seen.held is not None and not holds(seen, sha256)
    went_back = said == "returned" and not holds(seen, sha256)  # its next birth shows whether it is true
    if went_back or (said == "refused" and (is_on_old or course.ordered_ms is None)):
        return replace(course, state=DeviceState.RETURNED, ended_ms=course.ended_ms or now_ms)
    if said == "refused":
        detail = f"cannot go back: {seen.cause}"
        return replace(course, state=DeviceState.FAILED, cause=course.cause or NO_WAY_BACK, detail=detail)
    if course.ordered_ms is None or now_ms - course.ordered_ms <= BACK_WITHIN_MS:
        return course
    if seen.seen_ms is None or seen.seen_ms <= course.ordered_ms:
        return replace(
            course,
            state=DeviceState.FAILED,
            cause=course.cause or SILENT,
            detail="told to go back, and not heard of since: it does so when it is switched on",
        )
    if is_on_old and course.planned.backend is Backend.NATIVE:  # nobody else's birth ever shows the target
        return replace(course, state=DeviceState.RETURNED, ended_ms=course.ended_ms or now_ms)
    return replace(
        course, state=DeviceState.FAILED, cause=course.cause or LATE, detail="told to go back, and has not"
    )


# -- ends --------------------------------------------------------------------------------------------------


def _read(course: Course, seen: Observation) -> Course:
    return replace(course, readings=dict(seen.readings)) if seen.readings else course


def _turned_down(course: Course, seen: Observation, said: str, now_ms: int) -> Course:
    """A device of ours has said all with its cause; a client of another make has words of its own."""
    words = seen.status.removeprefix("rejected: ")
    is_ours = course.planned.backend is Backend.NATIVE or words == seen.status
    detail = f"{said} by the device" + ("" if is_ours else f": {words}")
    return _failed(_read(course, seen), seen.cause or "trial-unwell", detail, now_ms)


def _failed(course: Course, cause: str, detail: str, now_ms: int) -> Course:
    return replace(course, state=DeviceState.FAILED, cause=cause, detail=detail, ended_ms=now_ms)


def _to_return(course: Course, cause: str, detail: str, now_ms: int) -> Course:
    """It works, but not well enough: this device goes back, whatever becomes of the others."""
    return replace(
        course, state=DeviceState.RETURNING, cause=cause, detail=detail, ordered_ms=None, ended_ms=now_ms
    )
