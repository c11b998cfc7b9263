"""Killed at any point of a tick: what was decided is in the store as a whole or not at all, and the next
start goes on from there without a second order."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select

from fleet.db import writing
from fleet.rollout import execute, store
from fleet.rollout.rules.advance import advance
from fleet.rollout.rules.shape import DeviceState
from fleet.tables import director, downlink, rollout_devices, rollouts, sittings, twins
from tests.fleet.hall_under_test import HallUnderTest, ok
from tests.fleet.rollout.floor import QUICK, Floor, target

NEW = target()


class PowerCut(BaseException):
    """Nothing after this happens."""


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.stand(10)
    staff = floor.staff
    plan = {"waves": [{"name": "one", "percent": 50}, {"name": "rest"}], **QUICK}
    body = {"name": "fw-4", "target": NEW.path, "plan": plan, "dry_run": False}
    ok(staff.post("/api/rollouts", json=body), 201)
    ok(staff.post("/api/rollouts/fw-4/start", json={}))
    return floor


def written(floor: Floor) -> dict[str, Any]:
    """Everything that a tick writes."""
    with floor.hall.office.look() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (rollouts, rollout_devices, director, twins, downlink)
        }


def changes_of_a_tick(floor: Floor) -> int:
    """How many statements of one tick change something; the power is cut at its commit."""
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            statements.append(statement)

    def cut(_connection: Any) -> None:
        if statements:
            raise PowerCut

    event.listen(floor.hall.engine, "before_cursor_execute", count)
    event.listen(floor.hall.engine, "commit", cut)
    try:
        with pytest.raises(PowerCut):
            floor.executor.tick()
    finally:
        event.remove(floor.hall.engine, "before_cursor_execute", count)
        event.remove(floor.hall.engine, "commit", cut)
    return len(statements)


def cut_before(floor: Floor, number: int) -> None:
    """A tick that is cut off before its change of this number."""
    seen = 0

    def cut(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            seen += 1
            if seen == number:
                raise PowerCut

    event.listen(floor.hall.engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(PowerCut):
            floor.executor.tick()
    finally:
        event.remove(floor.hall.engine, "before_cursor_execute", cut)


@pytest.mark.filterwarnings("ignore:.*:pytest.PytestUnraisableExceptionWarning")
def test_power_cut_before_every_change_and_before_the_commit_leaves_nothing_half_done(floor: Floor) -> None:
    before = written(floor)
    changes = changes_of_a_tick(floor)
    assert changes > 5
    assert written(floor) == before
    for number in range(1, changes + 1):
        cut_before(floor, number)
        assert written(floor) == before, f"cut before change {number} of {changes}"
    execute.Executor(floor.hall.office, lambda: floor.hall.targets).tick()
    assert len(floor.orders()) == 5
    with floor.hall.office.look() as connection:
        ordered = [r.course for r in store.rows(connection, "fw-4") if r.course.state is DeviceState.ORDERED]
    assert {course.planned.device for course in ordered} == set(floor.orders())


def test_a_second_start_gives_no_second_order(floor: Floor) -> None:
    floor.executor.tick()
    first = floor.orders()
    execute.Executor(floor.hall.office, lambda: floor.hall.targets).tick()
    assert floor.orders() == first


def test_a_sitting_that_opens_between_look_and_act_undoes_the_decision(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:

    def opens(*given: Any, **more: Any) -> Any:
        decision = advance(*given, **more)
        with writing(floor.hall.engine) as connection:
            connection.execute(
                sittings.insert().values(
                    sitting="s1", title="x", state="open", quorum_num=1, quorum_den=2, created_ms=1
                )
            )
        return decision

    monkeypatch.setattr(execute, "advance", opens)
    floor.executor.tick()
    assert floor.orders() == {}


def test_a_hand_laid_on_it_between_look_and_act_undoes_the_decision(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = floor.staff

    def pauses(*given: Any, **more: Any) -> Any:
        decision = advance(*given, **more)
        ok(staff.post("/api/rollouts/fw-4/pause", json={}))
        return decision

    monkeypatch.setattr(execute, "advance", pauses)
    floor.executor.tick()
    assert floor.orders() == {}
    assert ok(staff.get("/api/rollouts/fw-4"))["state"] == "paused"


def test_a_word_under_an_older_generation_has_no_effect(floor: Floor) -> None:
    floor.executor.tick()
    name, order = next(iter(floor.orders().items()))
    older = replace(order, generation=order.generation - 1)
    floor.say(name, older, "committed")
    floor.executor.tick()
    with floor.hall.office.look() as connection:
        states = {str(row.course.planned.device): row.course.state for row in store.rows(connection, "fw-4")}
        assert connection.execute(select(func.count()).select_from(director)).scalar_one() == 5
    assert states[name] is DeviceState.ORDERED
