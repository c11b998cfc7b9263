"""Sittings: the roll, opening, seats, attendance, closing, certifying."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from fleet.db import reading, writing
from fleet.sittings.rules import seat_order
from fleet.tables import downlink, high_water
from tests.fleet.hall_under_test import HALL, HallUnderTest, TestClient, members_of, ok, refused
from wire.down import Certified, DownMessage, FreezeNotice, SittingNotice, Twin, parse_down
from wire.envelope import Purpose, verify
from wire.ids import DESK, DeviceId, MemberRef, SittingId
from wire.records import Passage, RollPage, Seating, SittingChanged

SITTING = SittingId("s1")


def told(hall: HallUnderTest, audience: str) -> dict[str, DownMessage]:
    """The newest message per kind that this audience hears."""
    with reading(hall.engine) as connection:
        rows = connection.execute(select(downlink).where(downlink.c.audience == audience)).all()
    key = hall.office.desk.signer.public_key
    found = {}
    for row in rows:
        verified = verify(row.envelope, Purpose.DOWN, DESK, key)
        found[row.kind] = parse_down(verified, HALL, DeviceId(audience), hall.clock.now_ms)
    return found


def new_sitting(members: list[str], name: str = SITTING, **changes: Any) -> dict[str, Any]:
    roll = [
        {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
        for number, member in enumerate(members, start=1)
    ]
    return {"sitting": name, "title": "Phiên một", "quorum_num": 2, "quorum_den": 3, "roll": roll, **changes}


@pytest.fixture
def chair(hall: HallUnderTest) -> TestClient:
    technician = hall.client("technician")
    hall.register(technician, "gate-1", "gate")
    for number in range(1, 4):
        hall.register(technician, f"keypad-{number}")
    return hall.client("secretariat")


@pytest.fixture
def members(hall: HallUnderTest, chair: TestClient) -> list[str]:
    return members_of(hall, chair, ["Lan", "Minh", "Nga"])


def ref(member: str) -> MemberRef:
    return MemberRef(bytes.fromhex(member))


def test_opening_tells_every_keypad_its_seat_and_freezes_the_hall(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    ok(chair.post("/api/sittings", json=new_sitting(members[:2])), 201)
    assert told(hall, "all") == {}
    assert ok(chair.post("/api/sittings/s1/open", json={}))["state"] == "open"
    everywhere = told(hall, "all")
    assert everywhere[SittingNotice.kind].body == SittingNotice(SITTING, "open")
    assert everywhere[FreezeNotice.kind].body == FreezeNotice(SITTING, frozen=True)
    assert told(hall, "keypad-1")[Twin.kind].body == Twin({"seat": "A1", "member": ref(members[0])})
    assert told(hall, "keypad-3")[Twin.kind].body == Twin({"seat": "", "member": None})
    assert told(hall, "gate-1")[Twin.kind].body == Twin({})
    assert hall.desk_bodies()[-1] == SittingChanged(SITTING, "open", 2, 2, 3)


def test_a_long_roll_is_signed_in_pages(hall: HallUnderTest, chair: TestClient) -> None:
    people = members_of(hall, chair, [f"Person {number}" for number in range(130)])
    body = new_sitting([])
    body["roll"] = [{"member": member} for member in people]
    ok(chair.post("/api/sittings", json=body), 201)
    ok(chair.post("/api/sittings/s1/open", json={}))
    pages = [body for body in hall.desk_bodies() if isinstance(body, RollPage)]
    assert [(page.page, page.pages, len(page.rows)) for page in pages] == [(0, 3, 60), (1, 3, 60), (2, 3, 10)]
    assert {row[0].hex() for page in pages for row in page.rows} == set(people)


def test_one_sitting_at_a_time_and_no_way_back(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    ok(chair.post("/api/sittings", json=new_sitting(members)), 201)
    ok(chair.post("/api/sittings", json=new_sitting(members, "s2")), 201)
    refused(chair.post("/api/sittings", json=new_sitting(members, "s2")), 409, "sitting-exists")
    refused(chair.post("/api/sittings/s1/close", json={}), 409, "wrong-state")
    ok(chair.post("/api/sittings/s1/open", json={}))
    refused(chair.post("/api/sittings/s2/open", json={}), 409, "another-open")
    ok(chair.post("/api/sittings/s1/close", json={}))
    refused(chair.post("/api/sittings/s1/open", json={}), 409, "wrong-state")
    assert told(hall, "all")[FreezeNotice.kind].body == FreezeNotice(SITTING, frozen=False)
    refused(chair.post("/api/sittings/s9/open", json={}), 404, "not-found")


def test_a_roll_with_mistakes_is_refused_whole(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    twice = new_sitting([members[0], members[0]])
    refused(chair.post("/api/sittings", json=twice), 422, "bad-input")
    stranger = new_sitting(["00" * 16])
    refused(chair.post("/api/sittings", json=stranger), 404, "not-found")
    body = new_sitting(members)
    body["roll"][0]["device"] = "gate-1"
    assert "no active keypad gate-1" in refused(chair.post("/api/sittings", json=body), 404, "not-found")
    body["roll"][0]["device"] = "keypad-2"
    refused(chair.post("/api/sittings", json=body), 422, "bad-input")
    assert ok(chair.get("/api/sittings")) == []


def test_attendance_follows_the_passages_in_the_log(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    ok(chair.post("/api/sittings", json=new_sitting(members)), 201)
    ok(chair.post("/api/sittings/s1/open", json={}))
    seen = ok(chair.get("/api/sittings/s1/attendance"))
    assert (seen["present"], seen["absent"], seen["quorum"]["holds"]) == (0, 3, False)
    hall.append(
        ("gate-1", Passage(SITTING, ref(members[0]), "in", "face")),
        ("gate-1", Passage(SITTING, ref(members[1]), "in", "badge")),
        ("gate-1", Passage(SITTING, ref(members[1]), "in", "badge")),
        ("gate-1", Passage(SITTING, MemberRef(bytes(16)), "in", "usher")),
    )
    seen = ok(chair.get("/api/sittings/s1/attendance"))
    assert (seen["present"], seen["absent"], seen["guests"]) == (2, 1, 1)
    assert (seen["quorum"]["holds"], seen["by_method"]) == (True, {"face": 1, "badge": 1, "usher": 1})
    board = ok(chair.get("/api/board"))["sitting"]
    assert {key: board[key] for key in ("present", "absent", "guests", "quorum")} == {
        key: seen[key] for key in ("present", "absent", "guests", "quorum")
    }
    hall.append(("gate-1", Passage(SITTING, ref(members[0]), "out", "face")))
    hall.clock.step(1000)
    roll = ok(chair.get("/api/sittings/s1/roll"))
    assert [(row["name"], row["seat"], row["where"]) for row in roll] == [
        ("Lan", "A1", "left"), ("Minh", "A2", "present"), ("Nga", "A3", "absent"),
    ]  # fmt: skip
    assert ok(chair.get("/api/board"))["sitting"]["present"] == 1


def test_a_seat_changes_hands_in_the_middle_of_a_sitting(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    ok(chair.post("/api/sittings", json=new_sitting(members[:2])), 201)
    ok(chair.post("/api/sittings/s1/open", json={}))
    ok(chair.put("/api/sittings/s1/seats/keypad-3", json={"member": members[1], "seat": "B7"}))
    assert hall.desk_bodies()[-1] == Seating(SITTING, DeviceId("keypad-3"), ref(members[1]))
    assert told(hall, "keypad-3")[Twin.kind].body == Twin({"seat": "B7", "member": ref(members[1])})
    assert told(hall, "keypad-2")[Twin.kind].body == Twin({"seat": "", "member": None})
    roll = ok(chair.get("/api/sittings/s1/roll"))
    assert {row["name"]: row["device"] for row in roll} == {"Lan": "keypad-1", "Minh": "keypad-3"}
    ok(chair.put("/api/sittings/s1/seats/keypad-3", json={"member": None}))
    assert hall.desk_bodies()[-1] == Seating(SITTING, DeviceId("keypad-3"), None)
    refused(chair.put("/api/sittings/s1/seats/keypad-3", json={"member": members[2]}), 404, "not-found")
    refused(chair.put("/api/sittings/s1/seats/gate-1", json={"member": members[0]}), 404, "not-found")


def test_certifying_lets_each_device_prune_what_the_log_holds(
    hall: HallUnderTest, chair: TestClient, members: list[str]
) -> None:
    ok(chair.post("/api/sittings", json=new_sitting(members)), 201)
    ok(chair.post("/api/sittings/s1/open", json={}))
    refused(chair.post("/api/sittings/s1/certify", json={"backed_up": True}), 409, "wrong-state")
    ok(chair.post("/api/sittings/s1/close", json={}))
    refused(chair.post("/api/sittings/s1/certify", json={"backed_up": False}), 422, "bad-input")
    with writing(hall.engine) as connection:
        rows = [("keypad-1", 17), ("gate-1", 4), ("desk", 9)]
        connection.execute(
            insert(high_water),
            [
                {
                    "device": device,
                    "epoch": b"epoch--1",
                    "seq": seq,
                    "record_hash": bytes(32),
                    "leaf_index": 1,
                }
                for device, seq in rows
            ],
        )
    assert ok(chair.post("/api/sittings/s1/certify", json={"backed_up": True})) == {"devices": 2}
    body = told(hall, "keypad-1")[Certified.kind].body
    assert body == Certified(b"epoch--1", 17)  # type: ignore[arg-type]  # an Epoch
    assert Certified.kind not in told(hall, "keypad-2")
    assert ok(chair.get("/api/sittings/s1"))["state"] == "certified"


def test_seats_stand_in_the_order_people_count_them() -> None:
    assert sorted(["A10", "B1", "A2", "", "A1"], key=seat_order) == ["", "A1", "A2", "A10", "B1"]
