"""A freeze is lifted by two people, one of them of the secretariat, for a while, and on the record."""

import json

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.freeze.lease import overridden
from fleet.tables import audit_log, downlink
from tests.fleet.freeze.frozen import SITTING, FrozenHall
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from wire.down import FreezeNotice
from wire.ids import DeviceId, SittingId
from wire.updates import Override

pytestmark = pytest.mark.slow

MINUTE_MS = 60_000
NEXT = SittingId("s2")
FROZEN, OPEN = FreezeNotice(SITTING, frozen=True), FreezeNotice(SITTING, frozen=False)


def asked(one: FrozenHall, **changes: object) -> int:
    return int(ok(one.minh.post("/api/freeze/overrides", json=one.wish(**changes)), 201)["id"])


def is_lifted(one: FrozenHall, device: str) -> bool:
    with one.hall.office.look() as connection:
        return overridden(connection, device, one.hall.clock.now_ms)


def test_one_person_alone_lifts_nothing(frozen: FrozenHall) -> None:
    override = asked(frozen)
    assert not is_lifted(frozen, "keypad-3")
    assert frozen.told("keypad-3") is None
    answer = frozen.minh.post(f"/api/freeze/overrides/{override}/agree", json={})
    assert "another person" in refused(answer, 403, "same-person")
    assert "một người khác" in answer.json()["sentence_vi"]
    elsewhere = frozen.hall.client("staff", account="minh")  # signed in at another machine too
    refused(elsewhere.post(f"/api/freeze/overrides/{override}/agree", json={}), 403, "same-person")
    assert frozen.told("keypad-3") is None


def test_two_people_lift_it_for_one_device_on_the_record(frozen: FrozenHall) -> None:
    done = frozen.lift("keypad-3")
    now_ms = frozen.hall.clock.now_ms
    assert (done["state"], done["second"], done["until_ms"]) == ("lifted", "linh", now_ms + 30 * MINUTE_MS)
    expected = Override(SITTING, DeviceId("keypad-3"), "minh", "linh", "It hangs", done["until_ms"])
    assert frozen.hall.desk_bodies()[-1] == expected
    told = frozen.told("keypad-3")
    assert told is not None
    assert (told.body, told.expires_ms) == (OPEN, done["until_ms"])
    lease = frozen.told("all")
    assert lease is not None
    assert lease.body == FROZEN, "the others stay as they are"
    assert frozen.told("keypad-1") is None
    assert is_lifted(frozen, "keypad-3")
    assert not is_lifted(frozen, "keypad-1")


def test_devices_hear_of_it_once_it_is_on_the_record(frozen: FrozenHall) -> None:
    frozen.hall.append()
    frozen.lift("keypad-3")
    with frozen.hall.office.look() as connection:
        query = select(downlink.c.after_desk_seq).where(downlink.c.audience == "keypad-3")
        after = max(connection.execute(query).scalars())
    assert after == len(frozen.hall.desk_bodies())


def test_for_the_whole_hall_each_device_is_told(frozen: FrozenHall) -> None:
    frozen.lift(None)
    for name in ("keypad-1", "keypad-2", "keypad-3", "gate-1"):
        told = frozen.told(name)
        assert told is not None
        assert told.body == OPEN
        assert is_lifted(frozen, name)
    assert isinstance(frozen.hall.desk_bodies()[-1], Override)


def test_it_ends_by_itself_and_is_never_renewed(frozen: FrozenHall) -> None:
    done = frozen.lift("keypad-3", minutes=60)
    for _ in range(5):
        frozen.step(10 * MINUTE_MS)
        told = frozen.told("keypad-3")
        assert told is not None
        assert told.expires_ms == done["until_ms"]
    frozen.step(10 * MINUTE_MS)
    assert not is_lifted(frozen, "keypad-3")
    again = frozen.told("keypad-3")
    assert again is not None
    assert told is not None
    assert again.body == FROZEN
    assert again.generation > told.generation
    assert frozen.states() == ["ended"]


def test_a_fleet_restored_from_a_backup_does_not_lengthen_it(frozen: FrozenHall) -> None:
    done = frozen.lift("keypad-3")
    frozen.hall.clock.step(MINUTE_MS)
    with frozen.hall.office.keep() as connection:
        frozen.hall.office.desk.begin_epoch(connection, frozen.hall.random(8))  # type: ignore[arg-type]  # 8 bytes
    told, lease = frozen.told("keypad-3"), frozen.told("all")
    assert told is not None
    assert lease is not None
    assert told.expires_ms == done["until_ms"]
    assert lease.expires_ms > told.expires_ms


def test_one_lift_that_ends_does_not_end_another(frozen: FrozenHall) -> None:
    frozen.lift(None, minutes=20)
    whole = frozen.told("keypad-3")
    one = frozen.lift("keypad-3", minutes=40)
    frozen.step(21 * MINUTE_MS)
    told, other = frozen.told("keypad-3"), frozen.told("keypad-1")
    assert whole is not None
    assert told is not None
    assert other is not None
    assert (told.body, told.expires_ms) == (OPEN, one["until_ms"])
    assert other.body == FROZEN


def test_it_is_ended_early_by_anybody_who_may(frozen: FrozenHall) -> None:
    done = frozen.lift("keypad-3")
    ok(frozen.minh.post(f"/api/freeze/overrides/{done['id']}/end", json={}))
    told = frozen.told("keypad-3")
    assert told is not None
    assert told.body == FROZEN
    refused(frozen.minh.post(f"/api/freeze/overrides/{done['id']}/end", json={}), 409, "wrong-state")


def test_it_ends_with_the_sitting(frozen: FrozenHall) -> None:
    done = frozen.lift("keypad-3", minutes=60)
    frozen.close()
    frozen.step(1000)
    with frozen.hall.office.look() as connection:
        assert not overridden(connection, "keypad-3", frozen.hall.clock.now_ms)
    refused(frozen.linh.post(f"/api/freeze/overrides/{done['id']}/agree", json={}), 409, "not-asked")


def the_next_sitting(one: FrozenHall) -> None:
    """Begins as soon as the first one is closed, before the ticker has looked."""
    one.close()
    roll = [{"member": member, "device": f"keypad-{at}"} for at, member in enumerate(one.members, start=1)]
    body = {"sitting": NEXT, "title": "Phiên hai", "quorum_num": 1, "quorum_den": 2, "roll": roll}
    ok(one.linh.post("/api/sittings", json=body), 201)
    ok(one.linh.post(f"/api/sittings/{NEXT}/open", json={}))


def test_what_was_lifted_in_a_sitting_is_not_lifted_in_the_next(frozen: FrozenHall) -> None:
    frozen.lift("keypad-3")
    the_next_sitting(frozen)
    assert not is_lifted(frozen, "keypad-3")


def test_a_lift_of_the_sitting_before_that_ends_does_not_end_that_of_the_next(frozen: FrozenHall) -> None:
    frozen.lift("keypad-3")
    the_next_sitting(frozen)
    wish = frozen.wish(sitting=NEXT, minutes=20)
    ask = ok(frozen.minh.post("/api/freeze/overrides", json=wish), 201)
    done = ok(frozen.linh.post(f"/api/freeze/overrides/{ask['id']}/agree", json={}))
    frozen.step(1000)
    assert frozen.states() == ["ended"]
    told = frozen.told("keypad-3")
    assert told is not None
    assert (told.body, told.expires_ms) == (FreezeNotice(NEXT, frozen=False), done["until_ms"])
    assert is_lifted(frozen, "keypad-3")


def test_whoever_agrees_after_ten_minutes_is_too_late(frozen: FrozenHall) -> None:
    override = asked(frozen)
    frozen.hall.clock.step(10 * MINUTE_MS)
    refused(frozen.linh.post(f"/api/freeze/overrides/{override}/agree", json={}), 409, "not-asked")
    frozen.step(1)
    assert frozen.states() == ["expired"]


def test_without_the_secretariat_two_are_not_enough(frozen: FrozenHall) -> None:
    override = asked(frozen)
    admin = frozen.hall.client("admin", account="an")
    refused(admin.post(f"/api/freeze/overrides/{override}/agree", json={}), 403, "needs-secretariat")
    ok(frozen.linh.post(f"/api/freeze/overrides/{override}/agree", json={}))


def test_others_neither_ask_nor_agree(frozen: FrozenHall) -> None:
    override = asked(frozen)
    for role in ("technician", "usher", "auditor", "trustee", "board"):
        browser = frozen.hall.client(role)
        refused(browser.post("/api/freeze/overrides", json=frozen.wish()), 403, "forbidden")
        refused(browser.post(f"/api/freeze/overrides/{override}/agree", json={}), 403, "forbidden")


def test_somebody_whose_role_was_taken_meanwhile_has_asked_for_nothing(frozen: FrozenHall) -> None:
    override = asked(frozen)
    admin = frozen.hall.client("admin", account="an")
    ok(admin.patch("/api/accounts/minh", json={"roles": ["technician"]}))
    refused(frozen.linh.post(f"/api/freeze/overrides/{override}/agree", json={}), 409, "not-asked")


WRONG: list[tuple[dict[str, object], int, str]] = [
    ({"minutes": 61}, 422, "bad-input"),
    ({"minutes": 0}, 422, "bad-input"),
    ({"reason": ""}, 422, "bad-input"),
    ({"reason": "x" * 201}, 422, "bad-input"),
    ({"device": "keypad-99"}, 404, "not-found"),
    ({"sitting": "s2"}, 409, "wrong-sitting"),
    ({"forever": True}, 422, "bad-input"),
]


def test_a_wish_that_cannot_be(frozen: FrozenHall) -> None:
    for changes, status, code in WRONG:
        refused(frozen.minh.post("/api/freeze/overrides", json=frozen.wish(**changes)), status, code)
    assert frozen.states() == []


def test_nothing_is_lifted_when_nothing_is_frozen(hall: HallUnderTest) -> None:
    one = FrozenHall(hall)
    refused(one.minh.post("/api/freeze/overrides", json=one.wish()), 409, "not-frozen")
    refused(one.linh.post("/api/freeze/overrides/7/agree", json={}), 404, "not-found")
    for act in ("agree", "end"):
        refused(one.linh.post(f"/api/freeze/overrides/{2**63}/{act}", json={}), 422, "bad-input")


def test_the_audit_log_names_both_and_the_reason(frozen: FrozenHall) -> None:
    frozen.lift("keypad-3")
    frozen.step(31 * MINUTE_MS)
    with reading(frozen.hall.engine) as connection:
        rows = connection.execute(select(audit_log).where(audit_log.c.action.startswith("freeze."))).all()
    assert [(row.account, row.action) for row in rows] == [
        ("minh", "freeze.override-asked"),
        ("linh", "freeze.lifted"),
        ("fleet", "freeze.restored"),
    ]
    assert json.loads(rows[0].detail)["reason"] == "It hangs"
    assert json.loads(rows[1].detail)["first"] == "minh"
