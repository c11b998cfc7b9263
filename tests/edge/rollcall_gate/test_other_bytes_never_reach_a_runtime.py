"""The folder of networks names their SHA-256; a file that is not the one named is not given to a runtime."""

import os
import shutil
from pathlib import Path

import pytest

from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.vision import SUMS, ModelFiles, models_in, open_pipeline, read_sums
from models.runtimes import RUNTIMES, is_installed

HERE = [runtime for runtime in RUNTIMES if is_installed(runtime)]
NAMES = ["detector", "landmarks", "embedder", "pad"]


@pytest.fixture
def folder(gate_models: ModelFiles, tmp_path: Path) -> Path:
    return Path(shutil.copytree(gate_models.embedder.parent, tmp_path / "int8"))


@pytest.mark.parametrize("runtime", HERE)
@pytest.mark.parametrize("name", NAMES)
def test_one_other_byte_is_refused_by_the_files_name(folder: Path, name: str, runtime: str) -> None:
    path = folder / f"{name}.tflite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=f"{name}.tflite: not the file that SHA256SUMS"):
        open_pipeline(models_in(folder), runtime)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_named_and_not_there_is_missed(folder: Path, name: str) -> None:
    (folder / f"{name}.tflite").unlink()
    with pytest.raises(ModelError, match=f"{name}.tflite.*no such file"):
        open_pipeline(models_in(folder))


def test_a_pipe_in_a_files_place_is_not_waited_for(folder: Path) -> None:
    (folder / "pad.tflite").unlink()
    os.mkfifo(folder / "pad.tflite")
    with pytest.raises(ModelError, match="no such file"):
        open_pipeline(models_in(folder))


def test_without_the_sums_nothing_is_loaded(folder: Path) -> None:
    (folder / SUMS).unlink()
    with pytest.raises(ModelError, match=r"SHA256SUMS does not name detector\.tflite: copy the whole folder"):
        open_pipeline(models_in(folder))


def test_a_package_without_attack_detection_works_and_says_so(folder: Path) -> None:
    (folder / "pad.tflite").unlink()
    lines = (folder / SUMS).read_text().splitlines(keepends=True)
    (folder / SUMS).write_text("".join(line for line in lines if "pad" not in line))
    assert set(open_pipeline(models_in(folder)).networks) == {"detector", "landmarks", "embedder"}


@pytest.mark.parametrize("text", ["junk\n", "a" * 64 + "  ../x\n", "A" * 64 + "  x.tflite\n", "\xff\n"])
def test_a_damaged_list_of_sums_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / SUMS).write_text(text, "latin-1")
    with pytest.raises(ModelError, match="not a list of SHA-256 sums"):
        read_sums(tmp_path / SUMS)


def test_the_list_is_what_sha256sum_writes(folder: Path) -> None:
    assert set(read_sums(folder / SUMS)) == {f"{name}.tflite" for name in NAMES}
