"""The power goes, the disk fills, something stands in the way: the old file or the new one, and no third."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from durable.files import PUBLIC, SECRET, make_folder, move_whole, replacing, unfinished_of, write_whole
from tests.edge.power_cut import PowerCut, fuse

ROOT = Path(__file__).resolve().parents[2]
STEPS = ["write key", "rename key", "sync key"]
OLD, NEW = b"old" * 10_000, b"new" * 20_000
KILLED = """
import os, signal, sys
from pathlib import Path
from durable.files import SECRET, replacing

with replacing(Path(sys.argv[1]), SECRET) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_whole(tmp_path / "key", OLD, SECRET)
    return tmp_path / "key"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def alone(path: Path) -> bool:
    return list(path.parent.iterdir()) == [path]


def test_a_cut_at_every_step_leaves_old_or_new_and_the_next_write_is_not_hindered(path: Path) -> None:
    for cut in range(1, len(STEPS) + 1):
        write_whole(path, OLD, SECRET)
        with pytest.raises(PowerCut):
            write_whole(path, NEW, SECRET, fuse(cut))
        assert path.read_bytes() == (NEW if STEPS[cut - 1] == "sync key" else OLD)
        write_whole(path, NEW, SECRET)
        assert path.read_bytes() == NEW
        assert alone(path)


def test_the_steps_are_told_in_the_order_in_which_they_are_made(path: Path) -> None:
    told: list[str] = []

    def look(step: str) -> None:
        told.append(step)
        assert path.read_bytes() == (NEW if step == "sync key" else OLD)
        assert unfinished_of(path).exists() == (step == "rename key")
        if step == "rename key":
            assert unfinished_of(path).read_bytes() == NEW

    write_whole(path, NEW, SECRET, look)
    assert told == STEPS


@pytest.mark.parametrize("step", STEPS[:2])
def test_a_full_disk_keeps_the_old_file_and_gives_back_what_was_begun(path: Path, step: str) -> None:
    def full(what: str) -> None:
        if what == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left"):
        write_whole(path, NEW, SECRET, full)
    assert path.read_bytes() == OLD
    assert alone(path)


def test_what_is_found_wrong_while_it_is_written_does_not_come_into_its_place(path: Path) -> None:
    def write() -> None:
        with replacing(path, SECRET) as file:
            file.write(NEW)
            raise ValueError("another hash")

    with pytest.raises(ValueError, match="another hash"):
        write()
    assert path.read_bytes() == OLD
    assert alone(path)


def test_after_a_kill_in_the_middle_the_next_writer_does_not_wait(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert unfinished_of(path).read_bytes() == b"half"
    assert path.read_bytes() == OLD
    write_whole(path, NEW, SECRET)
    assert path.read_bytes() == NEW
    assert alone(path)


@pytest.mark.parametrize("what", ["readable by all", "a link", "a dead link", "a pipe"])
def test_what_stands_under_the_unfinished_name_is_never_written_into(
    path: Path, tmp_path_factory: pytest.TempPathFactory, what: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    left = unfinished_of(path)
    if what == "a pipe":
        os.mkfifo(left)
    elif what == "readable by all":
        elsewhere.write_bytes(b"theirs")
        left.hardlink_to(elsewhere)
    else:
        if what == "a link":
            elsewhere.write_bytes(b"theirs")
        left.symlink_to(elsewhere)
    write_whole(path, NEW, SECRET)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.lstat().st_mode) == SECRET
    assert alone(path)
    assert elsewhere.exists() == (what in {"readable by all", "a link"})
    assert not elsewhere.exists() or elsewhere.read_bytes() == b"theirs"


def test_a_folder_in_the_way_is_said_and_the_old_file_stays(path: Path) -> None:
    unfinished_of(path).mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(path, NEW, SECRET)
    assert path.read_bytes() == OLD


def test_a_link_is_replaced_and_what_it_leads_to_is_not(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    write_whole(link, NEW, PUBLIC)
    assert not link.is_symlink()
    assert (link.read_bytes(), path.read_bytes()) == (NEW, OLD)


def test_a_secret_is_its_owners_from_its_first_byte_on_and_so_is_a_folder_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key"
    seen: list[int] = []

    def look(step: str) -> None:
        if step == "rename key":
            seen.append(stat.S_IMODE(unfinished_of(path).stat().st_mode))

    with umask(0):
        write_whole(path, NEW, SECRET, look)
        write_whole(path.with_name("certificate"), NEW, PUBLIC)
        make_folder(tmp_path / "open" / "to all")
    assert seen == [SECRET]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.with_name("certificate").stat().st_mode) == PUBLIC
    assert stat.S_IMODE((tmp_path / "open" / "to all").stat().st_mode) == 0o777


def test_a_file_that_somebody_else_finished_is_put_in_its_place_by_one_rename(path: Path) -> None:
    made, told = path.with_name("made"), list[str]()
    made.write_bytes(NEW)
    move_whole(made, path, told.append)
    assert told == STEPS[1:]
    assert path.read_bytes() == NEW
    assert alone(path)


def test_content_and_every_name_on_the_way_to_it_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "a" / "b" / "key", NEW, SECRET)
    assert synced == [".", "a", "a/b/.key.new", "a/b"]
    synced.clear()
    write_whole(tmp_path / "a" / "b" / "key", OLD, SECRET)
    assert synced == ["a/b/.key.new", "a/b"]
    synced.clear()
    (tmp_path / "made").write_bytes(NEW)
    move_whole(tmp_path / "made", tmp_path / "a" / "key")
    assert synced == ["made", "a"], "a name must not last longer than its bytes"
