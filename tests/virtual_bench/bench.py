"""What runs on the bench, and what must come back."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from tests.virtual_bench.debian import ROOT, prepare
from tests.virtual_bench.image import OUT
from tests.virtual_bench.machine import Run, run
from tests.virtual_bench.report import Case, cases_in

LIMIT_S: Final = 240.0
"""After which the machine is ended. On two quiet cores it takes a third of that."""
ON_PINS: Final = tuple(
    f"tests/contract/test_{name}.py"
    for name in ("door", "fire_contact", "pass_sensor", "claim_button", "indicator", "sounder", "keys")
)
"""The contract suites whose adapters use header pins: the same files that run here on mock pins."""
CAMERA: Final = ("tests/contract/test_camera.py",)
GUEST: Final = tuple(
    f"tests/virtual_bench/guest/{name}.py" for name in ("header_lines", "camera", "buses", "watchdog")
)
"""What only the bench can ask."""
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
    """version: of the kernel. boot_s: until everything was wired. hung: the service fell silent at the end;
    reset: and the kernel's watchdog reset the machine."""

    version: str
    run: Run
    cases: tuple[Case, ...]
    boot_s: float | None
    hung: bool
    reset: bool


def asked() -> list[str]:
    """The words of pytest: which tests."""
    # of the camera's suite, what goes through the adapter of a real device
    return [*ON_PINS, *GUEST, *CAMERA, "-k", "not test_camera or v4l2"]


def carry_out() -> Result:
    """Prepare, boot, test, hang. Raises CannotRun."""
    parts = prepare()
    words = " ".join(f"'{word}'" for word in asked())
    commands = {"tests": f"{_PYTEST} {words}", "hang": "-m tests.virtual_bench.guest.hang"}
    done = run(parts, commands, LIMIT_S)
    try:
        cases = tuple(cases_in(done.out / "junit.xml"))
    except (OSError, ValueError):
        cases = ()
    booted = re.search(r"bench: booted after ([\d.]+) s", done.console)
    return Result(
        version=parts.version,
        run=done,
        cases=cases,
        boot_s=float(booted[1]) if booted else None,
        hung="bench: the service hangs after 5 beats" in done.console,
        reset=bool(_RESET.search(done.console)),
    )


def collected() -> int:
    """How many tests the same words name on this machine."""
    said = subprocess.run(
        [*_COLLECT, *asked()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(prepare().site)},
        capture_output=True,
        check=False,
        text=True,
    ).stdout
    return sum("::" in line for line in said.splitlines())
