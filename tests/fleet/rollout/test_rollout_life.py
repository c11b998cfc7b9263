"""A rollout from its plan to its end, over the API: what it changes, what stops it, what it refuses."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from fleet.db import writing
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.errors import StoreError
from fleet.rollout.execute import Executor
from fleet.rollout.rules.shape import Target
from fleet.tables import ddi_actions, director, overrides, places, rollouts, sittings
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.rollout.floor import QUICK, Floor, target
from wire.ids import DeviceId

pytestmark = pytest.mark.slow

NEW = target()
RUNBOOK: Final = Path(__file__).parents[3] / "docs/runbooks/updates.md"


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    hall.targets.append(NEW)
    return Floor(hall)


def plan(*percents: int, **changed: Any) -> dict[str, Any]:
    waves = [{"name": f"wave {at}", "percent": percent} for at, percent in enumerate(percents)]
    return {"waves": waves, **QUICK, **changed}


def make(floor: Floor, name: str = "fw-4", *, given: dict[str, Any] | None = None, **body: Any) -> Any:
    wanted = {"name": name, "target": NEW.path, "plan": given, "dry_run": False, **body}
    return floor.staff.post("/api/rollouts", json=wanted)


def step(floor: Floor, what: str, name: str = "fw-4", body: dict[str, Any] | None = None) -> Any:
    return floor.staff.post(f"/api/rollouts/{name}/{what}", json=body or {})


def assigned(floor: Floor) -> dict[str, str]:
    with floor.hall.office.look() as connection:
        return {row.device: row.target for row in connection.execute(select(director))}


def test_a_dry_run_lists_what_would_change_and_changes_nothing(floor: Floor) -> None:
    floor.stand(8)
    floor.facts["keypad-7"] = {"hardware": "gate-pi5"}
    floor.report(["keypad-7"])
    found = ok(make(floor, given=plan(50, 50), dry_run=True), 200)
    assert {row["device"] for row in found["devices"]} == {f"keypad-{each}" for each in range(7)}
    assert len(found["waves"]) == 2
    first = found["devices"][0]
    assert first["before"].startswith("3 (")
    assert first["after"].startswith("4 (")
    assert [row["code"] for row in found["not_eligible"]] == ["wrong-hardware"]
    assert ok(floor.staff.get("/api/rollouts")) == []


def test_it_goes_through_its_waves_and_every_device_has_the_new_one(floor: Floor) -> None:
    floor.stand(12)
    ok(make(floor, given=plan(10, 40, 50)), 201)
    assert floor.orders() == {}
    begun = ok(step(floor, "start"))
    assert (begun["state"], begun["wave"]) == ("running", -1)
    shown = floor.run(NEW, "fw-4")
    assert (shown["state"], shown["done"], shown["failed"]) == ("done", 12, 0)
    assert [wave["done"] for wave in shown["waves"]] == [wave["devices"] for wave in shown["waves"]]
    assert shown["curve"][-1][1] == 12
    assert assigned(floor) == dict.fromkeys(floor.held, NEW.path)
    actions = [line["action"] for line in ok(floor.hall.client("auditor").get("/api/audit"))]
    assert {"rollout.created", "rollout.started", "rollout.stepped"} <= set(actions)


def test_a_word_that_came_after_the_last_birth_is_not_doubted_for_it(floor: Floor) -> None:
    """A birth is soft: an ingest that is killed may lose it, while the signed record comes again."""
    names = floor.stand(12)
    ok(make(floor, given=plan(10, 40, 50)), 201)
    ok(step(floor, "start"))
    shown = floor.run(NEW, "fw-4", unborn=names[::2])
    assert (shown["state"], shown["done"], shown["failed"]) == ("done", 12, 0)


def test_a_bad_release_is_stopped_in_its_first_wave_and_taken_back(floor: Floor) -> None:
    names = floor.stand(40)
    ok(make(floor, given=plan(50, 25, 25)), 201)
    ok(step(floor, "start"))
    failing = dict.fromkeys(names[::2], "self-test")
    shown = floor.run(NEW, "fw-4", failing=failing)
    assert (shown["state"], shown["wave"]) == ("aborted", 0)
    assert shown["words"].startswith("stopped: in wave 1 of"), "it is still said why when all is over"
    assert shown["words_vi"].startswith("đã dừng: ở đợt 1 trên")
    assert all(held.counter == 3 for held in floor.held.values())
    assert assigned(floor) == {}
    assert {line["cause"] for line in shown["matrix"]} >= {"self-test"}
    assert shown["failed"] >= 2


def test_what_failures_have_in_common_is_not_that_they_failed(floor: Floor) -> None:
    names = floor.stand(40, rows=3)
    for at, name in enumerate(names):
        floor.facts[name] = {**floor.facts[name], "runtime": f"py31{at % 4}"}
    floor.report(names)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    shown = floor.run(NEW, "fw-4", failing=dict.fromkeys(names[1::4], "self-test"))
    assert shown["state"] == "aborted"
    assert shown["common"] == "10 of 10 failures, and 0 of 30 that went well: runtime py311."


def test_an_order_to_update_stays_when_a_seat_changes_and_a_seat_stays_under_an_order(floor: Floor) -> None:
    floor.stand(2)
    keypad = DeviceId("keypad-0")
    with floor.hall.office.act("admin", "test.seated", keypad) as act:
        desire(act, {keypad: {"seat": "A1", "member": b"m" * 16}})
    ok(make(floor), 201)
    ok(step(floor, "start"))
    floor.executor.tick()
    with floor.hall.office.look() as connection:
        assert devices.twin(connection, keypad)["seat"] == "A1"
    before = floor.order(keypad)
    with floor.hall.office.act("admin", "test.seated", keypad) as act:
        desire(act, {keypad: {"seat": "B2", "member": None}})
    assert before is not None
    assert floor.order(keypad) == before
    with floor.hall.office.act("admin", "test.revoked", keypad) as act:
        desire(act, {keypad: {}})
    assert floor.order(keypad) is None


def test_paused_nothing_is_ordered_and_resumed_it_goes_on(floor: Floor) -> None:
    floor.stand(10)
    ok(make(floor, given=plan(50, 50)), 201)
    refused(step(floor, "pause"), 409, "wrong-state")
    ok(step(floor, "start"))
    ok(step(floor, "pause"))
    shown = floor.run(NEW, "fw-4", 5)
    assert (shown["state"], shown["done"], floor.orders()) == ("paused", 0, {})
    ok(step(floor, "resume"))
    assert floor.run(NEW, "fw-4")["state"] == "done"


def test_the_seven_that_were_offline_are_tried_again_and_only_they(floor: Floor) -> None:
    names = floor.stand(20)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    gone = names[:7]
    floor.hall.clock.step(120_000)
    floor.report(names[7:])
    assert floor.run(NEW, "fw-4", 5, but=gone)["done"] == 13
    floor.watched(61_000)  # past the deadline: they are waited for no longer
    shown = floor.run(NEW, "fw-4", but=gone)
    assert (shown["state"], shown["done"], shown["retryable"], shown["failed"]) == ("done", 13, 7, 0)
    floor.report(gone)
    before = floor.orders()
    ok(step(floor, "retry"))
    floor.executor.tick()
    anew = {name for name, order in floor.orders().items() if order != before.get(name)}
    assert anew == set(gone)
    assert floor.run(NEW, "fw-4")["done"] == 20


def test_a_finished_rollout_is_rolled_back(floor: Floor) -> None:
    floor.stand(6)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    assert floor.run(NEW, "fw-4")["state"] == "done"
    ok(step(floor, "roll-back"))
    shown = floor.run(NEW, "fw-4")
    assert shown["state"] == "aborted"
    assert all(held.counter == 3 for held in floor.held.values())


def test_a_later_generation_is_above_every_earlier_one_of_any_rollout(floor: Floor) -> None:
    floor.stand(3)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    floor.executor.tick()
    first = floor.order("keypad-0")
    ok(step(floor, "abort"))
    floor.executor.tick()
    second = floor.order("keypad-0")
    assert first is not None
    assert second is not None
    assert (second.act, second.generation > first.generation) == ("back", True)


def test_a_device_that_is_revoked_meanwhile_is_told_nothing_more(floor: Floor) -> None:
    floor.stand(3)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    floor.executor.tick()
    technician = floor.hall.client("technician")
    ok(technician.post("/api/devices/keypad-0/revoke", json={"reason": "stolen"}))
    ok(step(floor, "abort"))
    floor.executor.tick()
    assert {order.act for order in floor.orders().values()} == {"back"}
    assert set(floor.orders()) == {"keypad-1", "keypad-2"}


def test_while_a_sitting_is_open_nothing_is_ordered_but_to_who_is_freed(floor: Floor) -> None:
    floor.stand(4)
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    with writing(floor.hall.engine) as connection:
        connection.execute(
            sittings.insert().values(
                sitting="s1", title="x", state="open", quorum_num=1, quorum_den=2, created_ms=1
            )
        )
    shown = floor.run(NEW, "fw-4", 3)
    assert floor.orders() == {}
    assert "waits for the end of sitting s1" in shown["words"]
    with writing(floor.hall.engine) as connection:
        lifted = {
            "reason": "x", "first": "a", "second": "b", "state": "lifted", "minutes": 30, "asked_ms": 1,
            "until_ms": floor.hall.clock.now_ms + 60_000,
        }  # fmt: skip
        connection.execute(
            overrides.insert(),
            [
                {"id": 1, "sitting": "s1", "device": "keypad-2", **lifted},
                {"id": 2, "sitting": "the one before", "device": "keypad-1", **lifted},
            ],
        )
    floor.executor.tick()
    floor.hall.clock.step(500)
    floor.executor.tick()
    assert set(floor.orders()) == {"keypad-2"}


def test_a_release_that_its_officers_withdraw_is_ordered_no_more_and_held_where_it_is_under_way(
    floor: Floor,
) -> None:
    floor.stand(4)
    ok(make(floor, given=plan(50, 50)), 201)
    ok(step(floor, "start"))
    floor.executor.tick()
    assert [order.act for order in floor.orders().values()] == ["install", "install"]
    floor.hall.targets.clear()
    floor.executor.tick()
    assert [order.act for order in floor.orders().values()] == ["hold", "hold"]
    shown = ok(floor.hall.client("auditor").get("/api/rollouts/fw-4"))
    assert shown["state"] == "paused"
    assert "withdrawn" in shown["words"]
    floor.executor.tick()
    floor.hall.clock.step(500)
    shown = ok(floor.hall.client("auditor").get("/api/rollouts/fw-4"))
    assert "withdrawn" in shown["words"], "it is still said why"
    assert "rút lại" in shown["words_vi"]
    refused(step(floor, "resume"), 409, "no-target")


def test_a_bad_release_is_stopped_also_while_nobody_can_read_what_exists(floor: Floor) -> None:
    names = floor.stand(10)
    ok(make(floor, given=plan(50, 50)), 201)
    ok(step(floor, "start"))
    floor.executor.tick()
    ordered = set(floor.orders())
    assert len(ordered) == 5

    def unreadable() -> list[Target]:
        raise StoreError("a broken disk")

    floor.executor = Executor(floor.hall.office, unreadable)
    with pytest.raises(StoreError):
        floor.executor.tick()
    assert set(floor.orders()) == ordered
    floor.obey(NEW, failing=dict.fromkeys(names, "self-test"))
    shown = floor.run(NEW, "fw-4")
    assert (shown["state"], shown["failed"]) == ("aborted", 5)


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"target": "firmware/unknown"}, 404, "no-target", "There is no release firmware/unknown"),
        ({"given": plan(60, 50)}, 422, "bad-plan", "110 %"),
        ({"given": {"waves": [{"name": "a", "rows": ["z9"]}]}}, 422, "bad-plan", "no row 'z9'"),
        ({"name": "Fw 4"}, 422, "bad-input", "name"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_reason(
    floor: Floor, body: dict[str, Any], status: int, code: str, words: str
) -> None:
    floor.stand(4)
    answer = make(floor, **body)
    assert words in refused(answer, status, code)
    if code != "bad-input":
        assert re.search("Không có|không có|110 %: nhiều nhất", answer.json()["sentence_vi"])


def test_a_rollout_that_no_device_could_take_says_why_counted(floor: Floor) -> None:
    floor.stand(3, hardware="gate-pi5")
    assert "wrong-hardware 3" in refused(make(floor), 409, "nobody-eligible")


def test_two_rollouts_neither_share_a_name_nor_a_component_nor_a_device(floor: Floor) -> None:
    floor.stand(4)
    other = target("config/keypad-9", counter=9)
    floor.hall.targets.append(other)
    ok(make(floor), 201)
    refused(make(floor), 409, "rollout-exists")
    ok(make(floor, "fw-5"), 201)
    ok(step(floor, "start"))
    assert "fw-4 is running" in refused(step(floor, "start", "fw-5"), 409, "other-rollout")
    for name in floor.held:
        floor.facts[name] = {**floor.facts[name], "config": "00" * 32 + " 1"}
    floor.report(floor.held)
    ok(make(floor, "cfg", target=other.path), 201)
    assert "one update at a time" in refused(step(floor, "start", "cfg"), 409, "busy")


def test_two_rollouts_of_different_components_go_on_beside_each_other(floor: Floor) -> None:
    floor.stand(4)
    floor.stand(2, role="gate", hardware="gate-pi5")
    other = target("config/gate-9", counter=9, hardware=("gate-pi5",))
    floor.hall.targets.append(other)
    for name in floor.held:
        floor.facts[name] = {**floor.facts[name], "config": "00" * 32 + " 1"}
    floor.report(floor.held)
    ok(make(floor, given=plan(100)), 201)
    ok(make(floor, "cfg", target=other.path, given=plan(100)), 201)
    ok(step(floor, "start"))
    ok(step(floor, "start", "cfg"))
    floor.executor.tick()
    given = {name: (order.rollout, order.component) for name, order in floor.orders().items()}
    keypads, gates = [f"keypad-{n}" for n in range(4)], [f"gate-{n}" for n in range(2)]
    assert given == dict.fromkeys(keypads, ("fw-4", "firmware")) | dict.fromkeys(gates, ("cfg", "config"))
    assert len({order.generation for order in floor.orders().values()}) == 2
    ok(step(floor, "abort", "cfg"))
    floor.obey(NEW, but=gates)
    shown = floor.run(NEW, "fw-4")
    assert (shown["state"], shown["done"]) == ("done", 4)


def test_every_device_says_why_it_is_not_eligible_and_what_it_waits_for(floor: Floor) -> None:
    floor.stand(2)
    floor.facts["keypad-1"] = {"hardware": "gate-pi5"}
    floor.report(["keypad-1"])
    look = floor.hall.client("usher")
    assert ok(look.get("/api/devices/keypad-0/why-not"))["targets"][0]["reasons"] == []
    why = ok(look.get("/api/devices/keypad-1/why-not"))["targets"][0]["reasons"]
    assert [reason["code"] for reason in why] == ["wrong-hardware"]
    floor.hall.clock.step(600_000)
    waits = ok(look.get("/api/devices/keypad-0/why-not"))["waits"]
    assert [reason["code"] for reason in waits] == ["offline"]


def test_who_is_in_no_wave_of_the_plan_is_told_with_those_that_could_not_take_it(floor: Floor) -> None:
    floor.stand(8, rows=4)
    given = {"waves": [{"name": "one", "rows": ["r0"]}, {"name": "two", "rows": ["r1", "r2"]}], **QUICK}
    preview = ok(make(floor, given=given, dry_run=True), 200)
    ok(make(floor, given=given), 201)
    (group,) = ok(floor.staff.get("/api/rollouts/fw-4"))["not_eligible"]
    assert (group["code"], group["devices"]) == ("no-wave", ["keypad-3", "keypad-7"])
    assert group["sentence"] == preview["not_eligible"][0]["sentence"]
    assert "keypad-3 không thuộc đợt nào" in group["sentence_vi"]


def test_a_device_of_another_backend_is_ordered_by_its_follower_alone(floor: Floor) -> None:
    floor.stand(2)
    technician = floor.hall.client("technician")
    where = "/api/devices/keypad-0/backend"
    assert ok(technician.get(where))["backend"] == "native"
    ok(technician.put(where, json={"backend": "balena"}))
    ok(make(floor, given=plan(100)), 201)
    ok(step(floor, "start"))
    refused(technician.put(where, json={"backend": "native"}), 409, "busy")
    floor.executor.tick()
    assert set(floor.orders()) == {"keypad-1"}
    rows = {row["device"]: row for row in ok(technician.get("/api/rollouts/fw-4/devices"))}
    assert rows["keypad-0"]["state"] == "ordered"
    report = {"state": "committed", "generation": rows["keypad-0"]["generation"]}
    path = "/api/rollouts/fw-4/devices/keypad-0"
    refused(technician.post(path, json={**report, "generation": 1}), 409, "other-generation")
    refused(technician.post("/api/rollouts/fw-4/devices/keypad-1", json=report), 409, "not-followed")
    ok(technician.post(path, json=report))
    shown = floor.run(NEW, "fw-4")
    assert (shown["state"], shown["done"]) == ("done", 2)


def test_an_image_goes_to_hawkbit_clients_as_an_action_that_an_abort_cancels(floor: Floor) -> None:
    floor.stand(3)
    image = target("os/keypad-2", counter=2)
    floor.hall.targets.append(image)
    technician = floor.hall.client("technician")
    assert "wrong-backend 3" in refused(make(floor, "os-2", target=image.path), 409, "nobody-eligible")
    for at in range(2):
        ok(technician.put(f"/api/devices/keypad-{at}/backend", json={"backend": "ddi"}))
    ok(make(floor, "os-2", target=image.path, given=plan(100)), 201)
    ok(step(floor, "start", "os-2"))
    floor.executor.tick()
    assert (states(floor), floor.orders()) == ({"keypad-0": "open", "keypad-1": "open"}, {})
    ok(step(floor, "abort", "os-2"))
    floor.executor.tick()
    assert states(floor) == {"keypad-0": "cancelling", "keypad-1": "cancelling"}


def states(floor: Floor) -> dict[str, str]:
    with floor.hall.office.look() as connection:
        return {row.device: row.state for row in connection.execute(select(ddi_actions))}


def test_a_plan_that_the_store_keeps_is_the_plan_that_was_given(floor: Floor) -> None:
    floor.stand(8)
    given = plan(
        25,
        75,
        window={"begins": "22:00", "ends": "04:00", "utc_offset_min": 420},
        access_points={"ap": ["r1"]},
    )
    made = ok(make(floor, given=given), 201)
    shown = ok(floor.staff.get("/api/rollouts/fw-4"))
    assert shown["plan"] == made["plan"]
    assert shown["plan"]["window"]["begins"] == "22:00"
    with floor.hall.office.look() as connection:
        assert connection.execute(select(rollouts.c.wave)).scalar_one() == -1


def test_the_plan_in_the_runbook_is_one(floor: Floor) -> None:
    names = floor.stand(40)
    with writing(floor.hall.engine) as connection:
        for at, name in enumerate(names):
            connection.execute(places.update().where(places.c.device == name).values(row="ABCD"[at % 4]))
    found = re.search(r"```json\n(.*?)```", RUNBOOK.read_text(), re.DOTALL)
    assert found is not None
    planned = ok(make(floor, given=json.loads(found[1])), 201)
    assert [wave["name"] for wave in planned["plan"]["waves"]] == planned["waves"]


def test_every_store_carries_a_rollout_to_its_end_and_back(any_hall: HallUnderTest) -> None:
    any_hall.targets.append(NEW)
    floor = Floor(any_hall)
    floor.stand(6)
    ok(make(floor, given=plan(50, 50)), 201)
    ok(step(floor, "start"))
    assert floor.run(NEW, "fw-4")["done"] == 6
    ok(step(floor, "roll-back"))
    assert floor.run(NEW, "fw-4")["state"] == "aborted"
