"""A command reaches a device that can carry it out now, or nobody."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.desk.desk import COMMAND_LIFE_MS
from fleet.devices.rules import FRESH_MS
from fleet.tables import audit_log, downlink
from tests.fleet.hall_under_test import HallUnderTest, members_of, ok, refused
from tests.fleet.lane.lane_at_gates import commands, sitting_of

pytestmark = pytest.mark.slow


class Bench:
    """A hall with a keypad and a gate that are heard of, and a technician."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        self.technician = hall.client("technician")
        hall.register(self.technician, "keypad-1")
        hall.register(self.technician, "gate-1", "gate")
        hall.alive()
        hall.append()

    def order(self, device: str = "keypad-1", command: str = "self-test", **more: object) -> Any:
        return self.technician.post(f"/api/devices/{device}/commands", json={"command": command} | more)

    def lines(self) -> list[tuple[str, str, dict[str, Any]]]:
        query = select(audit_log).where(audit_log.c.action == "device.commanded")
        with reading(self.hall.engine) as connection:
            rows = connection.execute(query).all()
        return [(row.account, row.subject, json.loads(row.detail)) for row in rows]


@pytest.fixture
def bench(hall: HallUnderTest) -> Bench:
    return Bench(hall)


def test_a_command_says_when_it_ends_and_leaves_a_line(bench: Bench) -> None:
    given = ok(bench.order(), 202)
    assert given["expires_ms"] == bench.hall.clock.now_ms + COMMAND_LIFE_MS
    (told,) = commands(bench.hall, "keypad-1")
    assert (told.id.hex(), told.command, told.arguments) == (given["id"], "self-test", {})
    assert commands(bench.hall, "gate-1") == []
    detail = {"command": "self-test", "id": given["id"]}
    assert bench.lines() == [("technician", "keypad-1", detail)]
    with reading(bench.hall.engine) as connection:
        (row,) = connection.execute(select(downlink).where(downlink.c.kind == "cmd/1")).all()
    assert row.expires_ms == given["expires_ms"]


def test_two_orders_are_two_commands_and_each_key_is_asked_for_by_name(bench: Bench) -> None:
    first, second = ok(bench.order(), 202), ok(bench.order(each_key=True), 202)
    assert first["id"] != second["id"]
    assert [told.arguments for told in commands(bench.hall, "keypad-1")] == [{}, {"keys": True}]


def test_a_device_that_is_unknown_revoked_or_silent_is_told_nothing(bench: Bench) -> None:
    refused(bench.order("keypad-9"), 404, "not-found")
    bench.hall.clock.step(FRESH_MS + 1)
    assert "cable" in refused(bench.order(), 409, "device-silent")
    bench.hall.alive()
    ok(bench.technician.post("/api/devices/keypad-1/revoke", json={"reason": "lost"}))
    bench.hall.append()
    assert "provision it again" in refused(bench.order(), 409, "device-revoked")
    assert commands(bench.hall, "keypad-1") == []
    assert bench.lines() == []


def test_nothing_is_tested_during_a_sitting_and_a_device_may_still_show_itself(bench: Bench) -> None:
    chair = bench.hall.client("secretariat")
    (member,) = members_of(bench.hall, chair, ["Trần Thị Lan"])
    sitting_of(chair, [{"member": member, "seat": "A1"}])
    assert "identify" in refused(bench.order("gate-1"), 409, "sitting-open")
    ok(bench.order("gate-1", "identify"), 202)
    assert [told.command for told in commands(bench.hall, "gate-1")] == ["identify"]


def test_only_what_is_named_is_a_command_and_only_technicians_give_one(bench: Bench) -> None:
    refused(bench.order(command="reboot"), 422, "bad-input")
    refused(bench.order(more=1), 422, "bad-input")
    for role in ("secretariat", "usher", "auditor"):
        answer = bench.hall.client(role).post("/api/devices/keypad-1/commands", json={"command": "identify"})
        refused(answer, 403, "forbidden")


def test_before_its_first_self_test_a_device_has_none(bench: Bench) -> None:
    assert "command a self-test" in refused(
        bench.technician.get("/api/devices/keypad-1/self-test"), 404, "no-self-test"
    )
    refused(bench.technician.get("/api/devices/keypad-9/self-test"), 404, "not-found")
    assert ok(bench.technician.get("/api/self-tests")) == []
