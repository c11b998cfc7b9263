"""The launcher has given up on the committed firmware, and golden runs in its place: it stays for a sitting,
and what it stands in for stays in force, whatever becomes of an update meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.update import State
from edge.device.updating.updating import WELL_MS
from tests.edge.device.updating.test_frozen_before_a_restart import (
    ALL_OF_THEM,
    LONG_MS,
    Way,
    made,
    one_is_held,
    refused_at,
    to_the_restart,
)
from tests.edge.device.updating.test_frozen_in_an_update import until
from tests.edge.device.updating.unit import Unit
from tests.edge.power_cut import PowerCut, fuse

LONG_UP_MS = WELL_MS + 10_000


def stands_in(unit: Unit, up_ms: int = LONG_UP_MS) -> None:
    """up_ms: for so long golden runs already; after a minute the launcher would try the other one again."""
    one_is_held(unit)
    unit.device.kill()
    (unit.update / launch.STARTS).write_text(str(launch.STARTS_MAX))
    unit.start()
    assert unit.starts[-1] == launch.GOLDEN
    unit.device.pass_ms(up_ms, 10_000)


def ordered(unit: Unit) -> None:
    stands_in(unit)
    unit.says("install", 2, rollout="r2")


def idle(unit: Unit) -> None:
    stands_in(unit)


def idle_for_less_than_a_minute(unit: Unit) -> None:
    stands_in(unit, 5_000)


def waiting(unit: Unit) -> None:
    stands_in(unit)
    unit.says("install", 2, rollout="r2", begin=2**49)
    unit.device.pass_ms(1_000)


def cannot_switch(unit: Unit) -> None:
    refused_at(unit, Way(ordered, 0, 2), 1)
    assert (unit.updating.job.state, unit.slots().in_force()) == (State.SWITCHING, "a")


def cannot_keep_the_switch(unit: Unit) -> None:
    refused_at(unit, Way(ordered, 0, 2), ALL_OF_THEM)
    assert (unit.updating.job.state, unit.slots().in_force()) == (State.SWITCHING, "b")


def switched(unit: Unit) -> None:
    ordered(unit)
    to_the_restart(unit)
    assert (unit.updating.job.state, unit.slots().in_force()) == (State.TRIAL, "b")


def going_back(unit: Unit) -> None:
    """From what golden stands in for, to the one before it."""
    one_is_held(unit)
    unit.says("install", 2, rollout="r2")
    unit.run()
    unit.device.kill()
    (unit.update / launch.STARTS).write_text(str(launch.STARTS_MAX))
    unit.start()
    unit.device.pass_ms(LONG_UP_MS, 10_000)
    unit.says("back", 3, rollout="r2")
    to_the_restart(unit)


BEGINS = (idle, idle_for_less_than_a_minute, waiting, cannot_switch, cannot_keep_the_switch, switched)
"""Wherever an update is, before another one than golden runs."""


def a_sitting_passes(unit: Unit) -> None:
    for _ in range(launch.TRIES_MAX + 1):
        unit.device.pass_ms(LONG_UP_MS, 10_000)
        unit.restart()
        assert unit.starts[-1] == launch.GOLDEN, "other software was started in the sitting"
        assert unit.slots().in_force() == "a", "what was committed is forgotten"


@pytest.mark.parametrize("begin", BEGINS)
def test_golden_stays_through_a_sitting_and_forgets_nothing(
    keypad: Unit, begin: Callable[[Unit], None]
) -> None:
    begin(keypad)
    keypad.freeze(True, LONG_MS)
    assert keypad.slots().in_force() == "a"
    keypad.restart()
    assert keypad.starts[-1] == launch.GOLDEN
    a_sitting_passes(keypad)
    keypad.freeze(False)
    keypad.device.pass_ms(LONG_UP_MS, 10_000)
    if keypad.updating.job.is_idle or keypad.updating.job.state is State.WAITING:
        keypad.restart()
        assert keypad.starts[-1] == "a", "it is tried again after the sitting"
    else:
        keypad.run()
        assert keypad.said[-1] == ("committed", "")
        keypad.assert_whole(2)
    assert not (keypad.update / launch.PAPER).exists()


def test_it_stays_through_the_next_sitting_too(keypad: Unit) -> None:
    """In one process: what was written for the first was taken back after it."""
    stands_in(keypad)
    for _ in range(2):
        keypad.freeze(True, LONG_MS)
        assert (keypad.update / launch.STARTS).read_text() == str(launch.STARTS_MAX)
        keypad.freeze(False)
        keypad.device.pass_ms(1_000)
        assert not (keypad.update / launch.STARTS).exists()


@pytest.mark.parametrize("begin", BEGINS)
def test_a_disk_that_fails_when_the_sitting_begins_is_asked_again_for_it(
    keypad: Unit, begin: Callable[[Unit], None]
) -> None:
    begin(keypad)
    keypad.step = _refuse
    keypad.freeze(True, LONG_MS)
    keypad.device.pass_ms(1_000)
    keypad.step = lambda _: None
    keypad.device.pass_ms(1_000)
    keypad.restart()
    a_sitting_passes(keypad)


def _refuse(what: str) -> None:
    if what not in ("begin", "commit", "committed"):
        raise OSError(28, "by hand")


@pytest.mark.slow
@pytest.mark.parametrize("begin", [*BEGINS, going_back])
def test_after_a_cut_at_any_step_of_it_golden_stays_or_the_cut_was_before_the_sitting(
    tmp_path: Path, begin: Callable[[Unit], None]
) -> None:
    stayed = 0
    for at in range(1, 100):
        unit = made(tmp_path / f"{at}", "firmware")
        begin(unit)
        before = len(unit.starts)
        unit.step = fuse(at)
        try:
            unit.freeze(True, LONG_MS)
        except PowerCut:
            unit.step = lambda _: None
        else:
            break
        unit.restart()
        unit.freeze(True, LONG_MS)
        first = unit.starts[before]
        assert first == launch.GOLDEN or not stayed, "what was held was not held at a later step"
        stayed += first == launch.GOLDEN
        for _ in range(launch.TRIES_MAX + 1):
            unit.device.pass_ms(LONG_UP_MS, 10_000)
            unit.restart()
            assert unit.starts[-1] == first
        unit.freeze(False)
        unit.run()
        unit.assert_whole(1, 2)
        assert "trial-crashed" not in [cause for _, cause in unit.said], "of a release that never crashed"
        assert unit.updating.job.state is State.WAITING or not (unit.update / launch.PAPER).exists()
    assert stayed, "the last cuts come after golden was held"


@pytest.mark.parametrize("begin", [cannot_switch, cannot_keep_the_switch])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("why", ["withdrawn", "another", "back", "late"])
def test_an_update_that_is_left_leaves_in_force_what_golden_stands_in_for(
    keypad: Unit, begin: Callable[[Unit], None], frozen: bool, why: str
) -> None:
    """Else the committed release is forgotten, and golden is for good, however old."""
    begin(keypad)
    if frozen:
        keypad.freeze(True, LONG_MS)
    if why == "withdrawn":
        keypad.desire(b"")
    elif why == "another":
        keypad.says("hold", 3, rollout="r3")
    elif why == "back":
        keypad.says("back", 3, rollout="r2")
    else:
        keypad.device.disk.full = True
        keypad.says("install", 3, rollout="r2", end=keypad.fleet.clock.wall - 1)
        keypad.device.disk.full = False
        keypad.says("install", 4, rollout="r2", end=keypad.fleet.clock.wall - 1)
    keypad.device.pass_ms(2_000)
    keypad.freeze(False)
    keypad.device.pass_ms(2_000)
    assert keypad.updating.job.is_idle
    assert keypad.slots().in_force() == "a"
    assert not (keypad.update / launch.PAPER).exists()
    keypad.device.pass_ms(LONG_UP_MS, 10_000)
    keypad.restart()
    assert (keypad.starts[-1], keypad.counter) == ("a", 1)


@pytest.mark.slow
@pytest.mark.parametrize("begin", [cannot_switch, cannot_keep_the_switch])
def test_after_a_cut_while_it_is_left_that_is_in_force_too(
    tmp_path: Path, begin: Callable[[Unit], None]
) -> None:
    for at in range(1, 100):
        unit = made(tmp_path / f"{at}", "firmware")
        begin(unit)
        unit.step = fuse(at)
        try:
            unit.desire(b"")
            unit.device.pass_ms(2_000)
        except PowerCut:
            unit.step = lambda _: None
        else:
            break
        unit.restart()
        unit.run(60_000)
        linked = unit.slots().in_force()
        assert linked == "a" or (linked, unit.said[-1]) == ("b", ("committed", "")), "it ran after the cut"
        assert not (unit.update / launch.PAPER).exists()
    assert at > 3


def test_a_trial_that_the_launcher_has_ended_is_not_begun_again_for_a_sitting(keypad: Unit) -> None:
    """Golden stands in for the old one by then, too: the word `returned` is still owed."""
    one_is_held(keypad)
    keypad.says("install", 2, rollout="r2")
    until(keypad, State.TRIAL)
    keypad.device.kill()
    launch.point(keypad.update / "slots" / "firmware", "a")
    launch.remove(keypad.update / launch.PAPER)
    (keypad.update / launch.STARTS).write_text(str(launch.STARTS_MAX))
    keypad.release.away = True
    keypad.start(connected=False)
    keypad.device.link.heal()
    keypad.freeze(True, LONG_MS)
    a_sitting_passes(keypad)
    keypad.freeze(False)
    keypad.run()
    assert keypad.said[-1] == ("returned", "trial-crashed")


@pytest.mark.parametrize("at_once", [False, True])
def test_golden_that_stands_in_for_what_is_gone_back_from_goes_back_after_the_sitting(
    keypad: Unit, at_once: bool
) -> None:
    going_back(keypad)
    keypad.freeze(True, LONG_MS)
    if not at_once:
        keypad.device.pass_ms(1_000)
    for _ in range(launch.TRIES_MAX + 1):
        keypad.restart()
        assert keypad.starts[-1] == launch.GOLDEN
        keypad.device.pass_ms(LONG_UP_MS, 10_000)
    assert keypad.said[-1] == ("committed", "")
    keypad.freeze(False)
    keypad.run()
    assert keypad.said[-1] == ("returned", "withdrawn")
    assert (keypad.starts[-1], keypad.counter) == ("a", 1)
