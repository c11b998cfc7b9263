"""Patches are made for what devices really have and are to have, and kept only where they pay."""

import hashlib
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bsdiff4
import pytest
from sqlalchemy import Table, insert

from fleet.db import Engine, database_url, open_engine, reading, writing
from fleet.errors import StoreError
from fleet.rollout.rules.shape import Target
from fleet.tables import births, devices, metadata, rollout_devices, rollouts
from fleet.updates import catalogue, deltas, director, store
from fleet.updates.keeper import Keeper
from tests.fleet.updates.released import DAY_MS, WEIGHTS, Released, models
from tests.release.making import remove_files
from wire.ids import DeviceId
from wire.updates import Held

RETRAINED = WEIGHTS[:-8000] + bytes(8000)
OTHER = hashlib.shake_256(b"other").digest(len(WEIGHTS))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(tmp_path, {}))
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def three(published: Released) -> dict[str, Target]:
    """Networks: old, retrained at its head, another one altogether."""
    published.add(models("gate-2.tar", 2, RETRAINED), models("gate-3.tar", 3, OTHER))
    published.take_in()
    found = {target.path[-5:-4]: target for target in catalogue.targets(published.data)}
    return {"old": found["1"], "retrained": found["2"], "other": found["3"]}


def put(engine: Engine, table: Table, **values: object) -> None:
    """A row with these values, and nothing in particular in the other columns."""
    blank: dict[type, object] = {str: "", int: 0, bytes: b"", bool: False}
    row = {column.name: blank[column.type.python_type] for column in table.columns if not column.nullable}
    with writing(engine) as connection:
        connection.execute(insert(table).values({**row, **values}))


def device(engine: Engine, name: str, held: Target | None, state: str = "active") -> None:
    reported = {"models": Held(held.sha256, 1).reported()} if held else {"firmware": "nonsense"}
    put(engine, devices, device=name, role="gate", state=state)
    put(engine, births, device=name, reported=json.dumps(reported))


def assign(engine: Engine, name: str, target: Target) -> None:
    with writing(engine) as connection:
        director.assign(connection, DeviceId(name), target, "r", 1)


def keeper(released: Released, engine: Engine) -> Keeper:
    return Keeper(
        released.data, engine, lambda: released.now_ms, lambda: released.now_ms, deltas.in_this_process
    )


def test_the_patch_of_a_retrained_head_is_small_and_makes_the_very_target(
    published: Released, engine: Engine, three: dict[str, Target]
) -> None:
    device(engine, "gate-1", three["old"])
    device(engine, "gate-2", three["retrained"])
    device(engine, "gate-3", None)
    device(engine, "gate-4", three["other"], state="revoked")
    for name in ("gate-1", "gate-2", "gate-3", "gate-4"):
        assign(engine, name, three["retrained"])
    pair = (three["old"].sha256, three["retrained"].sha256)
    with reading(engine) as connection:
        assert deltas.pairs(connection) == {pair}
    assert deltas.find(published.data, pair) is None
    keeper(published, engine).tick()
    patch = deltas.find(published.data, pair)
    assert patch is not None
    made = bsdiff4.patch(catalogue.file_of(published.data, three["old"]).read_bytes(), patch.read_bytes())
    assert hashlib.sha256(made).digest() == three["retrained"].sha256
    assert patch.stat().st_size < three["retrained"].length // 10
    assert deltas.wanted(published.data, [pair]) == []


def test_a_patch_that_does_not_pay_is_remembered_and_not_made_again(
    published: Released, engine: Engine, three: dict[str, Target]
) -> None:
    pair = (three["old"].sha256, three["other"].sha256)
    assert deltas.wanted(published.data, [pair]) == [pair]
    assert not deltas.make(published.shelf, pair, deltas.in_this_process)
    assert deltas.find(published.data, pair) is None
    assert deltas.wanted(published.data, [pair]) == []
    assert deltas.wanted(published.data, [(bytes(32), three["other"].sha256)]) == []


def test_what_is_too_large_to_sort_is_not_tried(
    published: Released, three: dict[str, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deltas, "SIZE_MAX", 1000)

    def never(*_: Path) -> bool:
        raise AssertionError

    assert not deltas.make(published.shelf, (three["old"].sha256, three["retrained"].sha256), never)


def test_patches_are_ready_before_the_devices_of_a_rollout_are_told(
    published: Released, engine: Engine, three: dict[str, Target]
) -> None:
    device(engine, "gate-1", three["old"])
    to = three["retrained"]
    put(engine, rollouts, rollout="r", component="models", target=to.path, sha256=to.sha256, state="draft")
    before = three["other"].sha256
    put(engine, rollout_devices, rollout="r", device="gate-1", state="waiting", before_sha256=before)
    keeper(published, engine).tick()
    assert deltas.find(published.data, (three["old"].sha256, to.sha256)) is not None
    with reading(engine) as connection:
        assert store.standing(connection) == {target.sha256 for target in three.values()}


def test_targets_stay_until_no_device_stands_on_them(
    published: Released, engine: Engine, three: dict[str, Target]
) -> None:
    device(engine, "gate-1", three["old"])
    assign(engine, "gate-1", three["retrained"])
    tended = keeper(published, engine)
    tended.tick()
    remove_files(published.folder, published.officers, ["models/gate-1.tar", "models/gate-3.tar"])
    published.take_in()
    published.now_ms += DAY_MS
    tended.tick()
    files = {name: catalogue.file_of(published.data, target).exists() for name, target in three.items()}
    assert files == {"old": True, "retrained": True, "other": False}
    pair = (three["old"].sha256, three["retrained"].sha256)
    assert deltas.find(published.data, pair) is not None
    with writing(engine) as connection:
        connection.execute(births.update().values(reported="{}"))
    published.now_ms += DAY_MS
    tended.tick()
    assert not catalogue.file_of(published.data, three["old"]).exists()
    assert deltas.find(published.data, pair) is None


def test_trouble_is_said_once_and_its_end_too(
    published: Released, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    tended = keeper(published, engine)
    stamp = published.shelf.image / "timestamp.json"
    whole = stamp.read_bytes()
    stamp.write_bytes(b"{}")
    for _ in range(3):
        published.now_ms += 60_000
        tended.tick()
    assert len([line for line in caplog.records if "cannot be read as signed" in line.message]) == 1
    stamp.write_bytes(whole)
    tended.tick()
    assert "The trouble is over" in caplog.text


@pytest.mark.slow
def test_a_patch_is_made_in_a_process_of_its_own(published: Released, three: dict[str, Target]) -> None:
    pair = (three["old"].sha256, three["retrained"].sha256)
    assert deltas.make(published.shelf, pair)
    assert not deltas.in_a_process(Path("nothing"), Path("nothing"), published.shelf.deltas / "x")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_patch_that_is_cut_off_by_the_end_of_the_listener_is_made_another_time(
    published: Released, three: dict[str, Target], how: signal.Signals
) -> None:
    pair = (three["old"].sha256, three["retrained"].sha256)
    old = catalogue.file_of(published.data, three["old"])
    whole = old.read_bytes()
    old.unlink()
    os.mkfifo(old)
    with ThreadPoolExecutor(1) as aside:
        making = aside.submit(deltas.make, published.shelf, pair)
        with old.open("wb"):  # which waits for who reads it: from here on it is at work
            (worker,) = multiprocessing.active_children()
            os.kill(worker.pid or 0, how)
            with pytest.raises(StoreError, match="another time"):
                making.result(30)
    old.unlink()
    old.write_bytes(whole)
    assert deltas.wanted(published.data, [pair]) == [pair]
    assert deltas.make(published.shelf, pair)
