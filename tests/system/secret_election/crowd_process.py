"""A crowd as a process of the test's, ended by it."""

import json
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hallward.demo.voter import Wish

ANSWER_S: Final = 60.0
STOP_S: Final = 10.0
_ROOT: Final = Path(__file__).parents[3]


class CrowdProcess:
    """units: folder -> the ballots of the person there. dies: those that a power cut ends for good."""

    def __init__(
        self, log: Path, units: Mapping[Path, Sequence[Wish]], dies: frozenset[str], seed: int
    ) -> None:
        self._log = log
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.system.secret_election.crowd"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, cwd=_ROOT, start_new_session=True,
            )  # fmt: skip
        rows = [
            {
                "folder": str(folder),
                "wishes": [[wish.choice, wish.act.value] for wish in wishes],
                "dies": folder.name in dies,
            }
            for folder, wishes in units.items()
        ]
        self._write({"seed": seed, "units": rows})

    def vote(self, within_s: float) -> None:
        self._ask({"do": "vote", "within_s": within_s})

    def report(self) -> list[dict[str, Any]]:
        """Of every unit. A fault of the firmware ends the test here."""
        found = self._ask({"do": "report"})
        assert found["faults"] == [], f"{found['faults'][:3]}\n{self._log.read_text()[-3000:]}"
        units: list[dict[str, Any]] = found["units"]
        return units

    def stop(self) -> None:
        process = self._process
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        self._write(order)
        answers = self._process.stdout
        assert answers is not None
        ready, _, _ = select.select([answers], [], [], ANSWER_S)
        line = answers.readline() if ready else b""
        assert line, f"a crowd does not answer:\n{self._log.read_text(errors='replace')[-3000:]}"
        found: dict[str, Any] = json.loads(line)
        return found

    def _write(self, message: dict[str, Any]) -> None:
        orders = self._process.stdin
        assert orders is not None
        orders.write(json.dumps(message).encode() + b"\n")
        orders.flush()
