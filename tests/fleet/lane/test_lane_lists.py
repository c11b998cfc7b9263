"""Lane lists and PINs: what the gates are told, when, and what is kept of it."""

import pytest
from sqlalchemy import select

from fleet.db import reading, writing
from fleet.lane import lists
from fleet.lane.store import ENDED, forget_lists, newest_badges
from fleet.people import store as people
from fleet.tables import audit_log, downlink, metadata, settings
from tests.fleet.hall_under_test import CONGRESS, HallUnderTest, TestClient, members_of, ok, refused
from tests.fleet.lane.lane_at_gates import gate_with_key, heard, opened, pages, sitting_of
from wire.down import LaneList
from wire.ids import DeviceId, MemberRef
from wire.lane import Greeting, pin_of, unwrap_lane_key

pytestmark = pytest.mark.slow


@pytest.fixture
def chair(any_hall: HallUnderTest) -> TestClient:
    return any_hall.client("secretariat", "technician", account="chair")


def generation(hall: HallUnderTest, gate: str) -> set[int]:
    return {message.generation for message in heard(hall, gate, LaneList.kind)}


def badges(browser: TestClient, *members: str, replace: bool = False) -> list[dict[str, object]]:
    body = {"members": list(members), "replace": replace}
    found: list[dict[str, object]] = ok(browser.post("/api/badges", json=body), 201)
    return found


def test_each_gate_opens_its_own_list_and_no_other_gate_does(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    keys = {gate: gate_with_key(any_hall, chair, gate) for gate in ("gate-1", "gate-2")}
    (lan,) = members_of(any_hall, chair, ["Trần Thị Lan"])
    for gate, key in keys.items():
        assert opened(any_hall, gate, key) == {lan: (0, Greeting("Trần Thị Lan", ""))}
    wrapped = pages(any_hall, "gate-1")[0].wrapped_key
    with pytest.raises(Exception, match="not wrapped to this gate"):
        unwrap_lane_key(wrapped, keys["gate-2"], congress=CONGRESS, gate=DeviceId("gate-1"))


def test_the_list_follows_names_badges_seats_and_withdrawals(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    key = gate_with_key(any_hall, chair, "gate-1")
    any_hall.register(chair, "keypad-1")
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    first, second = (int(str(badge["serial"])) for badge in badges(chair, lan, minh))
    assert {member: row[0] for member, row in opened(any_hall, "gate-1", key).items()} == {
        lan: first, minh: second,
    }  # fmt: skip
    (fresh,) = badges(chair, lan, replace=True)
    assert opened(any_hall, "gate-1", key)[lan][0] == fresh["serial"]

    sitting_of(chair, [{"member": lan, "seat": "A1"}, {"member": minh, "device": "keypad-1", "seat": "A2"}])
    assert opened(any_hall, "gate-1", key)[minh] == (second, Greeting("Minh", "A2"))
    ok(chair.put("/api/sittings/s1/seats/keypad-1", json={"member": minh, "seat": "B7"}))
    assert opened(any_hall, "gate-1", key)[minh] == (second, Greeting("Minh", "B7"))

    ok(chair.delete(f"/api/members/{minh}"))
    assert set(opened(any_hall, "gate-1", key)) == {lan}


def test_a_gate_that_comes_later_gets_the_list_and_the_others_hear_nothing_new(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    before = generation(any_hall, "gate-1")
    any_hall.clock.step(1000)
    late = gate_with_key(any_hall, chair, "gate-2")
    assert set(opened(any_hall, "gate-2", late)) == {lan}
    assert generation(any_hall, "gate-1") == before


def test_an_unchanged_list_is_not_told_again(any_hall: HallUnderTest, chair: TestClient) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    before = generation(any_hall, "gate-1")
    any_hall.clock.step(1000)
    same = {"members": [{"name": "Lan", "member": lan, "consent": False}]}
    ok(chair.post("/api/members", json=same), 201)
    assert generation(any_hall, "gate-1") == before
    changed = {"members": [{"name": "Lan Anh", "member": lan}]}
    ok(chair.post("/api/members", json=changed), 201)
    assert min(generation(any_hall, "gate-1")) > max(before)


def test_a_gate_that_is_renewed_with_another_sealing_key_can_open_its_list_again(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    assert set(opened(any_hall, "gate-1", gate_with_key(any_hall, chair, "gate-1"))) == {lan}


def test_nonces_are_fresh_and_lengths_tell_nothing(any_hall: HallUnderTest, chair: TestClient) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    members_of(any_hall, chair, ["Vũ", "Nguyễn Thị Phương Thảo Nguyên Khánh"])
    first = [sealed for page in pages(any_hall, "gate-1") for _, _, sealed in page.rows]
    members_of(any_hall, chair, ["Minh"])
    second = [sealed for page in pages(any_hall, "gate-1") for _, _, sealed in page.rows]
    nonces = [sealed[:12] for sealed in (*first, *second)]
    assert len(set(nonces)) == len(nonces) == 5
    assert len({len(sealed) for sealed in (*first, *second)}) == 1


def test_a_long_list_goes_in_pages_of_one_generation(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    key = gate_with_key(hall, chair, "gate-1")
    who = members_of(hall, chair, [f"Person {number}" for number in range(130)])
    found = pages(hall, "gate-1")
    assert [(page.page, page.pages, len(page.rows)) for page in found] == [(0, 3, 60), (1, 3, 60), (2, 3, 10)]
    assert len(generation(hall, "gate-1")) == 1
    assert set(opened(hall, "gate-1", key)) == set(who)


def test_the_longest_name_and_seat_are_cut_between_letters(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    key = gate_with_key(hall, chair, "gate-1")
    (long,) = members_of(hall, chair, ["ễ" * 120])
    sitting_of(chair, [{"member": long, "seat": "ễ" * 16}])
    assert opened(hall, "gate-1", key)[long][1] == Greeting("ễ" * 40, "ễ" * 13)


def test_a_gate_whose_key_nothing_can_be_sealed_to_is_refused_in_words(hall: HallUnderTest) -> None:
    chair = hall.client("technician")
    device = hall.provisioned("gate-1", "gate")
    body = {"role": "gate", "place": "door", "certificate": device.certificate, "sealing_key": "00" * 32}
    assert "gate-1" in refused(chair.post("/api/devices", json=body), 422, "bad-input")
    assert ok(chair.get("/api/devices")) == []


def test_a_revoked_gate_is_told_nothing_more(any_hall: HallUnderTest, chair: TestClient) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    members_of(any_hall, chair, ["Lan"])
    ok(chair.post("/api/devices/gate-1/revoke", json={"reason": "stolen"}))
    assert pages(any_hall, "gate-1") == []
    members_of(any_hall, chair, ["Minh"])
    assert pages(any_hall, "gate-1") == []


def test_badges_come_with_the_pin_that_the_gate_works_out_and_it_is_kept_nowhere(
    hall: HallUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    key = gate_with_key(hall, chair, "gate-1")
    (lan,) = members_of(hall, chair, ["Lan"])
    (badge,) = badges(chair, lan)
    lane_key = unwrap_lane_key(
        pages(hall, "gate-1")[0].wrapped_key, key, congress=CONGRESS, gate=DeviceId("gate-1")
    )
    serial = opened(hall, "gate-1", key)[lan][0]
    pin = pin_of(lane_key, congress=CONGRESS, member=MemberRef(bytes.fromhex(lan)), serial=serial)
    assert (badge["pin"], badge["serial"]) == (pin, serial)
    assert str(badge["pin"]) not in str(badge["text"])
    with reading(hall.engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert pin not in map(str, row)
        assert all(pin not in row.detail for row in connection.execute(select(audit_log)))
    assert pin not in caplog.text


def test_badges_without_any_gate_have_the_pin_they_will_have(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    (lan,) = members_of(hall, chair, ["Lan"])
    (badge,) = badges(chair, lan)
    key = gate_with_key(hall, chair, "gate-1")
    lane_key = unwrap_lane_key(
        pages(hall, "gate-1")[0].wrapped_key, key, congress=CONGRESS, gate=DeviceId("gate-1")
    )
    serial = int(str(badge["serial"]))
    assert badge["pin"] == pin_of(
        lane_key, congress=CONGRESS, member=MemberRef(bytes.fromhex(lan)), serial=serial
    )


def test_an_expired_badge_lends_its_serial_to_no_pin(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    key = gate_with_key(hall, chair, "gate-1")
    (lan,) = members_of(hall, chair, ["Lan"])
    ok(chair.post("/api/badges", json={"members": [lan], "days": 1}), 201)
    hall.clock.step(25 * 3600 * 1000)
    later = hall.client("secretariat", account="later")
    members_of(hall, later, ["Minh"])
    assert opened(hall, "gate-1", key)[lan][0] == 0


def test_a_revoked_badge_lends_its_serial_to_no_pin(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    lan, minh = members_of(hall, chair, ["Lan", "Minh"])
    serials = [badge["serial"] for badge in badges(chair, lan, minh)]
    with writing(hall.engine) as connection:
        people.revoke_badges(connection, [MemberRef(bytes.fromhex(lan))])
        assert list(newest_badges(connection, hall.clock.now_ms).values()) == serials[1:]


def test_when_the_lists_are_forgotten_no_name_comes_back_before_another_sitting_opens(
    hall: HallUnderTest,
) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    key = gate_with_key(hall, chair, "gate-1")
    lan, minh = members_of(hall, chair, ["Lan", "Minh"])
    before = generation(hall, "gate-1")
    with writing(hall.engine) as connection:
        old = lists.lane_key(hall.office, connection)
        forget_lists(connection)
        left = connection.execute(select(settings.c.name)).scalars().all()
        assert [name for name in left if name.startswith("lane")] == [ENDED]
    hall.clock.step(1000)
    ok(chair.delete(f"/api/members/{minh}"))
    assert generation(hall, "gate-1") == before
    sitting_of(chair, [{"member": lan}])
    assert set(opened(hall, "gate-1", key)) == {lan}
    with writing(hall.engine) as connection:
        assert lists.lane_key(hall.office, connection) != old


def test_no_name_stands_in_what_is_stored_for_the_gates(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat", "technician", account="chair")
    gate_with_key(hall, chair, "gate-1")
    members_of(hall, chair, ["Quách Tỉnh"])
    with reading(hall.engine) as connection:
        envelopes = connection.execute(select(downlink.c.envelope)).scalars().all()
    assert envelopes
    assert not any("Quách".encode() in envelope for envelope in envelopes)
