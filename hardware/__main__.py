"""`python -m hardware [WHAT …] [--out FOLDER] [--check]`: make all that hardware/out holds, or compare.

WHAT: folders of out, as generators.py names them; none: all. --check makes it elsewhere and compares what is
text byte for byte with what is in the repository; pictures, sheets and solids are made, and looked at only
for being there, since other releases of Graphviz, FreeType or OpenSCAD draw a point elsewhere.
Exit 1: something differs, is missing, or lies there and is made by nobody. Exit 78: the source is wrong, or a
program is missing.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from hardware.adapters.programs import ProgramError
from hardware.adapters.source import OUT
from hardware.generators import GENERATORS
from hardware.pins import PinsError

TEXTS: Final = (".csv", ".md", ".toml", ".yml")
"""Compared byte for byte."""


def make(names: Iterable[str], out: Path) -> list[Path]:
    """Raises PinsError, ProgramError."""
    made: list[Path] = []
    for name in names:
        (out / name).mkdir(parents=True, exist_ok=True)
        made += GENERATORS[name](out)
    return made


def differences(names: Sequence[str], fresh: Path, kept: Path) -> list[str]:
    """One sentence for each file that is not as it would be made, in order."""
    found: list[str] = []
    for name in names:
        new, old = _files(fresh / name), _files(kept / name)
        found += [f"{name}/{path} is made and not in {kept.name}" for path in sorted(new - old)]
        found += [f"{name}/{path} is in {kept.name} and nothing makes it" for path in sorted(old - new)]
        found += [
            f"{name}/{path} differs: run `make hardware`"
            for path in sorted(new & old)
            if path.suffix in TEXTS
            and (fresh / name / path).read_bytes() != (kept / name / path).read_bytes()
        ]
    return found


def _files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m hardware", description="Make everything of hardware/out."
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"one of {', '.join(GENERATORS)}; none: all")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write to, or to compare with")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    given = parser.parse_args(arguments)
    names = given.what or list(GENERATORS)
    if unknown := [name for name in names if name not in GENERATORS]:
        parser.error(f"nothing is called {', '.join(unknown)}: {', '.join(GENERATORS)}")
    try:
        if not given.check:
            print(f"{len(make(names, given.out))} files below {given.out}")
            return 0
        with tempfile.TemporaryDirectory() as folder:
            make(names, Path(folder))
            found = differences(names, Path(folder), given.out)
    except (PinsError, ProgramError) as err:
        print(err, file=sys.stderr)
        return 78
    print("\n".join(found) or f"{', '.join(names)}: as made from the sources")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
