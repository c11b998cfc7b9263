"""Files that are whole or absent, whenever the power is cut, the disk is full or two write at once.

A file is written beside its place under the name `.NAME.new`, synced and renamed, and its folder is synced.
Who writes holds a lock on that unfinished file: a second writer waits for the first, and what a cut or a kill
left under the name has no lock, so the next writer takes it away. Never two files under one name, never half
a file in the place, no copy of a secret under a name that nobody knows.

Everything here raises OSError; each room says in its own words what that means there.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

SECRET: Final = 0o600
PUBLIC: Final = 0o644
UNFINISHED: Final = ".*.new"
"""What a cut may have left, for whoever must look for it; see `unfinished_of`."""
Step = Callable[[str], None]
"""Told before each durable step, for tests that cut the power there."""
_TRIES: Final = 1000
"""Each follows a write of somebody else; as many in a row: a disk that forgets its own files."""


def no_step(_: str) -> None:
    """The step of everyday: nobody cuts the power."""


def write_whole(path: Path, content: bytes, mode: int, step: Step = no_step) -> None:
    """A power cut leaves the old file or the new one. A folder that is missing is made, for its owner alone.

    mode: of the new file, less the umask, from its first byte on. Raises OSError, and then what was there
    still is.
    """
    make_folder(path.parent, 0o700)
    with replacing(path, mode, step) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path, mode: int, step: Step = no_step) -> Iterator[BinaryIO]:
    """The same for what is too long for memory, or is checked while it is written: whatever is raised inside
    leaves the old file. The folder must be there. Raises OSError."""
    unfinished = unfinished_of(path)
    step(f"write {path.name}")
    descriptor = _claimed(unfinished, mode)
    with os.fdopen(descriptor, "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            step(f"rename {path.name}")
            unfinished.replace(path)
        except Exception:  # not for what ends the process: that is as a power cut, and the next writer's
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
    step(f"sync {path.name}")
    sync_folder(path.parent)


def move_whole(finished: Path, path: Path, step: Step = no_step) -> None:
    """Put in its place, on the same disk, a file that somebody else has finished. Raises OSError."""
    with finished.open("rb") as file:
        os.fsync(file.fileno())
    step(f"rename {path.name}")
    finished.replace(path)
    step(f"sync {path.name}")
    sync_folder(path.parent)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """With those above it that are missing; the names of all of them last. mode: of this one, less the umask,
    where it is not there yet. Raises OSError."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_folder(made.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in it last. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unfinished_of(path: Path) -> Path:
    """Where a file stands while it is written."""
    return path.with_name(f".{path.name}.new")


def _claimed(unfinished: Path, mode: int) -> int:
    """A new, empty file under this name that is ours alone. Waits for another writer. Raises OSError."""
    for _ in range(_TRIES):
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            _clear(unfinished)
            continue
        _lock(descriptor)
        if _leads_to(unfinished, descriptor):
            return descriptor
        os.close(descriptor)  # taken for a leftover in the moment between its making and its lock
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(unfinished))


def _clear(unfinished: Path) -> None:
    """Wait for whoever writes it; then take away what nobody writes any more. Raises OSError."""
    try:
        descriptor = os.open(unfinished, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return  # it has got its name meanwhile
    except OSError:
        unfinished.unlink(missing_ok=True)  # a link, or another account's: no writer of ours
        return
    try:
        _lock(descriptor)
        if _leads_to(unfinished, descriptor):
            unfinished.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """The kernel drops it with the process. A file system without locks has one writer at a time."""
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _leads_to(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
