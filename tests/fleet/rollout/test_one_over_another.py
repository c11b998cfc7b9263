"""A rollout that another one of its component has come over: neither is taken for the other."""

import pytest

from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.rollout.floor import Floor, target
from tests.fleet.rollout.test_rollout_life import assigned, make, plan, step

pytestmark = pytest.mark.slow
NEW = target()


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    hall.targets.append(NEW)
    return Floor(hall)


def test_a_rollout_that_another_one_came_over_is_not_rolled_back_before_that(floor: Floor) -> None:
    floor.stand(3)
    newer = target("firmware/keypad-5", counter=5)
    floor.hall.targets.append(newer)
    for name, release in (("fw-4", NEW), ("fw-5", newer)):
        ok(make(floor, name, target=release.path, given=plan(100)), 201)
        ok(step(floor, "start", name))
        assert floor.run(release, name)["state"] == "done"
    assert "taken fw-5 since" in refused(step(floor, "roll-back"), 409, "not-newest")
    ok(step(floor, "roll-back", "fw-5"))


def come_over(floor: Floor) -> None:
    """fw-4 misses two of six that are switched off, fw-5 comes over the other four, then fw-4 is tried again
    on the two."""
    names = floor.stand(6)
    newer = target("firmware/keypad-5", counter=5)
    floor.hall.targets.append(newer)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    floor.hall.clock.step(120_000)
    floor.report(names[:4])
    floor.run(NEW, "fw-4", 5, but=names[4:])
    floor.watched(61_000)
    assert floor.run(NEW, "fw-4", but=names[4:])["retryable"] == 2
    floor.facts |= {name: {"hardware": "gate-pi5"} for name in names[4:]}  # so that fw-5 is not for them
    floor.report(names)
    ok(make(floor, "fw-5", target=newer.path, given=plan(100)), 201)
    ok(step(floor, "start", "fw-5"))
    assert floor.run(newer, "fw-5")["devices"] == 4
    floor.facts |= {name: {"hardware": "keypad-zero2w"} for name in names[4:]}
    floor.report(names)
    ok(step(floor, "retry"))


def test_that_others_came_over_it_is_not_forgotten_when_some_are_tried_again(floor: Floor) -> None:
    come_over(floor)
    assert floor.run(NEW, "fw-4")["state"] == "done"
    assert "taken fw-5 since" in refused(step(floor, "roll-back"), 409, "not-newest")


def test_a_stop_takes_nobody_back_from_a_release_that_came_later(floor: Floor) -> None:
    come_over(floor)
    for _ in range(3):
        floor.executor.tick()
        floor.hall.clock.step(500)
    before = assigned(floor)
    ok(step(floor, "abort"))
    assert floor.run(NEW, "fw-4")["state"] == "aborted"
    assert {name: held.counter for name, held in floor.held.items()} == {
        f"keypad-{at}": 5 if at < 4 else 3 for at in range(6)
    }
    kept = {name: path for name, path in before.items() if path == "firmware/keypad-5"}
    assert len(kept) == 4
    assert assigned(floor) == kept
