"""A server that was switched off, or whose clock was set, speaks against no release: what is under way has as
long as it had left, and what was really lost is found all the same."""

import logging
from typing import Any

import pytest
from sqlalchemy import event

from fleet.db import reading
from fleet.desk.store import setting
from fleet.rollout import absence, store
from fleet.rollout.rules.shape import Course, DeviceState
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
def ordered(hall: HallUnderTest) -> Floor:
    """Ten keypads are ordered, and have said nothing since."""
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.stand(10)
    body = {"name": "fw-4", "target": NEW.path, "plan": PLAN, "dry_run": False}
    ok(floor.staff.post("/api/rollouts", json=body), 201)
    ok(floor.staff.post("/api/rollouts/fw-4/start", json={}))
    floor.executor.tick()
    floor.hall.clock.step(500)
    return floor


@pytest.fixture
def floor(ordered: Floor) -> Floor:
    """They have been seen at work since."""
    ordered.report(ordered.held, "applying: fetches 3 %")
    ordered.executor.tick()
    return ordered


def night(floor: Floor) -> None:
    """The main switch of the hall; in the morning the server is there before its devices."""
    floor.hall.clock.step(NIGHT_MS)
    floor.staff = floor.hall.client("staff")
    floor.executor.tick()
    floor.hall.clock.step(500)


def shown(floor: Floor) -> Any:
    return ok(floor.staff.get("/api/rollouts/fw-4"))


def set_clock(floor: Floor, ms: int) -> None:
    """The server's clock is set, and somebody watches on."""
    floor.hall.clock.step(ms)
    floor.executor.tick()
    floor.hall.clock.step(500)
    floor.executor.tick()


def again(floor: Floor) -> None:
    """Everybody gets a new order."""
    staff = floor.hall.client("staff")
    for verb in ("pause", "resume"):
        ok(staff.post(f"/api/rollouts/fw-4/{verb}", json={}))
    floor.hall.alive(*floor.held)
    floor.executor.tick()


def noted(floor: Floor) -> str | None:
    with reading(floor.hall.engine) as connection:
        return setting(connection, "rollouts_watched_ms")


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


def test_who_was_at_work_in_the_gap_and_died_is_lost_and_stops_the_rollout(ordered: Floor) -> None:
    """The API alone was down: ingest heard on."""
    ordered.hall.clock.step(300_000)
    ordered.report(ordered.held, "applying: is on trial")
    ordered.hall.clock.step(2 * 3_600_000)
    ordered.executor.tick()
    assert {one.state for one in courses(ordered)} == {DeviceState.WORKING}
    ordered.watched(3_700_000)
    ordered.staff = ordered.hall.client("staff")
    assert {one.cause for one in courses(ordered)} == {"lost"}
    assert shown(ordered)["state"] == "aborting"


def test_a_word_from_before_its_order_is_no_work_after_the_gap_either(ordered: Floor) -> None:
    ordered.hall.clock.step(-60_000)
    ordered.report(ordered.held, "applying: of another order")
    ordered.hall.clock.step(60_000 + NIGHT_MS)
    ordered.executor.tick()
    assert {one.state for one in courses(ordered)} == {DeviceState.ORDERED}


@pytest.mark.parametrize("jump_ms", [600_000, 3 * NIGHT_MS])
def test_a_clock_set_forward_and_right_again_leaves_nothing_in_the_time_to_come(
    floor: Floor, jump_ms: int
) -> None:
    floor.obey(NEW, but=["keypad-9"])
    floor.executor.tick()
    set_clock(floor, jump_ms)
    set_clock(floor, -jump_ms)
    now_ms = floor.hall.clock.now_ms
    for one in courses(floor):
        assert now_ms - 60_000 <= (one.ordered_ms or 0) <= now_ms
        assert now_ms - 60_000 <= (one.ended_ms or now_ms) <= now_ms
    with reading(floor.hall.engine) as connection:
        rollout = store.find(connection, "fw-4")
    assert rollout is not None
    assert now_ms - 60_000 <= rollout.standing.began_ms <= now_ms


def test_a_night_after_a_clock_was_set_right_is_noticed(floor: Floor) -> None:
    set_clock(floor, 3 * NIGHT_MS)
    set_clock(floor, -3 * NIGHT_MS)
    again(floor)
    floor.hall.clock.step(500)
    floor.report(floor.held, "applying: fetches 3 %")
    floor.executor.tick()
    night(floor)
    assert (shown(floor)["state"], shown(floor)["failed"], shown(floor)["under_way"]) == ("running", 0, 10)


def test_what_was_ordered_while_the_clock_was_ahead_is_ordered_anew(floor: Floor) -> None:
    """Its device would wait a day for the hour that the order names, and be late."""
    set_clock(floor, 3 * NIGHT_MS)
    again(floor)
    ahead = floor.orders()
    set_clock(floor, -3 * NIGHT_MS)
    now_ms = floor.hall.clock.now_ms
    assert all(order.not_before_ms > now_ms for order in ahead.values())
    for name, order in floor.orders().items():
        assert (order.act, order.not_before_ms <= now_ms) == ("install", True)
        assert order.generation > ahead[name].generation


def test_who_was_told_to_go_back_while_the_clock_was_ahead_is_told_anew(floor: Floor) -> None:
    set_clock(floor, 3 * NIGHT_MS)
    floor.obey(NEW)
    floor.executor.tick()
    ok(floor.hall.client("staff").post("/api/rollouts/fw-4/abort", json={}))
    floor.executor.tick()
    assert all(order.not_before_ms > floor.hall.clock.now_ms - 1000 for order in floor.orders().values())
    set_clock(floor, -3 * NIGHT_MS)
    now_ms = floor.hall.clock.now_ms
    found = floor.orders().values()
    assert {(order.act, order.not_before_ms <= now_ms) for order in found} == {("back", True)}


def test_a_wave_that_goes_on_after_the_clock_was_set_right_has_its_time(floor: Floor) -> None:
    """The note of a rollout that rests may stand in the time to come."""
    set_clock(floor, 3 * NIGHT_MS)
    ok(floor.hall.client("staff").post("/api/rollouts/fw-4/pause", json={}))
    floor.hall.clock.step(-3 * NIGHT_MS)
    ok(floor.hall.client("staff").post("/api/rollouts/fw-4/resume", json={}))
    floor.executor.tick()
    with reading(floor.hall.engine) as connection:
        rollout = store.find(connection, "fw-4")
    assert rollout is not None
    assert rollout.standing.began_ms == floor.hall.clock.now_ms


def test_of_two_executors_one_makes_up_for_the_gap(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    floor.hall.clock.step(NIGHT_MS)
    office, now_ms = floor.hall.office, floor.hall.clock.now_ms
    keep = office.keep

    def after_the_other() -> Any:
        monkeypatch.undo()
        absence.make_up(office, now_ms)
        floor.hall.clock.step(700)
        return keep()

    monkeypatch.setattr(office, "keep", after_the_other)
    with caplog.at_level(logging.WARNING, "fleet.rollout.absence"):
        absence.make_up(office, now_ms + 700)
    assert len(caplog.records) == 1
    with reading(floor.hall.engine) as connection:
        assert [one.changed_ms for one in store.active(connection)] == [now_ms]


def test_a_rollout_that_rests_writes_nothing(floor: Floor) -> None:
    ok(floor.staff.post("/api/rollouts/fw-4/pause", json={}))
    floor.executor.tick()
    before = noted(floor)
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            statements.append(statement)

    event.listen(floor.hall.engine, "before_cursor_execute", count)
    try:
        floor.watched(300_000)
    finally:
        event.remove(floor.hall.engine, "before_cursor_execute", count)
    assert (statements, noted(floor)) == ([], before)


def test_a_clock_that_is_set_back_by_seconds_is_noted_at_once(floor: Floor) -> None:
    set_clock(floor, -50_000)
    assert int(noted(floor) or 0) <= floor.hall.clock.now_ms
