"""Whether a wave has ended, whether it has passed, and how far it is in words. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fleet.rollout.rules import sprt
from fleet.rollout.rules.causes import UNSEEN, has_failed, went_well
from fleet.rollout.rules.saying import NOTHING, Said, joined, wave_word
from fleet.rollout.rules.shape import Course, DeviceState, Plan, Standing

_MOVING = (DeviceState.ORDERED, DeviceState.WORKING, DeviceState.COMMITTED, DeviceState.RETURNING)


@dataclass(slots=True)
class Tally:
    """Devices of a wave. failed, well: tested. begun: ordered, and neither yet. moving: something will still
    become of them by itself. waiting: they can be reached, and are not ordered yet; missed: they cannot.
    done: watched to the end; untested: over, and it says nothing of the release."""

    devices: int = 0
    failed: int = 0
    well: int = 0
    begun: int = 0
    moving: int = 0
    waiting: int = 0
    missed: int = 0
    done: int = 0
    untested: int = 0

    @property
    def tested(self) -> int:
        return self.failed + self.well

    def count(self, course: Course, reachable: bool) -> None:
        self.devices += 1
        if course.state is DeviceState.WAITING:
            self.begun += course.generation > 0
            self.waiting += reachable
            self.missed += not reachable
            return
        if course.state is DeviceState.SOAKED:
            self.done += 1
            self.well += 1
            return
        is_moving = course.state in _MOVING
        self.moving += is_moving
        if has_failed(course):
            self.failed += 1
        elif went_well(course):
            self.well += 1
        else:
            self.begun += is_moving
            is_unseen = course.state is DeviceState.RETURNED and course.cause == UNSEEN
            self.untested += is_unseen or course.state is DeviceState.FAILED


def tallies(plan: Plan, courses: Iterable[tuple[Course, bool]]) -> Sequence[Tally]:
    """By wave. courses: with whether each can be reached now; it matters of those that wait."""
    found = [Tally() for _ in plan.waves]
    for course, reachable in courses:
        found[course.planned.wave].count(course, reachable)
    return found


@dataclass(frozen=True, slots=True)
class Ended:
    """The wave takes no more. verdict: PASSES or STOP. pause: nobody of it could be tested, so a person has
    to decide."""

    verdict: sprt.Verdict
    words: Said = NOTHING
    pause: bool = False


def stopped(plan: Plan, waves: Sequence[Tally]) -> Said | None:
    """Why the rollout has to be stopped now, also for a wave that has passed; None: it need not."""
    for wave, seen in enumerate(waves):
        if seen.failed:
            verdict = sprt.judge(seen.failed, seen.well, seen.begun, plan.gate)
            if verdict is sprt.Verdict.STOP:
                return _why(plan, wave, seen)
    return None


def ended(plan: Plan, standing: Standing, waves: Sequence[Tally], now_ms: int) -> Ended | None:
    """Of the last wave begun; None: it is still going.

    Who cannot be reached is not waited for once half of the wave is tested: they are ordered when they come,
    during a later wave. In the last wave, or before half is tested, they are given as long as a device's
    deadline."""
    wave = standing.wave
    if wave < 0:
        return Ended(sprt.Verdict.PASSES)
    here, is_last = waves[wave], wave + 1 == len(plan.waves)
    of_concern = waves[: wave + 1] if is_last else [here]
    if any(one.waiting for one in of_concern):
        return None
    is_over = now_ms - standing.began_ms > plan.gate.deadline_s * 1000
    is_missed = any(one.missed for one in of_concern)
    if is_missed and not is_over and (is_last or 2 * here.tested < here.devices):
        return None
    passes = sprt.judge(here.failed, here.well, 0, plan.gate) is sprt.Verdict.PASSES
    if any(one.moving for one in of_concern) and (is_last or not passes):
        return None
    if not here.tested:
        return _untested(plan, wave, waves)
    verdict = sprt.at_end(here.failed, here.well, plan.gate)
    return Ended(verdict, _why(plan, wave, here) if verdict is sprt.Verdict.STOP else NOTHING)


def _untested(plan: Plan, wave: int, waves: Sequence[Tally]) -> Ended:
    """A later wave passes: the waves before it have told what there is to tell. The first never does: the
    next one would be a canary of many."""
    if any(one.tested for one in waves[: wave + 1]):
        return Ended(sprt.Verdict.PASSES)
    en, vi = _name(plan, wave)
    words = Said(
        f"paused: no device of the wave {en} could be tested: they are offline, or nobody walked by their "
        "gates; resume it when that is otherwise, or make a plan whose first wave is of others",
        f"tạm dừng: chưa thử được ở máy nào của đợt {vi}: máy không kết nối, hoặc không có ai đi qua cổng; "
        "hãy cho chạy tiếp khi đã khắc phục, hoặc lập kế hoạch có đợt đầu là các máy khác",
    )
    return Ended(sprt.Verdict.GO_ON, words, pause=True)


def _why(plan: Plan, wave: int, seen: Tally) -> Said:
    number, waves, begun = wave + 1, len(plan.waves), seen.tested + seen.begun
    en, vi = _name(plan, wave)
    return Said(
        f"stopped: in wave {number} of {waves} ({en}) {seen.failed} of {begun} devices that have begun "
        "have failed; those who took it go back",
        f"đã dừng: ở đợt {number} trên {waves} ({vi}), {seen.failed} trên {begun} máy đã bắt đầu bị hỏng; "
        "máy nào đã nhận bản mới thì quay về bản cũ",
    )


def _name(plan: Plan, wave: int) -> tuple[str, str]:
    """English, Vietnamese."""
    said = wave_word(plan.waves[wave].name)
    return said.en, said.vi


def _which(plan: Plan, wave: int) -> Said:
    waves = len(plan.waves)
    if wave < 0:
        return Said(f"none of {waves} waves has begun", f"chưa đợt nào trong {waves} đợt bắt đầu")
    number, (en, vi) = wave + 1, _name(plan, wave)
    return Said(f"wave {number} of {waves} ({en})", f"đợt {number} trên {waves} ({vi})")


def progress(plan: Plan, standing: Standing, waves: Sequence[Tally]) -> Said:
    """For people: which wave, how many are done, how many failed."""
    devices, done = sum(one.devices for one in waves), sum(one.done for one in waves)
    failed, untested = sum(one.failed for one in waves), sum(one.untested for one in waves)
    parts = [
        _which(plan, standing.wave),
        Said(f"{done} of {devices} devices watched and well", f"{done} trên {devices} máy đã theo dõi xong"),
    ]
    if failed:
        parts.append(Said(f"{failed} failed", f"{failed} máy hỏng"))
    if untested:
        parts.append(Said(f"{untested} not tested", f"{untested} máy chưa thử được"))
    return joined(parts, ", ")
