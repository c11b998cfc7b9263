"""What devices see is what the officers signed last, fresh, whole, and never older than before."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.exceptions import ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Snapshot, Timestamp

from fleet.errors import ConfigError, StoreError
from fleet.updates import catalogue, online
from fleet.updates.errors import NothingPublished
from fleet.updates.keys import DIRECTOR, IMAGE_ONLINE, load_key, make_keys
from fleet.updates.shelf import versions
from release.folder import ReleaseFolder
from release.keys import PublicKey, as_key, parse_public
from release.metadata import Plan
from release.repository import rotate_root
from tests.fleet.updates.released import DAY_MS, Released, config, models, seen, sha256
from tests.release.making import officers_of, sign_all
from wire.updates import Held


class PowerCut(BaseException):
    """The power goes."""


class Fuse:
    """Blows at the step with this number."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.steps: list[str] = []

    def __call__(self, what: str) -> None:
        self.steps.append(what)
        if len(self.steps) == self.left:
            raise PowerCut(what)


def timestamp(released: Released) -> Timestamp:
    found: Metadata[Timestamp] = Metadata.from_bytes(online.timestamp_of(released.shelf))
    return found.signed


def test_keys_are_made_once_and_told_to_the_officers_in_their_form(tmp_path: Path) -> None:
    said: list[str] = []
    make_keys(tmp_path, said.append)
    first = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    make_keys(tmp_path, said.append)
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    for name in (IMAGE_ONLINE, DIRECTOR):
        assert ((tmp_path / "keys" / f"{name}.key").stat().st_mode & 0o777) == 0o600
        public = parse_public(first[f"{name}.pub.json"], name)
        assert (public.name, public.key) == (name, load_key(tmp_path, name).public_key)
    assert len(set(said)) == 2
    (tmp_path / "keys/director.key").write_bytes(b"no key")
    with pytest.raises(ConfigError, match="is not a private key in PEM"):
        load_key(tmp_path, DIRECTOR)


def test_a_devices_client_finds_what_was_imported(published: Released, tmp_path: Path) -> None:
    first = models("gate-1.tar")
    assert seen(published, tmp_path / "client", first[0]) == sha256(first)
    second, settings = models("gate-2.tar", 2, b"new"), config("strict.tar")
    published.add(second, settings)
    published.now_ms += 1000
    published.take_in()
    assert seen(published, tmp_path / "client", second[0]) == sha256(second)
    assert seen(published, tmp_path / "new client", settings[0]) == sha256(settings)
    assert seen(published, tmp_path / "client", "models/none") is None
    found = catalogue.targets(published.data)
    assert [target.path for target in found] == [
        "config/strict.tar",
        "models/gate-1.tar",
        "models/gate-2.tar",
    ]
    wanted = catalogue.find(published.data, "models/gate-2.tar")
    assert wanted is not None
    assert (wanted.sha256, wanted.length, wanted.about) == (sha256(second), len(second[1]), second[2])
    assert catalogue.file_of(published.data, wanted).read_bytes() == second[1]
    assert catalogue.find(published.data, "models/none") is None
    assert Held(wanted.sha256, wanted.about.counter).reported().endswith(" 2")


def test_import_again_changes_nothing(published: Released) -> None:
    before = {path: path.read_bytes() for path in published.shelf.folder.rglob("*") if path.is_file()}
    published.now_ms += 1000
    published.take_in()
    assert before == {path: path.read_bytes() for path in published.shelf.folder.rglob("*") if path.is_file()}


def test_before_the_first_import_there_is_nothing_and_nothing_fails(released: Released) -> None:
    assert catalogue.targets(released.data) == []
    assert not online.refresh(released.shelf, released.now_ms)
    with pytest.raises(NothingPublished, match="hallward fleet updates import FOLDER"):
        online.root_of(released.shelf)


@pytest.mark.slow
def test_the_power_may_go_at_every_step_of_an_import(released: Released, tmp_path: Path) -> None:
    """After each cut devices see the old release, whole; the same command then does the rest."""
    old = models("gate-1.tar")
    released.take_in()
    new = models("gate-2.tar", 2, b"new")
    released.add(new, config("strict.tar"))
    stamp, cuts = online.timestamp_of(released.shelf), 0
    shutil.copytree(released.shelf.folder, tmp_path / "before")
    while True:
        cuts += 1
        shutil.rmtree(released.shelf.folder)
        shutil.copytree(tmp_path / "before", released.shelf.folder)
        client = tmp_path / f"client {cuts}"
        assert seen(released, client, old[0]) == sha256(old)
        try:
            released.take_in(step=Fuse(cuts))
        except PowerCut as cut:
            if str(cut) == "sync timestamp.json":  # it has its name already: what it leads to is whole
                assert seen(released, client, new[0]) == sha256(new)
                continue
            assert online.timestamp_of(released.shelf) == stamp
            # The keeper goes on with what is in force, not with what lies about.
            online.extend(released.shelf, released.now_ms + 2 * DAY_MS, released.now_ms)
            assert seen(released, client, old[0]) == sha256(old)
            assert seen(released, client, new[0]) is None
            assert [target.path for target in catalogue.targets(released.data)] == [old[0]]
            released.take_in()
            assert seen(released, client, new[0]) == sha256(new)
            assert not list(released.shelf.folder.rglob(".*.new"))
            continue
        break
    assert cuts - 1 == 18, "two files, two lists, snapshot and timestamp: written, renamed, folder synced"


@pytest.mark.slow
def test_the_officers_may_change_and_the_power_may_go_meanwhile(published: Released, tmp_path: Path) -> None:
    client = tmp_path / "client"
    path, digest = models("gate-1.tar")[0], sha256(models("gate-1.tar"))
    assert seen(published, client, path) == digest
    officers = officers_of()
    plan = Plan(
        tuple(PublicKey(f"new-{n}", as_key(one.public_key)) for n, one in enumerate(officers)),
        2,
        PublicKey("image-online", as_key(load_key(published.data, IMAGE_ONLINE).public_key)),
        PublicKey("director", as_key(load_key(published.data, DIRECTOR).public_key)),
    )
    folder = ReleaseFolder(published.folder)
    rotate_root(folder, plan, online.moment(published.now_ms))
    sign_all(folder, [*published.officers, *officers])
    cuts = 0
    while True:
        cuts += 1
        try:
            published.take_in(step=Fuse(cuts))
        except PowerCut:
            # Old, or for a moment nothing at all: never something that nobody signed.
            try:
                assert seen(published, client, path) == digest
            except RepositoryError:
                continue
        else:
            break
    assert versions(published.shelf.image, "root") == [1, 2]
    assert versions(published.shelf.director, "root") == [1, 2]
    assert seen(published, client, path) == digest
    published.officers = officers
    published.add(models("gate-2.tar", 2, b"new"))
    published.take_in()
    assert seen(published, client, "models/gate-2.tar") is not None


@pytest.mark.slow
def test_freshness_is_signed_anew_before_it_ends(published: Released, tmp_path: Path) -> None:
    client, path = tmp_path / "client", models("gate-1.tar")[0]
    hours = 0
    signed = 0
    while hours < 24 * 20:
        hours += 5
        published.now_ms += 5 * DAY_MS // 24
        signed += online.refresh(published.shelf, published.now_ms)
        assert seen(published, client, path) is not None
    assert signed == pytest.approx(24 * 20 / 15, abs=2)
    assert len(versions(published.shelf.image, "snapshot")) <= 9
    published.now_ms += 2 * DAY_MS
    with pytest.raises(ExpiredMetadataError):
        seen(published, tmp_path / "another", path)


def test_freshness_can_be_asked_for_a_week_ahead(published: Released, tmp_path: Path) -> None:
    until = online.extend(published.shelf, published.now_ms + 3 * DAY_MS, published.now_ms)
    assert until == online.moment(published.now_ms + 3 * DAY_MS)
    assert timestamp(published).expires == until
    assert online.extend(published.shelf, published.now_ms + DAY_MS, published.now_ms) == until
    assert online.extend(published.shelf, published.now_ms + 7 * DAY_MS, published.now_ms) > until
    with pytest.raises(ConfigError, match="at most 7 days"):
        online.extend(published.shelf, published.now_ms + 8 * DAY_MS, published.now_ms)
    published.now_ms += 7 * DAY_MS - 60_000
    assert seen(published, tmp_path / "client", models("gate-1.tar")[0]) is not None


def test_what_was_signed_by_a_clock_that_ran_ahead_is_signed_anew(published: Released) -> None:
    assert online.refresh(published.shelf, published.now_ms + 300 * DAY_MS)
    ahead = timestamp(published)
    assert online.refresh(published.shelf, published.now_ms)
    assert timestamp(published).version > ahead.version
    assert timestamp(published).expires == online.moment(published.now_ms + DAY_MS)


def test_a_hall_without_an_uplink_asks_for_longer_at_the_import(released: Released) -> None:
    released.take_in(days=5)
    assert timestamp(released).expires - online.moment(released.now_ms) == timedelta(days=5)
    released.now_ms += 3 * DAY_MS
    assert online.refresh(released.shelf, released.now_ms)
    assert timestamp(released).expires - online.moment(released.now_ms) == timedelta(days=5)
    snapshot: Metadata[Snapshot] = Metadata.from_file(
        str(released.shelf.image / f"{timestamp(released).snapshot_meta.version}.snapshot.json")
    )
    assert snapshot.signed.expires >= timestamp(released).expires


def test_a_fleet_restored_from_an_old_backup_is_still_believed(published: Released, tmp_path: Path) -> None:
    client, path = tmp_path / "client", models("gate-1.tar")[0]
    shutil.copytree(published.shelf.folder, tmp_path / "backup")
    for _ in range(10):
        published.now_ms += DAY_MS
        online.refresh(published.shelf, published.now_ms)
    assert seen(published, client, path)
    shutil.rmtree(published.shelf.folder)
    shutil.copytree(tmp_path / "backup", published.shelf.folder)
    published.now_ms += 60_000
    online.refresh(published.shelf, published.now_ms)
    assert seen(published, client, path)


def test_a_shelf_that_somebody_changed_is_not_read(published: Released) -> None:
    path = published.shelf.image / "timestamp.json"
    document = json.loads(path.read_bytes())
    document["signed"]["version"] += 1
    path.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="does not hold any more"):
        catalogue.targets(published.data)
