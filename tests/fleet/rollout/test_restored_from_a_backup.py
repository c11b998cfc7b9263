"""The store comes back from a backup that was made in the middle of a rollout: devices have newer orders than
it knows, and refuse older ones."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Engine, insert

from fleet import db
from fleet.ingest import life
from fleet.ingest.commands import backup, restore
from fleet.tables import settings
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, made, ok
from tests.fleet.log.conftest import write_keys
from tests.fleet.rollout.floor import QUICK, Floor, target
from wire.ids import DESK

pytestmark = pytest.mark.slow
NEW = target()
DESK_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
"""That of HallUnderTest."""
PLAN = {"waves": [{"name": "one", "percent": 50}, {"name": "rest"}], **QUICK}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    write_keys(data)
    pem = DESK_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (data / "keys" / f"{DESK}.key").write_bytes(pem)
    (data / "fleet.toml").write_text(f'hall = "{HALL}"\ncongress = "{CONGRESS}"\n')
    return data


def opened(data: Path) -> Engine:
    engine = db.open_engine(db.database_url(data, {}))
    db.upgrade(engine)
    return engine


def begun(hall: HallUnderTest) -> Floor:
    """Five keypads of ten are ordered, and none has begun."""
    rows = life.first_settings(CONGRESS, HALL, bytes)
    with db.writing(hall.engine) as connection:
        connection.execute(insert(settings), [{"name": name, "value": value} for name, value in rows.items()])
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.stand(10)
    body = {"name": "fw-4", "target": NEW.path, "plan": PLAN, "dry_run": False}
    ok(floor.staff.post("/api/rollouts", json=body), 201)
    act(floor, "start")
    floor.executor.tick()
    assert len(floor.orders()) == 5
    return floor


def again(engine: Engine, before: Floor) -> Floor:
    """The same devices before the store that was restored."""
    hall = HallUnderTest(engine, before.hall.authority, random=before.hall.random)
    hall.clock.now_ms = before.hall.clock.now_ms + 60_000
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.facts, floor.held, floor.obeyed = before.facts, before.held, before.obeyed
    floor.report(floor.held, "ok")
    return floor


def act(floor: Floor, step: str) -> dict[str, Any]:
    floor.hall.clock.step(1_000)
    done: dict[str, Any] = ok(floor.staff.post(f"/api/rollouts/fw-4/{step}", json={}))
    return done


def test_it_goes_on_under_generations_that_devices_have_not_left_behind(data: Path, tmp_path: Path) -> None:
    with made(opened(data)) as hall:
        floor = begun(hall)
        assert backup(data, tmp_path / "backup.db", {}) == 0
        act(floor, "pause")
        act(floor, "resume")
        floor.executor.tick()
        waiting = sorted(floor.orders())[:2]
        floor.obeyed |= {name: floor.orders()[name].generation for name in waiting}  # begun, and not done
        floor.obey(NEW)
    assert restore(data, tmp_path / "backup.db", {}) == 0
    with made(opened(data)) as hall:
        floor = again(hall.engine, floor)
        for _ in range(3):
            floor.executor.tick()
            floor.hall.clock.step(500)
        shown = ok(floor.staff.get("/api/rollouts/fw-4"))
        assert shown["state"] == "paused"
        assert "restored from a backup" in shown["words"]
        assert all(
            order.generation <= floor.obeyed.get(name, 2**53) for name, order in floor.orders().items()
        )
        act(floor, "resume")
        shown = floor.run(NEW, "fw-4")
        assert (shown["state"], shown["done"], shown["failed"]) == ("done", 10, 0)


def test_what_was_stopped_since_does_not_run_on(data: Path, tmp_path: Path) -> None:
    with made(opened(data)) as hall:
        floor = begun(hall)
        assert backup(data, tmp_path / "backup.db", {}) == 0
        floor.obey(NEW)
        act(floor, "abort")
        floor.run(NEW, "fw-4")
    assert restore(data, tmp_path / "backup.db", {}) == 0
    with made(opened(data)) as hall:
        floor = again(hall.engine, floor)
        assert floor.run(NEW, "fw-4", 10)["state"] == "paused"
        assert {held.counter for held in floor.held.values()} == {3}, "nobody has installed it again"
        act(floor, "abort")
        assert floor.run(NEW, "fw-4")["state"] == "aborted"
