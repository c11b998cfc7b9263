"""Any history of an update, as hypothesis finds it: rules that mostly succeed, so that it comes deep, and
faults between them."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.device import launch
from edge.device.adapters.simulated_link import SimulatedBroker
from edge.device.update import SLOW_MAX, WRONG_MAX, State
from edge.device.updating.kept import FLOORS, read_numbers
from tests.edge.conftest import Device, Fleet, HandClock
from tests.edge.device.updating.unit import Faults, Unit, about, release
from tests.edge.power_cut import PowerCut, fuse

STATES = [State.FETCHING, State.VERIFYING, State.STAGING, State.TESTING, State.SHADOWING, State.TRIAL]
"""In which it is between two seconds; the others pass at once."""
RESTS = [State.IDLE] * 4
GOOD = ("", "", "", "")


class Updates(RuleBasedStateMachine):
    """One device. What it must do is not computed twice: only what it must never do."""

    unit: Unit

    def __init__(self) -> None:
        super().__init__()
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # a folder of its own
        self.folder = Path(tempfile.mkdtemp(prefix="hallward-update-", dir=memory))
        self.generation = self.newest = self.minimum = 0
        self.floors: dict[str, int] = {}
        self.frozen_at: str | None = None

    @initialize(component=st.sampled_from(["firmware", "models"]))
    def begin(self, component: str) -> None:
        broker, clock = SimulatedBroker(), HandClock()
        fleet = Fleet(broker, clock)
        fleet.join()
        self.unit = Unit(self.folder, Device(fleet, broker, clock, "keypad"), fleet, component)
        self.unit.one_by_one = True
        self.unit.start()

    def teardown(self) -> None:
        try:
            if hasattr(self, "unit"):
                self._comes_to_rest()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- orders, and how far they come -----------------------------------------------------------------------

    @rule(minimum=st.sampled_from([False, False, True]), until=st.sampled_from([*STATES, *RESTS]))
    def a_release_is_ordered(self, minimum: bool, until: State) -> None:
        self._order_of_the_next(minimum, until)

    def _order_of_the_next(self, minimum: bool, until: State, *, restarts: bool = True) -> None:
        self.newest += 1
        unit = self.unit
        unit.release.data = release(unit.component, self.newest)
        unit.release.about = about(unit.component, self.newest, self.newest if minimum else 0)
        unit.release.version = {"image/timestamp/k": self.newest}
        self._order("install", until, restarts=restarts)

    @rule(minimum=st.booleans())
    def a_release_is_taken_and_called_back(self, minimum: bool) -> None:
        self._order_of_the_next(minimum, State.IDLE)
        self._order("back", State.IDLE)

    @precondition(lambda self: self.newest)
    @rule(
        act=st.sampled_from(["back", "back", "hold", "install"]),
        until=st.sampled_from([State.RETURNING, State.IDLE]),
    )
    def its_rollout_is_ordered_again(self, act: str, until: State) -> None:
        self._order(act, until)

    @rule(until=st.sampled_from([*STATES, *RESTS]))
    def it_goes_on(self, until: State) -> None:
        self._guarded(lambda: self._runs(until))

    @precondition(lambda self: self.frozen_at is None)
    @rule(until=st.sampled_from(STATES), goes_on=st.booleans())
    def a_sitting_opens_in_the_middle(self, until: State, goes_on: bool) -> None:
        """Also between the switch and the restart, where what runs is not what is linked."""
        self.unit.faults = Faults()
        self.the_network_is(away=False, spoils=0, slow=0)
        self._order_of_the_next(False, until, restarts=False)
        self._freezes()
        if goes_on:
            self._guarded(lambda: self.unit.run(60_000))

    @precondition(lambda self: self.frozen_at is None)
    @rule(by=st.sampled_from(["unwell", "back"]), goes_on=st.booleans())
    def a_sitting_opens_before_it_goes_back(self, by: str, goes_on: bool) -> None:
        """Whether it was found unwell, or was committed and is called back."""
        self.unit.faults = Faults(unwell=self.newest + 1 if by == "unwell" else -1)
        self.the_network_is(away=False, spoils=0, slow=0)
        if by == "back":
            self._order_of_the_next(False, State.IDLE)
            self._order("back", State.IDLE, restarts=False)
        else:
            self._order_of_the_next(False, State.TRIAL)
            self._guarded(lambda: self._runs(State.IDLE, restarts=False))
        event(f"a sitting opens in {self.unit.updating.job.state}, restarts {self.unit.updating.restarts}")
        self._freezes()
        if goes_on:
            self._guarded(lambda: self.unit.run(300_000, 5_000))

    @rule()
    def a_sitting_opens_or_ends(self) -> None:
        if self.frozen_at is None:
            self._freezes()
        else:
            self.frozen_at = None
            self.unit.freeze(False)

    def _freezes(self) -> None:
        unit = self.unit
        self.frozen_at = unit.running
        unit.freeze(True, expires_in_ms=10**9)
        if unit.updating.restarts:
            unit.restart()

    @rule()
    def time_passes(self) -> None:
        self._guarded(lambda: self.unit.run(300_000, 5_000))

    # -- faults ----------------------------------------------------------------------------------------------

    @rule(at=st.integers(1, 40), until=st.sampled_from(STATES))
    def power_is_cut(self, at: int, until: State) -> None:
        self.unit.step = fuse(at)
        self._guarded(lambda: self._runs(until))
        self.unit.step = lambda _: None

    @rule()
    def it_is_switched_off_and_on(self) -> None:
        self.unit.restart()

    @rule(
        away=st.sampled_from([False, False, True]),
        spoils=st.sampled_from([0, 0, 0, 1, 3]),
        slow=st.sampled_from([0, 0, 0, 1, SLOW_MAX]),
    )
    def the_network_is(self, away: bool, spoils: int, slow: int) -> None:
        release = self.unit.release
        release.away, release.spoils, release.slow = away, spoils, slow

    @rule(
        test=st.sampled_from([*GOOD, "golden-outputs"]),
        shadow=st.sampled_from([*GOOD, "disagrees"]),
        runs=st.sampled_from([*GOOD, "crashes", "unwell", "silent"]),
    )
    def the_newest_is(self, test: str, shadow: str, runs: str) -> None:
        """What runs already, does not become bad: that would be no fault of an update."""
        is_new = self.frozen_at is None and self.unit.counter != self.newest
        bad = {runs: self.newest} if runs and is_new else {}
        self.unit.faults = Faults(self_test=test, shadow=shadow, **bad)

    # -- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def what_is_started_is_whole(self) -> None:
        if hasattr(self, "unit"):
            self.unit.assert_whole(*range(self.newest + 1))
            event(f"in {self.unit.updating.job.state}")

    @invariant()
    def nothing_is_started_below_a_committed_minimum(self) -> None:
        if hasattr(self, "unit"):
            found = self.unit.updating.minimums().get(self.unit.component, 0)
            assert found >= self.minimum, "a minimum fell"
            self.minimum = found
            assert self.unit.counter >= found

    @invariant()
    def nothing_is_switched_in_a_sitting(self) -> None:
        """Whoever does not start at all is left by the launcher."""
        if self.frozen_at is not None and self.unit.faults.crashes < 0:
            assert self.unit.slots().in_force() == self.frozen_at
            assert self.unit.running == self.frozen_at

    @invariant()
    def what_was_believed_is_never_forgotten(self) -> None:
        if hasattr(self, "unit"):
            found = read_numbers(self.unit.device.runtime.outbox, FLOORS)
            assert all(found.get(role, 0) >= floor for role, floor in self.floors.items())
            self.floors = found

    @invariant()
    def no_try_is_without_end(self) -> None:
        if hasattr(self, "unit"):
            job = self.unit.updating.job
            assert job.wrong < WRONG_MAX
            assert job.slow < SLOW_MAX

    # -- hands -----------------------------------------------------------------------------------------------

    def _order(self, act: str, until: State, *, restarts: bool = True) -> None:
        self.generation += 1

        def order() -> None:
            self.unit.says(act, self.generation, rollout=f"r{self.newest}")
            self._runs(until, restarts=restarts)

        self._guarded(order)

    def _runs(self, until: State, *, restarts: bool = True) -> None:
        """A minute, or until it is there."""
        for _ in range(60):
            self.unit.run(1_000, restarts=restarts)
            if self.unit.updating.job.state is until or (self.unit.updating.restarts and not restarts):
                return

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PowerCut:
            self.unit.step = lambda _: None
            self.unit.restart()

    def _comes_to_rest(self) -> None:
        """With no fault any more the newest release is taken, and nothing is left over."""
        unit = self.unit
        unit.faults, unit.step = Faults(), lambda _: None
        self.the_network_is(away=False, spoils=0, slow=0)
        self.frozen_at = None
        unit.freeze(False)
        unit.restart()  # what runs now knows of no fault either
        self._order_of_the_next(False, State.IDLE)
        unit.restart()
        unit.run(4_000_000, 5_000)
        assert unit.is_done
        assert unit.counter == self.newest
        assert not (unit.update / launch.PAPER).exists()
        for step, cause in unit.said:
            event(f"{step} {cause}")


Updates.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestUpdates = pytest.mark.slow(Updates.TestCase)
