"""Debian's swupdate against our listener: it polls, downloads, installs and reports; what is wrongly signed
it refuses and says so; while a sitting is frozen it does nothing, and stops what it had begun."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.db import writing
from fleet.ddi import store
from fleet.ddi.rules import digest
from tests.fleet.ddi.os_hall import OsHall, image
from tests.fleet.ddi.real_client import ImageSigner, Listening, Swupdate, listening, swupdate
from tests.fleet.hall_under_test import HallUnderTest
from tests.servers.missing import skip_or_fail
from tests.servers.waiting import wait_until
from wire.ids import DeviceId

pytestmark = pytest.mark.slow
SYSTEM = hashlib.shake_256(b"the root file system").digest(3_000_000)
NEXT = hashlib.shake_256(b"the one after").digest(3_000_000)
DEVICE = DeviceId("gate-1")
TOKEN = "5f" * 24


@pytest.fixture
def client() -> Iterator[Swupdate]:
    program = shutil.which("swupdate")
    if program is None:
        skip_or_fail("swupdate", "swupdate")
    with swupdate(program) as found:
        yield found


@pytest.fixture
def officers() -> ImageSigner:
    return ImageSigner()


@pytest.fixture
def served(
    hall: HallUnderTest, tmp_path: Path, client: Swupdate, officers: ImageSigner
) -> Iterator[Listening]:
    """Three images are released: a good one, one that somebody else signed, and a newer good one."""
    good = officers.swu(SYSTEM, client.target, "2.0")
    forged = ImageSigner().swu(b"not ours", client.target, "3.0")
    newer = officers.swu(NEXT, client.target, "4.0")
    files = [image(f"os/gate-{at}.swu", at, content) for at, content in ((2, good), (3, forged), (4, newer))]
    os_hall = OsHall.begun(hall, tmp_path, *files, now_ms=time.time_ns() // 1_000_000)
    (tmp_path / "keys").mkdir()
    with listening(os_hall, tmp_path / "keys") as found:
        yield found
        client.stop()


def until(os_hall: OsHall, condition: Callable[[], object], what: str) -> None:
    """The executor runs meanwhile, on time that goes on."""

    def is_so() -> bool:
        os_hall.hall.clock.now_ms = max(os_hall.hall.clock.now_ms, time.time_ns() // 1_000_000)
        os_hall.executor.tick()
        return bool(condition())

    wait_until(is_so, what)


def test_it_installs_refuses_and_stands_still(
    served: Listening, client: Swupdate, officers: ImageSigner
) -> None:
    os_hall = served.os_hall
    issued = served.register(DEVICE)
    with writing(os_hall.hall.engine) as connection:
        store.set_token(connection, DEVICE, digest(TOKEN))
    client.write_config(served, issued, officers.certificate, TOKEN)

    client.start()
    until(
        os_hall,
        lambda: os_hall.known().attributes == {"hardware": "gate-pi5", "os-version": "1.1"},
        "it says what it is",
    )
    os_hall.roll_out(path="os/gate-2.swu")
    until(os_hall, lambda: "All Chunks Installed." in os_hall.action().lines, "it has installed the image")
    assert client.target.read_bytes() == SYSTEM
    assert os_hall.course()[0] == "working", "installed is not yet started"
    client.restart_as("1.2")
    until(os_hall, lambda: os_hall.shown()["state"] == "done", "it has said that the new system is well")
    assert os_hall.course()[0] == "soaked"
    until(os_hall, lambda: os_hall.known().attributes["os-version"] == "1.2", "it says what it runs")
    assert os_hall.known().holds.endswith(" 2")

    os_hall.roll_out("forged", "os/gate-3.swu")
    until(os_hall, lambda: os_hall.course(name="forged")[1], "it has refused what others have signed")
    state, cause, detail = os_hall.course(name="forged")
    assert (cause, client.target.read_bytes()) == ("unsigned", SYSTEM), client.log
    assert state in ("failed", "returning", "returned")
    assert "refused by the device: " in detail

    until(os_hall, lambda: os_hall.shown("forged")["state"] == "aborted", "nobody is left on it")
    client.stop()

    os_hall.roll_out("newer", "os/gate-4.swu")
    client.start("-n", "500k")
    until(os_hall, lambda: os_hall.action().fetched, "it fetches, slowly")
    os_hall.freeze()
    until(os_hall, lambda: os_hall.action().outcome == "stopped", "it gives up what it fetches")
    polls = client.polls_in_vain
    until(os_hall, lambda: client.polls_in_vain >= polls + 3, "it asks again and again")
    assert client.target.read_bytes() == SYSTEM
    assert os_hall.course(name="newer")[0] == "waiting"
    client.stop()

    os_hall.freeze(end=True)
    client.start()
    until(os_hall, lambda: "All Chunks Installed." in os_hall.action().lines, "it installs the newer one")
    client.restart_as("1.4")
    until(os_hall, lambda: os_hall.shown("newer")["state"] == "done", "all is well")
    assert client.target.read_bytes() == NEXT
