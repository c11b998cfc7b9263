"""An election for a stranger: an export, what was read out for the minutes, and a program of their own."""

import base64
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ballot.hall_log.format import parse_closing
from hallward.demo.children import ProcessDied
from wire import cbor

PROGRAM: Final = "verifier.verify"


@dataclass(frozen=True, slots=True)
class Verdict:
    """exit_code: 0 complete. said: the report; without one, why there is none."""

    exit_code: int
    said: str

    @property
    def last_line(self) -> str:
        lines = self.said.strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def head_of(export: Path) -> tuple[int, bytes]:
    """Size and root of the log, as they are read out for the minutes."""
    *_, (_, closing) = cbor.decode_sequence(export.read_bytes())
    _, size, root = parse_closing(closing).note.split("\n")[:3]
    return int(size), base64.b64decode(root)


def verify(export: Path, charter: Path, jobs: int = 2) -> Verdict:
    """By the independent verifier, as an observer starts it. Raises ProcessDied where it is not installed."""
    found = find_spec(PROGRAM)
    if found is None or found.origin is None:
        raise ProcessDied(f"{PROGRAM} is not on this machine", 1)
    size, root = head_of(export)
    words = ["--charter", str(charter), "--root", root.hex(), "--size", str(size), "--jobs", str(jobs)]
    done = subprocess.run(
        [sys.executable, found.origin, str(export), *words], capture_output=True, text=True, check=False
    )
    return Verdict(done.returncode, done.stdout or done.stderr)
