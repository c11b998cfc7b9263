"""A build that is killed, or lacks a source or room: pinned files or none, and the next run goes on."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.build import CONVERSIONS, QUANTISATIONS, Step, run_step, run_steps, write_pinned
from models.cache import write_whole
from models.errors import ModelsMissing, ModelsUntrusted, SourceMissing
from models.networks import NETWORKS
from models.outcome import Outcome

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, signal, sys
from pathlib import Path
from models.build import run_steps
from tests.models.test_build_interrupted import made_steps

cache, cut_at = Path(sys.argv[1]), int(sys.argv[2])
done = 0

def fuse(honest):
    def step(*arguments):
        global done
        done += 1
        if done == cut_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(*arguments)
    return step

for owner, name in ((os, "fsync"), (Path, "replace")):
    setattr(owner, name, fuse(getattr(owner, name)))
outcome = run_steps(made_steps(fuse), cache)
print(outcome.done)
sys.exit(len(outcome.failures))
"""


def content_of(number: int) -> bytes:
    return bytes([number]) * 20_000


def made_steps(around: Callable[..., Callable[[Path], bytes]] = lambda make: make) -> list[Step]:
    """Two steps that need no network: the second is made of the first."""
    steps, source, source_sha256 = [], "source", hashlib.sha256(b"source").hexdigest()
    for number, conversion in enumerate(CONVERSIONS[:2]):
        content = content_of(number)
        make = around(lambda _, content=content: content)
        output, sha256 = f"made/{number}", hashlib.sha256(content).hexdigest()
        steps.append(Step(conversion.network, source, source_sha256, "fetch", output, sha256, make))
        source, source_sha256 = output, sha256
    return steps


def never(source: Path) -> bytes:
    raise AssertionError(source)


def files_in(cache: Path) -> dict[str, bytes]:
    """What somebody who loads a network could find; a name with a dot is what is not whole yet."""
    return {
        str(path.relative_to(cache)): path.read_bytes()
        for path in sorted(cache.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "source").write_bytes(b"source")
    return tmp_path / "cache"


def test_what_is_there_with_the_pinned_bytes_is_not_made_again(model_cache: Path) -> None:
    for step in (*CONVERSIONS, *QUANTISATIONS):
        assert not run_step(replace(step, make=never), model_cache)


def test_what_is_there_with_other_bytes_is_made_again(cache: Path) -> None:
    first, _ = made_steps()
    (cache / "made").mkdir()
    (cache / first.output).write_bytes(b"of an older release")
    assert run_step(first, cache)
    assert (cache / first.output).read_bytes() == content_of(0)


def test_a_second_run_has_nothing_to_do(cache: Path) -> None:
    assert run_steps(made_steps(), cache) == Outcome(2)
    assert run_steps(made_steps(never_when_run), cache) == Outcome(0)


def never_when_run(_: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    return never


def test_before_fetching_each_conversion_says_what_to_type(tmp_path: Path) -> None:
    for steps, verb in ((CONVERSIONS, "fetch"), (QUANTISATIONS, "convert")):
        outcome = run_steps(steps, tmp_path)
        assert outcome.done == 0
        for step, failure in zip(steps, outcome.failures, strict=True):
            assert isinstance(failure, ModelsMissing)
            assert failure.what.startswith(str(tmp_path / step.source))
            assert f"`hallward models {verb}`" in failure.what
    assert list(tmp_path.iterdir()) == []


def linked(cache: Path, model_cache: Path, sources: list[str]) -> Path:
    for source in sources:
        (cache / source).parent.mkdir(exist_ok=True)
        (cache / source).symlink_to(model_cache / source)
    return cache


def test_one_missing_source_does_not_stop_the_other_networks(cache: Path, model_cache: Path) -> None:
    sources = [network.source for network in NETWORKS]
    linked(cache, model_cache, sources[1:])
    outcome = run_steps(CONVERSIONS, cache)
    assert outcome.done == 3
    (failure,) = outcome.failures
    assert isinstance(failure, ModelsMissing)
    assert "`hallward models fetch`" in failure.what
    outcome = run_steps(QUANTISATIONS, cache)
    assert outcome.done == 3
    assert [failure.code for failure in outcome.failures] == [ModelsMissing.code]
    linked(cache, model_cache, sources[:1])
    assert run_steps((*CONVERSIONS, *QUANTISATIONS), cache) == Outcome(2)


def test_a_source_with_other_bytes_is_named_before_anything_is_computed(cache: Path) -> None:
    (cache / "source").write_bytes(b"Source")
    first, _ = made_steps(never_when_run)
    with pytest.raises(ModelsUntrusted, match="pinned bytes") as caught:
        run_step(first, cache)
    assert caught.value.what.startswith(str(cache / "source"))
    assert "`hallward models fetch`" in caught.value.what
    assert files_in(cache) == {"source": b"Source"}


def test_committed_ranges_with_other_bytes_are_named_before_anything_is_computed(cache: Path) -> None:
    beside = cache / "ranges.json"
    first, _ = made_steps(never_when_run)
    first = replace(first, beside=(beside, hashlib.sha256(b"{}").hexdigest()))
    for damage in (lambda: None, lambda: beside.write_bytes(b"{ }")):
        damage()
        with pytest.raises(ModelsUntrusted, match="as pinned in models") as caught:
            run_step(first, cache)
        assert caught.value.what.startswith(str(beside))
    assert not (cache / first.output).exists()
    beside.write_bytes(b"{}")
    assert run_step(replace(first, make=lambda _: content_of(0)), cache)
    assert not run_step(first, cache)
    beside.write_bytes(b"{ }")
    with pytest.raises(ModelsUntrusted, match="as pinned in models"):
        run_step(first, cache)
    assert (cache / first.output).read_bytes() == content_of(0), "refused, and left as it was"


def test_one_damaged_source_does_not_stop_the_other_networks(cache: Path, model_cache: Path) -> None:
    linked(cache, model_cache, [network.source for network in NETWORKS])
    linked(cache, model_cache, [step.output for step in CONVERSIONS])
    for network in NETWORKS:
        output = cache / "float" / f"{network.name}.tflite"
        output.unlink()
        source = cache / network.source
        cut = source.read_bytes()[:-100]
        source.unlink()
        source.write_bytes(cut)
        outcome = run_steps(CONVERSIONS, cache)
        assert [failure.code for failure in outcome.failures] == [ModelsUntrusted.code], network.name
        assert outcome.failures[0].what.startswith(str(source))
        assert "\n" not in outcome.failures[0].what
        source.unlink()
        linked(cache, model_cache, [network.source])
        assert not output.exists()
        assert run_steps(CONVERSIONS, cache) == Outcome(1)


def test_other_bytes_than_pinned_never_reach_the_place(cache: Path) -> None:
    (cache / "old").write_bytes(b"good")
    with pytest.raises(ModelsUntrusted, match="SHA-256") as caught:
        write_pinned(cache / "old", b"bad", hashlib.sha256(b"good").hexdigest())
    assert "`make setup`" in caught.value.what
    off, rest = made_steps(lambda make: lambda source: make(source) + b"!")
    outcome = run_steps([off, rest], cache)
    assert [failure.code for failure in outcome.failures] == [ModelsUntrusted.code, ModelsMissing.code]
    assert files_in(cache) == {"source": b"source", "old": b"good"}


def test_after_a_failure_what_only_follows_from_it_is_not_said_again() -> None:
    grave, follows, other = ModelsUntrusted("bad"), SourceMissing("its source"), ModelsMissing("disk full")
    assert Outcome(1, (grave,)).then(Outcome(2, (follows, other))) == Outcome(3, (grave, other))
    assert Outcome(1).then(Outcome(0, (follows,))) == Outcome(1, (follows,)), "nothing else explains it"
    once = Outcome(0, (grave,)).then(Outcome(1)).then(Outcome(2, (follows,)))
    assert once == Outcome(3, (grave,)), "and so for the step after the next"


def test_what_a_killed_writer_of_a_file_left_goes_with_the_next_one(tmp_path: Path) -> None:
    for name in (".a.bin.new", ".b.bin.new"):
        (tmp_path / name).write_bytes(b"half")
    write_whole(tmp_path / "a.bin", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.bin.new", "a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"whole"


def child(cache: Path, cut_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CHILD, str(cache), str(cut_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
def test_a_build_killed_at_any_step_leaves_whole_files_and_the_next_one_finishes(tmp_path: Path) -> None:
    whole = {"made/0": content_of(0), "made/1": content_of(1), "source": b"source"}
    survived = []
    for cut_at in range(1, 20):
        cache = tmp_path / str(cut_at)
        cache.mkdir()
        (cache / "source").write_bytes(b"source")
        done = child(cache, cut_at)
        found = files_in(cache)
        assert found == {name: whole[name] for name in found}, "whole, or not there"
        survived.append(len(found))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert run_steps(made_steps(), cache) == Outcome(3 - len(found))
        assert files_in(cache) == whole
    first = [1, 1, 1, 1, 2]
    second = [2, 2, 2, 3]
    assert survived == [*first, *second, 3], (
        "killed in make, fsync of a new folder's name, fsync, replace, fsync of the folder"
    )


def test_a_build_killed_while_it_computes_leaves_nothing(cache: Path) -> None:
    done = child(cache, 1)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert files_in(cache) == {"source": b"source"}
    assert [path.name for path in cache.iterdir()] == ["source"]
    assert run_steps(made_steps(), cache) == Outcome(2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of these mount options: a tmpfs, so that ENOSPC and EROFS are the kernel's own words."""
    disk = tmp_path / "disk"

    def mount(options: str) -> Path:
        disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "hallward-test", str(disk)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here (needs root): {done.stderr.strip()}")
        return disk

    yield mount
    if os.path.ismount(disk):
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_one_sentence_and_no_half_file(small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=32k,mode=700")
    (disk / "source").write_bytes(b"source")
    outcome = run_steps(made_steps(), disk)
    assert outcome.done == 1
    (failure,) = outcome.failures
    assert isinstance(failure, ModelsMissing)
    assert "No space left" in failure.what
    assert "HALLWARD_MODELS" in failure.what
    assert files_in(disk) == {"source": b"source", "made/0": content_of(0)}
    assert [path.name for path in (disk / "made").iterdir()] == ["0"], "nothing half written stays"
    subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
    assert run_steps(made_steps(), disk) == Outcome(1)


def test_a_cache_that_cannot_be_written_serves_what_it_has(small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=1m,mode=700")
    (disk / "source").write_bytes(b"source")
    assert run_steps(made_steps()[:1], disk) == Outcome(1)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    outcome = run_steps(made_steps(), disk)
    assert outcome.done == 0
    (failure,) = outcome.failures
    assert isinstance(failure, ModelsMissing)
    assert "Read-only file system" in failure.what
    assert run_steps(made_steps(never_when_run)[:1], disk) == Outcome(0)
