"""The officers of the demo: their passphrases stand in no command line, no environment and no file."""

import subprocess
from pathlib import Path

import pytest

from hallward.demo.children import ProcessDied
from hallward.demo.officer import Officer, spawn


def test_a_passphrase_goes_through_a_pipe_alone(tmp_path: Path) -> None:
    officer = Officer("an", tmp_path)
    words = ["officer", "key", str(officer.folder), "--name", "an", "--congress", "c1"]
    with spawn(words, officer.passphrase, subprocess.PIPE) as process:
        for file in ("cmdline", "environ"):
            assert officer.passphrase.encode() not in Path(f"/proc/{process.pid}/{file}").read_bytes()
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0, said
    assert b"an:" in said
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert all(officer.passphrase.encode() not in path.read_bytes() for path in kept)


def test_two_officers_have_two_passphrases_that_are_long_enough(tmp_path: Path) -> None:
    one, other = Officer("an", tmp_path), Officer("binh", tmp_path)
    assert one.passphrase != other.passphrase
    assert len(one.passphrase.split()) >= 6


def test_a_command_that_refuses_is_quoted(tmp_path: Path) -> None:
    officer = Officer("an", tmp_path)
    with pytest.raises(ProcessDied, match="charter"):
        officer.do("officer", "pin", officer.folder, tmp_path / "no-charter")
