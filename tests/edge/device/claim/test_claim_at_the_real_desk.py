"""Device and provisioning desk as they are, over real TLS; only the fleet behind the desk is a stand-in."""

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.device.adapters.device_folder import read_folder
from edge.device.claim.table import State
from provisioning.desk.batches import BatchFile
from provisioning.desk.desk import Desk, Setup, open_desk
from provisioning.desk.ports import World
from provisioning.desk.web import serving
from provisioning.desk.web.app import claim_app
from tests.edge.device.claim.desk_under_test import seeded
from tests.edge.device.claim.rig import Machine, Person
from tests.edge.device.hall_desk import Hall, make_hall
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest, place
from tests.servers.waiting import wait_until
from wire.claim_code import typed_code

pytestmark = pytest.mark.slow


@dataclass
class Room:
    """A hall with its desk, and a technician (account `lan`) with a telephone."""

    hall: Hall
    fleet: FleetUnderTest
    desk: Desk
    port: int
    folders: list[Path] = field(default_factory=list)

    def machine(self, serial: str, more: str = "", *, presses: bool = True) -> Machine:
        folder = seeded(self.hall.path / f"folder-{len(self.folders)}", self.hall, self.port, more=more)
        seed = folder / "seed.toml"
        seed.write_text(seed.read_text("utf-8").replace("SN-0001", serial), "utf-8")
        self.folders.append(folder)
        return Machine(folder, person=Person(would_press=presses))

    def tap(self, machine: Machine, name: str) -> None:
        """What the page on the telephone does with the code that was scanned or typed."""
        claim = self.desk.book.claims.by_code(typed_code(machine.person.page.code.lower()))
        assert claim is not None
        assert machine.person.page.qr.endswith(f"#{claim.key[:16]}")
        signed_in, _ = self.desk.technicians.sign_in("lan", PASSWORD, "127.0.0.1")
        self.desk.placing.place(claim, name, "lan", signed_in.calls)


@pytest.fixture
def room(tmp_path: Path, hall: Hall) -> Iterator[Room]:
    own, fleet = make_hall(tmp_path, root=hall.root), FleetUnderTest()
    setup = Setup(
        own.authority.path, "https://127.0.0.1:8443", ("127.0.0.1", 8444), "desk", PASSWORD, {}, None
    )
    world = World(lambda: time.time_ns() // 1_000_000, time.monotonic, secrets.token_bytes)
    desk = open_desk(setup, own.authority, fleet, world)
    fleet.plan(place("seat-1"), place("seat-2", serial="SN-B"))
    chain, key = own.desk_files()
    server = serving._server(claim_app(desk), serving.server_context(serving.Certified(chain, key, b"")))
    listener = serving.listen("127.0.0.1", 0, "--port")
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield Room(own, fleet, desk, listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=60)
    desk.close()
    assert not thread.is_alive()


def test_a_machine_is_scanned_placed_and_pressed_and_is_the_halls(room: Room) -> None:
    with room.machine("SN-A") as machine:
        machine.person.reads(State.WAITING)
        room.tap(machine, "seat-1")
        wait_until(lambda: machine.is_device, "the end of the claim")
    found = read_folder(machine.folder, "keypad")
    assert room.fleet.devices[found.identity.device]["place_id"] == "seat-1"
    (claim,) = room.desk.book.claims.every()
    assert claim.state == "installed"


def test_a_token_and_a_serial_in_the_plan_leave_only_the_button(room: Room) -> None:
    _, token = BatchFile(room.hall.authority.path).new(
        room.hall.authority.card.hall, 1, 1, now_ms=time.time_ns() // 1_000_000, random=secrets.token_bytes
    )
    with room.machine("SN-B", f'token = "{token}"\n') as machine:
        wait_until(lambda: machine.is_device, "the end of the claim")
    assert machine.person.called == 1
    assert all(page.state is not State.WAITING for page in machine.person.seen)


def test_a_fleet_that_says_no_is_heard_at_the_device_and_leaves_nothing(room: Room) -> None:
    room.fleet.refusal = (409, "place-taken")
    with room.machine("SN-A") as machine:
        machine.person.reads(State.WAITING)
        room.tap(machine, "seat-1")
        machine.person.reads(State.REFUSED)
        assert "seat-1" in machine.person.page.title[0]
        assert not (machine.folder / "device.toml").exists()
        room.fleet.refusal = None
        machine.person.press()
        machine.person.reads(State.WAITING)
        room.tap(machine, "seat-1")
        wait_until(lambda: machine.is_device, "the end of the claim")


def test_two_machines_with_one_serial_are_two_claims_and_both_are_shown(room: Room) -> None:
    with room.machine("SN-A", presses=False) as one, room.machine("SN-A", presses=False) as other:
        one.person.reads(State.WAITING)
        other.person.reads(State.WAITING)
        assert one.person.page.code != other.person.page.code
        room.fleet.refusal = (409, "serial-exists")
        room.tap(one, "seat-1")
        one.person.reads(State.PLACED)
        one.person.press()
        one.person.reads(State.REFUSED)
        assert "SN-A" in one.person.page.title[1]
        assert other.person.page.state is State.WAITING


def test_a_machine_that_was_switched_off_finds_its_claim_again(room: Room) -> None:
    with room.machine("SN-A") as first:
        first.person.reads(State.WAITING)
        code = first.person.page.code
    with Machine(first.folder, person=Person(would_press=True)) as again:
        again.person.reads(State.WAITING)
        assert again.person.page.code == code
        room.tap(again, "seat-1")
        wait_until(lambda: again.is_device, "the end of the claim")
    assert len(room.desk.book.claims.every()) == 1


def test_a_device_that_loses_its_device_toml_right_after_the_claim_gets_its_own_again(room: Room) -> None:
    """Without a hand; later, when the desk has closed the claim, it is scanned anew under the same name."""
    with room.machine("SN-A") as first:
        first.person.reads(State.WAITING)
        room.tap(first, "seat-1")
        wait_until(lambda: first.is_device, "the end of the claim")
    name = read_folder(first.folder, "keypad").identity.device
    (first.folder / "device.toml").unlink()
    with Machine(first.folder, person=Person(would_press=True)) as again:
        wait_until(lambda: again.is_device, "the same grant once more")
    assert read_folder(first.folder, "keypad").identity.device == name
