"""Device and provisioning desk as they are, over real mutual TLS; the fleet behind it is a stand-in."""

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from edge.device.adapters.certificates import own_certificates
from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.renewal_client import DeskRenewer
from edge.device.config import DeskAddress
from edge.device.errors import DeskRefused, DeskUnreachable
from provisioning.desk.desk import Setup, open_desk
from provisioning.desk.ports import World
from provisioning.desk.web import serving
from provisioning.desk.web.app import renewal_app
from tests.contract.test_signer import token_of
from tests.edge.device.hall_desk import DEVICE, Hall, make_hall
from tests.edge.device.renewal.test_over_tls import content, serial
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest
from tests.servers.softhsm import tokens  # noqa: F401  # a fixture

pytestmark = pytest.mark.slow


@dataclass
class Room:
    hall: Hall
    fleet: FleetUnderTest
    port: int

    def knows(self, folder: DeviceFolder) -> None:
        """The fleet has registered this device."""
        self.fleet.devices[DEVICE] = {
            "device": DEVICE,
            "role": "keypad",
            "place": "Seat 1",
            "state": "active",
            "certificate": (folder.path / "identity.crt").read_text(),
        }

    def renew(self, folder: DeviceFolder) -> None:
        DeskRenewer(folder, DeskAddress("127.0.0.1", self.port)).renew()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    hall, fleet = make_hall(tmp_path), FleetUnderTest()
    setup = Setup(
        hall.authority.path, "https://127.0.0.1:8443", ("127.0.0.1", 8444), "desk", PASSWORD, {}, None
    )
    world = World(lambda: time.time_ns() // 1_000_000, time.monotonic, secrets.token_bytes)
    desk = open_desk(setup, hall.authority, fleet, world)
    chain, key = hall.desk_files()
    own = serving.Certified(chain, key, hall.authority.renewal_anchors)
    server = serving._server(renewal_app(desk), serving.server_context(own, asks=True))
    listener = serving.listen("127.0.0.1", 0, "--port")
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield Room(hall, fleet, listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=60)
    desk.close()
    assert not thread.is_alive()


def test_a_device_is_renewed_and_the_fleet_knows_its_new_certificate(room: Room) -> None:
    folder = room.hall.folder()
    room.knows(folder)
    before = serial(folder.path / "identity.crt")
    room.renew(folder)
    assert serial(folder.path / "identity.crt") != before
    registered = x509.load_pem_x509_certificate(room.fleet.devices[DEVICE]["certificate"].encode())
    assert registered.serial_number == serial(folder.path / "identity.crt")
    room.renew(folder)  # with the new one


@pytest.mark.usefixtures("tokens")
def test_a_device_with_an_element_is_renewed_by_it_and_connects_with_its_other_key(room: Room) -> None:
    path = room.hall.path / "device"
    path.mkdir()
    folder = room.hall.folder(identity=token_of(path))
    room.knows(folder)
    before = [serial(path / name) for name in ("identity.crt", "tls.crt")]
    room.renew(folder)
    assert not set(before) & {serial(path / name) for name in ("identity.crt", "tls.crt")}
    assert [found.fault for _, found in own_certificates(path, folder.identity)] == ["", ""]


def test_a_revoked_device_is_told_so_and_keeps_what_it_has(room: Room) -> None:
    folder = room.hall.folder()
    room.knows(folder)
    before = content(folder)
    room.hall.authority.revoke(DEVICE)
    with pytest.raises(DeskRefused, match="taken back") as refused:
        room.renew(folder)
    assert refused.value.reason == "revoked"
    assert content(folder) == before


def test_a_fleet_that_is_away_is_waited_for(room: Room) -> None:
    folder = room.hall.folder()
    room.knows(folder)
    room.fleet.silent = True
    with pytest.raises(DeskUnreachable):
        room.renew(folder)
    room.fleet.silent = False
    room.renew(folder)


@pytest.mark.usefixtures("tokens")
def test_a_copied_card_without_its_element_renews_nothing(room: Room) -> None:
    path = room.hall.path / "device"
    path.mkdir()
    genuine = room.hall.folder(identity=token_of(path))
    room.knows(genuine)
    copy = room.hall.folder(name="copy")
    for name in ("key", "crt"):
        (copy.path / f"identity.{name}").write_bytes((path / f"tls.{name}").read_bytes())
    before = content(copy)
    with pytest.raises(DeskRefused):
        room.renew(read_folder(copy.path, "keypad"))
    assert content(copy) == before
