"""Files on a stick that goes from hand to hand: whole or absent, read with a limit."""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from durable import files
from durable.files import PUBLIC, SECRET
from release.errors import ConfigError
from wire.updates import TARGET_BYTES_MAX

__all__ = ["PUBLIC", "SECRET", "Measured", "copy_whole", "measure", "read_whole", "write_whole"]

DOCUMENT_BYTES_MAX: Final = 5_000_000
"""What the client of python-tuf reads of one file of targets."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """length: bytes. sha1: for OS installers that know nothing newer; None: not given."""

    length: int
    sha256: bytes
    sha1: bytes | None


def read_whole(path: Path, bytes_max: int = DOCUMENT_BYTES_MAX) -> bytes:
    """Raises ConfigError when it is missing, unreadable or too long."""
    try:
        with path.open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    if len(content) > bytes_max:
        raise ConfigError(f"{path} is longer than {bytes_max} bytes; it is not a file of ours")
    return content


def write_whole(path: Path, content: bytes, mode: int = PUBLIC) -> None:
    """A stick pulled out at any moment leaves the old file or the new one. Raises ConfigError."""
    with _replacing(path, mode) as file:
        file.write(content)


def copy_whole(source: BinaryIO, path: Path) -> None:
    """The same for what is too long for memory. Raises ConfigError."""
    with _replacing(path, PUBLIC) as file:
        shutil.copyfileobj(source, file, _CHUNK)


@contextlib.contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    try:
        files.make_folder(path.parent)
        with files.replacing(path, mode) as file:
            yield file
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def measure(source: BinaryIO) -> Measured:
    """From here to its end; it stands where it stood afterwards. Raises ConfigError for what is longer than a
    target may be."""
    start, length = source.tell(), 0
    sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    for chunk in iter(lambda: source.read(_CHUNK), b""):
        length += len(chunk)
        if length > TARGET_BYTES_MAX:
            raise ConfigError(
                f"the file is longer than {TARGET_BYTES_MAX} bytes, the most that a device takes"
            )
        sha256.update(chunk)
        sha1.update(chunk)
    source.seek(start)
    return Measured(length, sha256.digest(), sha1.digest())
