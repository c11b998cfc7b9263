"""`python -m tests.attacks.disarmed`: take each defence out of a copy of the code; its rows must notice."""

import argparse
import compileall
import py_compile
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.attacks.disarmed.defence import Defence
from tests.attacks.disarmed.defences import DEFENCES
from tests.attacks.table import ATTACKS

ROOT: Final = Path(__file__).resolve().parents[3]
PARTS: Final = (
    "ballot",
    "durable",
    "edge",
    "fleet",
    "front",
    "officers",
    "printed",
    "provisioning",
    "scripts",
    "tests",
    "verifier",
    "wire",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.disarmed", description=__doc__)
    parser.add_argument("attack", nargs="*", help="only defences against these; without any: all")
    asked = set(parser.parse_args().attack)
    began_s, found = time.monotonic(), Found()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in PARTS:
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        (copy / "docs").mkdir()
        # Checked by hash: of a file that is changed twice within one second the old code must not run.
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(copy, quiet=2, invalidation_mode=mode)
        rows = sorted({row for defence in DEFENCES for row in defence.attacks.split()})
        stopped = _stopped(copy, rows)
        found.right = {row: row in stopped for row in rows}
        found.broken = [row for row in rows if row not in stopped]
        for defence in DEFENCES:
            if not asked or not asked.isdisjoint(defence.attacks.split()):
                _take_out(copy, defence, found)
    for line in found.lines():
        print(line)
    print(f"{time.monotonic() - began_s:.0f} s")
    return 1 if found.blind or found.gone or found.broken else 0


@dataclass
class Found:
    """broken: rows that are wrong with every defence in its place. blind: rows that do not notice. gone:
    texts that stand no more in the code."""

    taken: int = 0
    right: dict[str, bool] = field(default_factory=dict)
    noticed: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    blind: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        never = [attack.id for attack in ATTACKS if attack.id not in self.right]
        named = {"WRONG AS IT IS": self.broken, "NOT NOTICED": self.blind, "NO SUCH TEXT": self.gone}
        for what, items in (named | {"not tried": never}).items():
            yield from (f"{what}: {item}" for item in items)
        yield (
            f"{self.taken} defences taken out; {len(self.noticed)} rows notice, {len(self.blind)} times one "
            f"does not; {len(self.gone)} texts gone; {len(never)} rows not tried"
        )


def _take_out(copy: Path, defence: Defence, found: Found) -> None:
    """Its rows, which are right with it, must be wrong without it."""
    file, rows = copy / defence.file, defence.attacks.split()
    armed = file.read_text(encoding="utf-8")
    if armed.count(defence.is_) != 1:
        found.gone.append(f"{defence.file}: {defence.is_!r}")
        return
    file.write_text(armed.replace(defence.is_, defence.without), encoding="utf-8")
    found.taken += 1
    still = _stopped(copy, [row for row in rows if found.right[row]])
    file.write_text(armed, encoding="utf-8")
    found.blind += [f"{row} without {defence.is_!r} ({defence.file})" for row in sorted(still)]
    found.noticed |= {row for row in rows if found.right[row]} - still


def _stopped(copy: Path, rows: list[str]) -> set[str]:
    """Of these rows: those that end as the table says."""
    if not rows:
        return set()
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks", *rows],
        cwd=copy, capture_output=True, check=False, text=True, timeout=600,
    )  # fmt: skip
    lines = [
        line.split() for line in done.stdout.splitlines() if line.startswith(("  stopped ", "  residual "))
    ]
    return {words[1] for words in lines}


if __name__ == "__main__":
    sys.exit(main())
