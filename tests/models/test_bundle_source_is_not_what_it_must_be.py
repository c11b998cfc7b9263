"""The folder that a release of networks is made of: whole, the same each time, or refused."""

import hashlib
from pathlib import Path

import pytest

from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.vision import models_in
from edge.rollcall_gate.trial.golden import GOLDEN_FILE, PICTURES, read_golden
from models.__main__ import main
from models.bundle_of import bundle_of
from models.errors import ModelsMissing
from models.networks import NETWORKS
from models.places import package_folder
from tests.models.gate_models import ready_cache


def made(out: Path) -> Path:
    bundle_of(package_folder(ready_cache()), out, ("litert",))
    return out


def test_it_holds_the_networks_their_sums_and_what_they_compute(tmp_path: Path) -> None:
    folder = made(tmp_path / "out")
    files = models_in(folder)
    for network in NETWORKS:
        content = (folder / f"{network.name}.tflite").read_bytes()
        assert files.sha256[f"{network.name}.tflite"] == hashlib.sha256(content).hexdigest()
    table = read_golden(folder / GOLDEN_FILE)
    assert sorted(name for name, _ in table) == sorted(network.name for network in NETWORKS)
    assert all(set(golden.pictures) == set(PICTURES) for golden in table.values())


def test_twice_made_it_is_the_same(tmp_path: Path) -> None:
    first, second = made(tmp_path / "first"), made(tmp_path / "second")
    for file in sorted(first.iterdir()):
        assert file.read_bytes() == (second / file.name).read_bytes()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(ModelsMissing, match="is not empty"):
        made(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_a_network_that_is_missing_or_none_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    networks, out = tmp_path / "networks", tmp_path / "out"
    networks.mkdir()
    assert main(["bundle", "--out", str(out), "--networks", str(networks)]) == 1
    assert "detector.tflite is missing" in capsys.readouterr().err
    (networks / "detector.tflite").write_bytes(b"no network")
    with pytest.raises(ModelError, match="not a loadable model"):
        bundle_of(networks, out, ("litert",))
