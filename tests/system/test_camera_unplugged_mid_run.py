"""The camera of a real gate falls silent while people come, and comes back."""

from tests.system.gate import Station, SystemGate, add_people, issue_badges, stays
from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER


@ON_ONE_BROKER
def test_the_badge_lane_goes_on_and_faces_again_when_it_is_back(hall: SystemHall, station: Station) -> None:
    by_badge, by_pin = add_people(hall, 2, "Lane")
    badge, other = issue_badges(hall, by_badge.member, by_pin.member)
    gate = SystemGate(hall, "gate-unplugged")
    station.wrap(gate.name)
    gate.start(references=len(station.people))
    pid = gate.pid
    first, second, _ = station.people
    assert first.probe is not None
    assert second.probe is not None
    gate.come_in(gate.walk(first.probe), first.member, "face")

    gate.do("unplug")
    seen = gate.until(lambda now: now["view"] == "camera-out", "says that the camera is out of order")
    assert seen["code"] == "camera-out"
    assert any("The camera is out of order." in line for line in seen["lines"]), seen
    gate.until_alarmed("camera-fault")
    gate.come_in(gate.badge(badge.text), by_badge.member, "badge")
    gate.come_in(gate.pin(other), by_pin.member, "pin")

    gate.do("plug-in")
    gate.until(lambda now: now["view"] == "ready", "looks at faces again")
    gate.come_in(gate.walk(second.probe), second.member, "face")
    gate.until_drained()
    came = [
        (first.member, "face"),
        (by_badge.member, "badge"),
        (by_pin.member, "pin"),
        (second.member, "face"),
    ]
    assert gate.passages() == came
    assert gate.alarms() == ["camera-fault"]
    stays(gate, pid)
    gate.stop()
