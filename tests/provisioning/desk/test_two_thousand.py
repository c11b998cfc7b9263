"""A whole hall of devices that come with one batch: every claim costs the same, the last like the first."""

import secrets
import time

import pytest

from provisioning.desk.batches import BatchFile
from provisioning.desk.claims import State
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.servers.waiting import wait_until
from wire.ids import HallId

pytestmark = pytest.mark.slow
DEVICES = 2000
PART = 250


def test_two_thousand_devices_are_claimed_and_no_step_gets_slower(
    desk: DeskUnderTest, fleet: FleetUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.plan(*(place(f"seat-{number}", serial=f"serial-{number}") for number in range(DEVICES)))
    batches = BatchFile(desk.authority.path)
    _, token = batches.new(HallId("hall-1"), DEVICES, 1, now_ms=desk.now_ms(), random=secrets.token_bytes)
    devices = [desk.device(f"serial-{number}", token=token) for number in range(DEVICES)]
    parts_s, work_s = [], []
    for begin in range(0, DEVICES, PART):
        part = devices[begin : begin + PART]
        begun_s, worked_s = time.perf_counter(), time.process_time()
        for device in part:
            assert device.hello().state == "placed"
            device.press()
        claims = desk.opened.book.claims
        wanted = begin + PART
        wait_until(
            lambda wanted=wanted: len(fleet.devices) == wanted, f"{wanted} are registered", timeout_s=120
        )
        for device in part:
            device.installed(device.grant())
        parts_s.append(time.perf_counter() - begun_s)
        work_s.append(time.process_time() - worked_s)  # desk and fleet are in it, other work is not
    assert sum(claim.state is State.INSTALLED for claim in claims.in_force()) == DEVICES
    with capsys.disabled():
        each = ", ".join(f"{part_s:.1f}" for part_s in parts_s)
        print(f"{DEVICES} devices claimed in {sum(parts_s):.1f} s; each {PART}: {each} s")  # noqa: T201  # measured
    half = len(work_s) // 2
    assert min(work_s[half:]) < 2.5 * min(work_s[:half]), "the last take as much as the first"
    begun_s = time.perf_counter()
    desk.open()
    took_s = time.perf_counter() - begun_s
    assert len(desk.opened.book.claims) == DEVICES
    with capsys.disabled():
        print(f"the desk reads their journal in {took_s:.1f} s at its next start")  # noqa: T201  # measured
