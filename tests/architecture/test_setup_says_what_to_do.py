"""`make setup`: what goes wrong ends in one sentence that says what to type."""

import ast
import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import SetupFailed

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "NewConnectionError: Temporary failure in name resolution\nERROR: No matching distribution found",
            "network",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "not the one that was pinned",
        ),
        ("[Errno 30] Read-only file system: '/x'", "cannot be written"),
        (
            "ERROR: No matching distribution found for tflite-runtime==2.14.0",
            "not published for this machine",
        ),
        ("ERROR: something new", "something new"),
        ("", "failed"),
    ],
)
def test_what_the_installer_prints_is_put_in_words(printed: str, says: str) -> None:
    assert says in environment.meaning_of(printed)


@pytest.mark.parametrize(
    ("version", "tag"), [((3, 11), "py311"), ((3, 12), "py313"), ((3, 13), "py313"), ((3, 14), "py313")]
)
def test_every_python_has_its_pins(version: tuple[int, int], tag: str) -> None:
    assert environment.pins_tag(version) == tag
    assert (ROOT / "requirements" / f"dev-{tag}.txt").is_file()


def test_changed_pins_are_noticed(tmp_path: Path) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("a==1\n", encoding="ascii")
    before = environment.fingerprint([pins], "3.11")
    assert environment.fingerprint([pins], "3.11") == before
    assert environment.fingerprint([pins], "3.13") != before
    pins.write_text("a==2\n", encoding="ascii")
    assert environment.fingerprint([pins], "3.11") != before


def test_without_the_venv_module_one_line_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SetupFailed, match=r"sudo apt install python3\.\d+-venv") as caught:
        environment.require_venv()
    assert caught.value.status == 1


def test_a_folder_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    assert environment.set_up(["--venv", str(in_the_way / "venv")]) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err + printed.out
    assert "make setup" in printed.err


def test_an_up_to_date_environment_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tag = environment.pins_tag(sys.version_info[:2])
    files = [ROOT / "requirements" / f"{name}-{tag}.txt" for name in ("build", "dev")]
    wanted = environment.fingerprint([*files, ROOT / "pyproject.toml"], sys.version)
    (tmp_path / environment.STAMP).write_text(wanted, encoding="ascii")
    assert environment.set_up(["--venv", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == [environment.STAMP]


def test_a_python_that_is_too_old_gets_one_sentence_and_78(tmp_path: Path) -> None:
    """The start of setup.py, with the oldest version moved above the one that runs."""
    text = (ROOT / "scripts" / "setup.py").read_text(encoding="utf-8")
    script = tmp_path / "setup.py"
    script.write_text(text.replace("OLDEST = (3, 11)", "OLDEST = (4, 0)"), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 78
    assert "Hallward needs Python 3.11 or newer" in result.stderr
    assert result.stderr.count("\n") == 1


def test_any_python_can_read_the_start_of_setup() -> None:
    """No annotations, no f-strings, no keyword-only arguments: what Python 2.7 and 3.5 stumble over."""
    tree = ast.parse((ROOT / "scripts" / "setup.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.AsyncFunctionDef)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert not [argument for argument in node.args.args if argument.annotation]


def test_a_full_disk_is_said_without_a_file_nobody_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(environment, "prepare", full)
    assert environment.set_up(["--venv", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The disk is full")
    assert "None" not in said
