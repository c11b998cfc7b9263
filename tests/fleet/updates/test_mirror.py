"""A hall's server takes what the centre serves: verified, resumed, never older, and serves it as its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadHTTPError

from fleet.errors import ConfigError, StoreError
from fleet.updates import catalogue, mirror, online
from fleet.updates.errors import ReleaseRefused
from fleet.updates.importing import import_director, is_director_alone
from fleet.updates.keys import make_keys
from fleet.updates.mirror import Credentials, FolderFetcher, SourceSilent
from fleet.updates.shelf import Shelf, versions
from tests.fleet.updates.released import DAY_MS, Released, models, seen, sha256
from tests.release.making import about


@pytest.fixture
def hall(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "hall")


def take(hall: Shelf, centre: Released, **options: str | None) -> None:
    options.setdefault("root_sha256", centre.root_sha256)
    mirror.mirror(hall, str(centre.shelf.folder), centre.now_ms, root_sha256=options["root_sha256"])


def test_a_folder_on_a_stick_is_taken_and_served_on(published: Released, hall: Shelf, tmp_path: Path) -> None:
    published.add(("os/image.swu", b"image", about("os/image.swu")))
    published.take_in()
    take(hall, published)
    here = Released(hall.data, published.folder, published.now_ms)
    assert seen(here, tmp_path / "client", "os/image.swu") is not None
    assert catalogue.targets(hall.data) == catalogue.targets(published.data)
    assert not hall.incoming.exists()
    assert not online.is_ours(hall)
    assert not online.refresh(hall, published.now_ms + DAY_MS)
    before = {path: path.read_bytes() for path in hall.folder.rglob("*") if path.is_file()}
    take(hall, published, root_sha256=None)
    assert before == {path: path.read_bytes() for path in hall.folder.rglob("*") if path.is_file()}
    new = models("gate-2.tar", 2, b"new")
    published.add(new)
    published.now_ms += 1000
    published.take_in()
    take(hall, published)
    assert seen(here, tmp_path / "client", new[0]) == sha256(new)


def test_the_root_is_believed_on_somebodys_word_alone(published: Released, hall: Shelf) -> None:
    with pytest.raises(ReleaseRefused, match="this fleet trusts no root yet"):
        take(hall, published, root_sha256=None)
    with pytest.raises(ReleaseRefused, match="not the one that you gave"):
        take(hall, published, root_sha256="00" * 32)


def test_an_older_state_is_refused(published: Released, hall: Shelf, tmp_path: Path) -> None:
    shutil.copytree(published.shelf.folder, tmp_path / "older")
    published.add(models("gate-2.tar", 2, b"new"))
    published.take_in()
    take(hall, published)
    stamp = online.timestamp_of(hall)
    with pytest.raises(ReleaseRefused, match="somebody serves an older state"):
        mirror.mirror(hall, str(tmp_path / "older"), published.now_ms)
    assert online.timestamp_of(hall) == stamp


def test_what_has_expired_or_was_changed_is_refused(published: Released, hall: Shelf) -> None:
    with pytest.raises(ReleaseRefused, match="the centre has to sign anew"):
        mirror.mirror(
            hall,
            str(published.shelf.folder),
            published.now_ms + 2 * DAY_MS,
            root_sha256=published.root_sha256,
        )
    (path,) = (published.shelf.targets / "models").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\x01")
    with pytest.raises(ReleaseRefused, match="is not the file that was signed"):
        take(hall, published)
    path.write_bytes(whole + b"\x00")
    with pytest.raises(ReleaseRefused, match="more bytes than were signed"):
        take(hall, published)
    path.unlink()
    with pytest.raises(SourceSilent, match="does not hand it out now"):
        take(hall, published)
    assert catalogue.targets(hall.data) == []
    path.write_bytes(whole)
    take(hall, published)
    metadata = published.shelf.image / "timestamp.json"
    metadata.write_bytes(metadata.read_bytes().replace(b"2026-", b"2027-"))
    with pytest.raises(ReleaseRefused, match="what the source says does not hold"):
        take(hall, published)


def test_a_fetch_goes_on_where_it_was_cut_off(
    published: Released, hall: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Cut(FolderFetcher):
        """A line that breaks after 50,000 bytes of a target."""

        def at(self, name: str, begin: int) -> Iterator[bytes]:
            if not name.startswith("image/targets"):
                yield from super().at(name, begin)
                return
            asked.append(begin)
            yield b"".join(super().at(name, begin))[:50_000]
            if begin < 200_000:
                raise SourceSilent("the line broke")

    monkeypatch.setattr(mirror, "FolderFetcher", Cut)
    for _ in range(4):
        with pytest.raises(StoreError, match="the line broke"):
            take(hall, published)
    take(hall, published)
    assert asked == [0, 50_000, 100_000, 150_000, 200_000]
    assert catalogue.targets(hall.data) == catalogue.targets(published.data)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("http://centre", "must be https"),
        ("https://centre:99999", "must be https"),
        ("https://centre/path", "must be https"),
        ("https://centre", "shows a certificate"),
        ("nowhere", "holds no image/metadata"),
    ],
)
def test_a_source_that_cannot_be_one_is_refused(hall: Shelf, source: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        mirror.mirror(hall, source, 0)


def test_a_hall_that_mirrors_takes_in_the_root_of_its_own_director(
    published: Released, hall: Shelf, tmp_path: Path
) -> None:
    take(hall, published)
    shutil.copytree(published.folder / "director", tmp_path / "its own" / "director")
    assert is_director_alone(tmp_path / "its own")
    make_keys(hall.data, lambda _: None)
    with pytest.raises(ReleaseRefused, match="names other keys for targets than this fleet's director"):
        import_director(hall, tmp_path / "its own", published.now_ms)
    shutil.copy(published.data / "keys/director.key", hall.data / "keys/director.key")
    assert import_director(hall, tmp_path / "its own", published.now_ms) == 1
    assert versions(hall.director, "root") == [1]


def test_credentials_go_together(tmp_path: Path) -> None:
    assert Credentials.given(None, None, None) is None
    with pytest.raises(ConfigError, match="go together"):
        Credentials.given(tmp_path, None, None)
    with pytest.raises(DownloadHTTPError):
        next(FolderFetcher(tmp_path).at("none", 0))
