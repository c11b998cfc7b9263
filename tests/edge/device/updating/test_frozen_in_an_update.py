"""A sitting opens while an update is under way: what ran when it began, runs until it ends."""

from edge.device import launch
from edge.device.update import State
from tests.edge.device.updating.unit import about, release


def until(unit, state: State) -> None:
    for _ in range(200):
        if unit.updating.job.state is state:
            return
        unit.device.pass_ms(500)
    raise AssertionError(f"never {state}, but {unit.updating.job.state}")


def test_an_order_waits_for_the_end_of_the_sitting_and_says_so(unit) -> None:
    unit.start()
    unit.says("install", 1, begin=unit.fleet.clock.wall + 2_000)
    unit.device.pass_ms(500)
    unit.freeze(True)
    unit.device.pass_ms(60_000)
    assert unit.release.asked == 0
    assert unit.status == "applying: waits for the end of the sitting"
    unit.freeze(False)
    unit.run()
    assert unit.counter == 1


def test_a_shadow_run_ends_with_the_freeze_and_begins_anew_after_it(gate) -> None:
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    gate.freeze(True)
    gate.device.pass_ms(120_000)
    assert gate.updating.job.state is State.SHADOWING
    assert [shadow.is_open for shadow in gate.faults.shadows] == [False]
    assert gate.counter == 0
    gate.freeze(False)
    gate.run()
    assert gate.counter == 1
    assert len(gate.faults.shadows) == 2


def test_a_freeze_between_the_switch_and_the_restart_takes_the_switch_back(unit) -> None:
    unit.start()
    unit.says("install", 1)
    until(unit, State.TRIAL)
    assert unit.updating.restarts
    assert unit.counter == 1
    unit.freeze(True)
    assert unit.counter == 0
    unit.restart()
    unit.device.pass_ms(120_000)
    assert (unit.counter, unit.starts[-1]) == (0, launch.GOLDEN)
    unit.freeze(False)
    unit.run()
    assert unit.counter == 1
    assert unit.said[-1] == ("committed", "")


def test_an_answer_to_the_order_before_the_sitting_does_not_refuse_the_one_after_it(unit) -> None:
    """The question waits for a fleet that is away; when its answer comes, the director speaks of a newer
    order, which has come here in the meantime."""
    unit.start()
    asked = []
    unit.updating._aside = asked.append
    unit.says("install", 1)
    unit.device.pass_ms(500)
    unit.freeze(True)
    unit.says("hold", 2)
    unit.freeze(False)
    unit.says("install", 3)
    unit.release.refuses = "not-assigned"
    unit.updating._aside = lambda work: work()
    (answer,) = asked
    answer()
    unit.release.refuses = ""
    unit.run()
    assert "refused" not in [step for step, _ in unit.said]
    assert unit.counter == 1


def on_trial(unit) -> None:
    unit.start()
    unit.says("install", 1)
    until(unit, State.TRIAL)
    assert unit.updating.restarts
    unit.device.kill()
    unit.start(connected=False)
    unit.device.pass_ms(2_000)
    assert unit.updating.job.state is State.TRIAL
    unit.device.link.heal()


def test_a_trial_is_decided_after_the_sitting_and_restarts_in_it_do_not_end_it(unit) -> None:
    on_trial(unit)
    unit.freeze(True)
    for _ in range(3 * launch.TRIES_MAX):
        unit.device.pass_ms(5_000)
        unit.restart()
    unit.device.pass_ms(5_000)
    assert unit.counter == 1
    assert unit.updating.job.state is State.TRIAL
    assert unit.status == "applying: waits for the end of the sitting"
    unit.freeze(False)
    unit.run()
    assert unit.said[-1] == ("committed", "")
    assert unit.counter == 1


def test_a_candidate_that_does_not_start_in_a_sitting_is_left_by_the_launcher_all_the_same(unit) -> None:
    on_trial(unit)
    unit.freeze(True)
    unit.faults.crashes = 1
    unit.restart()
    unit.device.pass_ms(5_000)
    assert unit.counter == 0
    assert ("returned", "trial-crashed") not in unit.said
    unit.freeze(False)
    unit.run()
    assert unit.said[-1] == ("returned", "trial-crashed")


def test_going_back_by_order_waits_for_the_end_of_the_sitting_too(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    unit.freeze(True)
    unit.says("back", 2)
    unit.device.pass_ms(60_000)
    assert unit.counter == 1
    unit.freeze(False)
    unit.run()
    assert unit.counter == 0


def test_what_was_frozen_at_a_power_cut_is_frozen_after_it(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.freeze(True)
    unit.restart()
    unit.says("install", 2, rollout="r2")
    unit.device.pass_ms(60_000)
    assert unit.counter == 1
    assert unit.release.asked == 1
