"""Files that must be whole or absent, and secret ones readable by their owner alone."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from durable import files
from durable.files import PUBLIC, SECRET, make_folder, sync_folder
from provisioning.errors import ConfigError

__all__ = [
    "PUBLIC", "SECRET", "PrivateKey", "is_file", "key_pem", "made_once", "read_whole", "sync_folder",
    "write_whole",
]  # fmt: skip

LOCK_FILE: Final = ".lock"
READ_BYTES_MAX: Final = 16 << 20
"""Nothing that a person names here is longer; a disk image named by mistake must not fill the memory."""

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey


def key_pem(key: PrivateKey) -> bytes:
    """PKCS #8, not encrypted: for a file of mode SECRET."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """A power cut leaves the old file or the new one, and so do two who write at once. Raises ConfigError."""
    try:
        files.write_whole(path, content, mode)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def read_whole(path: Path, what: str) -> bytes:
    """The content of a file that must exist. Raises ConfigError naming it."""
    try:
        with path.open("rb") as file:
            content = file.read(READ_BYTES_MAX + 1)
    except OSError as err:
        raise ConfigError(f"{what} {path} cannot be read: {err.strerror}") from err
    if len(content) > READ_BYTES_MAX:
        raise ConfigError(f"{what} {path} is longer than {READ_BYTES_MAX >> 20} MiB: name the right file")
    return content


def is_file(path: Path) -> bool:
    """Raises ConfigError where this account may not look."""
    try:
        return path.is_file()
    except OSError as err:
        advice = "; run this as the account that owns the folder" if err.errno == errno.EACCES else ""
        raise ConfigError(f"{path} cannot be read: {err.strerror}{advice}") from err


@contextmanager
def made_once(folder: Path) -> Iterator[None]:
    """Held by whoever looks whether a key is there, and makes it: of two who do so at once the second waits,
    and finds the first one's. The kernel frees it with the process. Not to be held twice by one. Raises
    ConfigError where the folder cannot be made."""
    try:
        make_folder(folder, 0o700)
        descriptor = _held(folder)
    except OSError as err:
        raise ConfigError(f"{folder} cannot be written: {err.strerror}") from err
    try:
        yield
    finally:
        os.close(descriptor)


def _held(folder: Path) -> int:
    """A descriptor by which this folder is held. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as err:
        if err.errno != errno.EBADF:
            return descriptor  # a file system without locks has one writer at a time
        # NFS locks what is open for writing (flock(2)), no folder is: a file stands for it, and stays.
        os.close(descriptor)
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, SECRET)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor
