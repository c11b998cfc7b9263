"""Where fetched and converted files lie, and how they get there: whole and verified, or not at all."""

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from durable import files
from models.errors import ModelsMissing

VARIABLE: Final = "HALLWARD_MODELS"
SCRATCH_PREFIX: Final = ".fetch-"
_CHECKOUT: Final = Path(__file__).resolve().parent.parent


def cache_folder(environ: Mapping[str, str]) -> Path:
    """$HALLWARD_MODELS, or `var/models` in the checkout."""
    named = environ.get(VARIABLE)
    return Path(named) if named else _CHECKOUT / "var" / "models"


def sha256_of(path: Path) -> str | None:
    """SHA-256 of a file in hex; None when there is no such file. Raises ModelsMissing for what is no file.

    A pipe would be waited for, and a device never ends.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelsMissing(f"{path} is not a plain file")
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as err:
        raise ModelsMissing(f"{path} cannot be read ({err.strerror})") from err


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place by one rename; a power cut leaves the old one or none. Raises ModelsMissing.

    Never overwritten in place: an interpreter may have the old file mapped, and would die of it.
    """
    try:
        files.make_folder(path.parent)
        files.write_whole(path, content, files.PUBLIC)
    except OSError as err:
        raise unwritable(path, err) from err


def require_writable(path: Path) -> None:
    """Raises ModelsMissing before any work whose result could not be put there."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    taken = path.is_symlink() or (path.exists() and not _is_ours(path))
    if taken or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ModelsMissing(f"{path} cannot be written; name a new file in a folder that is yours")


def _is_ours(path: Path) -> bool:
    """A plain file that may be written: no folder, device or pipe, and not one that was locked on purpose."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) and bool(mode & stat.S_IWUSR) and os.access(path, os.W_OK)


def move_whole(part: Path, path: Path) -> None:
    """Put a finished file of the scratch folder in place by one rename. Raises ModelsMissing."""
    try:
        files.make_folder(path.parent)
        part.chmod(files.PUBLIC)
        files.move_whole(part, path)
    except OSError as err:
        if err.errno != errno.EXDEV:
            raise unwritable(path, err) from err
        write_whole(path, part.read_bytes())  # the folder of `path` is a link to another disk


@contextmanager
def scratch_folder(cache: Path) -> Iterator[Path]:
    """A temporary folder inside the cache, gone at the end; what killed runs left is removed before.

    Every run holds a shared lock on the cache folder, which the kernel drops with the process: who gets it
    alone may sweep. Where a file system has no such locks nothing is swept. Raises OSError.
    """
    cache.mkdir(parents=True, exist_ok=True)
    claim = os.open(cache, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for stale in cache.glob(f"{SCRATCH_PREFIX}*"):
                shutil.rmtree(stale, ignore_errors=True)
        with suppress(OSError):
            fcntl.flock(claim, fcntl.LOCK_SH)
        with tempfile.TemporaryDirectory(
            dir=cache, prefix=SCRATCH_PREFIX, ignore_cleanup_errors=True
        ) as folder:
            yield Path(folder)
    finally:
        os.close(claim)


def unwritable(path: Path, err: OSError) -> ModelsMissing:
    """The sentence for a disk that is full, read-only or not there."""
    return ModelsMissing(
        f"{path} cannot be written ({err.strerror}); free the disk, or choose another folder ({VARIABLE})"
    )
