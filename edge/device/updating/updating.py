"""The shell over the table of edge/device/update.py: takes orders from the twin, does the work of each state,
and keeps the new state before anything follows from it.

The loop's thread owns it; what takes time runs on a thread of its own and comes back as a call of the loop.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edge.device.backoff import decorrelated
from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.update import (
    AT_ONCE,
    IN_A_SITTING,
    LOOK_MS,
    LOOKING,
    RETRY_MS,
    TIMEOUT_CAUSE,
    TIMEOUT_S,
    UNDECIDED,
    WORK,
    Effect,
    Event,
    Job,
    State,
    is_in_table,
    step,
)
from edge.device.updating import holding, kept, saying
from edge.device.updating.works import Moment, Outcome, Tools, Works
from wire.errors import RecordRejected
from wire.ids import SittingId
from wire.updates import Held, Order, parse_order

WELL_MS: Final = 60_000
"""A firmware that has run for so long has not failed to start."""
HOLDS: Final = frozenset({State.SWITCHING, State.TRIAL, State.RETURNING})
"""In which what is linked may be another one than what runs."""
_FETCH_LIMIT_S: Final = 4 * 3600.0
_log: Final = logging.getLogger("hallward.update")


@dataclass(frozen=True, slots=True)
class Facts:
    """Of this machine. hardware: name of a kind; environment: of Python and its libraries, empty: unknown.
    firmware: slot that this process runs from; None: whatever is linked."""

    hardware: str
    environment: str
    firmware: str | None = None


def on_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="update", daemon=True).start()


class Updating:
    """aside: runs what takes time; a test runs it at once."""

    def __init__(
        self,
        runtime: DeviceRuntime,
        tools: Tools,
        facts: Facts,
        aside: Callable[[Callable[[], None]], None] = on_a_thread,
    ) -> None:
        self._runtime = runtime
        self._tools = tools
        self._aside = aside
        self._job = kept.read_job(runtime.outbox)
        self._minimums = kept.read_numbers(runtime.outbox, kept.MINIMUMS)
        self._running = holding.slots_running(tools.slots, facts.firmware)
        self._works = Works(tools, self._running)
        self._held = holding.held(tools.slots, self._running)
        self._is_working = False
        self._number = 0
        self._spent_ms = 0
        self._last_ms = runtime.clock.monotonic_ms()
        self._wait_ms = 0
        self._not_before_ms = 0
        self._waits = ""
        self._may_be_started: bool | None = None
        """What the launcher was told of the firmware in force; None: nothing by this process."""
        self._has_all_starts = False
        self.restarts = False
        """This process ends so that another one is started."""
        runtime.holds.update({"hardware": facts.hardware, "environment": facts.environment})
        runtime.holds.update(holding.reported(self._held))
        runtime.on_tick(self.tick)
        runtime.on_freeze(self._froze)
        runtime.on_close(self._works.end_shadow)

    @property
    def job(self) -> Job:
        return self._job

    def held(self) -> dict[str, Held]:
        """What runs now, by component."""
        return dict(self._held)

    def minimums(self) -> dict[str, int]:
        """By component: below it nothing is started again."""
        return dict(self._minimums)

    def tick(self) -> None:
        """Look at order, time and freeze, and go on as far as may be."""
        now_ms = self._runtime.clock.monotonic_ms()
        passed_ms, self._last_ms = now_ms - self._last_ms, now_ms
        self._tried(self._count_starts)
        try:
            if not self.restarts:
                self._see_what_runs()
                self._take_order()
                self._pass(passed_ms)
                self._go_on()
            elif self._runtime.is_frozen:
                self._hold()
        except StoreError as err:
            self._later(err.diagnostics())
        self._tell()

    def _see_what_runs(self) -> None:
        """Before anything can be decided on an update that took effect already, or is said of one that does
        not any more."""
        state, is_candidate = self._job.state, self._works.is_candidate(self._job)
        if state is State.SWITCHING and is_candidate:
            self._happened(Outcome(Event.STARTED))
        elif state is State.COMMITTING and not is_candidate:
            self._happened(Outcome(Event.CRASHED, "trial-crashed"))

    # -- orders --------------------------------------------------------------------------------------------

    def _order(self) -> Order | None:
        data = self._runtime.twin.get("update")
        if not isinstance(data, bytes) or not data:
            return None
        try:
            return parse_order(data)
        except RecordRejected:
            return None

    def _take_order(self) -> None:
        order, job = self._order(), self._job
        if order == job.order or self._is_old(order):
            return
        if job.is_idle:
            if order is not None and order.act == "hold":
                self._keep(Job(order=order, cause=job.cause))
            elif order is not None:
                self._keep(Job(State.WAITING, order))
            return
        same = order is not None and job.order is not None and _about_same(order, job.order)
        if order is None or not same:
            if job.state in UNDECIDED:
                self._happened(Outcome(Event.WITHDRAWN, "withdrawn"))
        elif order.act != "back":
            self._keep(replace(job, order=order))
        elif is_in_table(job.state, Event.BACK):
            self._happened(Outcome(Event.BACK, "withdrawn"), replace(job, order=order))

    def _is_old(self, order: Order | None) -> bool:
        """Of a generation before the one taken up: somebody plays an old twin."""
        known = self._job.order
        if order is None or known is None or order.rollout != known.rollout:
            return False
        return order.generation < known.generation

    # -- time ----------------------------------------------------------------------------------------------

    def _pass(self, passed_ms: int) -> None:
        job, clock = self._job, self._runtime.clock
        if job.is_idle or job.order is None or self._runtime.is_frozen:
            return
        self._spent_ms += passed_ms
        if self._has_lost_trial():
            self._happened(Outcome(Event.CRASHED, "trial-crashed"))
            return
        if job.state in UNDECIDED and clock.is_synchronised and clock.wall_ms() > job.order.not_after_ms:
            self._happened(Outcome(Event.LATE, "late"))
        elif self._spent_ms > TIMEOUT_S.get(job.state, self._spent_ms) * 1000:
            self._happened(Outcome(Event.TIMEOUT, TIMEOUT_CAUSE[job.state]))

    def _has_lost_trial(self) -> bool:
        """On trial, and another one runs: the launcher has put it back."""
        job = self._job
        return job.state is State.TRIAL and not self._works.is_candidate(job)

    def _obstacle(self) -> str:
        """Why nothing is begun now; empty: nothing is in the way."""
        job, clock = self._job, self._runtime.clock
        if self._runtime.is_frozen and not self._is_done_but_for_words():
            return saying.in_a_sitting(job)
        if job.order is None or job.state not in UNDECIDED:
            return ""
        if not clock.is_synchronised:
            return saying.FOR_THE_TIME
        if job.order.act == "hold":
            return saying.FOR_THE_FLEET
        if clock.wall_ms() < job.order.not_before_ms:
            return saying.for_its_turn(job.order.not_before_ms)
        return ""

    def _is_done_but_for_words(self) -> bool:
        """What is left to do changes nothing of what runs, now or after a restart."""
        job = self._job
        if job.state is State.RETURNING and job.order is not None and job.target is not None:
            return self._running.get(job.order.component) == job.target.back and self._works.is_linked(job)
        return job.state in IN_A_SITTING

    # -- work ----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """As far as it goes at once."""
        while not (self._job.is_idle or self._is_working or self.restarts):
            obstacle = self._obstacle()
            if obstacle:
                self._waits = obstacle
                self._pause()
                return
            if self._runtime.clock.monotonic_ms() < self._not_before_ms:
                return
            self._waits = ""
            if self._job.state is State.WAITING:
                self._happened(self._begun())
            else:
                self._work()

    def _pause(self) -> None:
        """A freeze, or the fleet's word: what runs beside ends. A trial is looked at all the same: one that
        is well is not given up for restarts that the sitting brings."""
        if self._is_working:
            return
        if self._runtime.is_frozen:
            self._hold()
        if self._job.state is State.TRIAL and not self._has_all_starts and not self._has_lost_trial():
            if self._runtime.clock.monotonic_ms() >= self._not_before_ms:
                self._work()
            return
        self._works.end_shadow()

    def _hold(self) -> None:
        """Also where a restart, or a disk that failed, stands between what was decided and what runs. That
        the switch is undone is kept before it is: a cut in between finds the candidate running, not
        crashed."""
        job = self._job
        if job.state not in HOLDS:
            return
        if job.state is State.TRIAL and not self._works.is_candidate(job) and self._works.is_switched(job):
            self._happened(Outcome(Event.HELD))
        self._works.hold(self._job)
        is_up = self._runtime.clock.monotonic_ms() >= WELL_MS
        if is_up and not self._has_all_starts and self._works.is_candidate(self._job):
            self._works.rearm(self._job)
            self._has_all_starts = True

    def _begun(self) -> Outcome:
        """Its turn has come."""
        job, outbox = self._job, self._runtime.outbox
        if job.order is None or job.order.act != "back":
            return Outcome(Event.DUE)
        component = job.order.component
        found = kept.read_before(outbox, component)
        slots = self._tools.slots.get(component)
        if found is None or slots is None or found[0] != job.order.rollout:
            return Outcome(Event.NOTHING_TO_DO, "withdrawn")
        target = found[1]
        present = slots.holds(slots.in_force())
        if present is None or present.sha256 != target.sha256:
            return Outcome(Event.NOTHING_TO_DO, "withdrawn")
        there = slots.holds(target.back)
        if there is None or there != target.before:
            return Outcome(Event.REFUSED, "not-there", target=target)
        if there.counter < self._minimums.get(component, 0):
            return Outcome(Event.REFUSED, "older", target=target)
        return Outcome(Event.BACK_DUE, "withdrawn", target=target)

    def _work(self) -> None:
        job, work = self._job, WORK[self._job.state]
        limit_s = TIMEOUT_S.get(job.state, _FETCH_LIMIT_S) - self._spent_ms / 1000
        floors = kept.read_numbers(self._runtime.outbox, kept.FLOORS)
        self._number += 1
        number = self._number
        now_ms = self._runtime.clock.wall_ms()
        moment = Moment(now_ms, floors, max(1.0, limit_s), lambda: number == self._number)
        if work in AT_ONCE:
            self._took(self._works.do(work, job, moment))
            return
        self._is_working = True

        def come_back() -> None:
            outcome = self._works.do(work, job, moment)
            self._runtime.post(lambda: self._came_back(number, job.order, outcome))

        self._aside(come_back)

    def _came_back(self, number: int, order: Order | None, outcome: Outcome) -> None:
        if number != self._number:
            return  # of a work that nobody waits for any more
        self._is_working = False
        try:
            if self._job.state is State.CHECKING and order != self._job.order:
                pass  # the director's word was weighed for another order than stands now: ask again
            elif not self._runtime.is_frozen or self._job.state in UNDECIDED:
                self._took(outcome)
            elif outcome.event is Event.WELL:
                self._works.rearm(self._job)
                self._has_all_starts = True
            else:
                self._later("")
        except StoreError as err:
            self._later(err.diagnostics())
        self.tick()

    def _took(self, outcome: Outcome) -> None:
        if outcome.event is None or not is_in_table(self._job.state, outcome.event):
            self._later(outcome.what)
            return
        self._happened(outcome)
        if outcome.event is Event.SLOW:
            self._later(outcome.what)

    def _later(self, waits: str) -> None:
        self._waits = waits if waits.startswith(("waits", "runs")) or not waits else f"waits: {waits}"
        if self._job.state in LOOKING:
            self._wait_ms = LOOK_MS
        else:
            self._wait_ms = decorrelated(self._wait_ms, *RETRY_MS, self._runtime.jitter())
        self._not_before_ms = self._runtime.clock.monotonic_ms() + self._wait_ms

    # -- what happened -------------------------------------------------------------------------------------

    def _happened(self, outcome: Outcome, job: Job | None = None) -> None:
        """The new state, what is said of it and what follows from it become durable in one step. Raises
        StoreError: nothing has happened then, and it will again."""
        job, event = job or self._job, outcome.event
        if event is None:
            return
        then = step(job.state, event)
        new = _job_after(job, then.state, outcome)
        if job.state is State.SWITCHING and new.is_idle:
            self._works.hold(job)
        values: dict[str, bytes | None] = {
            **kept.floors_with(self._runtime.outbox, outcome.version),
            **kept.changes(new, event, self._runtime.outbox),
        }
        said = [record for effect in then.effects if (record := saying.record(new, effect)) is not None]
        if new.is_idle:
            new = _rested(new, event)
        values[kept.JOB] = kept.encode_job(new)
        if said:
            self._runtime.append(said[0], values)
            _log.info("%s: %s %s", said[0].component, said[0].step, said[0].cause)
        else:
            self._runtime.outbox.keep(values)
        self._minimums = kept.read_numbers(self._runtime.outbox, kept.MINIMUMS)
        self._became(new)
        if Effect.RESTART in then.effects:
            self.restarts = True
            self._runtime.stop()

    def _became(self, job: Job) -> None:
        if job.state is not self._job.state:
            self._number += 1  # whatever is under way was of the state before
            self._is_working = False
            if self._job.state is State.SHADOWING:
                self._works.end_shadow()
            self._spent_ms = self._wait_ms = self._not_before_ms = 0
            self._waits = ""
        self._job = job

    def _keep(self, job: Job) -> None:
        self._runtime.outbox.keep({kept.JOB: kept.encode_job(job)})
        self._became(job)

    def _froze(self, sitting: SittingId | None) -> None:
        """What runs now is what the sitting begins with, also between a decision and its restart. A disk that
        fails here is asked again at each tick."""
        if sitting is None:
            return
        self._tried(self._count_starts)
        self._tried(self._see_what_runs)
        self._tried(self._hold)

    def _tried(self, act: Callable[[], None]) -> None:
        """A disk that fails at one thing keeps nobody from the next."""
        try:
            act()
        except StoreError as err:
            self._later(err.diagnostics())

    # -- what is said --------------------------------------------------------------------------------------

    def _tell(self) -> None:
        if not self._runtime.twin.get("update") or (self._runtime.is_frozen and self._job.is_idle):
            return
        if self._order() is None:
            self._runtime.report("update", "rejected: not an order that this release can read")
        else:
            # under a freeze, what is under way ends by itself, and nothing comes of it before the end
            stands = self._runtime.is_frozen and not self._is_done_but_for_words()
            waits = saying.in_a_sitting(self._job) if stands else self._waits
            self._runtime.report("update", saying.line(self._job, waits))

    def _count_starts(self) -> None:
        """A firmware that did not start may be started again once what runs was well for a minute. While
        golden stands in for it in a sitting it may not, also where it might before."""
        now_ms = self._runtime.clock.monotonic_ms()
        if self._runtime.is_frozen and self._works.is_standing_in(self._job):
            if self._may_be_started is not False:
                self._tools.guard.give_up()
                self._may_be_started = False
        elif now_ms >= WELL_MS and not self._may_be_started:
            self._may_be_started = True
            self._tools.guard.was_well()


def _about_same(one: Order, other: Order) -> bool:
    return (one.rollout, one.component) == (other.rollout, other.component)


def _rested(job: Job, event: Event) -> Job:
    """What is left of it: an order that was withdrawn may come again."""
    cause = "" if job.cause == "withdrawn" else job.cause
    return Job(order=None if event is Event.WITHDRAWN else job.order, cause=cause)


def _job_after(job: Job, state: State, outcome: Outcome) -> Job:
    target = outcome.target or job.target
    return replace(
        job,
        state=state,
        target=target,
        wrong=job.wrong + (outcome.event is Event.WRONG),
        slow=job.slow + (outcome.event is Event.SLOW),
        cause=outcome.cause or job.cause,
        readings={**job.readings, **outcome.readings},
    )
