"""A place that is taken, of another kind, for another device, or gone from the plan; and a fleet that says no
after the press."""

import pytest

from provisioning.desk.errors import Refused
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.servers.waiting import wait_until


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (place("seat-1", device="keypad-other", state="active"), "place-taken"),
        (place("seat-1", role="gate"), "wrong-role"),
        (place("seat-1", serial="serial-77"), "other-serial"),
        (place("seat-2"), "no-such-place"),
    ],
)
def test_a_place_that_cannot_be_is_refused_at_the_tap_and_the_claim_waits_on(
    desk: DeskUnderTest, fleet: FleetUnderTest, row: dict[str, object], reason: str
) -> None:
    fleet.plan(row)
    device = desk.device()
    device.hello()
    with pytest.raises(Refused) as refused:
        desk.place(device, "seat-1")
    assert refused.value.reason == reason
    assert device.poll().state == "waiting"


def test_the_place_of_a_device_that_was_revoked_may_be_given_again(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1", device="keypad-dead", state="revoked"))
    device = desk.device()
    device.hello()
    assert desk.place(device, "seat-1").place == "seat-1"


def test_two_waiting_devices_never_have_one_place(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"), place("seat-2"))
    first, second = desk.device("serial-1"), desk.device("serial-2")
    first.hello()
    second.hello()
    desk.place(first, "seat-1")
    with pytest.raises(Refused) as refused:
        desk.place(second, "seat-1")
    assert refused.value.reason == "claimed-meanwhile"
    desk.place(first, "seat-2")
    desk.place(second, "seat-1")


@pytest.mark.parametrize("code", ["place-taken", "serial-exists", "wrong-role", "something-new"])
def test_a_fleet_that_says_no_after_the_press_leaves_nothing_half_claimed(
    desk: DeskUnderTest, fleet: FleetUnderTest, code: str
) -> None:
    fleet.plan(place("seat-1"))
    fleet.refusal = (409, code)
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "refused")
    assert device.status is not None
    assert device.status.vi
    assert device.status.en
    with pytest.raises(Refused):
        device.grant()
    assert fleet.devices == {}
    fleet.refusal = None
    again = device.hello()
    assert again.state == "waiting"
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")


def test_a_fleet_that_is_silent_is_waited_for_and_asked_again(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    fleet.silent = True
    device.press()
    wait_until(lambda: "does not answer" in device.poll().en, "the device says why it waits")
    assert device.poll().state == "pressed"
    fleet.silent = False
    desk.world.days_pass(1 / (24 * 60))
    desk.opened.tick()
    desk.until(device, "granted")
    issued = (desk.authority.path / "ledger.jsonl").read_text().splitlines()
    assert sum('"issued"' in line and device.grant().device in line for line in issued) == 1


def test_a_technician_whose_sign_in_is_over_is_stood_in_for_by_the_desk(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    fleet.over.add("lan")
    device.press()
    desk.until(device, "granted")
    assert fleet.registrations() == ["lan", "desk"]


def test_a_spare_has_no_place(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    device = desk.device()
    device.hello()
    desk.place(device, "")
    device.press()
    desk.until(device, "granted")
    assert fleet.devices[device.grant().device]["place_id"] is None


def test_once_the_button_was_pressed_the_place_stays(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"), place("seat-2"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    with pytest.raises(Refused) as refused:
        desk.place(device, "seat-2")
    assert refused.value.reason == "too-late"


def test_an_address_that_asks_too_often_waits(desk: DeskUnderTest) -> None:
    desk.open()
    devices = [desk.device(f"serial-{number}") for number in range(65)]
    for device in devices[:64]:
        device.hello()
    with pytest.raises(Refused) as refused:
        devices[64].hello()
    assert refused.value.reason == "too-many"
    desk.address = "192.0.2.8"
    assert devices[64].hello().state == "waiting"
