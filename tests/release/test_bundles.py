"""The same files give the same bytes, and nothing else gets in."""

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from release import sources
from release.bundle import read_bundle, tar_bundle
from release.errors import ConfigError, ReleaseError
from tests.release.officers import Table
from wire.errors import RecordRejected

FILES = {
    "pkg/__init__.py": b'"""A package."""\n',
    "pkg/data/vectors.json": b"{}",
    "pkg/a.py": b"A = 1\n" * 200,
}
SHA256 = "92589f59e299a1dc7e33295e4bccdd9f0a4b887534486a95bb61daed3b3b09fa"


def tree(top: Path) -> Path:
    """A source tree with what must not be taken."""
    wanted = {
        "pyproject.toml": '[tool.setuptools.package-data]\n"*" = ["*.toml", "py.typed", "static/**"]\n',
        "edge/__init__.py": '"""Edge."""\n',
        "edge/gate/__init__.py": "",
        "edge/gate/run.py": "RUN = 1\n",
        "edge/gate/static/deep/page.css": "a{}",
        "edge/gate/rows.toml": "a = 1\n",
        "edge/py.typed": "",
    }
    stray = {
        "edge/__pycache__/run.cpython-311.pyc": "x",
        "edge/gate/.hidden.py": "x",
        "edge/gate/notes.txt": "x",
        "edge/gate/.cache/x.py": "x",
        "fleet/__init__.py": "",
    }
    for name, text in (wanted | stray).items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")
    return top


def test_a_bundle_has_the_same_bytes_on_every_machine() -> None:
    made = tar_bundle("firmware", "1.0", 3, FILES)
    assert hashlib.sha256(made).hexdigest() == SHA256
    assert made == tar_bundle("firmware", "1.0", 3, dict(reversed(FILES.items())))
    index, files = read_bundle(made)
    assert (index.component, index.version, index.counter, files) == ("firmware", "1.0", 3, FILES)


@pytest.mark.parametrize("at", [0, 100, 156, 345, 512, 1100, -1])
def test_a_changed_bundle_is_refused(at: int) -> None:
    made = bytearray(tar_bundle("firmware", "1.0", 3, FILES))
    made[at] ^= 1
    with pytest.raises((ReleaseError, RecordRejected)):
        read_bundle(bytes(made))


def test_more_or_less_than_a_bundle_is_refused() -> None:
    made = tar_bundle("firmware", "1.0", 3, FILES)
    for other in (made + b"\0" * 512, made[:-512], b"", made[:1024]):
        with pytest.raises((ReleaseError, RecordRejected)):
            read_bundle(other)


def test_a_name_that_leads_out_of_the_bundle_is_refused() -> None:
    for name in ("../x", "/x", "a//b", "bundle.json", "a" * 101):
        with pytest.raises(RecordRejected):
            tar_bundle("config", "1", 1, {name: b""})


def test_firmware_is_modules_and_package_data_alone(tmp_path: Path) -> None:
    assert sorted(sources.firmware(tree(tmp_path), ["edge"])) == [
        "edge/__init__.py",
        "edge/gate/__init__.py",
        "edge/gate/rows.toml",
        "edge/gate/run.py",
        "edge/gate/static/deep/page.css",
        "edge/py.typed",
    ]
    with pytest.raises(ConfigError, match="is not a package"):
        sources.firmware(tmp_path, ["wire"])


def test_a_folder_that_cannot_be_read_is_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path)
    shut = str(tmp_path / "edge" / "gate")
    listing = os.scandir

    def scandir(path: Any) -> Any:
        if str(path) == shut:
            raise PermissionError(errno.EACCES, "Permission denied", shut)
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(ConfigError, match=r"edge/gate cannot be read: Permission denied"):
        sources.firmware(tmp_path, ["edge"])


def test_firmware_of_this_tree_can_be_bundled() -> None:
    top = Path(__file__).resolve().parents[2]
    files = sources.firmware(top)
    assert {"edge/device/runtime.py", "wire/bundle.py", "edge/__init__.py"} <= files.keys()
    assert {name.partition("/")[0] for name in files} == set(sources.PACKAGES)
    assert read_bundle(tar_bundle("firmware", "1", 1, files))[1] == files


def networks(folder: Path) -> Path:
    folder.mkdir()
    (folder / "embedder.tflite").write_bytes(b"network")
    digest = hashlib.sha256(b"network").hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  embedder.tflite\n", encoding="ascii")
    (folder / "golden.json").write_text("{}", encoding="ascii")
    return folder


def test_networks_are_those_that_the_sums_name(tmp_path: Path) -> None:
    folder = networks(tmp_path / "int8")
    assert sorted(sources.models(folder)) == ["SHA256SUMS", "embedder.tflite", "golden.json"]
    (folder / "stray.tflite").write_bytes(b"")
    with pytest.raises(ReleaseError, match=r"holds stray\.tflite"):
        sources.models(folder)
    (folder / "stray.tflite").unlink()
    (folder / "embedder.tflite").write_bytes(b"another")
    with pytest.raises(ReleaseError, match="is not the network that SHA256SUMS names"):
        sources.models(folder)


def test_networks_without_golden_outputs_are_refused(tmp_path: Path) -> None:
    folder = networks(tmp_path / "int8")
    (folder / "golden.json").rename(tmp_path / "elsewhere.json")
    with pytest.raises(ConfigError, match=r"golden\.json is missing, .*models bundle"):
        sources.models(folder)
    assert "golden.json" in sources.models(folder, tmp_path / "elsewhere.json")


@pytest.mark.parametrize("text", ["", "a =", "[hall]\nx = 1\n", "gate = 1\n"])
def test_settings_of_nothing_known_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError):
        sources.config(path)


def test_the_command_says_the_hash(table: Table) -> None:
    words = ("bundle", "models", networks(table.room / "int8"), "--version", "2", "--counter", "2", "--out")
    said = [table.type(*words, table.room / name)[1].partition(": ")[2] for name in ("a.tar", "b.tar")]
    assert said[0] == said[1]
    assert said[0].startswith("3 files, 10240 bytes, SHA-256 ")
