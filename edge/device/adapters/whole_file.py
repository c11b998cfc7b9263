"""Files that are whole or absent, whenever the power is cut."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.device.errors import StoreError

SECRET: Final = 0o600
PUBLIC: Final = 0o644
Step = Callable[[str], None]


def write_whole(path: Path, content: bytes, mode: int, step: Step = lambda _: None) -> None:
    """Write beside it, sync, rename: a power cut leaves the old file or the new one. The content is never
    readable for longer, or for more people, than the mode says.

    step: told before each durable step, for tests that cut the power there. Raises StoreError.
    """
    unfinished = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)  # of an earlier power cut
        step(f"write {path.name}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        step(f"rename {path.name}")
        unfinished.replace(path)
        step(f"sync {path.name}")
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as err:
        raise StoreError(f"{path} cannot be written ({err.strerror}); what was there is kept") from err
