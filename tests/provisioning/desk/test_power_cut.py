"""A power cut at every durable step of a claim: the desk opens again, the device asks again, nothing is lost
and nothing is there twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.desk import book, journal
from provisioning.desk.errors import Refused
from provisioning.desk.registering import Registering
from tests.edge.power_cut import PowerCut, fuse
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.provisioning.desk.scripted_device import ScriptedDevice
from wire.enrol import Grant

Burn = Callable[[str], None]
STEPS = 40


@pytest.fixture
def burns(desk: DeskUnderTest, fleet: FleetUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[Burn]:
    """The fuse in force. It burns before a line is written, when half of it is, when it stands; and before
    and after the fleet takes a device. The work after a press is done in the thread that pressed."""
    fuses: list[Burn] = [fuse(None)]

    def append(path: Path, line: bytes) -> None:
        fuses[-1]("before the line")
        half = len(line) // 2
        journal.append_synced(path, line[:half])
        fuses[-1]("in the line")
        journal.append_synced(path, line[half:])
        fuses[-1]("after the line")

    def make(path: Path) -> journal.Journal:
        return journal.Journal(path, append)

    def start(registering: Registering, claim: book.Claim) -> None:
        registering.complete(claim.claim)

    monkeypatch.setattr("provisioning.desk.desk.Journal", make)
    monkeypatch.setattr(Registering, "start", start)
    fleet.before = lambda: fuses[-1]("before the registry")
    fleet.after = lambda: fuses[-1]("after the registry")
    return fuses


def _whole_claim(desk: DeskUnderTest, device: ScriptedDevice) -> Grant:
    """What device and technician do, from wherever things stand."""
    status = device.hello()
    if status.state == "waiting":
        desk.place(device, "seat-1")
        status = device.poll()
    if status.state == "placed":
        status = device.press()
    if status.state == "pressed":
        desk.opened.tick()
    grant = device.grant()
    device.installed(grant)
    return grant


def test_a_desk_that_dies_at_any_step_goes_on_where_it_was(
    desk: DeskUnderTest, fleet: FleetUnderTest, burns: list[Burn]
) -> None:
    cuts = 0
    for step in range(1, STEPS):
        fleet.places.clear()
        fleet.devices.clear()
        fleet.plan(place("seat-1"))
        device = desk.device(f"serial-{step}")
        desk.open()
        burns.append(fuse(step))
        try:
            _whole_claim(desk, device)
        except PowerCut:
            cuts += 1
        else:
            break
        finally:
            burns.append(fuse(None))
        desk.open()
        grant = _whole_claim(desk, device)
        assert list(fleet.devices) == [grant.device]
        assert fleet.places["seat-1"]["device"] == grant.device
        claims = [one for one in desk.opened.book.claims.every() if one.serial == device.serial]
        assert len(claims) <= 2, "the one that was torn was told to nobody"
        assert sum(one.certificate is not None for one in claims) == 1
    assert cuts >= 17, "every line of the journal, three times, and the registry twice"


def test_a_device_that_was_told_a_code_is_known_by_it_after_the_cut(desk: DeskUnderTest) -> None:
    device = desk.device()
    status = device.hello()
    desk.open()
    assert device.poll() == status
    assert desk.opened.placing.find(status.code).claim == device.claim


def test_what_was_pressed_is_registered_after_the_restart_without_another_press(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    fleet.silent = True
    device.press()
    desk.open()
    fleet.silent = False
    desk.opened.tick()
    desk.until(device, "granted")
    assert fleet.registrations() == ["desk"], "the technician's sign-in ended with the desk"


def test_a_full_disk_promises_nothing(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    device = desk.device()
    desk.open()

    def full(path: Path, line: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk.opened.book._journal, "_append", full)
    with pytest.raises(Exception, match="free some room"):
        device.hello()
    assert len(desk.opened.book.claims) == 0


def test_a_refusal_is_still_known_after_the_cut(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    fleet.refusal = (409, "place-taken")
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "refused")
    words = device.status
    desk.open()
    assert device.poll() == words
    with pytest.raises(Refused):
        device.grant()
