"""A thief counted the fleet's versions up, and officers named new keys: the whole machine takes updates
again, with what it persists, and none of what the thief signed."""

from pathlib import Path

import pytest

from edge.device.adapters.tuf_catalogue import TufCatalogue
from edge.device.adapters.update_https import HttpsSource
from edge.device.updating.kept import FLOORS, read_numbers
from edge.device.updating.ports import Wanted
from edge.device.updating.weigh import Machine
from tests.attacks_on_updates.hall import DEVICE, HARDWARE, ROLLOUT, Hall, ms, path_of
from tests.edge.device.updating.unit import Unit
from wire.updates import Order

FAR = 2**31


class OfTheHall:
    """Catalogue and source as on a device, over what the hall serves."""

    def __init__(self, hall: Hall, folder: Path, unit: Unit) -> None:
        self._unit = unit
        self.tuf = folder / "tuf"
        pinned = {name: folder / f"{name}.root.json" for name in ("image", "director")}
        for name, path in pinned.items():
            path.write_bytes(getattr(hall.roots, name))
        self._catalogue = TufCatalogue(hall.served, self.tuf, pinned, self._machine)
        self._source = HttpsSource(hall.served)

    def _machine(self) -> Machine:
        updating = self._unit.updating
        return Machine(DEVICE, HARDWARE, "", updating.held(), updating.minimums(), 4_000_000, 1_000_000)

    def wanted(self, order: Order, floors: dict[str, int], now_ms: int) -> Wanted:
        return self._catalogue.wanted(order, floors, now_ms)

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        self._source.fetch(wanted, into, begin, limit_s)

    def delta(self, base: bytes, archive: Path, wanted: Wanted, into: Path) -> bool:
        return False


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path / "release")


@pytest.fixture
def served(tmp_path: Path, gate: Unit, hall: Hall) -> Unit:
    """It runs release 1."""
    gate.fleet.clock.wall = ms(hall.now)
    gate.release = OfTheHall(hall, tmp_path, gate)  # type: ignore[assignment]
    gate.start()
    hall.assign(path_of(1), 1)
    hall.publish()
    assert ordered(gate, 1) == ("committed", "")
    return gate


def ordered(unit: Unit, generation: int) -> tuple[str, str]:
    unit.says("install", generation, rollout=ROLLOUT)
    unit.run()
    return unit.said[-1]


def floors(unit: Unit) -> dict[str, int]:
    return read_numbers(unit.device.runtime.outbox, FLOORS)


def fast_forward(hall: Hall) -> None:
    hall.put_out(2)
    hall.assign(path_of(2), 2)
    hall.publish()
    hall.sign_image(hall.online, FAR, hall.newest())
    hall.sign_director(hall.director, FAR, hall.named)


def test_a_root_with_new_keys_ends_a_fast_forward_and_old_floors_fall_away(served: Unit, hall: Hall) -> None:
    fast_forward(hall)
    assert ordered(served, 2) == ("committed", "")
    before = floors(served)
    assert list(before.values()).count(FAR) == 5, "timestamp and snapshot of both, and the director's targets"

    hall.put_out(3)
    hall.assign(path_of(3), 3)
    hall.publish()
    assert ordered(served, 3) == ("refused", "older")
    assert floors(served) == before

    hall.rotate()
    hall.assign(path_of(3), 4)
    hall.publish()
    assert ordered(served, 4) == ("committed", "")
    assert served.counter == 3
    assert FAR not in floors(served).values()
    assert len(floors(served)) == len(before), "one floor for each role, not one for each key that ever was"


def test_what_the_thief_signed_is_not_believed_after_it(served: Unit, hall: Hall) -> None:
    fast_forward(hall)
    assert ordered(served, 2) == ("committed", "")
    stolen = dict(hall.served.files)
    hall.rotate()
    hall.put_out(3)
    hall.assign(path_of(3), 3)
    hall.publish()
    assert ordered(served, 3) == ("committed", "")
    served.restart()
    for path in served.release.tuf.rglob("*"):  # type: ignore[attr-defined]
        if path.is_file():
            path.unlink()  # a power cut took what python-tuf kept
    hall.served.files.clear()
    hall.served.files.update(stolen)
    served.says("install", 4, rollout=ROLLOUT)
    served.run()
    assert served.said[-1] == ("refused", "older")
    assert served.counter == 3
