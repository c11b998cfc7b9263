"""Real processes of the product, started by a test and therefore ended by it: by their own id."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_S = 15.0


class Processes:
    """Named children running `hallward …`, each with its own log."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        words: Sequence[str],
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "hallward"),
    ) -> None:
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*program, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def said(self, name: str) -> str:
        path = self.log(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def signal(self, name: str, number: signal.Signals) -> None:
        self._running[name].send_signal(number)

    def kill(self, name: str) -> None:
        """kill -9, as a fault would."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def ended(self, name: str) -> int | None:
        """The exit status of one that ended by itself, negative when a signal did it; None while it runs."""
        return self._running[name].poll()

    def stop(self, name: str) -> int:
        """SIGTERM; the exit status. SIGKILL to whoever has not gone in time."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def stop_all(self) -> None:
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for name in reversed([*self._running]):
            self.stop(name)


def runs(pid: int) -> bool:
    """Whether a process of this id lives; a zombie does not, and 0 is nobody's."""
    if pid == 0:
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
