"""Orders, freezes, cables, crashes and power cuts in any order: what is started is always whole, nothing
changes in a freeze, nothing falls below a committed minimum, and with no more faults it comes to rest."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.device.adapters.simulated_link import SimulatedBroker
from edge.device.update import TABLE, TIMEOUT_S, Event, State, step
from tests.edge.conftest import Device, Fleet, HandClock
from tests.edge.device.updating.unit import Faults, Unit, about, release
from tests.edge.power_cut import PowerCut, fuse


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_pair_has_an_answer(state: State, event: Event) -> None:
    found = step(state, event)
    assert (found.state, found.effects) == TABLE.get((state, event), (state, ()))


BY_TIME = (Event.TIMEOUT, Event.LATE, Event.DISARMED, Event.RETURNED)
"""What comes without anybody's help but time's, or of a work that cannot be refused."""


@pytest.mark.parametrize("state", State)
def test_from_every_state_time_alone_leads_to_rest(state: State) -> None:
    seen = set()
    while state is not State.IDLE:
        assert state not in seen
        seen.add(state)
        nexts = [step(state, event).state for event in BY_TIME if (state, event) in TABLE]
        assert nexts, f"{state} can last for ever"
        assert Event.TIMEOUT not in [e for e in BY_TIME if (state, e) in TABLE] or state in {
            *TIMEOUT_S,
            State.WAITING,
        }
        state = nexts[0]


class Walk:
    """A device in a bad neighbourhood. All faults can be switched off in the end."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        broker, clock = SimulatedBroker(), HandClock()
        fleet = Fleet(broker, clock)
        fleet.join()
        component = self.rng.choice(["firmware", "models"])
        self.unit = Unit(folder, Device(fleet, broker, clock, "keypad"), fleet, component)
        self.unit.one_by_one = True
        self.generation, self.newest, self.floor = 0, 0, 0
        self.frozen_at: str | None = None
        self.unit.start()

    def install(self) -> None:
        self.newest += 1
        if self.rng.random() < 0.3:
            self.floor = self.newest
        unit = self.unit
        unit.release.data = release(unit.component, self.newest)
        unit.release.about = about(unit.component, self.newest, self.floor)
        self.order("install")

    def order_again(self) -> None:
        if self.newest:
            self.order(self.rng.choice(["hold", "back", "back", "install"]))

    def order(self, act: str) -> None:
        self.generation += 1
        self.guarded(lambda: self.unit.says(act, self.generation, rollout=f"r{self.newest}"))

    def time_passes(self) -> None:
        self.guarded(lambda: self.unit.run(self.rng.choice([1, 1, 2, 4, 30]) * 1_000))

    def power_is_cut(self) -> None:
        self.unit.step = fuse(self.rng.randint(1, 40))
        self.guarded(lambda: self.unit.run(20_000))
        self.unit.step = lambda _: None

    def freezes(self) -> None:
        if self.frozen_at is None:
            self.unit.freeze(True, expires_in_ms=10**9)
            self.frozen_at = self.unit.running

    def thaws(self) -> None:
        self.frozen_at = None
        self.unit.freeze(False)

    def newest_is_bad(self) -> None:
        if self.unit.counter != self.newest and self.frozen_at is None:
            self.unit.faults = Faults(**{self.rng.choice(["crashes", "unwell", "silent"]): self.newest})

    def network_is_bad(self) -> None:
        self.unit.release.spoils = self.rng.choice([0, 1, 3])
        self.unit.release.away = self.rng.random() < 0.3

    def guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PowerCut:
            self.unit.step = lambda _: None
            self.unit.restart()

    def check(self) -> None:
        unit = self.unit
        unit.assert_whole(*range(self.newest + 1))
        assert unit.counter >= unit.updating.minimums().get(unit.component, 0)
        if self.frozen_at is not None and unit.faults.crashes < 0:  # who does not start at all is left
            assert unit.slots().in_force() == self.frozen_at

    def comes_to_rest(self) -> None:
        unit = self.unit
        unit.faults = Faults()
        unit.release.spoils, unit.release.away = 0, False
        self.thaws()
        self.install()
        unit.restart()
        unit.run(4_000_000, 5_000)
        assert unit.is_done
        assert unit.counter == self.newest


ACTIONS = {
    Walk.install: 3,
    Walk.order_again: 1,
    Walk.time_passes: 12,
    Walk.power_is_cut: 2,
    Walk.freezes: 3,
    Walk.thaws: 2,
    Walk.newest_is_bad: 1,
    Walk.network_is_bad: 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_it_is_whole_obeys_a_freeze_and_comes_to_rest(tmp_path: Path, seed: int) -> None:
    walk = Walk(tmp_path, seed)
    for _ in range(60):
        (action,) = walk.rng.choices(list(ACTIONS), weights=list(ACTIONS.values()))
        action(walk)
        walk.check()
    walk.comes_to_rest()
