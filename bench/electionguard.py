"""The same on the same machine in the same run: ElectionGuard's Python package, per selection.

electionguard 1.4.0, the last of its line, can be imported by Python 3.9 and not by ours. Where a 3.9 is
found, it gets an environment in a temporary folder and only what the library imports, pinned with hashes;
where there is none, or no package index, the figures its authors published are printed instead, as theirs.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ballot.adapters.libsodium import Libsodium
from bench.ballots import KINDS, Kind, cost
from bench.rows import Row, told

ROOT: Final = Path(__file__).resolve().parents[1]
PINS: Final = ROOT / "requirements" / "bench-electionguard.txt"
SCRIPT: Final = ROOT / "bench" / "electionguard_selection.py"
PYTHON: Final = "python3.9"
DEADLINE_S: Final = 300.0
COMPARED: Final = (KINDS[0], KINDS[2])
PUBLISHED: Final = (
    ("a tally of 10 ballots, its ballots verified again", 20.76447, "s"),
    ("a tally of 10 ballots, with less logging", 15.5, "s"),
)
"""By its authors: pull request 752 of Election-Tech-Initiative/electionguard-python, August 2022, on a
machine of theirs that is not described. There is no figure per selection."""


class NotHere(Exception):
    """It cannot be measured on this machine. Says why."""


@dataclass(frozen=True, slots=True)
class Selection:
    """CPU-ms of one."""

    prove_ms: float
    verify_ms: float


def measure(rounds: int, environment: Mapping[str, str] = os.environ) -> list[Row]:
    """Both in turns on this machine; or what is published, when theirs does not run here."""
    try:
        with tempfile.TemporaryDirectory() as place:
            theirs = measured(installed(interpreter(environment), Path(place)), rounds)
    except NotHere as err:
        print(f"ElectionGuard is NOT measured here ({err}); instead, what its authors published")
        return published()
    return compared(theirs, rounds)


def compared(theirs: Selection, rounds: int) -> list[Row]:
    """Ours per selection is a whole ballot, the proof of the number of choices in it, by its options. Theirs
    is one selection alone: their ballots hold as many placeholders as may be chosen, and one proof more."""
    group = Libsodium()
    name = f"ElectionGuard 1.4.0 (Python 3.9, gmpy2, 4096-bit primes), a selection, CPU, least of {rounds}"
    rows = [
        told(f"{name}: encrypted and proved", theirs.prove_ms, "ms"),
        told(f"{name}: verified", theirs.verify_ms, "ms"),
    ]
    for kind in COMPARED:
        proving, verifying = _ours(group, kind, rounds)
        of = f"a selection of ours, {kind.name}, ballot by its options"
        rows += [
            told(f"{of}: made and proved", proving, "ms"),
            told(f"{of}: verified", verifying, "ms"),
            told(f"ElectionGuard against {of}: made and proved", theirs.prove_ms / proving, "×"),
            told(f"ElectionGuard against {of}: verified", theirs.verify_ms / verifying, "×"),
        ]
    return rows


def _ours(group: Libsodium, kind: Kind, rounds: int) -> tuple[float, float]:
    shape = kind.shape()
    found = cost(group, shape, kind.chosen, rounds)
    return found.prove / len(shape.options), found.verify / len(shape.options)


def published() -> list[Row]:
    where = "ElectionGuard, PUBLISHED by its authors (pull request 752, 2022), NOT measured here"
    return [told(f"{where}: {what}", value, unit) for what, value, unit in PUBLISHED]


def interpreter(environment: Mapping[str, str]) -> Path:
    """A Python 3.9 that runs: on the path, or one of pyenv's. Raises NotHere."""
    for found in _candidates(environment):
        done = _run([found, "-c", "import sys, venv, ensurepip; print(sys.version_info[:2] == (3, 9))"])
        if done.returncode == 0 and done.stdout.strip() == "True":
            return found
    raise NotHere("no Python 3.9 is on this machine")


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    on_path = shutil.which(PYTHON, path=environment.get("PATH", ""))
    if on_path is not None:
        yield Path(on_path)
    root = environment.get("PYENV_ROOT") or Path(environment.get("HOME", "/")) / ".pyenv"
    yield from sorted(Path(root).glob(f"versions/3.9.*/bin/{PYTHON}"), reverse=True)


def installed(python: Path, place: Path) -> Path:
    """The interpreter of an environment that has the library. Raises NotHere."""
    own = place / "bin" / "python"
    commands: tuple[Sequence[str | Path], ...] = (
        (python, "-m", "venv", place),
        (own, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", PINS),
    )
    for command in commands:
        done = _run(command)
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise NotHere(f"electionguard cannot be installed: {last[0]}")
    return own


def measured(python: Path, rounds: int) -> Selection:
    """Raises NotHere when it does not run, which its own words explain."""
    done = _run([python, "-I", SCRIPT, str(rounds)])
    if done.returncode != 0:
        raise NotHere(f"electionguard does not run: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return Selection(**json.loads(done.stdout))


def _run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, check=False, text=True, timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise NotHere(f"{command[0]} is not done after {DEADLINE_S:g} s") from None
    except OSError as err:
        raise NotHere(str(err)) from None
