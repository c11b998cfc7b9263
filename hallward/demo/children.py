"""The hall's processes, started by us and therefore ended by us: by their own id, on every way out.

One that is killed is started again, as the service manager of a real hall would do; one that gives up ends
the demo.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.broker.child import in_words
from wire.errors import HallError

STOP_S: Final = 10.0
STEADY_S: Final = 5.0  # killed sooner than this after a start, and this often in a row: it will not run here
QUICK_DEATHS_MAX: Final = 3
_PREFIX: Final = re.compile(r"^((hallward|fleet|enrol|keypad|gate): )+")
_SUFFIX: Final = re.compile(r"( \[[a-z-]+\])+$")


class ProcessDied(HallError):
    """A process of the hall ended by itself. Its exit status is ours: 78 stays a matter of configuration."""

    code = "process-died"

    def __init__(self, last_line: str, status: int) -> None:
        super().__init__(_PREFIX.sub("", _SUFFIX.sub("", last_line)))
        self.exit_code = 78 if status == 78 else 1  # type: ignore[misc]  # the class's is the default


Hear = Callable[[str], bool]


@dataclass(slots=True)
class _Child:
    words: Sequence[str]
    hear: Hear | None
    process: subprocess.Popen[bytes]
    started_s: float
    quick_deaths: int = 0


class Children:
    """Named child processes of `hallward …`, each with its own log file.

    say: told when one was killed and is started again.
    """

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, _Child] = {}

    def start(self, name: str, words: Sequence[str], hear: Hear | None = None) -> None:
        """`hallward WORDS` in the background, in its own session, so that Ctrl-C reaches only us. It ends
        with us, even when we are killed.

        hear: sees each line before it is logged, and keeps it out of the log by answering True.
        """
        process = self._spawn(name, words, hear)
        self._running[name] = _Child(words, hear, process, time.monotonic())

    def _spawn(self, name: str, words: Sequence[str], hear: Hear | None) -> subprocess.Popen[bytes]:
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hallward.demo.tied", str(os.getpid()), *words],
                stdin=subprocess.DEVNULL,
                stdout=log if hear is None else subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if hear is not None:
            threading.Thread(target=self._listen, args=(name, process, hear), daemon=True).start()
        return process

    def _listen(self, name: str, process: subprocess.Popen[bytes], hear: Hear) -> None:
        assert process.stdout is not None  # noqa: S101  # it was asked for two lines above
        with process.stdout as lines, self.log(name).open("ab") as log:
            for line in lines:
                if not hear(line.decode(errors="replace")):
                    log.write(line)
                    log.flush()

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        return self._running[name].process.pid

    def check(self) -> None:
        """Start again whoever was killed. Raises ProcessDied, quoting the last line of one that gave up."""
        for name, child in self._running.items():
            status = child.process.poll()
            if status is None:
                continue
            if status >= 0:
                raise ProcessDied(f"{name} ended: {_PREFIX.sub('', self.last_line(name))}", status)
            quick = time.monotonic() - child.started_s < STEADY_S
            child.quick_deaths = child.quick_deaths + 1 if quick else 0
            if child.quick_deaths >= QUICK_DEATHS_MAX:
                raise ProcessDied(f"{name} was {in_words(status)} {QUICK_DEATHS_MAX} times in a row", status)
            self._say(f"{name} was {in_words(status)}; it is started again")
            child.process = self._spawn(name, child.words, child.hear)
            child.started_s = time.monotonic()

    def last_line(self, name: str) -> str:
        lines = self.log(name).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def stop_all(self) -> None:
        """SIGTERM to all, in the reverse order of starting; SIGKILL to whoever has not gone in time."""
        processes = [child.process for child in reversed(self._running.values())]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in reversed(processes):
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
    partly: bool = False,
) -> str:
    """`python -m MODULE WORDS` with `said` on its standard input; its standard output.

    partly: what it printed counts even if it could not do all (exit status 1).
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
    if done.returncode != 0 and not (partly and done.returncode == 1 and done.stdout):
        lines = (done.stderr or done.stdout).strip().splitlines()
        last = lines[-1] if lines else f"`{module} {' '.join(words[:2])}` ended with {done.returncode}"
        raise ProcessDied(last, done.returncode)
    return done.stdout
