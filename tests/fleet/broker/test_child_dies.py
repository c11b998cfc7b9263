"""A child process that dies, will not start, was left behind, or does not want to stop."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.broker.child import (
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    STEADY_S,
    Child,
    end_orphan,
    in_words,
    next_delay_s,
)
from tests.servers.waiting import wait_until

SLEEPER = "import signal, sys; print('up', flush=True); signal.pause()"
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True:
    signal.pause()
"""


class Heard(list[str]):
    """Lines of a child."""

    def __call__(self, line: str) -> None:
        self.append(line.strip())


@pytest.fixture
def heard() -> Heard:
    return Heard()


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


@pytest.fixture
def child(heard: Heard, tmp_path: Path) -> Iterator[Child]:
    made = Child("sleeper", python(SLEEPER), hear=heard, pid_file=tmp_path / "pid")
    yield made
    made.stop()


def test_a_killed_child_comes_back_and_is_counted(child: Child, heard: Heard) -> None:
    child.start()
    wait_until(lambda: heard == ["up"], "the child speaks")
    child.settled()
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: heard == ["up", "up"], "it speaks again")
    assert child.pid not in (None, first)
    assert child.starts == 2


def test_a_child_that_never_came_up_is_not_started_again(heard: Heard) -> None:
    child = Child("broken", python("print('port taken', flush=True); raise SystemExit(3)"), hear=heard)
    child.start()
    wait_until(lambda: child.gave_up, "it gives up")
    assert child.starts == 1
    assert child.last_words == ("port taken",)
    assert child.pid is None
    child.stop()


def test_a_stopped_child_stays_stopped(child: Child, heard: Heard, tmp_path: Path) -> None:
    child.start()
    child.settled()
    wait_until(lambda: heard == ["up"], "the child speaks")
    child.stop()
    child.stop()
    assert child.pid is None
    assert child.starts == 1
    assert not (tmp_path / "pid").exists()


def test_a_child_that_ignores_the_request_is_made_to_stop(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.broker.child.STOP_S", 0.2)
    child = Child("stubborn", python(STUBBORN), hear=heard)
    child.start()
    wait_until(lambda: heard == ["up"], "the child speaks")
    child.stop()
    assert child.pid is None


def test_a_program_that_is_not_there_is_an_error_at_once(heard: Heard, tmp_path: Path) -> None:
    child = Child("nothing", [str(tmp_path / "no-such-program")], hear=heard)
    with pytest.raises(FileNotFoundError):
        child.start()
    child.stop()


def test_a_full_disk_keeps_no_child_from_running_and_starts_none_twice(heard: Heard, tmp_path: Path) -> None:
    child = Child("sleeper", python(SLEEPER), hear=heard, pid_file=tmp_path / "gone" / "pid")
    child.start()
    child.settled()
    wait_until(lambda: heard == ["up"], "the child speaks")
    assert child.starts == 1
    child.stop()
    assert child.pid is None


def test_a_child_left_behind_by_a_killed_parent_is_ended(tmp_path: Path) -> None:
    command = python(SLEEPER)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as orphan:
        (tmp_path / "pid").write_text(f"{orphan.pid}\n", encoding="ascii")
        wait_until(
            lambda: Path(f"/proc/{orphan.pid}/cmdline").read_bytes().count(b"\0") == 3, "it has its words"
        )
        end_orphan(tmp_path / "pid", command)
        assert orphan.wait(30) == -signal.SIGTERM


def test_a_stranger_with_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(python(SLEEPER), stdout=subprocess.DEVNULL) as stranger:
        try:
            (tmp_path / "pid").write_text(f"{stranger.pid}\n", encoding="ascii")
            end_orphan(tmp_path / "pid", python("another program"))
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_delays_double_up_to_the_longest_and_begin_anew_after_a_steady_life() -> None:
    delays = [FIRST_DELAY_S]
    for _ in range(12):
        delays.append(next_delay_s(delays[-1], lived_s=0.0))
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S
    assert next_delay_s(LONGEST_DELAY_S, lived_s=STEADY_S) == FIRST_DELAY_S


@pytest.mark.parametrize(
    ("status", "words"), [(0, "exit status 0"), (-9, "killed by SIGKILL"), (-200, "killed by signal 200")]
)
def test_how_it_ended_is_said_in_words(status: int, words: str) -> None:
    assert in_words(status) == words
