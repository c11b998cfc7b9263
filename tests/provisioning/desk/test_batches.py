"""Devices whose boot media carry the token of a batch: the plan places them, or a person comes."""

import secrets

import pytest

from provisioning.desk.batches import Batch, BatchFile, fault, matching
from provisioning.errors import ConfigError
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from wire.ids import HallId

HALL = HallId("hall-1")


def _batch(desk: DeskUnderTest, count: int = 10, hours: int = 2) -> tuple[Batch, str]:
    return BatchFile(desk.authority.path).new(
        HALL, count, hours, now_ms=desk.now_ms(), random=secrets.token_bytes
    )


def test_a_device_that_the_plan_expects_goes_straight_to_its_place(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1", serial="serial-1"))
    batch, token = _batch(desk)
    device = desk.device(token=token)
    assert device.hello().state == "placed"
    device.press()
    desk.until(device, "granted")
    assert fleet.registrations() == ["desk"]
    assert desk.claim(device).by == f"batch {batch.batch}"


@pytest.mark.parametrize("why", ["wrong", "revoked", "over", "used-up", "other-hall"])
def test_a_token_that_is_not_in_force_gives_no_place(desk, fleet: FleetUnderTest, why: str) -> None:
    fleet.plan(place("seat-1", serial="serial-1"), place("seat-2", serial="serial-2"))
    batches = BatchFile(desk.authority.path)
    batch, token = _batch(desk, count=1)
    if why == "wrong":
        token = "a" * 26
    elif why == "revoked":
        batches.revoke(batch.batch, desk.now_ms())
    elif why == "over":
        desk.world.days_pass(1)
    elif why == "used-up":
        assert desk.device("serial-2", token=token).hello().state == "placed"
    else:
        _, token = batches.new(HallId("hall-2"), 1, 1, now_ms=desk.now_ms(), random=secrets.token_bytes)
    status = desk.device(token=token).hello()
    assert status.state == "waiting"
    assert "token" in status.en


def test_a_serial_that_the_plan_does_not_expect_waits_and_goes_on_when_the_plan_comes(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    _, token = _batch(desk)
    device = desk.device(token=token)
    status = device.hello()
    assert status.state == "waiting"
    assert "serial-1" in status.en
    fleet.plan(place("seat-1", serial="serial-1"))
    desk.world.days_pass(5 / 86400)
    assert device.poll().state == "placed"


def test_two_devices_with_one_serial_wait_for_a_person_to_say_which(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1", serial="serial-1"))
    _, token = _batch(desk)
    fleet.silent = True
    first, second = desk.device(token=token), desk.device(token=token)
    first.hello()
    second.hello()
    fleet.silent = False
    desk.world.days_pass(5 / 86400)
    assert [first.poll().state, second.poll().state] == ["waiting", "waiting"]
    assert "Another device" in (second.status.en if second.status else "")


def test_one_key_uses_a_batch_once_however_often_it_says_hello(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1", serial="serial-1"))
    batch, token = _batch(desk, count=1)
    device = desk.device(token=token)
    device.hello()
    desk.world.days_pass(1 / 24)
    desk.opened.tick()
    assert device.hello().state == "placed"
    assert desk.opened.book.claims.used(batch.batch) == 1


def test_a_token_stands_nowhere_but_in_the_hand_of_who_made_it(desk: DeskUnderTest, fleet) -> None:
    fleet.plan(place("seat-1", serial="serial-1"))
    batch, token = _batch(desk)
    device = desk.device(token=token)
    device.hello()
    device.press()
    for file in desk.authority.path.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
    assert matching([batch], f" {token.upper()} ") == batch


@pytest.mark.parametrize(("count", "hours"), [(0, 1), (5001, 1), (1, 0), (1, 24 * 91)])
def test_a_batch_without_bounds_is_not_made(desk: DeskUnderTest, count: int, hours: int) -> None:
    with pytest.raises(ConfigError, match="must be 1 to"):
        _batch(desk, count, hours)


def test_a_clock_that_went_back_does_not_make_a_batch_last(desk: DeskUnderTest) -> None:
    batch, _ = _batch(desk)
    assert fault(batch, HALL, batch.made_ms - 1, 0) == "over"
    assert fault(batch, HALL, batch.ends_ms, 0) == "over"
    assert fault(batch, HALL, batch.made_ms, 0) == ""
