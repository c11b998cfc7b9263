"""Two who write one file at once: each in turn, whole, and nothing left beside it."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from durable.files import SECRET, replacing, unfinished_of, write_whole

ROOT = Path(__file__).resolve().parents[2]
WRITERS, TIMES = 4, 40
WRITER = """
import sys
from pathlib import Path
from durable.files import SECRET, write_whole

path, letter, times = Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
for _ in range(times):
    write_whole(path, letter * 50_000, SECRET)
    found = path.read_bytes()
    assert len(found) == 50_000 and len(set(found)) == 1, "half a file"
"""


def test_the_second_waits_until_the_first_is_in_its_place(tmp_path: Path) -> None:
    path, begun, found = tmp_path / "key", threading.Event(), list[bytes]()

    def second() -> None:
        def step(what: str) -> None:
            begun.set()
            if what == "rename key":
                found.append(path.read_bytes())

        write_whole(path, b"second", SECRET, step)

    thread = threading.Thread(target=second)
    with replacing(path, SECRET) as file:
        file.write(b"fi")
        thread.start()
        begun.wait()
        with unfinished_of(path).open("rb") as same, pytest.raises(BlockingIOError):
            fcntl.flock(same, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.write(b"rst")
    thread.join()
    assert found == [b"first"]
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_write_the_same_file_as_fast_as_they_can_never_meet_half_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    command = [sys.executable, "-c", WRITER, str(path)]
    running = [
        subprocess.Popen([*command, letter, str(TIMES)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for letter in "abcd"[:WRITERS]
    ]
    for each in running:
        _, said = each.communicate(timeout=120)
        assert each.returncode == 0, said
    assert list(tmp_path.iterdir()) == [path]


def test_who_is_taken_for_a_leftover_before_it_has_its_lock_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making a file and locking it another writer may look, find no lock and take it away."""
    path, real, taken = tmp_path / "key", fcntl.flock, list[Path]()

    def flock(descriptor: int, how: int) -> None:
        if not taken:
            taken.append(unfinished_of(path))
            taken[0].unlink()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    write_whole(path, b"whole", SECRET)
    assert taken
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_on_which_no_file_can_be_kept_is_said_and_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    monkeypatch.setattr(fcntl, "flock", lambda _descriptor, _how: unfinished_of(path).unlink())
    with pytest.raises(OSError, match="busy"):
        write_whole(path, b"whole", SECRET)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_has_whole_files_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    path = tmp_path / "key"
    unfinished_of(path).write_bytes(b"half")
    write_whole(path, b"whole", SECRET)
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]
