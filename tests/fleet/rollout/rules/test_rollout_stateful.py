"""Whatever happens in a hall, in whatever order: no promise of a rollout is broken, and it ends. The promises
that hold at every moment are asserted in the pretended hall itself."""

from dataclasses import replace
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fleet.rollout.rules import verbs
from fleet.rollout.rules.causes import is_retriable
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import DeviceState, GateRules, Plan, RolloutState, Wave, Window
from tests.fleet.rollout.rules.pretended_hall import Hall, Unit, device

FATES: Final = (*["well"] * 20, "refuses", "unwell", "slow", "hot", "unseen", "liar")
ENDS: Final = (RolloutState.DONE, RolloutState.ABORTED)
TICKS_MAX: Final = 2_000
UNITS: Final = 12


class Rollout(RuleBasedStateMachine):
    @initialize(
        fates=st.lists(st.sampled_from(FATES), min_size=UNITS, max_size=UNITS),
        rows=st.lists(st.sampled_from("ABC"), min_size=UNITS, max_size=UNITS),
        cap=st.integers(1, 3),
        spacing_ms=st.sampled_from((0, 7_000)),
        window=st.sampled_from((None, Window(1430, 4), Window(3, 15))),
    )
    def begin(
        self, fates: list[str], rows: list[str], cap: int, spacing_ms: int, window: Window | None
    ) -> None:
        plan = Plan(
            (Wave("canary", percent=20), Wave("the rest")),
            {"ap-1": ("A",), "ap-2": ("B",)},
            cap,
            spacing_ms,
            window,
            GateRules(soak_s=60, deadline_s=600),
        )
        units = [
            Unit(device(f"k-{n:02}", row), fate)
            for n, (fate, row) in enumerate(zip(fates, rows, strict=True))
        ]
        self.hall = Hall(plan, units)
        self.hall.start()

    @rule(ticks=st.integers(1, 30), step_ms=st.sampled_from((1_000, 5_000, 20_000)))
    def time_passes(self, ticks: int, step_ms: int) -> None:
        for _ in range(ticks):
            self.hall.tick()
            self.hall.pass_time(step_ms)

    @rule(number=st.integers(0, UNITS - 1))
    def switch_off_or_on(self, number: int) -> None:
        unit = list(self.hall.units.values())[number]
        unit.is_on = not unit.is_on

    @rule()
    def the_access_points_fail(self) -> None:
        for unit in self.hall.units.values():
            unit.is_on = False

    @rule(freed=st.integers(0, UNITS))
    def a_sitting_opens(self, freed: int) -> None:
        self.hall.freeze_now(*list(self.hall.units)[:freed][-1:])

    @rule()
    def the_sitting_ends(self) -> None:
        self.hall.thaw()

    @precondition(lambda self: self.hall.standing.state is RolloutState.RUNNING)
    @rule()
    def somebody_pauses(self) -> None:
        hall = self.hall
        hall.carry_out(verbs.pause(hall.standing, list(hall.courses.values()), hall.now_ms))
        hall.came_back_with_an_order |= {name for name, unit in hall.units.items() if not unit.is_on}

    @precondition(lambda self: self.hall.standing.state is RolloutState.PAUSED)
    @rule()
    def somebody_resumes(self) -> None:
        self.hall.resume()

    @precondition(lambda self: self.hall.standing.state in (RolloutState.RUNNING, RolloutState.PAUSED))
    @rule()
    def somebody_stops_it(self) -> None:
        hall = self.hall
        standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
        hall.carry_out(
            verbs.abort(
                standing,
                hall.target,
                list(hall.courses.values()),
                hall.observations(),
                Said("by hand", "bằng tay"),
            )
        )

    @precondition(lambda self: self.hall.standing.state is RolloutState.DONE)
    @rule()
    def those_that_were_offline_are_tried_again(self) -> None:
        hall = self.hall
        if any(is_retriable(one.state, one.cause) for one in hall.courses.values()):
            standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
            hall.carry_out(verbs.retry(standing, list(hall.courses.values()), hall.now_ms))

    @invariant()
    def whoever_waited_on_ends_with_a_cause(self) -> None:
        for one in self.hall.courses.values():
            assert one.state is not DeviceState.FAILED or one.cause

    def teardown(self) -> None:
        """Every fault is healed: now it has to end, whatever it was in."""
        hall = self.hall
        for unit in hall.units.values():
            unit.is_on = True
            unit.fate = "well" if unit.fate == "unseen" else unit.fate  # somebody walks by
        hall.thaw()
        for _ in range(TICKS_MAX):
            if hall.standing.state is RolloutState.PAUSED:
                hall.resume()
            if hall.standing.state in ENDS:
                break
            hall.tick()
            hall.pass_on(20_000)
        assert hall.standing.state in ENDS, hall.words
        if hall.standing.state is RolloutState.ABORTED:
            hall.pass_time(20_000)
            assert hall.on_new() == set(), "left on the version that was stopped"
            return
        for one in hall.courses.values():
            assert one.state in (DeviceState.SOAKED, DeviceState.FAILED, DeviceState.RETURNED)


Rollout.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestRollout = Rollout.TestCase
