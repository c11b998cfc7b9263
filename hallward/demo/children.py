"""The hall's processes, started by us and therefore ended by us: by their own id, on every way out."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from wire.errors import HallError

STOP_S: Final = 10.0


class ProcessDied(HallError):
    """A process of the hall ended by itself."""

    code = "process-died"


class Children:
    """Named child processes of `hallward …`, each with its own log file."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """`hallward WORDS` in the background, in its own process group, so that Ctrl-C reaches only us."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "hallward", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def check(self) -> None:
        """Raises ProcessDied, quoting the last line that the dead process wrote."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name} ended with code {process.returncode}: {self.last_line(name)}")

    def last_line(self, name: str) -> str:
        lines = self.log(name).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def kill(self, name: str) -> None:
        """kill -9, as a fault would."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop_all(self) -> None:
        """SIGTERM to all, in the reverse order of starting; SIGKILL to whoever has not gone in time."""
        for process in reversed(self._running.values()):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def run_to_end(words: Sequence[str]) -> str:
    """`hallward WORDS`; its standard output. Raises ProcessDied with its last words when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "hallward", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        last = said[-1] if said else "silence"
        raise ProcessDied(f"`hallward {' '.join(words[:2])}` ended with {done.returncode}: {last}")
    return done.stdout
