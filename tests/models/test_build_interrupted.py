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
from models.errors import ModelsMissing, ModelsUntrusted
from models.networks import NETWORKS
from models.outcome import Outcome

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

for owner, name in ((os, "fsync"), (Path, "chmod"), (Path, "replace")):
    setattr(owner, name, fuse(getattr(owner, name)))
outcome = run_steps(made_steps(fuse), cache)
print(outcome.done)
sys.exit(len(outcome.failures))
"""


def content_of(number: int) -> bytes:
    return bytes([number]) * 20_000


def made_steps(around: Callable[..., Callable[[Path], bytes]] = lambda make: make) -> list[Step]:
    """Two steps that need no network: the second is made of the first."""
    steps = []
    for number, conversion in enumerate(CONVERSIONS[:2]):
        content = content_of(number)
        source, output = ("source" if number == 0 else "made/0"), f"made/{number}"
        make = around(lambda _, content=content: content)
        sha256 = hashlib.sha256(content).hexdigest()
        steps.append(Step(conversion.network, source, output, sha256, make, "fetch"))
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


def test_what_two_steps_say_alike_is_said_once() -> None:
    same = ModelsMissing("the disk is full")
    both = Outcome(1, (same,)) + Outcome(2, (ModelsMissing("the disk is full"), ModelsMissing("other")))
    assert both.done == 3
    assert [failure.what for failure in both.failures] == ["the disk is full", "other"]


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
    assert survived == [1, 1, 1, 1, 2, 2, 2, 2, 3], "killed in make, fsync, chmod and replace of both steps"


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
