"""Where fetched and converted files lie, and how they get there: whole and verified, or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from models.errors import ModelsMissing

VARIABLE: Final = "HALLWARD_MODELS"
_CHECKOUT: Final = Path(__file__).resolve().parent.parent


def cache_folder(environ: Mapping[str, str]) -> Path:
    """$HALLWARD_MODELS, or `var/models` in the checkout."""
    named = environ.get(VARIABLE)
    return Path(named) if named else _CHECKOUT / "var" / "models"


def sha256_of(path: Path) -> str | None:
    """SHA-256 of a file in hex; None when there is no such file."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as err:
        raise ModelsMissing(f"{path} cannot be read ({err.strerror}); point {VARIABLE} elsewhere") from err


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place by one rename; a power cut leaves the old one or none. Raises ModelsMissing.

    Never overwritten in place: an interpreter may have the old file mapped, and would die of it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(part).chmod(0o644)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as err:
        raise ModelsMissing(
            f"{path} cannot be written ({err.strerror}); free the disk or point {VARIABLE} to another folder"
        ) from err
