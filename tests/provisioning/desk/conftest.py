"""A desk whose clock, randomness and fleet the test decides, under a root of its own."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from provisioning.authority.folder import AuthorityFolder, open_authority
from provisioning.authority.root_folder import RootFolder
from provisioning.commands import root_request
from provisioning.desk import ports
from provisioning.desk.claims import Claim
from provisioning.desk.desk import Desk, Setup, open_desk
from provisioning.desk.devices import Limits
from tests.provisioning.authority.roots import file_root
from tests.provisioning.conftest import World
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest
from tests.provisioning.desk.scripted_device import ScriptedDevice
from tests.servers.waiting import wait_until
from wire.enrol import GRANT_PATH, HELLO_PATH, INSTALLED_PATH, POLL_PATH, PRESS_PATH, encode_enrol

ADDRESS = "192.0.2.7"


@dataclass
class DeskUnderTest:
    """A desk that can be closed and opened again on the same folder, as after a power cut."""

    authority: AuthorityFolder
    fleet: FleetUnderTest
    world: World
    crl: Path
    limits: Limits | None = None
    policy: dict[str, Any] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    address: str = ADDRESS
    desk: Desk | None = None

    def now_ms(self) -> int:
        return int(self.world.time.timestamp() * 1000)

    def clock_s(self) -> float:
        return self.world.time.timestamp()

    def open(self) -> Desk:
        self.close()
        given = ports.World(now_ms=self.now_ms, monotonic_s=self.clock_s, random=self.chance.randbytes)
        setup = Setup(
            folder=self.authority.path,
            page="https://desk.hall:8443",
            renewal=("desk.hall", 8444),
            account="desk",
            password=PASSWORD,
            policy=self.policy,
            charter=None,
            crl=(self.crl,),
            limits=self.limits,
        )
        authority = open_authority(self.authority.path, self.world.means())
        self.desk = open_desk(setup, authority, self.fleet, given)
        return self.desk

    def close(self) -> None:
        if self.desk is not None:
            self.desk.close()
            self.desk = None

    @property
    def opened(self) -> Desk:
        return self.desk or self.open()

    def post(self, path: str, body: bytes) -> bytes:
        """What a device says, without a network in between."""
        devices = self.opened.devices
        if path == HELLO_PATH:
            return encode_enrol(devices.hello(body, self.address))
        calls = {
            POLL_PATH: devices.poll,
            PRESS_PATH: devices.press,
            GRANT_PATH: devices.grant,
            INSTALLED_PATH: devices.installed,
        }
        return encode_enrol(calls[path](body))

    def device(self, serial: str = "serial-1", **fields: Any) -> ScriptedDevice:
        return ScriptedDevice(serial, self.post, **fields)

    def claim(self, device: ScriptedDevice) -> Claim:
        found = self.opened.book.claims.by_id(device.claim)
        assert found is not None
        return found

    def place(self, device: ScriptedDevice, place: str, account: str = "lan") -> Claim:
        """A technician's tap, from a sign-in of their own."""
        signed_in, _ = self.opened.technicians.sign_in(account, PASSWORD, ADDRESS)
        return self.opened.placing.place(self.claim(device), place, account, signed_in.calls)

    def granted(self, device: ScriptedDevice, place: str) -> None:
        """All three actions."""
        device.hello()
        self.place(device, place)
        device.press()
        self.until(device, "granted")

    def until(self, device: ScriptedDevice, state: str) -> None:
        """Asked by the device itself until it hears this state."""
        wait_until(lambda: device.poll().state == state, f"{device.serial} is {state}: {device.status}")


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootFolder:
    """One for all halls of these tests: its passphrase takes a good part of a second."""
    return file_root(tmp_path_factory.mktemp("root") / "root", World())


@pytest.fixture
def fleet() -> FleetUnderTest:
    return FleetUnderTest()


@pytest.fixture
def desk(
    authority: AuthorityFolder, root: RootFolder, fleet: FleetUnderTest, world: World, tmp_path: Path
) -> Iterator[DeskUnderTest]:
    authority.adopt(root.sign(root_request(authority)))
    (tmp_path / "fleet-tls").mkdir()
    under_test = DeskUnderTest(authority, fleet, world, tmp_path / "fleet-tls" / "ca.crl")
    yield under_test
    under_test.close()
