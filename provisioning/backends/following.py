"""What a follower does for one device of a rollout that balena carries out: pure.

The fleet decides whose turn it is, balena what runs where; a follower only brings the two together, and
knows nothing that it could not learn again. So it may be killed anywhere and started again anywhere: before
a device is pinned to the new release, the release that it runs is written down in its tag BEFORE_TAG.

A device that is on its way while nobody wants it to go on (a pause, a sitting, an order that was given up) is
pinned to what it runs: its supervisor then has nothing left to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from provisioning.backends.errors import BadAnswer
from provisioning.backends.ports import SupervisorState, UnitState
from wire.ids import DeviceId

BALENA: Final = "balena"
BEFORE_TAG: Final = "hallward-before"
AWAY_AFTER_MS: Final = 300_000
"""A device that is not connected for so long after its order has not met it."""

SILENT: Final = "silent"
LOST: Final = "lost"
UPDATE_FAILED: Final = "update-failed"
UNWELL: Final = "trial-unwell"
NOTHING_BEFORE: Final = "nothing-before"


@dataclass(frozen=True, slots=True)
class Course:
    """A device of the rollout as the fleet has it. ordered_ms: of its order; None: it has none now."""

    device: DeviceId
    state: str
    generation: int
    ordered_ms: int | None
    ended_ms: int | None


@dataclass(frozen=True, slots=True)
class Frozen:
    """sitting: whose freeze is in force, empty: none. freed: devices that two people freed; None: all."""

    sitting: str = ""
    freed: frozenset[DeviceId] | None = frozenset()

    def holds(self, device: DeviceId) -> bool:
        return bool(self.sitting) and self.freed is not None and device not in self.freed


class Act(StrEnum):
    """HOLD: pin to what runs. BACK: pin to what ran before. INSTALL: pin to the rollout's release."""

    HOLD = "hold"
    BACK = "back"
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Pin:
    """commit: full name of the release."""

    device: DeviceId
    act: Act
    commit: str


@dataclass(frozen=True, slots=True)
class Report:
    """As POST /api/rollouts/{rollout}/devices/{device} takes it."""

    device: DeviceId
    state: str
    generation: int
    cause: str = ""
    detail: str = ""

    def body(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "generation": self.generation,
            "cause": self.cause,
            "detail": self.detail[:200],
        }


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a decision is made on. target: full name of the rollout's release. before: by device, of its
    tag, if that is of this rollout."""

    target: str
    frozen: Frozen
    before: Mapping[DeviceId, str]
    now_ms: int


def decide(course: Course, unit: UnitState, sight: Sight) -> Pin | Report | None:
    """The next thing to do for one device; None: nothing. After a pin the same is asked again."""
    is_held = sight.frozen.holds(course.device)
    match course.state:
        case "ordered" | "working" if not is_held:
            return _install(course, unit, sight)
        case "returning" if not is_held and course.ordered_ms is not None:
            return _back(course, unit, sight)
        case "committed":
            return _watch(course, unit, sight)
        case _:
            was_ours = course.generation > 0 or course.device in sight.before
            return _hold(unit, sight, both_ways=is_held) if was_ours else None


def _install(course: Course, unit: UnitState, sight: Sight) -> Pin | Report | None:
    if not unit.online:
        # It is not pinned: it would take the release whenever it comes back, in a sitting too.
        if not _is_away(unit, course.ordered_ms, sight.now_ms):
            return None
        cause = SILENT if course.state == "ordered" else LOST
        return _said(course, "failed", cause, f"not connected to balena: {unit.word}")
    if unit.pinned != sight.target:
        return Pin(course.device, Act.INSTALL, sight.target)
    if unit.release == sight.target and unit.progress is None:
        return _said(course, "committed", "", f"runs {_short(sight.target)}")
    if course.state == "ordered":
        return _said(course, "working", "", f"pinned to {_short(sight.target)}, ran {_short(unit.release)}")
    return None


def _back(course: Course, unit: UnitState, sight: Sight) -> Pin | Report | None:
    before = sight.before.get(course.device)
    if unit.release not in (None, sight.target):
        on_its_way = _hold(unit, sight, both_ways=False)
        return on_its_way or _said(course, "returned", "", f"runs {_short(unit.release)}")
    if before is None or before == sight.target:
        # Whoever pinned it did not do so for this rollout, or has moved on since.
        detail = "nobody wrote down what ran before: pin it by hand"
        return _said(course, "failed", NOTHING_BEFORE, detail)
    return None if unit.pinned == before else Pin(course.device, Act.BACK, before)


def _watch(course: Course, unit: UnitState, sight: Sight) -> Report | None:
    if unit.release not in (None, sight.target):
        return _said(course, "failed", UNWELL, f"runs {_short(unit.release)} again")
    if not unit.online and _is_away(unit, course.ended_ms, sight.now_ms):
        return _said(course, "failed", LOST, f"not connected to balena since it took it: {unit.word}")
    return None


def _hold(unit: UnitState, sight: Sight, *, both_ways: bool) -> Pin | None:
    """When it should stand and is on its way to the new release; both_ways: or back from it."""
    if unit.release is None or unit.pinned in (None, unit.release):
        return None
    goes = unit.pinned == sight.target
    comes_back = unit.release == sight.target and unit.pinned == sight.before.get(unit.device)
    return Pin(unit.device, Act.HOLD, unit.release) if goes or (both_ways and comes_back) else None


def asked(course: Course, unit: UnitState, said: SupervisorState) -> Report | None:
    """What the supervisor's own word adds for a device that is at work: that its update failed."""
    if course.state != "working" or not said.failed or said.progress is not None:
        return None
    return _said(course, "failed", UPDATE_FAILED, f"its supervisor failed: {said.status}, {unit.word}")


def _said(course: Course, state: str, cause: str, detail: str) -> Report:
    return Report(course.device, state, course.generation, cause, detail)


def _is_away(unit: UnitState, since_ms: int | None, now_ms: int) -> bool:
    seen_ms = 0 if unit.seen is None else int(unit.seen.timestamp() * 1000)
    return now_ms - max(seen_ms, since_ms or 0) > AWAY_AFTER_MS


def _short(release: str | None) -> str:
    return "nothing" if release is None else release[:12]


# -- what the fleet answers ---------------------------------------------------------------------------------


def tag_of(rollout: str, commit: str) -> str:
    return f"{rollout} {commit}"


def before_of(rollout: str, tags: Mapping[DeviceId, Mapping[str, str]]) -> dict[DeviceId, str]:
    """Of those tags that this rollout wrote."""
    found = {device: of.get(BEFORE_TAG, "").partition(" ") for device, of in tags.items()}
    return {device: commit for device, (whose, _, commit) in found.items() if whose == rollout and commit}


def courses_of(answer: Any) -> list[Course]:
    """Of GET /api/rollouts/{rollout}/devices: those that balena carries. Raises BadAnswer."""
    try:
        return [
            Course(
                DeviceId(row["device"]), row["state"], row["generation"], row["ordered_ms"], row["ended_ms"]
            )
            for row in answer
            if row["backend"] == BALENA
        ]
    except (TypeError, KeyError):
        raise _no_fleet() from None


def frozen_of(answer: Any, now_ms: int) -> Frozen:
    """Of GET /api/freeze. Raises BadAnswer."""
    try:
        if answer["sitting"] is None:
            return Frozen()
        lifted = [
            one["device"]
            for one in answer["overrides"]
            if one["state"] == "lifted" and one["until_ms"] is not None and now_ms < one["until_ms"]
        ]
        freed = None if None in lifted else frozenset(DeviceId(device) for device in lifted)
        return Frozen(str(answer["sitting"]), freed)
    except (TypeError, KeyError):
        raise _no_fleet() from None


def _no_fleet() -> BadAnswer:
    return BadAnswer("the address does not answer as our fleet does: check --hall")
