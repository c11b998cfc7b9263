"""One step of a rollout: from what is written and seen now to what is to be written and ordered now. Pure.

It keeps nothing: given the same, it decides the same; given what it has decided, it decides nothing more. So
the executor may be killed anywhere, as long as it writes a decision as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from fleet.rollout.rules import sprt, waves_end
from fleet.rollout.rules.bring_back import to_return
from fleet.rollout.rules.causes import LATE, LOST, SILENT, WITHDRAWN
from fleet.rollout.rules.follow import can_be_reached, follow, holds
from fleet.rollout.rules.saying import NOTHING, Said, joined
from fleet.rollout.rules.shape import (
    Course,
    Decision,
    DeviceState,
    Freeze,
    Given,
    Observation,
    Plan,
    RolloutState,
    Standing,
    Target,
)
from fleet.rollout.rules.slots import Air, clock_text, ends_ms, is_interrupted, is_open
from fleet.rollout.rules.verbs import VALID_MS, held_back
from wire.ids import DeviceId

NOT_FROZEN: Final = Freeze()
RUNNING: Final = Said("running", "đang chạy")
PAUSED: Final = Said("paused", "tạm dừng")
DONE: Final = Said("done", "đã xong")
STOPPED: Final = Said("everybody who answers is back", "mọi máy còn liên lạc được đã về bản cũ")
_UNDER_WAY: Final = (DeviceState.ORDERED, DeviceState.WORKING)


def advance(
    plan: Plan,
    target: Target,
    standing: Standing,
    courses: Sequence[Course],
    observations: Mapping[DeviceId, Observation],
    now_ms: int,
    local_min: int,
    freeze: Freeze = NOT_FROZEN,
) -> Decision:
    """now_ms: Unix ms; what is written stands at most a minute after it (fleet/rollout/absence.py).
    local_min: minute of the hall's day, 0 to 1439. observations: of every device of the rollout; one that is
    missing has never been seen. About 4 ms for 2,000 devices (bench/update_night.py)."""
    turn = _Turn(plan, target, standing, courses, observations, now_ms, local_min, freeze)
    match standing.state:
        case RolloutState.RUNNING:
            turn.run()
        case RolloutState.ABORTING:
            turn.bring_back()
        case RolloutState.PAUSED:
            turn.say(NOTHING if standing.why else PAUSED)
        case _:
            return Decision(standing, NOTHING)
    return turn.decision()


class _Turn:
    """The work of one call: what is changed so far."""

    def __init__(
        self,
        plan: Plan,
        target: Target,
        standing: Standing,
        courses: Sequence[Course],
        observations: Mapping[DeviceId, Observation],
        now_ms: int,
        local_min: int,
        freeze: Freeze,
    ) -> None:
        self._plan, self._target, self._standing = plan, target, standing
        self._now_ms, self._local_min, self._freeze = now_ms, local_min, freeze
        self._is_open = is_open(plan.window, local_min)
        self._orders: list[Given] = []
        self._words = NOTHING
        self._before = {one.planned.device: one for one in courses}
        self._seen = {
            device: observations.get(device) or Observation(device, None, None) for device in self._before
        }
        self._courses = {
            device: follow(one, self._seen[device], target.sha256, plan.gate, now_ms)
            for device, one in self._before.items()
        }

    def decision(self) -> Decision:
        changed = tuple(
            one
            for device, one in self._courses.items()
            if one is not self._before[device] and one != self._before[device]
        )
        return Decision(self._standing, self._words, tuple(self._orders), changed)

    def say(self, what: Said) -> None:
        """Where it stands: why, this, and how far it is."""
        how_far = waves_end.progress(self._plan, self._standing, self._tallies())
        here = joined([what, how_far], ": ")
        self._words = joined([self._standing.why, here], "; ")

    # -- running ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        self._hold_who_was_given_up()
        waves = self._tallies()
        stopped = waves_end.stopped(self._plan, waves)
        while stopped is None and self._may_begin():
            ended = waves_end.ended(self._plan, self._standing, waves, self._now_ms)
            if ended is None:
                break
            if ended.verdict is sprt.Verdict.STOP:
                stopped = ended.words
            elif ended.pause:
                self._standing = replace(self._standing, state=RolloutState.PAUSED, why=ended.words)
                self.say(NOTHING)
                return
            elif self._standing.wave + 1 < len(self._plan.waves):
                wave = self._standing.wave + 1
                self._standing = replace(self._standing, wave=wave, began_ms=self._now_ms)
            else:
                self._finish()
                return
        if stopped is not None:
            self._stop(stopped)
            return
        self._let_wait()
        self._order_back()
        self._order_install()
        self.say(self._waits_for() or RUNNING)

    def _may_begin(self) -> bool:
        """A wave begins when orders could be given; the last one ends at any time."""
        is_last = self._standing.wave + 1 == len(self._plan.waves)
        return is_last or (self._is_open and (not self._freeze.sitting or bool(self._freeze.overridden)))

    def _tallies(self) -> Sequence[waves_end.Tally]:
        return waves_end.tallies(
            self._plan,
            (
                (
                    one,
                    one.state is DeviceState.WAITING
                    and can_be_reached(one, self._seen[device], self._now_ms),
                )
                for device, one in self._courses.items()
            ),
        )

    def _hold_who_was_given_up(self) -> None:
        """A device that was too slow goes no further: by now its place on the air is another's."""
        for device, one in self._courses.items():
            if one is self._before[device] or one.cause not in (LATE, LOST, SILENT):
                continue
            if self._before[device].state in _UNDER_WAY and not self._is_frozen(device):
                self._orders.append(held_back(one, self._now_ms))

    def _finish(self) -> None:
        for device, one in self._courses.items():
            if one.state is DeviceState.WAITING:
                self._courses[device] = replace(
                    one,
                    state=DeviceState.FAILED,
                    cause=SILENT,
                    detail="was offline to the end",
                    ended_ms=self._now_ms,
                )
        self._standing = replace(self._standing, state=RolloutState.DONE)
        self.say(DONE)

    def _stop(self, why: Said) -> None:
        self._orders.clear()  # of those who were given up: they go back now
        for one in to_return(self._courses.values(), self._seen, self._target.sha256):
            self._courses[one.planned.device] = one
        self._standing = replace(
            self._standing,
            state=RolloutState.ABORTING,
            generation=self._standing.next_generation,
            why=why,
        )
        self._order_back()
        self._words = why

    # -- going back ------------------------------------------------------------------------------------------

    def bring_back(self) -> None:
        self._let_wait()
        self._order_back()
        left = sum(one.state is DeviceState.RETURNING for one in self._courses.values())
        if not left:
            self._standing = replace(self._standing, state=RolloutState.ABORTED)
            self._words = joined([self._standing.why, self._still_new() or STOPPED], "; ")
            return
        going = Said(f"{left} devices are going back", f"{left} máy đang quay về bản cũ")
        self.say(joined([self._for_the_sitting(), going], ", "))

    def _still_new(self) -> Said:
        """Who was to go back and has not, as far as it has told."""
        stuck = sum(
            one.state is DeviceState.FAILED and holds(self._seen[device], self._target.sha256)
            for device, one in self._courses.items()
        )
        if not stuck:
            return NOTHING
        return Said(
            f"{stuck} devices still have the new release, being offline or with no way back below its "
            "minimum; everybody else is back",
            f"{stuck} máy vẫn ở bản mới, vì không kết nối hoặc không được lùi dưới mức tối thiểu của "
            "nó; các máy khác đã về bản cũ",
        )

    # -- orders ----------------------------------------------------------------------------------------------

    def _is_frozen(self, device: DeviceId) -> bool:
        return bool(self._freeze.sitting) and device not in self._freeze.overridden

    def _let_wait(self) -> None:
        """Whose order has no force now is ordered anew afterwards: a freeze is not its fault, nor is the end
        of a window before it had begun."""
        if self._is_open and not self._freeze.sitting:
            return
        for device, one in self._courses.items():
            if one.ordered_ms is None:
                continue
            if one.state in _UNDER_WAY and (
                self._is_frozen(device) or (one.state is DeviceState.ORDERED and not self._is_open)
            ):
                self._courses[device] = replace(one, state=DeviceState.WAITING, ordered_ms=None)
            elif one.state is DeviceState.RETURNING and self._is_frozen(device):
                self._courses[device] = replace(one, ordered_ms=None)

    def _air(self) -> Air:
        air = Air(self._plan)
        for device, one in self._courses.items():
            seen = self._seen[device]
            is_told_anyway = one.state in (DeviceState.RETURNING, DeviceState.WAITING)
            if not is_told_anyway or can_be_reached(one, seen, self._now_ms):
                air.saw(one, seen)
        return air

    def _order_back(self) -> None:
        """At any hour: nobody is left on a bad version until the next night. Who is fetching is told at once,
        and so is who is offline, since neither takes anybody's place; the others in slots."""
        told = [
            one
            for one in self._courses.values()
            if one.state is DeviceState.RETURNING
            and one.ordered_ms is None
            and not self._is_frozen(one.planned.device)
        ]
        if not told:
            return
        air = self._air()
        for one in sorted(told, key=lambda one: (one.cause != WITHDRAWN, *_turn_of(one))):
            seen = self._seen[one.planned.device]
            at_once = one.cause == WITHDRAWN or not can_be_reached(one, seen, self._now_ms)
            if at_once or air.begins(seen.facts.get("row", ""), self._now_ms):
                self._order(one, "back", DeviceState.RETURNING, self._now_ms + VALID_MS)

    def _order_install(self) -> None:
        if not self._is_open:
            return
        not_after_ms = self._now_ms + self._plan.gate.deadline_s * 1000
        if self._plan.window is not None:
            not_after_ms = min(not_after_ms, ends_ms(self._plan.window, self._now_ms, self._local_min))
        waiting = [
            one
            for device, one in self._courses.items()
            if one.state is DeviceState.WAITING
            and one.planned.wave <= self._standing.wave
            and not self._is_frozen(device)
            and can_be_reached(one, self._seen[device], self._now_ms)
        ]
        if not waiting:
            return
        air = self._air()
        for one in sorted(waiting, key=_turn_of):
            seen = self._seen[one.planned.device]
            if is_interrupted(one, seen) or air.begins(seen.facts.get("row", ""), self._now_ms):
                self._order(one, "install", DeviceState.ORDERED, not_after_ms)

    def _order(self, course: Course, act: str, state: DeviceState, not_after_ms: int) -> None:
        if course.generation >= self._standing.generation:  # a device obeys what is newer than its last order
            self._standing = replace(self._standing, generation=self._standing.next_generation)
        planned, generation = course.planned, self._standing.generation
        self._orders.append(
            Given(planned.device, planned.backend, act, generation, self._now_ms, not_after_ms)
        )
        self._courses[planned.device] = replace(
            course, state=state, generation=generation, ordered_ms=self._now_ms
        )

    def _waits_for(self) -> Said:
        if self._plan.window is not None and not self._is_open and not self._freeze.sitting:
            begins = clock_text(self._plan.window.begins_min)
            return Said(f"waits for its window at {begins}", f"chờ đến giờ cập nhật, {begins}")
        return self._for_the_sitting()

    def _for_the_sitting(self) -> Said:
        sitting = self._freeze.sitting
        if not sitting:
            return NOTHING
        return Said(f"waits for the end of sitting {sitting}", f"chờ phiên họp {sitting} kết thúc")


def _turn_of(course: Course) -> tuple[int, int, str]:
    planned = course.planned
    return planned.wave, planned.slot_ms, planned.device
