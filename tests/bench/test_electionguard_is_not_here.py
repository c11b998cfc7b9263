"""The comparison is measured here, or says whose figures it tells instead."""

import re
from pathlib import Path

import pytest

from bench import electionguard
from bench.electionguard import NotHere, Selection

pytestmark = pytest.mark.slow

NOWHERE = {"PATH": "", "HOME": "/nonexistent"}


def program(folder: Path, script: str) -> Path:
    """A program with the name of the interpreter."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / electionguard.PYTHON
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    file.chmod(0o700)
    return file


def test_without_a_python_39_the_published_figures_are_told_as_published(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = electionguard.measure(1, NOWHERE)
    assert rows
    assert all("PUBLISHED" in row.name and "NOT measured here" in row.name for row in rows)
    assert all("pull request 752" in row.name and row.budget is None for row in rows)
    assert "NOT measured here (no Python 3.9" in capsys.readouterr().out


def test_a_library_that_cannot_be_installed_is_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, 'case "$1" in -c) echo True;; *) echo "no room" >&2; exit 1;; esac')
    rows = electionguard.measure(1, {"PATH": str(tmp_path)})
    assert rows == electionguard.published()
    assert "cannot be installed: no room" in capsys.readouterr().out


def test_an_interpreter_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "path", "exit 127")  # as pyenv's shim, when its version is not chosen
    good = program(tmp_path / "pyenv" / "versions" / "3.9.18" / "bin", "echo True")
    found = electionguard.interpreter({"PATH": str(tmp_path / "path"), "PYENV_ROOT": str(tmp_path / "pyenv")})
    assert found == good


def test_a_selection_that_they_refuse_themselves_is_not_told(tmp_path: Path) -> None:
    refusing = program(tmp_path, 'echo "electionguard refuses its own selection" >&2; exit 1')
    with pytest.raises(NotHere, match="refuses its own"):
        electionguard.measured(refusing, 1)


def test_the_ratio_is_theirs_over_ours_of_one_option() -> None:
    rows = {row.name: row.value for row in electionguard.compared(Selection(8.0, 16.0), 3)}
    own = "a selection of ours, yes / no / abstain, ballot by its options"
    proving = rows[f"ElectionGuard against {own}: made and proved"]
    assert proving * rows[f"{own}: made and proved"] == pytest.approx(8.0, rel=0.01)
    verifying = rows[f"ElectionGuard against {own}: verified"]
    assert verifying * rows[f"{own}: verified"] == pytest.approx(16.0, rel=0.01)


def test_its_pins_are_exact_hashed_and_name_no_address() -> None:
    text = electionguard.PINS.read_text(encoding="ascii")
    assert "://" not in text
    assert "#" not in text
    pin = re.compile(r"[a-z0-9.-]+==[A-Za-z0-9.+]+( +--hash=sha256:[0-9a-f]{64})+")
    entries = text.replace(" \\\n", " ").splitlines()
    assert not [entry[:80] for entry in entries if not pin.fullmatch(entry)]
    assert any(entry.startswith("electionguard==1.4.0 ") for entry in entries)


@pytest.mark.slow
def test_theirs_and_ours_on_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    rows = electionguard.measure(3)
    if rows == electionguard.published():
        pytest.skip(capsys.readouterr().out.strip())
    found = {row.name: row.value for row in rows}
    ratios = [value for name, value in found.items() if name.startswith("ElectionGuard against")]
    assert len(ratios) == 4
    assert min(ratios) > 1
