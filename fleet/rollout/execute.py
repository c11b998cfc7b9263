"""Twice a second, for every rollout that is under way: look, let the rules decide, carry it out in one act.

What was decided is in the database or it is not: killed anywhere, the next start looks again and decides the
same. Whatever changed between the look and the act (a person's hand, a sitting that opened) undoes the
decision: the next tick decides on what is true then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fleet.db import Connection
from fleet.ddi import following as ddi
from fleet.desk.office import FLEET, Act, Office
from fleet.rollout import absence, orders, store
from fleet.rollout.freezing import freeze_of
from fleet.rollout.observing import store as observing
from fleet.rollout.observing.store import Seen
from fleet.rollout.rules.advance import advance
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import (
    Course,
    Decision,
    Freeze,
    Observation,
    RolloutState,
    Standing,
    Target,
)
from fleet.rollout.rules.slots import minute_of_day
from fleet.rollout.rules.verbs import pause
from fleet.rollout.store import Rollout
from wire.errors import HallError
from wire.ids import DeviceId

Targets = Callable[[], Sequence[Target]]


@dataclass(frozen=True, slots=True)
class View:
    """What one decision is made on."""

    rollout: Rollout
    courses: tuple[Course, ...]
    seen: Mapping[DeviceId, Seen]
    observations: Mapping[DeviceId, Observation]
    freeze: Freeze
    next_generation: int

    @property
    def standing(self) -> Standing:
        return replace(self.rollout.standing, next_generation=self.next_generation)


class Executor:
    """One per process that makes acts. targets: what exists, verified; raises HallError."""

    def __init__(self, office: Office, targets: Targets) -> None:
        self._office = office
        self._targets = targets

    def tick(self) -> None:
        """Every rollout once. One that cannot be carried on keeps no other from it. Raises HallError, the
        first."""
        trouble: HallError | None = None
        with self._office.look() as connection:
            names = [rollout.rollout for rollout in store.active(connection)]
        if not names:
            return
        absence.make_up(self._office, self._office.clock.wall_ms())
        for name in names:
            try:
                self._step(name)
            except HallError as err:
                trouble = trouble or err
        absence.note(self._office, self._office.clock.wall_ms())
        if trouble is not None:
            raise trouble

    def _step(self, name: str) -> None:
        now_ms = self._office.clock.wall_ms()
        with self._office.look() as connection:
            view = view_of(self._office, connection, name, now_ms)
        decision = self._decide(view, now_ms)
        if is_idle(view, decision):
            return
        standing = decision.standing
        moved = (standing.state, standing.wave) != (view.standing.state, view.standing.wave)
        if decision.orders or moved:
            with self._office.act(FLEET, "rollout.stepped", name) as act:
                if still(act.connection, view, now_ms):
                    carry_out(act, view.rollout, decision)
                else:
                    act.note(undone="what it was decided on has changed meanwhile")
        else:
            with self._office.keep() as connection:
                if still(connection, view, now_ms):
                    write(connection, view.rollout, decision, now_ms)

    def _decide(self, view: View, now_ms: int) -> Decision:
        """Raises HallError when nobody can tell what exists: then a rollout may be stopped, and nothing
        else."""
        rollout = view.rollout
        trouble: HallError | None = None
        if rollout.standing.state is RolloutState.RUNNING:
            try:
                if not self._exists(rollout.target):
                    return _withdrawn(view, now_ms)
            except HallError as err:
                trouble = err
        window = rollout.plan.window
        decision = advance(
            rollout.plan,
            rollout.target,
            view.standing,
            view.courses,
            view.observations,
            now_ms,
            0 if window is None else minute_of_day(window, now_ms),
            view.freeze,
        )
        if trouble is not None and decision.standing.state is not RolloutState.ABORTING:
            raise trouble
        return decision

    def _exists(self, target: Target) -> bool:
        return any((one.path, one.sha256) == (target.path, target.sha256) for one in self._targets())


def _withdrawn(view: View, now_ms: int) -> Decision:
    """As a person would pause it: who is at work goes no further with what its officers took back."""
    path = view.rollout.target.path
    why = Said(
        f"paused: its officers have withdrawn {path}; abort the rollout, or import it again and resume",
        f"tạm dừng: những người ký đã rút lại {path}; hãy dừng đợt này, hoặc nhập lại rồi cho chạy tiếp",
    )
    held = pause(view.standing, view.courses, now_ms)
    return replace(held, standing=replace(held.standing, why=why), words=why)


def view_of(office: Office, connection: Connection, name: str, now_ms: int) -> View:
    """All that is known of a rollout that there is."""
    rollout = store.find(connection, name)
    if rollout is None:
        raise AssertionError(f"a rollout is never deleted, and {name} was there")
    rows = store.rows(connection, name)
    courses = tuple(row.course for row in rows)
    seen = observing.seen(connection, office.desk.hall)
    said = observing.outcomes(connection, name)
    observations = {
        course.planned.device: observing.observed(
            seen[course.planned.device],
            rollout.component,
            row.before,
            said.get((course.planned.device, course.generation)),
        )
        for row in rows
        for course in [row.course]
        if course.planned.device in seen
    }
    observations |= ddi.observed(connection, name, courses, observations)
    return View(
        rollout,
        courses,
        seen,
        observations,
        freeze_of(connection, now_ms),
        store.next_generation(connection, now_ms),
    )


def is_idle(view: View, decision: Decision) -> bool:
    """Nothing is to be written or told."""
    same = replace(decision.standing, next_generation=view.next_generation) == view.standing
    return same and decision.words == view.rollout.words and not decision.orders and not decision.courses


def still(connection: Connection, view: View, now_ms: int) -> bool:
    """Whether what was decided on is still so: nobody laid a hand on the rollout, no sitting opened."""
    return (
        store.find(connection, view.rollout.rollout) == view.rollout
        and freeze_of(connection, now_ms).sitting == view.freeze.sitting
    )


def carry_out(act: Act, rollout: Rollout, decision: Decision) -> None:
    """Write the decision and give its orders, in this act."""
    write(act.connection, rollout, decision, act.now_ms)
    orders.give(act, rollout.rollout, rollout.target, decision.orders)
    standing = decision.standing
    act.note(
        state=str(standing.state), wave=standing.wave, generation=standing.generation, words=decision.words.en
    )
    for kind in ("install", "hold", "back"):
        if number := sum(order.act == kind for order in decision.orders):
            act.note(**{kind: number})


def write(connection: Connection, rollout: Rollout, decision: Decision, now_ms: int) -> None:
    store.write_courses(connection, rollout.rollout, decision.courses)
    orders.take_off(connection, rollout.component, decision.courses)
    store.change(
        connection,
        replace(rollout, standing=decision.standing, words=decision.words, changed_ms=now_ms),
    )
