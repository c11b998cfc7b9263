"""The work of each state: done by hands of others (ports), told as what happened.

Each may be done twice, since a power cut can come between a work and the state that follows it.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.device.errors import NotNow, UpdateRefused
from edge.device.update import GOLDEN, SLOW_MAX, WRONG_MAX, Event, Job, State, Target, Work
from edge.device.updating.ports import Catalogue, Parts, Shadow, Slots, Source, Subject, TrialGuard, Wanted
from wire.errors import HallError
from wire.updates import Order

MARGIN_BYTES: Final = 16 * 1024 * 1024
"""Of the disk, left for records beside a target and what is unpacked of it."""
_log: Final = logging.getLogger("hallward.update")


@dataclass(frozen=True, slots=True)
class Tools:
    """slots: of each component that this device can have replaced. can_launch: the launcher started this
    process, and would start another firmware. monotonic_ms: of any clock."""

    catalogue: Catalogue
    source: Source
    slots: Mapping[str, Slots]
    parts: Parts
    guard: TrialGuard
    subject: Subject
    can_launch: bool
    monotonic_ms: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a work. event None: not now, for the reason in `what`. version: of metadata that were
    believed."""

    event: Event | None
    cause: str = ""
    what: str = ""
    readings: Mapping[str, int] = field(default_factory=dict)
    target: Target | None = None
    version: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a work needs to know of the time and of what was believed. now_ms: Unix ms as the hall told it.
    limit_s: until the state ends. is_wanted: somebody waits for it still; from any thread."""

    now_ms: int
    floors: Mapping[str, int]
    limit_s: float
    is_wanted: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Task:
    """One work: of a job that has an order, and from `fetching` on a target."""

    job: Job
    order: Order
    moment: Moment
    slots: Slots

    @property
    def target(self) -> Target:
        if self.job.target is None:
            raise UpdateRefused("self-test", "the update was kept without its target")
        return self.job.target

    @property
    def wanted(self) -> Wanted:
        target = self.target
        if target.about is None:
            raise UpdateRefused("self-test", "the update was kept without what the officers say of it")
        return Wanted(target.path, target.length, target.sha256, target.about, {})


class Works:
    """One at a time, on whatever thread; beside it one that was given up may be ending still. running: slot
    that runs, by component."""

    def __init__(self, tools: Tools, running: Mapping[str, str]) -> None:
        self._tools = tools
        self._running = running
        self._linked = {component: slots.in_force() for component, slots in tools.slots.items()}
        self._shadow: Shadow | None = None
        self._swapping = threading.Lock()
        self._loading = threading.Lock()
        self._works: Final[Mapping[Work, Callable[[_Task], Outcome]]] = {
            Work.ASK: self._ask,
            Work.FETCH: self._fetch,
            Work.VERIFY: self._verify,
            Work.STAGE: self._stage,
            Work.TEST: self._test,
            Work.SHADOW: self._run_shadow,
            Work.SWITCH: self._switch,
            Work.LOOK: self._look,
            Work.DISARM: self._disarm,
            Work.RETURN: self._return,
        }

    def do(self, work: Work, job: Job, moment: Moment) -> Outcome:
        """Never raises but for a power cut."""
        if job.order is None:
            return Outcome(Event.WITHDRAWN)
        if work is not Work.SHADOW:
            self.end_shadow()
        try:
            return self._works[work](_Task(job, job.order, moment, self._slots(job.order)))
        except UpdateRefused as err:
            _log.warning("%s: %s (%s)", job.order.component, err.what, err.cause)
            return Outcome(Event.REFUSED, err.cause, err.what, err.readings)
        except NotNow as err:
            return Outcome(None, what=err.what)
        except HallError as err:
            return Outcome(None, what=err.diagnostics())
        except Exception as err:  # noqa: BLE001  # the candidate's code and data may fail in any way
            what = f"failed in an unforeseen way ({type(err).__name__})"
            _log.exception("%s: %s failed in an unforeseen way", job.order.component, work)
            if work in (Work.TEST, Work.SHADOW, Work.LOOK):
                return Outcome(Event.REFUSED, "self-test", what)
            return Outcome(None, what=what)

    def end_shadow(self) -> None:
        with self._swapping:
            shadow, self._shadow = self._shadow, None
        if shadow is not None:
            shadow.close()

    def _keep_only(self, task: _Task, wanted: Wanted | None) -> None:
        """Of parts. What was given up leaves those alone that the next update fetches by now."""
        if task.moment.is_wanted():
            self._tools.parts.keep_only(wanted)

    # -- before anything is touched ------------------------------------------------------------------------

    def _ask(self, task: _Task) -> Outcome:
        tools, slots, order = self._tools, task.slots, task.order
        if order.component == "firmware" and not tools.can_launch:
            raise UpdateRefused("no-launcher", "its firmware is not started by the launcher here, and stays")
        wanted = tools.catalogue.wanted(order, task.moment.floors, task.moment.now_ms)
        present = slots.in_force()
        held = slots.holds(present)
        target = Target(wanted.path, wanted.length, wanted.sha256, wanted.about, slots.spare(), present, held)
        if held is not None and held.sha256 == wanted.sha256:
            return Outcome(Event.NOTHING_TO_DO, target=target, version=wanted.version)
        self._keep_only(task, wanted)
        needed = 2 * wanted.length - tools.parts.size(wanted) + MARGIN_BYTES
        free_kb = tools.parts.free_kb()
        if free_kb * 1024 < needed:
            raise UpdateRefused("disk-full", f"needs {needed // 1024} kB of disk, {free_kb} are free")
        return Outcome(Event.FOUND, target=target, version=wanted.version)

    def _fetch(self, task: _Task) -> Outcome:
        tools, wanted = self._tools, task.wanted
        began_ms = tools.monotonic_ms()
        size = tools.parts.size(wanted)
        if size > wanted.length:
            tools.parts.drop(wanted)
            size = 0
        is_delta = size == 0 and task.job.wrong == 0 and self._patched(task)
        if not is_delta and size < wanted.length:
            try:
                tools.source.fetch(wanted, tools.parts.path(wanted), size, task.moment.limit_s)
            except UpdateRefused as err:
                if err.cause != "slow" or task.job.slow + 1 >= SLOW_MAX:
                    raise
                return Outcome(Event.SLOW, what=err.what)
        readings = {
            "bytes": wanted.length - size,
            "delta": int(is_delta),
            "fetch-ms": tools.monotonic_ms() - began_ms,
        }
        return Outcome(Event.FETCHED, readings=readings)

    def _patched(self, task: _Task) -> bool:
        """The target was made of the one that is in force, by a patch."""
        tools, target, wanted = self._tools, task.target, task.wanted
        if target.back == GOLDEN or target.before is None:
            return False
        base = tools.parts.base()
        try:
            if not task.slots.archive(target.back, base):
                return False
            return tools.source.delta(target.before.sha256, base, wanted, tools.parts.path(wanted))
        finally:
            self._keep_only(task, wanted)

    def _verify(self, task: _Task) -> Outcome:
        wanted = task.wanted
        if self._tools.parts.is_genuine(wanted):
            return Outcome(Event.GENUINE)
        self._tools.parts.drop(wanted)
        if task.job.wrong + 1 >= WRONG_MAX:
            raise UpdateRefused("wrong-hash", f"what comes as {wanted.path} is not what was signed")
        return Outcome(Event.WRONG)

    def _stage(self, task: _Task) -> Outcome:
        wanted = task.wanted
        task.slots.stage(self._tools.parts.path(wanted), wanted.about.counter)
        return Outcome(Event.STAGED)

    def _test(self, task: _Task) -> Outcome:
        target, slots = task.target, task.slots
        _check_staged(task)
        folder = slots.folder(target.slot)
        if folder is None:
            raise _not_there(target.slot)
        self._keep_only(task, None)
        began_ms = self._tools.monotonic_ms()
        readings = self._tools.subject.self_test(task.order.component, folder)
        took_ms = self._tools.monotonic_ms() - began_ms
        return Outcome(Event.PASSED, readings={"self-test-ms": took_ms, **readings})

    def _run_shadow(self, task: _Task) -> Outcome:
        if not self._loading.acquire(blocking=False):  # of an update that was given up
            raise NotNow("an earlier candidate is being loaded still")
        try:
            shadow = self._shadow_of(task)
        finally:
            self._loading.release()
        if shadow is None:
            return Outcome(Event.NO_SHADOW)
        try:
            readings = shadow.readings()
        except UpdateRefused:
            self.end_shadow()
            raise
        if readings is None:
            raise NotNow("runs beside the present one")
        self.end_shadow()
        return Outcome(Event.AGREED, readings=readings)

    def _shadow_of(self, task: _Task) -> Shadow | None:
        """The one that runs, or another one; None: this component has none. Raises UpdateRefused, NotNow."""
        if self._shadow is not None:
            return self._shadow
        folder = task.slots.folder(task.target.slot)
        if folder is None:
            raise _not_there(task.target.slot)
        shadow = self._tools.subject.shadow(task.order.component, folder)
        self._shadow = shadow
        if not task.moment.is_wanted():  # whoever gave it up has found none to end, or has ended this one
            self.end_shadow()
            raise NotNow("was given up while it was loaded")
        return shadow

    # -- from here on what runs is another one ---------------------------------------------------------------

    def _switch(self, task: _Task) -> Outcome:
        target = task.target
        _check_staged(task)  # hours may lie between the self-test and this
        self._tools.guard.arm(
            task.order.component, target.slot, target.back
        )  # first: no start goes uncounted
        task.slots.switch(target.slot)
        return Outcome(Event.SWITCHED)

    def _look(self, _task: _Task) -> Outcome:
        return Outcome(Event.WELL, readings=self._tools.subject.is_well())

    def _disarm(self, _task: _Task) -> Outcome:
        self._tools.guard.disarm()
        return Outcome(Event.DISARMED)

    def _return(self, task: _Task) -> Outcome:
        """What was linked at this start is as good as what runs: the launcher may have had to start golden
        instead, and would again. So is golden, when the old one is not there any more."""
        slots, back, component = task.slots, task.target.back, task.order.component
        if slots.in_force() != back:
            slots.switch(back)
        self._tools.guard.disarm()
        is_back = slots.in_force() in (self._running[component], self._linked[component])
        return Outcome(Event.RETURNED if is_back else Event.TURNED)

    # -- for as long as nothing may change -------------------------------------------------------------------

    def is_candidate(self, job: Job) -> bool:
        """What runs is what this job has on trial, or would have."""
        target = job.target
        if job.order is None or target is None or target.about is None:
            return False
        return self._running.get(job.order.component) == target.slot

    def is_linked(self, job: Job) -> bool:
        """What runs is what the next start is of."""
        component = "" if job.order is None else job.order.component
        slots = self._tools.slots.get(component)
        return slots is None or slots.in_force() == self._running[component]

    def is_switched(self, job: Job) -> bool:
        """The next start is of what this job has on trial, or would have."""
        if job.order is None or job.target is None or job.target.about is None:
            return False
        slots = self._tools.slots.get(job.order.component)
        return slots is not None and slots.in_force() == job.target.slot

    def is_standing_in(self, job: Job) -> bool:
        """Golden runs, since the launcher has given up on the firmware that is in force, or is again once
        this job's switch is undone."""
        slots = self._tools.slots.get("firmware")
        if slots is None or self._running["firmware"] != GOLDEN:
            return False
        if job.order is None or job.order.component != "firmware":
            return slots.in_force() != GOLDEN
        return self._linked_before(job, slots) != GOLDEN

    def _linked_before(self, job: Job, slots: Slots) -> str:
        """Without the switch of this job, where there was one."""
        is_undone = job.state in (State.SWITCHING, State.TRIAL) and self.is_switched(job)
        return job.target.back if is_undone and job.target is not None else slots.in_force()

    def hold(self, job: Job) -> None:
        """What runs is what the next start is of: a candidate with a paper, which is a new one where it was
        not linked any more; else the old one, with none. Golden that stands in for it is not linked: what was
        committed would be forgotten. Raises StoreError."""
        if job.order is None or job.target is None:
            return
        component, guard = job.order.component, self._tools.guard
        slots = self._tools.slots.get(component)
        if slots is None:  # this device has it no more
            guard.disarm()
            return
        present, runs = slots.in_force(), self._running[component]
        if self.is_candidate(job):
            if present != runs:
                guard.arm(component, job.target.slot, job.target.back)
                slots.switch(runs)
            return
        linked = runs if job.state is State.RETURNING else self._linked_before(job, slots)
        if present != linked:
            slots.switch(linked)
        guard.disarm()

    def rearm(self, job: Job) -> None:
        """A candidate on trial that is well, and may not be decided on yet, has all its starts again. Raises
        StoreError."""
        if job.order is not None and job.target is not None:
            self._tools.guard.arm(job.order.component, job.target.slot, job.target.back)

    def _slots(self, order: Order) -> Slots:
        found = self._tools.slots.get(order.component)
        if found is None:
            raise UpdateRefused("wrong-hardware", f"no {order.component} can be replaced here by itself")
        return found


def _check_staged(task: _Task) -> None:
    """Every byte of the spare slot is what was signed. Raises UpdateRefused."""
    slot = task.target.slot
    held = task.slots.holds(slot)
    if held is None or held.sha256 != task.target.sha256:
        raise _not_there(slot)


def _not_there(slot: str) -> UpdateRefused:
    return UpdateRefused("wrong-hash", f"slot {slot} does not hold what was put there")
