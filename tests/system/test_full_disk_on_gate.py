"""A gate's disk is full: a real file system that answers ENOSPC, with a real gate on it."""

from tests.system.gate import SystemGate, add_people, issue_badges, stays
from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER
from tests.system.test_full_disk_on_device import MountDisk, fill

pytestmark = ON_ONE_BROKER


def test_a_passage_that_is_not_stored_is_said_not_to_be_and_counted_for_nobody(
    hall: SystemHall, small_disk: MountDisk
) -> None:
    first, unlucky, last = add_people(hall, 3, "Disk")
    badges = issue_badges(hall, first.member, unlucky.member, last.member)
    small_disk(hall.device("gate-full"), 1024)
    gate = SystemGate(hall, "gate-full")
    gate.start()
    pid = gate.pid
    gate.come_in(gate.badge(badges[0].text), first.member, "badge")
    gate.until_drained()
    before = gate.look()["last_seq"]

    ballast = hall.device(gate.name) / "ballast"
    fill(ballast)
    assert gate.badge(badges[1].text)["state"] == "released"
    assert gate.do("push") == {"passed": True}
    seen = gate.until(lambda now: now["view"] == "not-stored", "says that it could not store this")
    assert (seen["code"], seen["lamp"]) == ("not-stored", "red")
    assert "NOT stored." in seen["lines"]
    gate.until_state("secured")  # nobody is locked in, or left before an open door
    assert gate.look()["last_seq"] == before
    assert gate.passages() == [(first.member, "badge")]

    ballast.unlink()
    gate.come_in(gate.pin(badges[1]), unlucky.member, "pin")  # sent round again by the usher
    gate.come_in(gate.badge(badges[2].text), last.member, "badge")
    gate.until_drained()
    came = [(first.member, "badge"), (unlucky.member, "pin"), (last.member, "badge")]
    assert gate.passages() == came
    assert "the storage of this device is full" in gate.said()
    stays(gate, pid)
    gate.stop()
