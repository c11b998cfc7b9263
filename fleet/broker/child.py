"""A supervised child process: started without a shell, heard, started again when it dies, stopped.

One thread per child does all of it, so nothing here depends on a caller that keeps calling.
"""

import logging
import os
import resource
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

log: Final = logging.getLogger(__name__)

FIRST_DELAY_S: Final = 0.1
LONGEST_DELAY_S: Final = 5.0
STEADY_S: Final = 30.0  # a child that lived this long has recovered: the next delay is the first again
STOP_S: Final = 10.0


def next_delay_s(delay_s: float, lived_s: float) -> float:
    """Delay before the next start, from the one before and how long the child lived."""
    return FIRST_DELAY_S if lived_s >= STEADY_S else min(delay_s * 2, LONGEST_DELAY_S)


class Child:
    """hear: called with each line that the child prints, from this object's thread; must not raise.

    environment: None for this process's own. Times are seconds.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        hear: Callable[[str], None],
        pid_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name: Final = name
        self._command = [str(word) for word in command]
        self._hear = hear
        self._pid_file = pid_file
        self._environment = environment
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._last_lines: deque[str] = deque(maxlen=20)
        self._settled = threading.Event()
        self._gave_up = threading.Event()
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def gave_up(self) -> bool:
        """True once the child ended before `settled` was called: it would only fail again."""
        return self._gave_up.is_set()

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines it printed, oldest first."""
        return tuple(self._last_lines)

    def start(self) -> None:
        """Start it. Until `settled` is called, a child that ends is not started again. Raises OSError."""
        self.end_orphan()
        self._stopping.clear()
        self._gave_up.clear()
        self._spawn()
        self._thread = threading.Thread(target=self._supervise, name=f"supervise-{self.name}", daemon=True)
        self._thread.start()

    def end_orphan(self) -> None:
        """End what an earlier supervisor, killed, left of it. `start` does this too."""
        if self._pid_file is not None:
            end_orphan(self._pid_file, self._command)

    def settled(self) -> None:
        """It came up: from now on it is started again whenever it ends."""
        self._settled.set()

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when there is no living process (the next one will read its files anyway)."""
        with self._lock:
            if self.pid is None or self._process is None:
                return False
            self._process.send_signal(number)
            return True

    def stop(self) -> None:
        """End it and its supervision: first asked, after 10 s made to. Does nothing when it does not run."""
        with self._lock:
            self._stopping.set()
            process = self._process
            if process is not None and process.poll() is None:
                process.terminate()
        if self._thread is None or process is None:
            return
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            process.kill()
            self._thread.join()
        self._thread = None
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)

    def _spawn(self) -> bool:
        with self._lock:
            if self._stopping.is_set():
                return False
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=self._environment,
                process_group=0,  # Ctrl-C is for the parent, which stops its children in order
            )
            self._process = process
            self.starts += 1
        _lift_file_limit(process.pid)
        self._note(process.pid)
        return True

    def _note(self, pid: int) -> None:
        """Leave the process id for `end_orphan`. A full disk must not keep a child from running."""
        if self._pid_file is None:
            return
        try:
            fresh = self._pid_file.with_suffix(".new")  # whole or not at all: an orphan is found by it
            fresh.write_text(f"{pid}\n", encoding="ascii")
            fresh.replace(self._pid_file)
        except OSError as err:
            log.warning("%s cannot be written (%s); %s runs all the same", self._pid_file, err, self.name)

    def _supervise(self) -> None:
        delay_s = FIRST_DELAY_S
        while True:
            started_s = self._monotonic_s()
            status = self._listen()
            if self._stopping.is_set():
                return
            if not self._settled.is_set():
                self._gave_up.set()
                return
            lived_s = self._monotonic_s() - started_s
            if lived_s >= STEADY_S:
                delay_s = FIRST_DELAY_S
            log.warning("%s ended (%s); it is started again in %.1f s", self.name, in_words(status), delay_s)
            while True:
                if self._stopping.wait(delay_s):
                    return
                delay_s = next_delay_s(delay_s, lived_s)
                lived_s = 0.0
                try:
                    if not self._spawn():
                        return
                    break
                except OSError as err:
                    log.warning("%s cannot be started: %s; tried again in %.1f s", self.name, err, delay_s)

    def _listen(self) -> int:
        """Pass on what the child prints until it ends; its exit status."""
        process = self._process
        if process is None or process.stdout is None:
            raise AssertionError("supervised before it was started")
        with process.stdout as lines:
            for line in lines:
                self._last_lines.append(line.rstrip("\n"))
                self._hear(line)
        return process.wait()


def in_words(status: int) -> str:
    """How a process ended."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def end_orphan(pid_file: Path, command: Sequence[str]) -> None:
    """End a child that outlived its parent (killed, so that it could not stop it), if the very same one still
    runs."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    deadline_s = time.monotonic() + STOP_S
    number = signal.SIGTERM
    while _runs(pid, command):
        if number is signal.SIGTERM or time.monotonic() > deadline_s:
            log.warning("ending process %d, left behind by a fleet that was killed", pid)
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            number = signal.SIGKILL
        time.sleep(0.02)
    pid_file.unlink(missing_ok=True)


def _runs(pid: int, command: Sequence[str]) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rsplit(")", 1)[-1]
            .split()[0]
        )
    except OSError:
        return False
    return state != "Z" and [word.decode(errors="replace") for word in words] == list(command)


def _lift_file_limit(pid: int) -> None:
    """A connection is an open file, and the customary soft limit of 1,024 is less than a hall's keypads."""
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        log.warning("the limit of open files of process %d cannot be raised; it may refuse connections", pid)
