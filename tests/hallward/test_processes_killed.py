"""Processes of the demo that are killed, one by one or all of them at once through their parent."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hallward.demo.children import QUICK_DEATHS_MAX, Children, ProcessDied

PATIENCE_S = 30.0
STAYS = """
import sys
from pathlib import Path
from hallward.demo.children import Children
children = Children(Path(sys.argv[1]), print)
children.start("auditor", ["audit", sys.argv[2]])
print(children.pid("auditor"), flush=True)
sys.stdin.read()
"""


def eventually(true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0] == "Z"
    except OSError:
        return True


class Endless:
    """A file without an end: who audits it stays until told to stop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._writing: int | None = None

    def is_read(self) -> bool:
        """True once the auditor is past its start; it stays true."""
        try:
            self._writing = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as err:
            if err.errno != errno.ENXIO:  # nobody reads it yet
                raise
        return self._writing is not None

    def close(self) -> None:
        if self._writing is not None:
            os.close(self._writing)


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Endless]:
    made = Endless(tmp_path / "endless.log")
    yield made
    made.close()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, said: list[str]) -> Iterator[Children]:
    started = Children(tmp_path / "logs", said.append)
    yield started
    started.stop_all()


@pytest.mark.slow
def test_a_killed_process_is_started_again_and_it_is_said(
    children: Children, endless: Endless, said: list[str]
) -> None:
    children.start("auditor", ["audit", str(endless.path)])
    before = children.pid("auditor")
    os.kill(before, signal.SIGKILL)
    eventually(partial(gone, before))
    children.check()
    assert said == ["auditor was killed by SIGKILL; it is started again"]
    after = children.pid("auditor")
    assert after != before
    assert not gone(after)
    children.stop_all()
    assert gone(after)


@pytest.mark.slow
def test_one_that_is_killed_at_every_start_is_given_up(
    children: Children, endless: Endless, said: list[str]
) -> None:
    children.start("auditor", ["audit", str(endless.path)])
    for _ in range(QUICK_DEATHS_MAX - 1):
        pid = children.pid("auditor")
        os.kill(pid, signal.SIGKILL)
        eventually(partial(gone, pid))
        children.check()
    last = children.pid("auditor")
    os.kill(last, signal.SIGKILL)
    eventually(partial(gone, last))
    with pytest.raises(ProcessDied, match=r"auditor was killed by SIGKILL 3 times in a row"):
        children.check()
    assert len(said) == QUICK_DEATHS_MAX - 1


@pytest.mark.slow
def test_one_that_refuses_is_quoted_and_not_started_again(
    children: Children, tmp_path: Path, said: list[str]
) -> None:
    children.start("keypad-01", ["keypad", "run", str(tmp_path / "none")])
    pid = children.pid("keypad-01")
    eventually(partial(gone, pid))
    with pytest.raises(ProcessDied, match=r"keypad-01 ended: .*device\.toml is missing") as refused:
        children.check()
    assert refused.value.exit_code == 78
    assert said == []


@pytest.mark.slow
def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path, endless: Endless) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STAYS, str(tmp_path / "logs"), str(endless.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        child = int(demo.stdout.readline())
        try:
            eventually(endless.is_read)
        finally:
            demo.kill()
    eventually(partial(gone, child))
