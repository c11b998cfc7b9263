"""Lane lists follow what no officer does: a badge that expires, a sealing key that a gate has signed; and one
gate with a bad key keeps nobody from their work."""

import logging

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select, update

from fleet.api.ticker import FOLLOW_MS, Ticker
from fleet.db import reading, writing
from fleet.tables import audit_log, devices
from tests.fleet.hall_under_test import CONGRESS, HallUnderTest, TestClient, members_of, ok
from tests.fleet.lane.lane_at_gates import gate_with_key, heard, opened, pages, sitting_of
from wire.down import LaneList

DAY_MS = 24 * 3600 * 1000
LOW_ORDER = [bytes(32), b"\x01" + bytes(31), bytes.fromhex("ec" + "ff" * 30 + "7f")]


@pytest.fixture
def chair(any_hall: HallUnderTest) -> TestClient:
    return any_hall.client("secretariat", "technician", account="chair")


@pytest.fixture
def ticker(any_hall: HallUnderTest) -> Ticker:
    return Ticker(any_hall.office, any_hall.app.state.services.live)


def learn(hall: HallUnderTest, gate: str, sealing_key: bytes) -> None:
    """As ingest does with a gate's signed word."""
    with writing(hall.engine) as connection:
        connection.execute(update(devices).where(devices.c.device == gate).values(sealing_key=sealing_key))


def lines(hall: HallUnderTest, action: str) -> list[str]:
    with reading(hall.engine) as connection:
        query = select(audit_log.c.detail).where(audit_log.c.action == action).order_by(audit_log.c.line)
        return list(connection.execute(query).scalars())


def generation(hall: HallUnderTest, gate: str) -> set[int]:
    return {message.generation for message in heard(hall, gate, LaneList.kind)}


def test_a_pin_ends_with_its_badge_within_a_minute(
    any_hall: HallUnderTest, chair: TestClient, ticker: Ticker
) -> None:
    key = gate_with_key(any_hall, chair, "gate-1")
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    ok(chair.post("/api/badges", json={"members": [lan], "days": 1}), 201)
    (long,) = ok(chair.post("/api/badges", json={"members": [minh], "days": 2}), 201)
    any_hall.clock.step(DAY_MS)
    ticker.tick()
    assert opened(any_hall, "gate-1", key)[lan][0] > 0
    any_hall.clock.step(FOLLOW_MS)
    ticker.tick()
    serials = {member: row[0] for member, row in opened(any_hall, "gate-1", key).items()}
    assert serials == {lan: 0, minh: long["serial"]}


def test_a_gate_with_a_new_key_gets_its_list_within_a_minute(
    any_hall: HallUnderTest, chair: TestClient, ticker: Ticker
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    ticker.tick()
    assert lines(any_hall, "lanes.told") == []
    fresh = X25519PrivateKey.generate()
    learn(any_hall, "gate-1", fresh.public_key().public_bytes_raw())
    any_hall.clock.step(FOLLOW_MS)
    ticker.tick()
    assert set(opened(any_hall, "gate-1", fresh)) == {lan}
    assert lines(any_hall, "lanes.told") == ['{"gates":1}']


def test_what_has_not_changed_is_neither_told_nor_noted(
    any_hall: HallUnderTest, chair: TestClient, ticker: Ticker
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    members_of(any_hall, chair, ["Lan"])
    before = generation(any_hall, "gate-1")
    for _ in range(3):
        any_hall.clock.step(FOLLOW_MS)
        ticker.tick()
    assert generation(any_hall, "gate-1") == before
    assert lines(any_hall, "lanes.told") == []


def test_after_the_end_of_a_congress_no_list_is_told_until_a_sitting_opens(
    any_hall: HallUnderTest, chair: TestClient, ticker: Ticker
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    ok(chair.post("/api/references/destroy", json={"confirm": CONGRESS}))
    fresh = X25519PrivateKey.generate()
    learn(any_hall, "gate-1", fresh.public_key().public_bytes_raw())
    any_hall.clock.step(FOLLOW_MS)
    ticker.tick()
    assert pages(any_hall, "gate-1") == []
    sitting_of(chair, [{"member": lan}])
    another = X25519PrivateKey.generate()
    learn(any_hall, "gate-1", another.public_key().public_bytes_raw())
    any_hall.clock.step(FOLLOW_MS)
    ticker.tick()
    assert set(opened(any_hall, "gate-1", another)) == {lan}


@pytest.mark.parametrize("bad", LOW_ORDER, ids=lambda key: key.hex()[:4])
def test_a_gate_to_whose_key_nothing_can_be_sealed_is_left_out_and_every_act_goes_on(
    any_hall: HallUnderTest, chair: TestClient, ticker: Ticker, bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    gate_with_key(any_hall, chair, "gate-1")
    good = gate_with_key(any_hall, chair, "gate-2")
    learn(any_hall, "gate-1", bad)
    before = generation(any_hall, "gate-1")
    any_hall.clock.step(1000)
    (lan,) = members_of(any_hall, chair, ["Lan"])
    ok(chair.post("/api/badges", json={"members": [lan]}), 201)
    sitting_of(chair, [{"member": lan, "seat": "A1"}])
    ok(chair.delete(f"/api/members/{lan}"))
    assert opened(any_hall, "gate-2", good) == {}
    assert generation(any_hall, "gate-1") == before
    (noted,) = lines(any_hall, "badges.issued")
    assert '"lane_left_out":["gate-1"]' in noted
    assert "gate-1: nothing can be sealed to its sealing key" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        any_hall.clock.step(FOLLOW_MS)
        ticker.tick()
    assert (caplog.text, lines(any_hall, "lanes.told")) == ("", []), "the acts have said it"
    gate_with_key(any_hall, chair, "gate-1")
    assert generation(any_hall, "gate-1") != before
