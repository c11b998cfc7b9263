"""Files that must be whole or absent, and are readable by their owner alone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from officers.errors import ConfigError

SECRET: Final = 0o600
PUBLIC: Final = 0o644
DOCUMENT_BYTES_MAX: Final = 1_400_000
"""Above the longest document: its pages of wire/voting."""

Durable = Callable[[str], None]
"""Called at each moment at which a power cut would leave another state on the disk; tests cut there."""


def uncut(_: str) -> None:
    """The durable hook of everyday."""


def write_whole(path: Path, content: bytes, mode: int, durable: Durable = uncut) -> None:
    """Write beside it, sync, rename, sync the folder: a power cut leaves the old file or the new one.

    Raises ConfigError. The name of the scratch file is fixed, so that what a cut left there is overwritten.
    """
    scratch = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable(f"before {path.name}")
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        durable(f"written {path.name}")
        scratch.replace(path)
        durable(f"renamed {path.name}")
        sync_folder(path.parent)
    except OSError as err:
        scratch.unlink(missing_ok=True)
        raise ConfigError("cannot-write", path=path, reason=err.strerror) from err


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path, bytes_max: int = DOCUMENT_BYTES_MAX) -> bytes:
    """Raises ConfigError when it is missing, unreadable or longer than anything of ours."""
    try:
        with path.open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as err:
        raise ConfigError("cannot-read", path=path, reason=err.strerror) from err
    if len(content) > bytes_max:
        raise ConfigError("too-long", path=path, most=bytes_max)
    return content


def write_new(path: Path, content: bytes, mode: int = PUBLIC, durable: Durable = uncut) -> None:
    """As write_whole, but what is there is never replaced by something else. Raises ConfigError."""
    if path.exists():
        if read_whole(path) == content:
            return
        raise ConfigError("exists", path=path)
    write_whole(path, content, mode, durable)
