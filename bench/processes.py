"""Child processes of a measurement: started, read from /proc, and always stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.errors import BenchError

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")
STOP_S: Final = 10.0


class Child:
    """One process in a process group of its own, its output in a file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | (environment or {}),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def must_be_alive(self) -> None:
        if not self.alive():
            raise BenchError(f"{self.name} ended with code {self._process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"

    def kill(self) -> None:
        """SIGKILL to this one process: the fault, not the end of a measurement."""
        self._process.kill()
        self._process.wait(STOP_S)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to what is left of its group."""
        if self.alive():
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(STOP_S)


def python(module: str, *arguments: str) -> list[str]:
    """Command line of a module under this very interpreter."""
    return [sys.executable, "-m", module, *arguments]


def tree(pid: int) -> list[int]:
    """The process and all its descendants that are alive."""
    parents: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(parents.get(found[-1], ()))
    return found


def children_of(pid: int) -> list[int]:
    """Its descendants that are alive."""
    return tree(pid)[1:]


def cpu_s(pid: int) -> float:
    """User and system time of the process tree so far, children that have ended included."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            fields = _stat(member)
            total += sum(int(ticks) for ticks in fields[11:15])  # utime stime cutime cstime
    return total * _TICK_S


def resident_mb(pid: int) -> float:
    """VmRSS of this one process, in 10^6 bytes."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise BenchError(f"process {pid} has no memory any more")


def wait_until(
    condition: Callable[[], bool], deadline_s: float, what: str, child: Child | None = None
) -> None:
    """Poll until the condition holds. Raises BenchError at the deadline, or when the child has ended."""
    end = time.monotonic() + deadline_s
    while not condition():
        if child is not None:
            child.must_be_alive()
        if time.monotonic() > end:
            raise BenchError(f"waited {deadline_s:g} s in vain for {what}")
        time.sleep(0.02)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from `state` on; the name before them may hold anything, even parentheses."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
