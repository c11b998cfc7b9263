"""`committed` is said of what runs and stays in force: also when the launcher has put the old one back after
the trial was decided, and before its paper was taken away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.errors import StoreError
from edge.device.update import State, Work
from tests.edge.device.updating.test_frozen_before_a_restart import (
    LONG_MS,
    a_sitting_passes,
    made,
    running,
    switching,
    to_the_restart,
)
from tests.edge.device.updating.test_frozen_in_an_update import until
from tests.edge.device.updating.unit import Unit, about
from tests.edge.power_cut import PowerCut, fuse


def last_start_of_a_trial(unit: Unit) -> None:
    """No try is left, and it can be told only now that it is well."""
    switching(unit)
    unit.release.about = about(unit.component, 2, minimum=2)
    unit.faults.silent = 2
    to_the_restart(unit)
    for _ in range(launch.TRIES_MAX):
        unit.restart()
        assert running(unit) == 2
        unit.device.pass_ms(1_000)
    trial = launch.read_trial(unit.update)
    assert trial is not None
    assert trial.tries == 0
    unit.faults.silent = -1


def committing(unit: Unit) -> None:
    """Decided, and the paper cannot be taken away."""
    last_start_of_a_trial(unit)
    unit.updating._works._works[Work.DISARM] = _full
    until(unit, State.COMMITTING)


def _full(_: object) -> object:
    raise StoreError("by hand")


def assert_word_is_true(unit: Unit) -> None:
    word = {1: ("returned", "trial-crashed"), 2: ("committed", "")}[running(unit)]
    assert unit.said[-1] == word
    assert unit.counter == running(unit)
    assert unit.updating.minimums().get(unit.component, 0) == {1: 0, 2: 2}[running(unit)]
    assert not (unit.update / launch.PAPER).exists()


def cuts(folder: Path, component: str) -> Iterator[Unit]:
    for at in range(1, 100):
        unit = made(folder / f"{at}", component)
        last_start_of_a_trial(unit)
        unit.step = fuse(at)
        try:
            unit.run()
        except PowerCut:
            unit.step = lambda _: None
            unit.restart()
            yield unit
            continue
        assert_word_is_true(unit)
        assert running(unit) == 2
        return
    raise AssertionError("it never came to an end")


@pytest.mark.slow
@pytest.mark.parametrize("component", ["firmware", "models"])
@pytest.mark.parametrize("frozen", [False, True])
def test_after_a_cut_at_any_step_of_committing_in_the_last_start_the_word_is_true(
    tmp_path: Path, component: str, frozen: bool
) -> None:
    ends = []
    for unit in cuts(tmp_path, component):
        if frozen:
            unit.freeze(True, LONG_MS)
            a_sitting_passes(unit)
            unit.freeze(False)
        unit.run()
        assert unit.is_done
        assert_word_is_true(unit)
        ends.append(running(unit))
    assert set(ends) == {1, 2}, "cuts before and after the paper was taken away"
    assert ends == sorted(ends)


@pytest.mark.parametrize("frozen", ["not", "before the cut", "after it"])
def test_what_the_launcher_has_put_back_after_it_was_decided_is_returned(unit: Unit, frozen: str) -> None:
    committing(unit)
    if frozen == "before the cut":
        unit.freeze(True, LONG_MS)
    unit.restart()
    assert running(unit) == 1
    if frozen == "after it":
        unit.freeze(True, LONG_MS)
    unit.device.pass_ms(2_000)
    assert unit.said[-1] == ("returned", "trial-crashed")
    if frozen != "not":
        a_sitting_passes(unit)
        unit.freeze(False)
    unit.run()
    assert_word_is_true(unit)


@pytest.mark.parametrize("frozen", ["not", "before the start", "after it"])
def test_a_start_that_the_launcher_could_not_count_commits_nothing(
    keypad: Unit, frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts the old one and leaves the link: what runs, is linked again, also in the sitting."""
    committing(keypad)
    if frozen == "before the start":
        keypad.freeze(True, LONG_MS)
    keypad.device.kill()
    keypad.step = _refuse
    keypad.slot = launch.choose(keypad.update, "keypad", keypad.burn)
    assert (keypad.slot, keypad.slots().in_force()) == ("a", "b")
    keypad.step = lambda _: None
    with monkeypatch.context() as patch:
        patch.setattr(launch, "choose", lambda *_: "a")
        keypad.start()
    if frozen == "after it":
        keypad.freeze(True, LONG_MS)
    assert keypad.counter == 1 or frozen == "not"
    keypad.device.pass_ms(2_000)
    if frozen != "not":
        a_sitting_passes(keypad)
        keypad.freeze(False)
    keypad.run()
    assert_word_is_true(keypad)
    assert running(keypad) == 1


def _refuse(what: str) -> None:
    raise OSError(28, what)
