"""The hash of a part changes with any of its files, and with nothing else."""

import hashlib
import os
from pathlib import Path

import pytest

from edge.device.adapters.measured_files import MeasuredFiles, hash_of_files, plain_files

PARTS = {"firmware", "models", "config", "settings", "calibration", "charter", "environment"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("edge/a.py", "edge/sub/b.py", "wire/c.py", "fleet/d.py", "edge/__pycache__/a.pyc"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "root"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "device"
    (found / "int8").mkdir(parents=True)
    (found / "int8" / "net.tflite").write_bytes(b"network")
    (found / "device.toml").write_text("role = 'gate'")
    return found


def test_a_hash_of_files_is_that_of_their_index(root: Path) -> None:
    names = ("edge/a.py", "edge/sub/b.py", "wire/c.py")
    rows = [f'"{name}":[{len(name)},"{hashlib.sha256(name.encode()).hexdigest()}"]' for name in names]
    head = '{"bundle":1,"component":"firmware","version":"","counter":1,"files":{'
    index = head + ",".join(rows) + "}}"
    found = hash_of_files("firmware", plain_files(root, ("edge", "wire")))
    assert found == hashlib.sha256(index.encode()).digest()


def test_each_part_has_its_hash_and_what_is_not_there_has_none(root: Path, folder: Path) -> None:
    found = MeasuredFiles(folder, folder / "int8", root)()
    assert found.keys() == PARTS
    assert {part for part, value in found.items() if value is None} == {"config", "calibration", "charter"}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("root/edge/sub/b.py", "firmware"),
        ("root/edge/new.py", "firmware"),
        ("device/int8/net.tflite", "models"),
        ("device/device.toml", "settings"),
        ("device/calibration.toml", "calibration"),
        ("device/charter", "charter"),
        ("device/state/update/slots/config/current/settings.toml", "config"),
        ("device/state/update/slots/models/current/net.tflite", "models"),
    ],
)
def test_one_changed_file_changes_its_part_alone(
    root: Path, folder: Path, tmp_path: Path, name: str, part: str
) -> None:
    measure = MeasuredFiles(folder, folder / "int8", root)
    before = measure()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"changed")
    after = measure()
    assert {each for each in PARTS if before[each] != after[each]} == {part}


def test_what_is_no_file_of_ours_changes_nothing(root: Path, folder: Path) -> None:
    measure = MeasuredFiles(folder, folder / "int8", root)
    before = measure()
    (root / "fleet" / "d.py").write_text("changed")
    (root / "edge" / "__pycache__" / "a.pyc").write_bytes(b"compiled anew")
    (folder / "identity.key").write_bytes(b"a key is in no part")
    (folder / "state").mkdir()
    (folder / "state" / "outbox.db").write_bytes(b"records")
    os.utime(root / "edge" / "a.py", (1, 1))
    assert measure() == before


def test_a_slot_goes_before_what_the_device_was_made_with(root: Path, folder: Path) -> None:
    slots = folder / "state" / "update" / "slots" / "models"
    (slots / "a").mkdir(parents=True)
    (slots / "a" / "net.tflite").write_bytes(b"network")
    measure = MeasuredFiles(folder, folder / "int8", root)
    golden = measure()["models"]
    (slots / "current").symlink_to("a")
    assert measure()["models"] == golden, "the same files have the same hash, wherever they lie"
    (slots / "a" / "net.tflite").write_bytes(b"another")
    assert measure()["models"] != golden


def test_this_very_tree_is_measured(folder: Path) -> None:
    found = MeasuredFiles(folder, None)()
    assert found["firmware"] is not None
    assert found["environment"] is not None
