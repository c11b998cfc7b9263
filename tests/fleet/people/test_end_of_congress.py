"""After a congress nothing is left that opens or shows a face, and each gate's signed word says so."""

import pytest
from sqlalchemy import func, select

from fleet.db import reading
from fleet.desk import store as settings
from fleet.tables import downlink, face_references, reference_base, wrapped_keys
from tests.fleet.hall_under_test import CONGRESS, HallUnderTest, TestClient, members_of, ok, refused
from tests.fleet.people.gate_view import at_gate, enrol, give_key, messages
from wire.down import Forget, LaneList, References, ReferencesDelta
from wire.records import Deletion

pytestmark = pytest.mark.slow

SECRET = b"sealed reference of somebody"


def destroy(chair: TestClient) -> None:
    ok(chair.post("/api/references/destroy", json={"confirm": CONGRESS}))


def begin(chair: TestClient) -> None:
    ok(chair.post("/api/references/begin", json={"confirm": CONGRESS}))


def forgotten(hall: HallUnderTest, gate: str) -> Forget:
    (message,) = messages(hall, gate, Forget.kind)
    assert isinstance(message.body, Forget)
    return message.body


def congress(references: int, generation: int, key: bytes = b"n" * 32) -> Deletion:
    return Deletion("congress", None, references, generation, key)


def test_nothing_of_it_is_left_at_the_fleet_and_every_gate_is_told(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    any_hall.register(any_hall.client("technician"), "gate-2", "gate")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan], sealed=SECRET)
    before = at_gate(any_hall)
    destroy(chair)
    for gate in ("gate-1", "gate-2"):
        assert forgotten(any_hall, gate).generation >= before.delta
    with reading(any_hall.engine) as connection:
        for table in (face_references, wrapped_keys, reference_base):
            assert connection.execute(select(table)).all() == []
        assert settings.setting(connection, "lane_key") is None
        told = connection.execute(select(downlink.c.kind, downlink.c.envelope)).all()
    assert {row.kind for row in told}.isdisjoint({References.kind, ReferencesDelta.kind, LaneList.kind})
    assert not any(SECRET in row.envelope for row in told)


def test_ingest_misses_no_row_after_it(any_hall: HallUnderTest, chair: TestClient) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    with reading(any_hall.engine) as connection:
        last = connection.execute(select(func.max(downlink.c.id))).scalar_one()
    destroy(chair)
    with reading(any_hall.engine) as connection:
        assert connection.execute(select(func.max(downlink.c.id))).scalar_one() > last


def test_each_gate_waits_until_its_signed_word_is_a_leaf(any_hall: HallUnderTest, chair: TestClient) -> None:
    any_hall.register(any_hall.client("technician"), "gate-2", "gate")
    refused(chair.get("/api/references/destruction"), 404, "not-found")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    destroy(chair)
    destroyed_ms, generation = any_hall.clock.now_ms, forgotten(any_hall, "gate-1").generation
    any_hall.clock.step(400)
    any_hall.append(("gate-1", congress(3, generation)), ("gate-2", congress(0, generation - 1)))
    view = ok(chair.get("/api/references/destruction"))
    assert view["destroyed_ms"] == destroyed_ms
    leaf = view["gates"][0].pop("leaf")
    assert view["gates"] == [
        {
            "gate": "gate-1", "state": "destroyed", "references": 3, "at_ms": any_hall.clock.now_ms,
            "sealing_key": (b"n" * 32).hex(),
        },
        {
            "gate": "gate-2", "state": "waiting", "references": None, "leaf": None, "at_ms": None,
            "sealing_key": None,
        },
    ]  # fmt: skip
    any_hall.append(("gate-2", congress(0, generation, b"m" * 32)))
    second = ok(chair.get("/api/references/destruction"))["gates"][1]
    assert (second["state"], second["leaf"]) == ("destroyed", leaf + 2)
    assert second["sealing_key"] == (b"m" * 32).hex()


def test_the_end_of_the_congress_answers_an_earlier_withdrawal_too(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    ok(chair.request("DELETE", f"/api/members/{lan}/consent", json={"channel": "desk"}))
    destroy(chair)
    assert ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"][0]["state"] == "waiting"
    any_hall.append(("gate-1", congress(3, forgotten(any_hall, "gate-1").generation)))
    (gate,) = ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"]
    assert (gate["state"], gate["references"]) == ("deleted", None)


def test_it_needs_the_name_of_the_congress_and_no_open_sitting(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    any_hall.register(any_hall.client("technician"), "keypad-1")
    refused(chair.post("/api/references/destroy", json={"confirm": "congress-2"}), 422, "bad-input")
    refused(chair.post("/api/references/destroy", json={}), 422, "bad-input")
    roll = [{"member": lan, "device": "keypad-1", "seat": "A1"}]
    sitting = {"sitting": "s1", "title": "One", "quorum_num": 1, "quorum_den": 2, "roll": roll}
    ok(chair.post("/api/sittings", json=sitting), 201)
    ok(chair.post("/api/sittings/s1/open", json={}))
    refused(chair.post("/api/references/destroy", json={"confirm": CONGRESS}), 409, "sitting-open")
    assert at_gate(any_hall).held.keys() == {lan}
    assert messages(any_hall, "gate-1", Forget.kind) == []


@pytest.mark.parametrize("step_ms", [0, 1, 10**7])
def test_what_the_next_congress_tells_is_above_what_was_forgotten(
    any_hall: HallUnderTest, chair: TestClient, step_ms: int
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    for number in range(5):  # several acts in one millisecond: generations run ahead of the clock
        enrol(chair, [lan], sealed=str(number).encode())
    destroy(chair)
    (told,) = messages(any_hall, "gate-1", Forget.kind)
    any_hall.clock.step(step_ms)
    again = any_hall.client("secretariat")
    begin(again)
    give_key(again, "gate-1", b"under its new key")
    enrol(again, [lan])
    gate = at_gate(any_hall)
    assert gate.base > told.generation >= forgotten(any_hall, "gate-1").generation
    assert gate.held.keys() == {lan}
    assert gate.base_pages[0].wrapped_key == b"under its new key"


def test_it_may_be_done_again_and_waits_for_the_gates_again(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    destroy(chair)
    any_hall.append(("gate-1", congress(0, forgotten(any_hall, "gate-1").generation)))
    assert ok(chair.get("/api/references/destruction"))["gates"][0]["state"] == "destroyed"
    destroy(chair)
    assert ok(chair.get("/api/references/destruction"))["gates"][0]["state"] == "waiting"
