"""A killed process comes back, a misconfigured one is left alone, an orphan is found and ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.serve.process import Supervised, end_orphan, note_pid
from fleet.serve.restart import DELAY_S_MAX, STEADY_S, History, after_death

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def pid_of(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text().split()[0])


def test_restarts_come_at_once_then_ever_later_and_a_steady_life_forgets() -> None:
    history, delays = History(), []
    for _ in range(12):
        verdict = after_death(history, 0.0, 1)
        history = verdict.history
        delays.append(verdict.delay_s)
    assert delays == sorted(delays, key=lambda delay: delay or 0)
    assert delays[0] is not None
    assert delays[0] < 0.5
    assert delays[-1] == DELAY_S_MAX
    assert after_death(history, STEADY_S, 1).delay_s == delays[0]


def test_a_wrong_configuration_is_not_tried_again() -> None:
    assert after_death(History(), 0.0, 78).delay_s is None


def test_a_killed_process_comes_back(tmp_path: Path) -> None:
    process = Supervised("sleeper", SLEEPER, tmp_path)
    process.tend(0.0)
    first = pid_of(tmp_path, "sleeper")
    os.kill(first, signal.SIGKILL)

    def back() -> bool:
        process.tend(time.monotonic())
        return pid_of(tmp_path, "sleeper") != first

    eventually(back)
    process.stop()
    assert not (tmp_path / "sleeper.pid").exists()


def test_a_process_that_refuses_its_configuration_stays_down(tmp_path: Path) -> None:
    process = Supervised("picky", [sys.executable, "-c", "raise SystemExit(78)"], tmp_path)

    def refused() -> bool:
        process.tend(time.monotonic())
        return process.refused

    eventually(refused)
    process.stop()


@pytest.mark.parametrize("same_process", [True, False])
def test_exactly_the_orphan_is_ended_never_a_namesake(tmp_path: Path, same_process: bool) -> None:
    with subprocess.Popen(SLEEPER) as orphan:
        pid_file = tmp_path / "orphan.pid"
        note_pid(pid_file, orphan.pid)
        if not same_process:
            pid_file.write_text(f"{orphan.pid} 1\n")
        end_orphan(pid_file)
        assert (orphan.poll() is not None) is same_process
        orphan.kill()


@pytest.mark.parametrize("text", ["", "x y", "12", "999999999 5"])
def test_a_damaged_pid_file_harms_nobody(tmp_path: Path, text: str) -> None:
    pid_file = tmp_path / "odd.pid"
    pid_file.write_text(text)
    end_orphan(pid_file)
