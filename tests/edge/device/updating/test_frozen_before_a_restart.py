"""A sitting opens while another software is linked than runs: what runs is what every start of the sitting
is of, whatever was decided before, wherever the disk failed, and whenever the power is cut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.adapters.simulated_link import SimulatedBroker
from edge.device.errors import StoreError
from edge.device.update import State, Work
from edge.device.updating.updating import WELL_MS
from tests.edge.conftest import Device, Fleet, HandClock
from tests.edge.device.updating.test_frozen_in_an_update import until
from tests.edge.device.updating.unit import SITTING, Unit, about, release
from tests.edge.power_cut import PowerCut, fuse
from wire.down import FreezeNotice

LONG_MS = 10**9


def to_the_restart(unit: Unit) -> None:
    for _ in range(200):
        if unit.updating.restarts:
            return
        unit.device.pass_ms(500)
    raise AssertionError(f"never wanted a restart, but is {unit.updating.job.state}")


def one_is_held(unit: Unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)


def switching(unit: Unit) -> None:
    one_is_held(unit)
    unit.says("install", 2, rollout="r2")


def unwell(unit: Unit) -> None:
    unit.faults.unwell = 2
    switching(unit)
    to_the_restart(unit)
    unit.restart()


def called_back(unit: Unit) -> None:
    switching(unit)
    unit.run()
    unit.says("back", 3, rollout="r2")


@dataclass(frozen=True)
class Way:
    """begin: to shortly before a restart; runs: the counter of what runs then; ends: of what is in force
    after the sitting."""

    begin: Callable[[Unit], None]
    runs: int
    ends: int


WAYS = {
    "switching": Way(switching, 1, 2),
    "unwell": Way(unwell, 2, 1),
    "called back": Way(called_back, 2, 1),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def running(unit: Unit) -> int:
    found = unit.slots().holds(unit.running)
    assert found is not None
    return found.counter


def a_sitting_passes(unit: Unit) -> None:
    """With more starts than a candidate has, each of which lasts for longer than a firmware that does not
    start."""
    before = running(unit)
    for _ in range(2 * launch.TRIES_MAX + 1):
        unit.device.pass_ms(WELL_MS + 10_000, 10_000)
        assert unit.counter == before, "what is linked is not what runs"
        unit.restart()
        assert running(unit) == before, "other software was started in the sitting"
    unit.device.pass_ms(2_000)


def test_what_runs_runs_through_the_sitting_and_the_decision_is_carried_out_after_it(
    unit: Unit, way: Way
) -> None:
    way.begin(unit)
    to_the_restart(unit)
    said = list(unit.said)
    unit.freeze(True, LONG_MS)
    assert (running(unit), unit.counter) == (way.runs, way.runs)
    unit.restart()
    a_sitting_passes(unit)
    assert running(unit) == way.runs
    assert unit.said == said, "nothing is done before the end, and nothing is said to be done"
    unit.freeze(False)
    unit.run()
    assert unit.is_done
    unit.assert_whole(way.ends)
    assert len(unit.said) == len(said) + 1
    assert not (unit.update / launch.PAPER).exists()


def test_a_device_says_in_one_line_that_it_goes_back_after_the_sitting(unit: Unit) -> None:
    unwell(unit)
    to_the_restart(unit)
    unit.freeze(True, LONG_MS)
    unit.restart()
    unit.device.pass_ms(2_000)
    assert unit.status == "applying: waits for the end of the sitting, then goes back"


def test_a_candidate_that_is_kept_for_the_sitting_and_starts_no_more_is_left_by_the_launcher(
    unit: Unit,
) -> None:
    """Its paper was taken away for the return: it gets one again."""
    unwell(unit)
    to_the_restart(unit)
    unit.freeze(True, LONG_MS)
    unit.faults.crashes = 2
    before = len(unit.starts)
    unit.restart()
    assert (running(unit), len(unit.starts) - before) == (1, launch.TRIES_MAX + 1)


def test_a_return_that_had_happened_before_the_sitting_is_said_in_it(unit: Unit) -> None:
    """The fleet waits for the word, and what runs does not change by it."""
    unwell(unit)
    to_the_restart(unit)
    unit.restart()
    unit.freeze(True, LONG_MS)
    unit.device.pass_ms(2_000)
    assert unit.said[-1] == ("returned", "self-test")
    a_sitting_passes(unit)


def test_a_disk_that_fails_when_the_sitting_begins_is_asked_again(unit: Unit, way: Way) -> None:
    way.begin(unit)
    to_the_restart(unit)
    unit.step = lambda what: _refuse(what) if "switch" in what or "remove" in what else None
    unit.freeze(True, LONG_MS)
    assert unit.counter != way.runs
    unit.step = lambda _: None
    unit.device.pass_ms(500)
    assert unit.counter == way.runs


def _refuse(_: str) -> None:
    raise OSError(28, "by hand")


def test_two_people_who_lift_the_freeze_of_this_device_let_it_go_back_at_once(unit: Unit) -> None:
    """The way out of a sitting with a candidate that does not work."""
    unwell(unit)
    to_the_restart(unit)
    unit.freeze(True, LONG_MS)
    unit.restart()
    unit.device.pass_ms(2_000)
    unit.fleet.say(FreezeNotice(SITTING, frozen=False), unit.device.identity.device, expires_in_ms=600_000)
    unit.device.settle()
    unit.run()
    assert unit.said[-1][0] == "returned"
    unit.assert_whole(1)


# -- the power is cut --------------------------------------------------------------------------------------


def made(folder: Path, component: str) -> Unit:
    broker, clock = SimulatedBroker(), HandClock()
    fleet = Fleet(broker, clock)
    fleet.join()
    return Unit(folder, Device(fleet, broker, clock, "keypad"), fleet, component)


def frozen_until_the_fuse(unit: Unit, way: Way, at: int) -> bool:
    """The power is cut at this step, counted from the lease on. False: there were fewer."""
    way.begin(unit)
    to_the_restart(unit)
    unit.step = fuse(at)
    try:
        unit.freeze(True, LONG_MS)
        unit.restart()
        unit.device.pass_ms(5_000)
    except PowerCut:
        return True
    finally:
        unit.step = lambda _: None
    return False


def cuts(folder: Path, component: str, way: Way) -> Iterator[Unit]:
    for at in range(1, 200):
        unit = made(folder / f"{at}", component)
        if not frozen_until_the_fuse(unit, way, at):
            assert at > 6, "taking the lease and holding what runs are two durable changes at least"
            return
        yield unit
    raise AssertionError("it never came to an end")


@pytest.mark.slow
@pytest.mark.parametrize("component", ["firmware", "models"])
def test_after_a_cut_at_any_step_of_holding_it_what_is_started_stays_and_ends_alike(
    tmp_path: Path, component: str, way: Way
) -> None:
    """A cut that comes before the lease is kept, or before what runs is linked again, is one before the
    sitting: nothing has been measured or said by then, and what the next start is of, it stays."""
    count, held = 0, False
    for unit in cuts(tmp_path, component, way):
        count += 1
        linked = unit.counter
        assert linked == way.runs or not held, "what was linked again was not linked at a later step"
        held = linked == way.runs
        unit.restart()
        if not unit.device.runtime.is_frozen:
            unit.freeze(True, LONG_MS)
        if unit.updating.restarts:
            unit.restart()
        assert running(unit) == linked
        a_sitting_passes(unit)
        unit.assert_whole(1, 2)
        unit.freeze(False)
        unit.run()
        assert unit.is_done
        unit.assert_whole(way.ends)
        assert not (unit.update / launch.PAPER).exists()
        assert "trial-crashed" not in [cause for _, cause in unit.said], "of a release that never crashed"
    assert held
    assert count > 6


# -- the disk fails ----------------------------------------------------------------------------------------


class Refusing:
    """A disk that refuses one durable step, and all that come until it is mended."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.has_refused = False

    def __call__(self, what: str) -> None:
        self.left -= 1
        if self.left <= 0:
            self.has_refused = True
            raise OSError(28, "by hand")


def refused_at(unit: Unit, way: Way, at: int) -> None:
    """The disk refuses this step of the switch or the return, and is mended then."""
    way.begin(unit)
    disk = Refusing(at)
    works = unit.updating._works._works

    def failing(work: Callable[..., object]) -> Callable[..., object]:
        def run(task: object) -> object:
            unit.device.disk.full = False
            unit.step = lambda what: disk(what) if what not in ("begin", "commit", "committed") else None
            try:
                return work(task)
            finally:
                unit.step = lambda _: None
                unit.device.disk.full = at == ALL_OF_THEM

        return run

    for work in (Work.SWITCH, Work.RETURN):
        works[work] = failing(works[work])
    for _ in range(200):
        unit.device.pass_ms(500)
        if disk.has_refused or unit.device.disk.full or unit.updating.restarts:
            break
    unit.device.disk.full = False


ALL_OF_THEM = 100
"""The work is done, and that it is done cannot be kept."""


@pytest.mark.slow
@pytest.mark.parametrize("at", [*range(1, 7), ALL_OF_THEM])
def test_wherever_the_disk_fails_before_the_sitting_what_runs_is_what_starts_in_it(
    unit: Unit, way: Way, at: int
) -> None:
    refused_at(unit, way, at)
    unit.freeze(True, LONG_MS)
    assert unit.counter == running(unit) == way.runs
    if unit.updating.restarts:
        unit.restart()
    a_sitting_passes(unit)
    unit.freeze(False)
    unit.run()
    assert unit.is_done
    unit.assert_whole(way.ends)
    assert not (unit.update / launch.PAPER).exists()


@pytest.mark.parametrize("act", ["hold", "install", ""])
def test_an_update_that_is_left_after_its_switch_could_not_be_kept_leaves_nothing_behind(
    unit: Unit, act: str
) -> None:
    """Else it is `refused` and started all the same, with no trial that anybody knows of."""
    refused_at(unit, WAYS["switching"], ALL_OF_THEM)
    assert unit.counter == 2
    if act:
        unit.says(act, 3, rollout="r3", begin=2**49)
    else:
        unit.desire(b"")
    unit.device.pass_ms(2_000)
    assert unit.said[-1] == ("refused", "withdrawn")
    assert (unit.counter, running(unit)) == (1, 1)
    assert not (unit.update / launch.PAPER).exists()
    unit.restart()
    assert running(unit) == 1


# -- it runs already, and does not know it -----------------------------------------------------------------


def cut_after_the_link(unit: Unit) -> None:
    one_is_held(unit)

    def blow(what: str) -> None:
        if what.startswith("switched to"):
            raise PowerCut

    unit.step = blow
    unit.release.away = True
    unit.says("install", 2, rollout="r2")
    unit.release.away = False
    with pytest.raises(PowerCut):
        unit.run()
    unit.step = lambda _: None
    unit.device.kill()
    unit.start(connected=False)
    assert running(unit) == 2


def test_a_candidate_that_runs_after_a_cut_is_on_trial_though_its_order_was_withdrawn_meanwhile(
    unit: Unit,
) -> None:
    cut_after_the_link(unit)
    unit.device.pass_ms(1_000)
    assert unit.updating.job.state is State.TRIAL
    unit.device.link.heal()
    unit.says("hold", 1, rollout="r3")
    unit.run()
    assert ("refused", "withdrawn") not in unit.said
    assert unit.said[-1] == ("committed", "")
    assert not (unit.update / launch.PAPER).exists()


def test_a_candidate_that_runs_after_a_cut_stays_through_the_sitting(unit: Unit) -> None:
    cut_after_the_link(unit)
    unit.device.link.heal()
    unit.freeze(True, LONG_MS)
    a_sitting_passes(unit)
    assert running(unit) == 2
    unit.freeze(False)
    unit.run()
    assert unit.said[-1] == ("committed", "")


def test_a_candidate_that_nobody_saw_well_is_not_left_for_restarts_that_the_sitting_brings(
    unit: Unit,
) -> None:
    """It cannot be told without a network; that it starts, it shows by running for a minute."""
    switching(unit)
    to_the_restart(unit)
    unit.faults.silent = 2
    unit.restart()
    unit.freeze(True, LONG_MS)
    a_sitting_passes(unit)
    assert running(unit) == 2


def test_what_is_committed_in_a_sitting_changes_nothing_and_is_not_left_half_done(unit: Unit) -> None:
    """A paper that stayed would have the launcher put the old one back after three starts."""
    switching(unit)
    to_the_restart(unit)
    unit.restart()
    works = unit.updating._works._works
    whole, works[Work.DISARM] = works[Work.DISARM], _full
    until(unit, State.COMMITTING)
    unit.freeze(True, LONG_MS)
    works[Work.DISARM] = whole
    unit.device.pass_ms(600_000)
    assert unit.said[-1] == ("committed", "")
    assert not (unit.update / launch.PAPER).exists()
    a_sitting_passes(unit)


def test_golden_that_stands_in_for_a_firmware_that_did_not_start_stays_for_the_sitting(keypad: Unit) -> None:
    """The launcher tries the firmware again once golden was well for a minute; not in a sitting."""
    one_is_held(keypad)
    keypad.device.kill()
    (keypad.update / launch.STARTS).write_text(str(launch.STARTS_MAX))
    keypad.start()
    assert keypad.starts[-1] == launch.GOLDEN
    keypad.freeze(True, LONG_MS)
    for _ in range(3):
        keypad.device.pass_ms(WELL_MS + 10_000, 10_000)
        keypad.restart()
        assert keypad.starts[-1] == launch.GOLDEN
    keypad.freeze(False)
    keypad.device.pass_ms(WELL_MS + 10_000, 10_000)
    keypad.restart()
    assert keypad.starts[-1] == "a"


def _full(_: object) -> object:
    raise StoreError("by hand")
