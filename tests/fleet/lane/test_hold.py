"""A gate on hold: a wish of its twin that lasts, and a line of the audit log for each change."""

import pytest

from fleet.devices.rules import REVOKED_BADGES
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.lane.lane_at_gates import heard
from wire.down import Twin


@pytest.fixture
def hall(any_hall: HallUnderTest) -> HallUnderTest:
    any_hall.register(any_hall.client("secretariat", "technician", account="chair"), "gate-1", "gate")
    any_hall.alive("gate-1")
    any_hall.append()
    return any_hall


def held(hall: HallUnderTest) -> bool:
    return [gate["held"] for gate in ok(hall.client("auditor", "usher").get("/api/gates"))] == [True]


def test_an_usher_holds_a_gate_and_lets_it_go_on(hall: HallUnderTest) -> None:
    usher = hall.client("usher")
    assert ok(usher.put("/api/gates/gate-1/hold", json={"held": True}))[0]["held"]
    assert held(hall)
    (message,) = heard(hall, "gate-1", Twin.kind)
    assert message.body.desired["held"] is True
    assert not ok(usher.put("/api/gates/gate-1/hold", json={"held": False}))[0]["held"]
    (message,) = heard(hall, "gate-1", Twin.kind)
    assert "held" not in message.body.desired


def test_what_else_is_desired_of_the_gate_stays(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair2")
    member = ok(chair.post("/api/members", json={"members": [{"name": "An", "consent": False}]}), 201)[0][
        "member"
    ]
    ok(chair.post("/api/badges", json={"members": [member]}), 201)
    ok(chair.post("/api/badges", json={"members": [member], "replace": True}), 201)
    ok(hall.client("usher").put("/api/gates/gate-1/hold", json={"held": True}))
    (message,) = heard(hall, "gate-1", Twin.kind)
    assert message.body.desired[REVOKED_BADGES]


def test_only_ushers_and_the_secretariat_may_and_only_gates_that_are_there(hall: HallUnderTest) -> None:
    refused(hall.client("auditor").put("/api/gates/gate-1/hold", json={"held": True}), 403, "forbidden")
    refused(hall.client("usher").put("/api/gates/gate-9/hold", json={"held": True}), 404, "not-found")
    refused(hall.client("usher").put("/api/gates/gate-1/hold", json={"held": "yes"}), 422, "bad-input")
    assert not held(hall)
