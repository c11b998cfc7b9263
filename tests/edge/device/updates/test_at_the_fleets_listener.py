"""The device's client at the fleet's own listener, over real mutual TLS: the two halves of SPEC §11.4."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.device.adapters.tuf_catalogue import TufCatalogue
from edge.device.adapters.update_https import HttpsSource, UpdateListener
from edge.device.errors import NotNow, UpdateRefused
from edge.device.updating.ports import Wanted
from edge.device.updating.weigh import raised
from fleet.db import writing
from fleet.updates import catalogue, deltas, director
from tests.edge.device.updates.made import machine, order
from tests.fleet.updates.released import WEIGHTS, Released, models, sha256
from tests.fleet.updates.served import Served, serving
from tests.servers.waiting import wait_until
from wire.ids import DeviceId
from wire.updates import Held

pytestmark = pytest.mark.slow

FIRST = models("gate-1.tar")
SECOND = models("gate-2.tar", 2, b"another beginning" + WEIGHTS)
GATE = DeviceId("gate-01")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    released = Released.begun(folder, FIRST, SECOND)
    released.now_ms = time.time_ns() // 1_000_000
    released.take_in()
    with serving(folder, released) as found:
        found.register(GATE)
        yield found


class Gate:
    """Its client, and where it keeps things."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        issued = served.made[GATE]
        self.listener = UpdateListener(
            "127.0.0.1", served.port, issued.authority, (issued.certificate, issued.key)
        )
        self.source = HttpsSource(self.listener)
        self.folder = folder
        self.held = {"models": Held(sha256(FIRST), 1)}
        self.floors: dict[str, int] = {}

    def wanted(self, generation: int) -> Wanted:
        stick = self.served.released.folder
        roots = {name: stick / name / "metadata/1.root.json" for name in ("image", "director")}
        found = TufCatalogue(
            self.listener, self.folder / "tuf", roots, lambda: machine(held=self.held)
        ).wanted(order(generation=generation), self.floors, self.served.released.now_ms)
        self.floors = raised(self.floors, found.version)
        return found


@pytest.fixture
def gate(served: Served, tmp_path: Path) -> Gate:
    return Gate(served, tmp_path)


def assign(served: Served, path: str, generation: int) -> None:
    target = catalogue.find(served.released.data, path)
    assert target is not None
    with writing(served.engine) as connection:
        director.assign(connection, GATE, target, "rollout-1", generation)


def test_what_the_fleet_assigns_is_found_fetched_and_genuine(served: Served, gate: Gate) -> None:
    assign(served, SECOND[0], 1)
    wanted, part = gate.wanted(1), gate.folder / "part"
    assert (wanted.path, wanted.sha256) == (SECOND[0], sha256(SECOND))
    part.write_bytes(SECOND[1][:70_000])
    gate.source.fetch(wanted, part, 70_000, 20.0)
    assert part.read_bytes() == SECOND[1]
    assert gate.wanted(1) == wanted  # nothing new: what is kept is enough, and no floor stands in the way


def test_another_generation_than_the_orders_is_not_taken(served: Served, gate: Gate) -> None:
    assign(served, SECOND[0], 2)
    gate.wanted(2)
    with pytest.raises(UpdateRefused) as refused:
        gate.wanted(3)
    assert refused.value.cause == "not-assigned"


def test_a_patch_of_the_fleet_makes_the_target(served: Served, gate: Gate) -> None:
    assign(served, SECOND[0], 3)
    wanted, base, part = gate.wanted(3), gate.folder / "base", gate.folder / "part"
    base.write_bytes(FIRST[1])
    assert not gate.source.delta(sha256(FIRST), base, wanted, part)
    assert deltas.make(served.released.shelf, (sha256(FIRST), wanted.sha256), deltas.in_this_process)
    assert gate.source.delta(sha256(FIRST), base, wanted, part)
    assert hashlib.sha256(part.read_bytes()).digest() == wanted.sha256


def test_a_revoked_device_is_told_nothing(served: Served, gate: Gate) -> None:
    assign(served, SECOND[0], 4)
    gate.wanted(4)
    served.revoke(GATE)

    def is_refused() -> bool:
        try:
            gate.wanted(4)
        except NotNow as err:
            return "403" in err.what
        return False

    wait_until(is_refused, "the listener knows that it is revoked")
