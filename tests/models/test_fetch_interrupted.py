"""Killed at every step, run twice at once, or on a disk that fills: whole files, or none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.cache import scratch_folder
from models.errors import ModelsMissing
from models.fetch import fetch_all
from models.sources import Kind, SourcePackage
from tests.models.test_fetch_untrusted_mirror import INNER, package, sdist, sha256, wheel
from tests.models.test_fetch_untrusted_mirror import files_in as files_in_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {"sources/pack-a.bin": b"first", "sources/pack-b.bin": b"second"}

CHILD = """
import os, signal, sys
from pathlib import Path
from models.fetch import fetch_all
from tests.models.test_fetch_untrusted_mirror import package, sdist

cache, cut_at = Path(sys.argv[1]), int(sys.argv[2])
steps = 0

def fuse(honest, half):
    def step(self, *arguments):
        global steps
        steps += 1
        if steps == cut_at:
            half(self, *arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(self, *arguments)
    return step

write = Path.write_bytes
Path.write_bytes = fuse(write, lambda path, content: write(path, content[: len(content) // 2]))
Path.replace = fuse(Path.replace, lambda *_: None)
Path.chmod = fuse(Path.chmod, lambda *_: None)

def download(wanted, folder):
    path = folder / "arrived.tgz"
    path.write_bytes(sdist())
    return path

packages = [package(sdist(), "tarball", name) for name in ("pack", "other")]
result = fetch_all(packages, cache, download=download)
print(result.done)
sys.exit(len(result.failures))
"""

BY_NPM = """
import sys
from pathlib import Path
from models.fetch import fetch_all
from tests.models.test_fetch_untrusted_mirror import package, sdist

result = fetch_all([package(sdist(), "tarball")], Path(sys.argv[1]))
print(*(err.what for err in result.failures))
sys.exit(len(result.failures))
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def npm_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = folder / "bin" / "npm"
    npm.parent.mkdir(exist_ok=True)
    npm.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    npm.chmod(0o755)
    (folder / "served.tgz").write_bytes(sdist())
    monkeypatch.setenv("SERVED", str(folder / "served.tgz"))
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")


def wait_for(path: Path) -> None:
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path.name} never came")


def visible(cache: Path) -> list[str]:
    return [name for name in files_in_folder(cache) if not name.startswith(".fetch-")]


def assert_whole(cache: Path) -> None:
    right = {
        f"sources/{n}-{s}.bin": c
        for n in ("pack", "other")
        for s, c in zip("ab", INNER.values(), strict=True)
    }
    right |= {f"archives/{name}-1.0.tgz": sdist() for name in ("pack", "other")}
    for name in visible(cache):
        assert (cache / name).read_bytes() == right[name], name


def test_a_run_killed_at_any_step_leaves_whole_files_and_the_next_one_finishes(tmp_path: Path) -> None:
    for cut_at in range(1, 100):
        cache = tmp_path / str(cut_at)
        child = start(CHILD, cache, cut_at)
        said, _ = child.communicate(timeout=60)
        assert_whole(cache)
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL, said
        assert list(cache.glob(".fetch-*")), "what was half written lies apart"
        again = start(CHILD, cache, 0)
        said, _ = again.communicate(timeout=60)
        assert again.returncode == 0, said
        assert_whole(cache)
        assert len(visible(cache)) == 6
        assert not list(cache.glob(".fetch-*")), "and is swept up by the next run"
    assert cut_at > 10


def test_a_run_killed_while_npm_works_leaves_nothing_and_the_next_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, pid = tmp_path / "cache", tmp_path / "pid"
    npm_on_path(
        tmp_path,
        f'head -c 50 "$SERVED" > half.tgz; echo $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 100',
        monkeypatch,
    )
    child = start(BY_NPM, cache)
    wait_for(pid)
    child.kill()
    child.communicate()
    os.kill(int(pid.read_text("utf-8")), signal.SIGKILL)
    assert visible(cache) == []
    npm_on_path(tmp_path, 'cp "$SERVED" .', monkeypatch)
    assert fetch_all([package(sdist(), "tarball")], cache).done == 2
    assert not list(cache.glob(".fetch-*"))


def test_two_fetches_at_once_both_succeed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    npm_on_path(tmp_path, 'head -c 50 "$SERVED" > a.tgz; sleep 0.5; cp "$SERVED" a.tgz', monkeypatch)
    children = [start(BY_NPM, cache) for _ in range(4)]
    for child in children:
        said, _ = child.communicate(timeout=60)
        assert child.returncode == 0, said
    assert visible(cache) == ["archives/pack-1.0.tgz", *WHOLE]
    assert all((cache / name).read_bytes() == content for name, content in WHOLE.items())
    assert not list(cache.glob(".fetch-*"))


def test_a_run_does_not_sweep_what_another_still_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, go, there = tmp_path / "cache", tmp_path / "go", tmp_path / "there"
    npm_on_path(
        tmp_path, f'touch {there}; while [ ! -e {go} ]; do sleep 0.05; done; cp "$SERVED" .', monkeypatch
    )
    slow = start(BY_NPM, cache)
    try:
        wait_for(there)
        (stale,) = cache.glob(".fetch-*")
        assert fetch_all([package(wheel(), name="other")], cache, download=_wheel).done == 2
        assert stale.exists()
    finally:
        go.touch()
        said, _ = slow.communicate(timeout=60)
    assert slow.returncode == 0, said
    assert not list(cache.glob(".fetch-*"))


def test_of_three_runs_the_last_does_not_sweep_what_the_second_needs(tmp_path: Path) -> None:
    first, second = scratch_folder(tmp_path), scratch_folder(tmp_path)
    gone = first.__enter__()
    needed = second.__enter__()
    first.__exit__(None, None, None)
    with scratch_folder(tmp_path):
        assert not gone.exists()
        assert needed.exists()
    second.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


def _wheel(wanted: SourcePackage, folder: Path) -> Path:
    path = folder / "arrived"
    path.write_bytes(wheel())
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A disk of this many KiB: a tmpfs, so that ENOSPC is the kernel's own word."""
    disk = tmp_path / "disk"
    mounted = False

    def mount(kib: int) -> Path:
        nonlocal mounted
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=700", "hallward-test", str(disk)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here (needs root): {done.stderr.strip()}")
        mounted = True
        return disk

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize(("kib", "whole"), [(4, 0), (16, 0), (32, 1), (48, 2)])
@pytest.mark.parametrize("kind", ["wheel", "tarball"])
def test_a_full_disk_is_one_sentence_and_no_half_file(
    small_disk: Callable[[int], Path], kib: int, whole: int, kind: Kind
) -> None:
    cache = small_disk(kib) / "cache"
    inner = {name: os.urandom(14_000) for name in INNER}
    archive = wheel(inner) if kind == "wheel" else sdist(inner)
    pinned = package(archive, kind)
    pinned = replace(pinned, files=tuple(replace(f, sha256=sha256(inner[f.inner])) for f in pinned.files))
    asked: list[str] = []

    def download(wanted: SourcePackage, folder: Path) -> Path:
        asked.append(wanted.name)
        path = folder / "arrived"
        path.write_bytes(archive)
        return path

    (failure,) = fetch_all([pinned, package(wheel(), name="other")], cache, download=download).failures
    assert isinstance(failure, ModelsMissing)
    assert "No space left" in failure.what
    assert "HALLWARD_MODELS" in failure.what
    assert asked == ["pack"]
    right = {f"archives/{pinned.archive}": archive, "sources/pack-a.bin": inner["pack/a.bin"]}
    assert {name: (cache / name).read_bytes() for name in visible(cache)} == dict(list(right.items())[:whole])
    assert not list(cache.glob(".fetch-*"))


def test_a_disk_that_fills_while_npm_writes_stops_at_once(
    tmp_path: Path, small_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm_on_path(tmp_path, "head -c 1000000 /dev/zero > a.tgz || exit 1", monkeypatch)
    cache = small_disk(64) / "cache"
    packages = [package(sdist(), "tarball", name) for name in ("pack", "other")]
    (failure,) = fetch_all(packages, cache).failures
    assert isinstance(failure, ModelsMissing)
    assert "the disk is full" in failure.what
    assert list(cache.iterdir()) == []
