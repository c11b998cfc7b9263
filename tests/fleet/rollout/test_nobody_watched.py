"""A server that was switched off, or whose clock was set forward, speaks against no release: what is under
way has as long as it had left, and what was really lost is found all the same."""

from typing import Any

import pytest

from fleet.db import reading
from fleet.rollout import store
from fleet.rollout.rules.shape import Course
from tests.fleet.hall_under_test import HallUnderTest, ok
from tests.fleet.rollout.floor import Floor, target

pytestmark = pytest.mark.slow
NEW = target()
NIGHT_MS = 8 * 3_600_000
PLAN = {
    "waves": [{"name": "all", "percent": 100}],
    "spacing_ms": 0,
    "per_access_point": 1000,
    "gate": {"soak_s": 600, "deadline_s": 3600},
}


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    """Ten keypads are ordered, and have been seen since."""
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.stand(10)
    body = {"name": "fw-4", "target": NEW.path, "plan": PLAN, "dry_run": False}
    ok(floor.staff.post("/api/rollouts", json=body), 201)
    ok(floor.staff.post("/api/rollouts/fw-4/start", json={}))
    floor.executor.tick()
    floor.hall.clock.step(500)
    floor.report(floor.held, "applying: fetches 3 %")
    floor.executor.tick()
    return floor


def night(floor: Floor) -> None:
    """The main switch of the hall; in the morning the server is there before its devices."""
    floor.hall.clock.step(NIGHT_MS)
    floor.staff = floor.hall.client("staff")
    floor.executor.tick()
    floor.hall.clock.step(500)


def shown(floor: Floor) -> Any:
    return ok(floor.staff.get("/api/rollouts/fw-4"))


def courses(floor: Floor) -> list[Course]:
    with reading(floor.hall.engine) as connection:
        return [row.course for row in store.rows(connection, "fw-4")]


def test_devices_at_work_when_the_hall_was_switched_off_are_not_lost(floor: Floor) -> None:
    night(floor)
    found = shown(floor)
    assert (found["state"], found["failed"], found["under_way"]) == ("running", 0, 10)
    floor.obey(NEW)
    for _ in range(40):
        floor.hall.alive(*floor.held)
        floor.watched(20_000)
    assert (shown(floor)["state"], shown(floor)["done"]) == ("done", 10)


def test_devices_under_watch_then_are_watched_for_as_long_as_was_left(floor: Floor) -> None:
    floor.obey(NEW)
    floor.executor.tick()
    floor.watched(300_000)
    night(floor)
    assert (shown(floor)["state"], shown(floor)["failed"]) == ("running", 0)
    now_ms = floor.hall.clock.now_ms
    assert {now_ms - (one.ended_ms or 0) for one in courses(floor)} <= set(range(270_000, 321_000))
    floor.hall.alive(*floor.held)
    floor.watched(200_000)
    floor.hall.alive(*floor.held)
    floor.executor.tick()
    assert shown(floor)["state"] == "running", "half of its watch is still to come"


def test_who_does_not_come_back_after_such_a_night_is_lost_by_its_deadline(floor: Floor) -> None:
    night(floor)
    floor.watched(3_500_000)
    floor.staff = floor.hall.client("staff")
    assert shown(floor)["state"] == "running"
    floor.watched(200_000)
    assert shown(floor)["state"] == "aborting"
    assert {one.cause for one in courses(floor)} == {"lost"}


def test_a_clock_that_is_set_forward_moves_nothing_into_the_time_to_come(floor: Floor) -> None:
    floor.obey(NEW)
    floor.hall.clock.step(9_000)
    floor.executor.tick()  # before the gap, and not noted again
    floor.hall.clock.step(3 * NIGHT_MS)
    floor.executor.tick()
    now_ms = floor.hall.clock.now_ms
    assert all(now_ms - 20_000 <= (one.ordered_ms or 0) <= now_ms for one in courses(floor))
    assert {one.ended_ms for one in courses(floor)} == {now_ms}
    with reading(floor.hall.engine) as connection:
        rollout = store.find(connection, "fw-4")
    assert rollout is not None
    assert now_ms - 20_000 <= rollout.standing.began_ms <= now_ms, "its wave has its time, too"


def test_a_power_cut_in_the_making_up_leaves_all_of_it_or_nothing(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = courses(floor)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    floor.hall.clock.step(NIGHT_MS)
    with monkeypatch.context() as patched:
        patched.setattr("fleet.desk.store.set_setting", cut)
        with pytest.raises(KeyboardInterrupt):
            floor.executor.tick()
    assert courses(floor) == before
    floor.executor.tick()
    again = courses(floor)
    floor.executor.tick()
    assert courses(floor) == again, "moved once"
    assert all(floor.hall.clock.now_ms - (one.ordered_ms or 0) < 60_000 for one in again)
