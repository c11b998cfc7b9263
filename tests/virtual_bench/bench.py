"""What runs on the bench, and what must come back."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from tests.virtual_bench.debian import ROOT, Parts, alone, prepare
from tests.virtual_bench.image import OUT
from tests.virtual_bench.machine import Run, run
from tests.virtual_bench.report import Case, cases_in

LIMIT_S: Final = 480.0
"""After which the machine is ended: a guard, which no busy machine should meet. Two quiet cores need a sixth.
"""
ON_PINS: Final = tuple(
    f"tests/contract/test_{name}.py"
    for name in ("door", "fire_contact", "pass_sensor", "claim_button", "indicator", "sounder", "keys")
)
"""The contract suites whose adapters use header pins: the same files that run here on mock pins."""
CAMERA: Final = ("tests/contract/test_camera.py",)
GUEST: Final = tuple(
    f"tests/virtual_bench/guest/{name}.py"
    for name in ("every_wire", "header_lines", "camera", "buses", "watchdog")
)
"""What only the bench can ask."""
# Nothing simulated; of the camera's suite, what goes through the adapter of a real device; every key of the
# matrix is pressed by `every_wire`, at the pins that it is wired to.
_WORTH_A_MACHINE: Final = (
    "not simulated and not test_every_key_of_the_matrix_is_found and not (test_every_push and matrix) "
    "and (not test_camera or v4l2)"
)
# Neither the suite's plugins nor its servers: importing them costs more than all these tests.
_PYTEST: Final = (
    "-m pytest -q --color=no --noconftest -p no:cacheprovider -p pytest_timeout "
    "-p tests.virtual_bench.guest.plugin -o junit_family=xunit1 "
    f"--junitxml={OUT}/junit.xml --basetemp=/run/tests"
)
_COLLECT: Final = (
    *(sys.executable, "-m", "pytest", "-q", "--collect-only"),
    *("--noconftest", "-p", "no:cacheprovider"),
)
_RESET: Final = re.compile(r"softdog: Initiating system reboot")


@dataclass(frozen=True, slots=True)
class Result:
    """version: of the kernel. asked: how many tests the same words name on this machine. boot_s: until
    everything was wired. hung: the service fell silent at the end; reset: and the kernel's watchdog reset the
    machine."""

    version: str
    run: Run
    asked: int
    cases: tuple[Case, ...]
    boot_s: float | None
    hung: bool
    reset: bool


def asked() -> list[str]:
    """The words of pytest: which tests."""
    return [*ON_PINS, *GUEST, *CAMERA, "-k", _WORTH_A_MACHINE]


def carry_out() -> Result:
    """Prepare, boot, test, hang. Raises CannotRun."""
    words = " ".join(f"'{word}'" for word in asked())
    commands = {"tests": f"{_PYTEST} {words}", "hang": "-m tests.virtual_bench.guest.hang"}
    with alone():
        parts = prepare()
        wanted = _collected(parts)  # first: it leaves compiled what the machine would have to compile
        done = run(parts, commands, LIMIT_S)
    try:
        cases = tuple(cases_in(done.out / "junit.xml"))
    except (OSError, ValueError):
        cases = ()
    booted = re.search(r"bench: booted after ([\d.]+) s", done.console)
    return Result(
        version=parts.version,
        run=done,
        asked=wanted,
        cases=cases,
        boot_s=float(booted[1]) if booted else None,
        hung="bench: the service hangs after 6 beats" in done.console,
        reset=bool(_RESET.search(done.console)),
    )


def _collected(parts: Parts) -> int:
    said = subprocess.run(
        [*_COLLECT, *asked()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(parts.site)},
        capture_output=True,
        check=False,
        text=True,
    ).stdout
    return sum("::" in line for line in said.splitlines())
