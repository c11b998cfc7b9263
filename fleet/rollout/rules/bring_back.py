"""Who has to go back when a rollout is stopped. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fleet.rollout.rules.causes import LATE, LOST, SILENT, WITHDRAWN
from fleet.rollout.rules.follow import holds
from fleet.rollout.rules.shape import Backend, Course, DeviceState, Observation
from wire.ids import DeviceId


def to_return(
    courses: Iterable[Course], observations: Mapping[DeviceId, Observation], sha256: bytes
) -> list[Course]:
    """The courses that change: everybody who has the new version, may have it, or may still take it. A device
    that refused it, or went back by itself, has the old one and is left alone, unless it reports the new one;
    so is one that had it to the end of its watch, and has taken another release since.
    Their `ordered_ms` is None until they are told."""
    changed = []
    for course in courses:
        cause = _goes(course, observations.get(course.planned.device), sha256)
        if cause is not None:
            changed.append(replace(course, state=DeviceState.RETURNING, cause=cause, ordered_ms=None))
    return changed


def _goes(course: Course, seen: Observation | None, sha256: bytes) -> str | None:
    """The cause that it goes back with; None: it does not."""
    if not course.generation:
        return None  # it was never told anything
    match course.state:
        case DeviceState.WAITING | DeviceState.ORDERED | DeviceState.WORKING:
            return WITHDRAWN
        case DeviceState.SOAKED if seen is not None and _has_moved_on(course, seen, sha256):
            return None
        case DeviceState.COMMITTED | DeviceState.SOAKED:
            return ""
        case DeviceState.FAILED if course.cause in (LATE, LOST, SILENT):
            return course.cause
        case DeviceState.FAILED if seen is not None and holds(seen, sha256):
            return course.cause
        case _:
            return None


def _has_moved_on(course: Course, seen: Observation, sha256: bytes) -> bool:
    """By its own word; what others carry never shows the target in it."""
    is_native = course.planned.backend is Backend.NATIVE
    return is_native and seen.held is not None and not holds(seen, sha256)
