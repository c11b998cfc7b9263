"""One supervised process of the hall: started without a shell, known by a pid file, stopped by its own id.

The pid file holds pid and start time, so that after a supervisor was killed the next one finds its orphans
and ends exactly those.
"""

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fleet.serve.restart import History, after_death

_log = logging.getLogger(__name__)
STOP_S: Final = 10.0
_START_TIME_FIELD: Final = (
    19  # of /proc/PID/stat, counted behind the command name (proc_pid_stat(5), field 22)
)


class Supervised:
    """name: for the log and the pid file. words: the argument vector."""

    def __init__(self, name: str, words: Sequence[str], run_folder: Path) -> None:
        self.name = name
        self._words = list(words)
        self._pid_file = run_folder / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._history = History()
        self._started_s = 0.0
        self._due_s: float | None = 0.0

    def tend(self, now_s: float) -> None:
        """Start when due; note a death and when to start again. now_s: monotonic."""
        if self._process is None:
            if self._due_s is not None and now_s >= self._due_s:
                self._start(now_s)
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        verdict = after_death(self._history, now_s - self._started_s, code)
        self._history = verdict.history
        if verdict.delay_s is None:
            self._due_s = None
            _log.error("%s refused to start (code %d): see its line above; the rest goes on", self.name, code)
        else:
            self._due_s = now_s + verdict.delay_s
            _log.warning("%s ended with code %d; it starts again in %.1f s", self.name, code, verdict.delay_s)

    @property
    def refused(self) -> bool:
        """It ended with EX_CONFIG: starting again would not help."""
        return self._process is None and self._due_s is None

    def ask_to_stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it has not gone in time."""
        self.ask_to_stop()
        if self._process is not None:
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._pid_file.unlink(missing_ok=True)

    def _start(self, now_s: float) -> None:
        end_orphan(self._pid_file)
        self._process = subprocess.Popen(self._words, stdin=subprocess.DEVNULL, start_new_session=True)
        self._started_s = now_s
        note_pid(self._pid_file, self._process.pid)


def note_pid(pid_file: Path, pid: int) -> None:
    """Remember a process that must not outlive its supervisor unnoticed."""
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    pid_file.write_text(f"{pid} {_start_time(pid)}\n")


def end_orphan(pid_file: Path) -> None:
    """End the process that an earlier supervisor left behind, if it is still that very process."""
    try:
        pid_text, start_time = pid_file.read_text().split()
        pid = int(pid_text)
    except (OSError, ValueError):
        return
    if start_time in ("", "gone") or _start_time(pid) != start_time:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_S
        while time.monotonic() < deadline:
            if _start_time(pid) != start_time:
                return
            time.sleep(0.02)


def _start_time(pid: int) -> str:
    """In clock ticks since boot: with the pid it names one process for good. `gone` when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone"
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] == "Z" else fields[_START_TIME_FIELD]
