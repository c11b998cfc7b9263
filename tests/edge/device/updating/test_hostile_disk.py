"""What stands where slots and parts should stand: links, pipes, half-unpacked things, no room; and the work
of an update that was given up long ago."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.adapters.bundle_archive import held_in, unpack
from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.errors import StoreError
from edge.device.update import State
from tests.edge.device.updating.test_frozen_in_an_update import until
from tests.edge.device.updating.unit import about, bundle, release
from wire.bundle import FILES_MAX


@pytest.mark.parametrize("name", [".staged", ".old", "b", ".current.new"])
@pytest.mark.parametrize("kind", ["a link to golden", "a link into nowhere", "a file", "a pipe"])
def test_what_stands_in_the_way_is_put_away_and_what_it_leads_to_is_left(unit, name: str, kind: str) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    path = unit.update / "slots" / unit.component / name
    if kind == "a file":
        path.write_bytes(b"x")
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(unit.golden if kind == "a link to golden" else unit.golden / "nowhere")
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.says("install", 2, rollout="r2")
    unit.run()
    assert unit.said[-1] == ("committed", "")
    unit.assert_whole(2)
    assert not path.is_symlink()


def test_a_slot_that_is_a_link_is_no_slot(unit, tmp_path: Path) -> None:
    """Else something outside, which changes later, would be in force."""
    unit.start()
    unit.says("install", 1)
    unit.run()
    slot = unit.update / "slots" / unit.component / "a"
    slot.rename(tmp_path / "outside")
    slot.symlink_to(tmp_path / "outside")
    unit.restart()
    assert (unit.counter, unit.slots().in_force()) == (0, "golden")


def test_a_slot_that_is_damaged_after_its_self_test_is_not_switched_to(gate) -> None:
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    path = next(path for path in (gate.update / "slots/models/a").iterdir() if path.suffix == ".tflite")
    path.write_bytes(bytes(path.stat().st_size))
    gate.run()
    assert gate.said == [("shadowed", ""), ("refused", "wrong-hash")]
    assert gate.counter == 0
    assert not (gate.update / "launch.json").exists()


def test_a_candidate_whose_old_one_is_gone_goes_back_to_golden_once(unit) -> None:
    """Whoever went on looking for it would restart for ever."""
    unit.start()
    unit.says("install", 1)
    unit.run()
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.faults.unwell = 2
    unit.says("install", 2, rollout="r2")
    until(unit, State.TRIAL)
    shutil.rmtree(unit.update / "slots" / unit.component / "a")
    before = len(unit.starts)
    unit.run()
    assert unit.said[-1] == ("returned", "self-test")
    assert (unit.counter, len(unit.starts) - before) == (0, 2)


def test_a_return_to_what_the_launcher_has_given_up_on_ends_with_golden(keypad) -> None:
    """Golden is started instead of what is linked, however often it is restarted for that."""
    keypad.start()
    keypad.says("install", 1)
    keypad.run()
    keypad.release.data, keypad.release.about = release("firmware", 2), about("firmware", 2)
    keypad.faults.unwell = 2
    keypad.says("install", 2, rollout="r2")
    until(keypad, State.TRIAL)
    (keypad.update / launch.STARTS).write_text(str(launch.STARTS_MAX))
    before = len(keypad.starts)
    keypad.run()
    assert keypad.said[-1] == ("returned", "self-test")
    assert keypad.starts[before:] == ["b", launch.GOLDEN]


def test_an_unpacking_that_was_given_up_and_goes_on_gets_in_nobodys_way(tmp_path: Path) -> None:
    """It hung for a quarter of an hour; meanwhile there is another order."""
    first, second = tmp_path / "1.tar", tmp_path / "2.tar"
    first.write_bytes(release("models", 1))
    second.write_bytes(release("models", 2))
    refused = []

    def meanwhile(what: str) -> None:
        if what == "unpack detector.tflite" and not refused:
            with pytest.raises(StoreError) as err:
                slots.stage(second, 2)
            refused.append(err.value.what)

    slots = SlotsFolder(tmp_path / "slots", "models", None, step=meanwhile)
    slots.stage(first, 1)
    assert refused == ["an earlier models is being unpacked still"]
    held = slots.holds("a")
    assert held is not None
    assert held.sha256 == hashlib.sha256(first.read_bytes()).digest()
    slots.stage(second, 2)
    held = slots.holds("a")
    assert held is not None
    assert held.counter == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A tmpfs of so many kB, so that ENOSPC is the kernel's own word."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def make(kb: int) -> Path:
        words = ["mount", "-t", "tmpfs", "-o", f"size={kb}k,mode=700", "hallward-test", str(disk)]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount")
        return disk

    yield make
    if os.path.ismount(disk):
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_while_unpacking_has_its_room_back_and_its_slots_as_they_were(
    small_disk, tmp_path: Path
) -> None:
    disk = small_disk(512)
    slots = SlotsFolder(disk / "slots", "models", None)
    for counter, name in ((1, "a"), (2, "b")):
        archive = tmp_path / f"{counter}.tar"
        archive.write_bytes(release("models", counter))
        slots.stage(archive, counter)
        slots.switch(name)
    before, free = slots.holds("a"), os.statvfs(disk).f_bavail
    large = tmp_path / "3.tar"
    large.write_bytes(bundle("models", 3, {f"part-{n}": bytes(100_000) for n in range(8)}))
    with pytest.raises(StoreError, match="No space left"):
        slots.stage(large, 3)
    assert (slots.in_force(), slots.holds("a"), os.statvfs(disk).f_bavail) == ("b", before, free)


@pytest.mark.slow
def test_a_bundle_of_as_many_files_as_there_may_be_is_unpacked_and_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    archive = tmp_path / "many.tar"
    files = {f"d{n % 100}/f{n}": b"" for n in range(FILES_MAX)}
    archive.write_bytes(bundle("models", 1, files))
    assert len(unpack(archive, tmp_path / "slot", "models", 1).files) == FILES_MAX
    held = held_in(tmp_path / "slot")
    assert held is not None
    assert held.sha256 == hashlib.sha256(archive.read_bytes()).digest()
