"""One process at a time: a locked file, which the kernel frees however its holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from fleet.errors import ConfigError


@contextmanager
def only_one(path: Path, who: str) -> Iterator[None]:
    """Hold this lock. who: what another holder would be, for the sentence. Raises ConfigError."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise ConfigError(
            f"another process holds {path}: {who} already runs on this data folder; stop it first"
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


def only_ingest(data: Path) -> AbstractContextManager[None]:
    """Of this data folder. Raises ConfigError."""
    return only_one(data / "ingest.lock", "an ingest")


def only_api(data: Path) -> AbstractContextManager[None]:
    """Of this data folder. Raises ConfigError."""
    return only_one(data / "api.lock", "an API")
