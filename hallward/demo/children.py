"""The hall's processes, started by us and therefore ended by us: by their own id, on every way out."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from wire.errors import HallError

STOP_S: Final = 10.0
_PREFIX: Final = re.compile(r"^((hallward|fleet|enrol): )+")
_SUFFIX: Final = re.compile(r"( \[[a-z-]+\])+$")


class ProcessDied(HallError):
    """A process of the hall ended by itself. Its exit status is ours: 78 stays a matter of configuration."""

    code = "process-died"

    def __init__(self, last_line: str, status: int) -> None:
        super().__init__(_PREFIX.sub("", _SUFFIX.sub("", last_line)))
        self.exit_code = 78 if status == 78 else 1  # type: ignore[misc]  # the class's is the default


class Children:
    """Named child processes of `hallward …`, each with its own log file."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, words: Sequence[str], hear: Callable[[str], bool] | None = None) -> None:
        """`hallward WORDS` in the background, in its own process group, so that Ctrl-C reaches only us.

        hear: sees each line before it is logged, and keeps it out of the log by answering True.
        """
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hallward", *words],
                stdin=subprocess.DEVNULL,
                stdout=log if hear is None else subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        if hear is not None:
            threading.Thread(target=self._listen, args=(name, process, hear), daemon=True).start()

    def _listen(self, name: str, process: subprocess.Popen[bytes], hear: Callable[[str], bool]) -> None:
        assert process.stdout is not None  # noqa: S101  # it was asked for two lines above
        with process.stdout as lines, self.log(name).open("ab") as log:
            for line in lines:
                if not hear(line.decode(errors="replace")):
                    log.write(line)
                    log.flush()

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def check(self) -> None:
        """Raises ProcessDied, quoting the last line that the dead process wrote."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name} ended: {self.last_line(name)}", process.returncode)

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


def run_to_end(
    words: Sequence[str],
    *,
    module: str = "hallward",
    said: str = "",
    environment: Mapping[str, str] | None = None,
) -> str:
    """`python -m MODULE WORDS` with `said` on its standard input; its standard output.

    Raises ProcessDied with its last words, and its own exit code when that is a matter of configuration.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        input=said,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        last = lines[-1] if lines else f"`{module} {' '.join(words[:2])}` ended with {done.returncode}"
        raise ProcessDied(last, done.returncode)
    return done.stdout
