"""What each device is to install: signed for it alone, of one component one target, never an older state."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from tuf.api.metadata import Metadata, Snapshot, Targets, Timestamp

from fleet.db import Engine, database_url, open_engine, reading, writing
from fleet.rollout.rules.shape import Target
from fleet.tables import metadata
from fleet.updates import catalogue, deltas, director, store
from fleet.updates.director import Director
from fleet.updates.keys import DIRECTOR, load_key
from tests.fleet.updates.released import DAY_MS, Released, config, models
from tests.release.making import about
from wire.ids import DeviceId
from wire.updates import parse_assigned

GATE, OTHER = DeviceId("gate-1"), DeviceId("gate-2")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(tmp_path, {}))
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def ours(published: Released, engine: Engine) -> Director:
    return Director(published.data, engine, load_key(published.data, DIRECTOR))


def assign(engine: Engine, target: Target | None, device: DeviceId = GATE, generation: int = 1) -> None:
    assert target is not None
    with writing(engine) as connection:
        director.assign(connection, device, target, "r-1", generation)


def targets(found: store.Signed) -> Targets:
    document: Metadata[Targets] = Metadata.from_bytes(found.targets.encode())
    return document.signed


def test_a_device_without_an_order_gets_an_empty_list(ours: Director, published: Released) -> None:
    assert targets(ours.metadata(GATE, published.now_ms)).targets == {}


def test_what_is_assigned_is_named_as_the_officers_named_it(
    ours: Director, published: Released, engine: Engine
) -> None:
    target = catalogue.find(published.data, "models/gate-1.tar")
    assign(engine, target)
    found = targets(ours.metadata(GATE, published.now_ms)).targets
    assert target is not None
    assert list(found) == [target.path]
    assert (found[target.path].length, found[target.path].hashes) == (
        target.length,
        {"sha256": target.sha256.hex()},
    )
    said = parse_assigned(found[target.path].unrecognized_fields["custom"])
    assert (said.device, said.rollout, said.generation) == (GATE, "r-1", 1)
    assert targets(ours.metadata(OTHER, published.now_ms)).targets == {}


def test_an_image_of_the_os_is_named_with_both_hashes(released: Released, engine: Engine) -> None:
    image = ("os/image.swu", b"image", about("os/image.swu"))
    released.add(image)
    released.take_in()
    ours = Director(released.data, engine, load_key(released.data, DIRECTOR))
    assign(engine, catalogue.find(released.data, "os/image.swu"))
    file = targets(ours.metadata(GATE, released.now_ms)).targets["os/image.swu"]
    assert set(file.hashes) == {"sha1", "sha256"}


def test_each_component_has_one_target(ours: Director, published: Released, engine: Engine) -> None:
    published.add(models("gate-2.tar", 2, b"new"), config("strict.tar"))
    published.take_in()
    for path in ("models/gate-1.tar", "config/strict.tar", "models/gate-2.tar"):
        assign(engine, catalogue.find(published.data, path))
    found = targets(ours.metadata(GATE, published.now_ms)).targets
    assert sorted(found) == ["config/strict.tar", "models/gate-2.tar"]
    with writing(engine) as connection:
        director.unassign(connection, GATE, "models")
        director.unassign(connection, GATE, "firmware")
    assert sorted(targets(ours.metadata(GATE, published.now_ms)).targets) == ["config/strict.tar"]


def test_the_version_rises_with_the_content_and_before_it_expires(
    ours: Director, published: Released, engine: Engine
) -> None:
    first = ours.metadata(GATE, published.now_ms)
    assert ours.metadata(GATE, published.now_ms + DAY_MS // 3) == first
    renewed = ours.metadata(GATE, published.now_ms + DAY_MS * 2 // 3)
    assert renewed.version > first.version
    assign(engine, catalogue.find(published.data, "models/gate-1.tar"))
    changed = ours.metadata(GATE, published.now_ms + DAY_MS * 2 // 3)
    assert changed.version == renewed.version + 1
    assign(engine, catalogue.find(published.data, "models/gate-1.tar"), generation=2)
    assert ours.metadata(GATE, published.now_ms + DAY_MS * 2 // 3).version == changed.version + 1
    with writing(engine) as connection:
        connection.execute(metadata.tables["director_metadata"].delete())
    later = published.now_ms + DAY_MS * 2 // 3 + 10_000
    assert ours.metadata(GATE, later).version > changed.version + 1  # lost with the store: still not older


def test_what_was_signed_by_a_clock_that_ran_ahead_is_signed_anew(
    ours: Director, published: Released
) -> None:
    ahead = ours.metadata(GATE, published.now_ms + 300 * DAY_MS)
    found = ours.metadata(GATE, published.now_ms)
    assert found.version > ahead.version
    assert found.expires_ms == published.now_ms + DAY_MS


def test_timestamp_leads_to_snapshot_and_snapshot_to_targets(ours: Director, published: Released) -> None:
    found = ours.metadata(GATE, published.now_ms)
    key = load_key(published.data, DIRECTOR).public_key
    stamp: Metadata[Timestamp] = Metadata.from_bytes(found.timestamp.encode())
    snapshot: Metadata[Snapshot] = Metadata.from_bytes(found.snapshot.encode())
    listed: Metadata[Targets] = Metadata.from_bytes(found.targets.encode())
    for document in (stamp, snapshot, listed):
        key.verify_signature(next(iter(document.signatures.values())), document.signed_bytes)
        assert document.signed.version == found.version
    stamp.signed.snapshot_meta.verify_length_and_hashes(found.snapshot.encode())
    snapshot.signed.meta["targets.json"].verify_length_and_hashes(found.targets.encode())


def test_another_key_signs_anew(ours: Director, published: Released, engine: Engine) -> None:
    first = ours.metadata(GATE, published.now_ms)
    other = Director(published.data, engine, load_key(published.data, "image-online"))
    assert other.metadata(GATE, published.now_ms).version > first.version
    with reading(engine) as connection:
        assert store.signed(connection, OTHER) is None


@pytest.mark.slow
def test_every_store_keeps_it_alike(published: Released, empty_database_url: str) -> None:
    engine = open_engine(make_url(empty_database_url))
    metadata.create_all(engine)
    try:
        ours = Director(published.data, engine, load_key(published.data, DIRECTOR))
        assign(engine, catalogue.find(published.data, "models/gate-1.tar"))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: ours.metadata(GATE, published.now_ms), range(16)))
        assert len(set(found)) == 1
        assert set(targets(found[0]).targets) == {"models/gate-1.tar"}
        with reading(engine) as connection:
            wanted = catalogue.targets(published.data)[0].sha256
            assert store.wanted(connection) == {(GATE, "models", wanted)}
            assert store.standing(connection) == {wanted}
            assert deltas.pairs(connection) == set()
    finally:
        engine.dispose()
