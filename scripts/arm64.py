"""Does 64-bit Arm decide as this machine does? The same recording, here and under user-mode emulation.

`python -m scripts.arm64 RECORDING` replays a recording on both; without one the photographs of the models
are looked at. What is needed is said (docs/runbooks/arm64.md). Exit status: 0 the decisions are the same,
1 they are not, or a run failed; 78 this machine lacks something, in one sentence.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scripts.arm_root import (
    MISSING,
    PROCESSORS,
    alone_in,
    make_root,
    make_site,
    python_words,
    require_tools,
    show_processor,
)
from scripts.environment import ROOT, SetupFailed
from scripts.two_runs import Line, compare, decisions_in

CACHE: Final = ROOT / "var" / "arm64"
MODELS: Final = ROOT / "var" / "models" / "int8"
PHOTOGRAPHS: Final = ROOT / "var" / "models" / "photographs"
CPU: Final = "cortex-a76"
# One thread on both machines: the order of a sum must not depend on how many cores there are.
VARIABLES: Final = {"OPENBLAS_NUM_THREADS": "1"}


def work(recording: Path | None, models: Path) -> list[str]:
    """The words after `python` that print the decisions. Raises SetupFailed: nothing to look at."""
    if not (models / "SHA256SUMS").is_file():
        raise SetupFailed(f"{models}: no networks there: type `make models` first", MISSING)
    if recording is not None:
        if not recording.exists():
            raise SetupFailed(f"{recording}: there is no such recording", MISSING)
        return ["-m", "hallward", "gate", "replay", str(recording), "--models", str(models), "--json"]
    photographs = sorted(str(path) for path in PHOTOGRAPHS.glob("*/*.[jp][pn]g"))
    if not photographs:
        raise SetupFailed(f"{PHOTOGRAPHS}: no photograph there: type `make models` first", MISSING)
    return ["-m", "scripts.look", str(models), *photographs]


def run(command: Sequence[str], where: str, environment: Mapping[str, str]) -> tuple[list[Line], float]:
    """The decisions that a command prints, and the seconds it took. Raises SetupFailed when it fails."""
    print(f"{where} …", flush=True)
    start = time.monotonic()
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, check=False, text=True, errors="replace"
    )
    seconds = time.monotonic() - start
    if result.returncode:
        said = (result.stderr.strip() or result.stdout.strip() or "it said nothing").splitlines()[-1]
        raise SetupFailed(f"The run {where} failed with status {result.returncode}: {said}")
    try:
        return decisions_in(result.stdout), seconds
    except ValueError as err:
        raise SetupFailed(f"The run {where} printed something else than decisions: {err}") from err


def report(here: Sequence[Line], there: Sequence[Line]) -> int:
    """Print what was found. 0 when the decisions are the same and there is at least one."""
    found = compare(here, there)
    for difference in found.differences:
        print(difference)
    for where, lines in (("here", here), ("emulated", there)):
        took: list[Any] = [line["took_ms"] for line in lines if "took_ms" in line]
        if took:
            print(f"{where}: {statistics.median(took):.1f} ms a photograph (median)")
    print(f"largest difference of a score: {found.score_difference_max:.3g}")
    print(f"largest difference of a decision's moment: {found.moment_difference_max_ms} ms")
    if found.least_cosine is not None:
        print(f"least cosine between the two embeddings of a photograph: {found.least_cosine:.9f}")
    if not found.decisions:
        print("Neither run decided anything: this recording proves nothing")
        return 1
    outcome = "differ" if found.differences else "are the same"
    print(f"{found.decisions} decisions {outcome}")
    return 1 if found.differences else 0


def prove(wanted: argparse.Namespace) -> int:
    """Raises SetupFailed, OSError."""
    require_tools()
    recording: Path | None = wanted.recording.resolve() if wanted.recording else None
    words = work(recording, wanted.models.resolve())
    start = time.monotonic()
    with alone_in(CACHE):
        make_root(CACHE, wanted.mirror)
        make_site(CACHE)
    show_processor(CACHE, wanted.cpu)
    print(f"64-bit Arm is ready ({time.monotonic() - start:.0f} s)", flush=True)
    variables = {**os.environ, **VARIABLES}
    here, seconds = run([sys.executable, *words], "on this machine", variables)
    emulated, emulated_seconds = run(
        [*python_words(CACHE, wanted.cpu, VARIABLES), *words], f"on an emulated {wanted.cpu}", variables
    )
    print(f"on this machine {seconds:.1f} s, emulated {emulated_seconds:.1f} s")
    return report(here, emulated)


def main(words: Sequence[str]) -> int:
    """Exit status as the module says."""
    parser = argparse.ArgumentParser(
        prog="arm64", description="The same recording here and on emulated 64-bit Arm."
    )
    parser.add_argument("recording", type=Path, nargs="?", help="what `hallward gate replay` takes")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder int8 of `make models`")
    parser.add_argument(
        "--cpu", choices=PROCESSORS, default=CPU, help="of a Raspberry Pi 5 (cortex-a76, the default) or 4"
    )
    parser.add_argument("--mirror", help="a Debian mirror (default: the one that apt uses)")
    try:
        return prove(parser.parse_args(words))
    except SetupFailed as err:
        print(err, file=sys.stderr)
        return err.status
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept: type it again to go on.", file=sys.stderr)
        return 130
    except OSError as err:
        print(f"{err.filename or 'the system'}: {err.strerror or err}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
