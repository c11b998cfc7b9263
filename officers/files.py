"""Files that must be whole or absent, and are readable by their owner alone."""

from pathlib import Path
from typing import Final

from durable import files
from durable.files import PUBLIC, SECRET, Step, no_step
from officers.errors import ConfigError

__all__ = ["PUBLIC", "SECRET", "Step", "no_step", "read_whole", "write_new", "write_whole"]

DOCUMENT_BYTES_MAX: Final = 1_400_000
"""Above the longest document: its pages of wire/voting."""


def write_whole(path: Path, content: bytes, mode: int, step: Step = no_step) -> None:
    """A power cut leaves the old file or the new one. Raises ConfigError."""
    try:
        files.write_whole(path, content, mode, step)
    except OSError as err:
        raise ConfigError("cannot-write", path=path, reason=err.strerror) from err


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


def write_new(path: Path, content: bytes, mode: int = PUBLIC, step: Step = no_step) -> None:
    """As write_whole, but what is there is never replaced by something else. Raises ConfigError."""
    if path.exists():
        if read_whole(path) == content:
            return
        raise ConfigError("exists", path=path)
    write_whole(path, content, mode, step)
