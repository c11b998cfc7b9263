"""The congress content key in a file of its own. Destroying that file is the deletion."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from durable.files import SECRET, write_whole
from edge.device.errors import ConfigError, StoreError
from edge.rollcall_gate.who.sealing import CONTENT_KEY_BYTES

KEY_FILE: Final = "content.key"


def content_key(path: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    """The key in this file; a new one, made durable before it is returned, when there is none.

    Raises ConfigError when others may read it or it is damaged, StoreError when it cannot be written.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        return _create(path, random_bytes(CONTENT_KEY_BYTES))


def destroy_content_key(path: Path) -> None:
    """Overwrite and remove: from here on no sealed reference can be opened. Raises StoreError."""
    try:
        with path.open("r+b") as stream:
            stream.write(bytes(CONTENT_KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
    except OSError as err:
        raise StoreError(
            f"{path} cannot be destroyed ({err.strerror}); the references can still be opened"
        ) from err


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        key = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as err:
        raise ConfigError(f"{path} cannot be read ({err.strerror})") from err
    if mode & 0o077:
        raise ConfigError(f"{path} may be read by others (mode {mode & 0o777:03o}); it must be 600")
    if len(key) != CONTENT_KEY_BYTES:
        raise ConfigError(
            f"{path} is damaged: {len(key)} bytes, {CONTENT_KEY_BYTES} expected; restore it or enrol anew"
        )
    return key


def _create(path: Path, key: bytes) -> bytes:
    try:
        write_whole(path, key, SECRET)
    except OSError as err:
        raise StoreError(f"{path} cannot be written ({err.strerror}); nobody was enrolled") from err
    return key
