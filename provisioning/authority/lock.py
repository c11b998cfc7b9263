"""Who works with an authority's key for long: one process at a time, by a lock that the kernel frees."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provisioning.errors import ConfigError

LOCK_FILE: Final = "desk.lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the authority's folder: the desk while it runs, and whoever replaces the key under it. Raises
    ConfigError. Issuing and revoking need no lock; the ledger has its own."""
    path = folder / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(
                f"a provisioning desk, or a rotation, already works with {folder}: stop it, then try again"
            ) from None
        yield
    finally:
        os.close(descriptor)
