"""Two boxes with one serial: a wrong label, or somebody's copy. Both say so, and neither is half a device."""

from provisioning.desk.progress import story
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place


def test_both_say_so_on_their_own_display_and_each_says_it_until_it_is_alone(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    first, second = desk.device("HW-1"), desk.device("HW-1")
    alone = first.hello()
    assert "HW-1" not in alone.en
    for status in (second.hello(), first.poll()):
        assert (status.state, "HW-1" in status.vi, "HW-1" in status.en) == ("waiting", True, True)
    desk.world.days_pass(10 / (24 * 60))
    first.poll()
    desk.world.days_pass(10 / (24 * 60))
    desk.opened.tick()  # the second was switched off, and its claim has ended
    assert "HW-1" not in first.poll().en


def test_the_second_one_is_refused_after_its_press_and_nothing_of_it_is_left(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"), place("seat-2"))
    first, second = desk.device("HW-1"), desk.device("HW-1")
    for device, where in ((first, "seat-1"), (second, "seat-2")):
        device.hello()
        desk.place(device, where)
    first.press()
    desk.until(first, "granted")
    fleet.refusal = (409, "serial-exists")
    second.press()
    desk.until(second, "refused")
    assert second.status is not None
    assert "HW-1" in second.status.vi
    assert list(fleet.devices) == [first.grant().device]
    assert fleet.places["seat-2"]["device"] is None
    claim = desk.claim(second)
    assert "HW-1" in story(claim, None)[-1]
