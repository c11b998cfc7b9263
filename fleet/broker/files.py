"""The broker's own files: whole or unchanged, and readable by their owner alone."""

from collections.abc import Mapping
from pathlib import Path

from durable.files import SECRET, write_whole
from fleet.errors import ConfigError, StoreError


def make_private(folder: Path) -> None:
    """The broker's folder, for its owner alone. Raises ConfigError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as err:
        raise ConfigError(f"the broker's folder {folder} cannot be made: {err.strerror}") from err


def write_changed(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Bring the files of `folder` to these contents, each by one rename; True if any differed. Raises
    StoreError."""
    changed = False
    for name, content in contents.items():
        path = folder / name
        try:
            if path.is_file() and path.read_bytes() == content:
                continue
            write_whole(path, content, SECRET)
        except OSError as err:
            raise StoreError(f"the broker's file {path} cannot be written: {err.strerror}") from err
        changed = True
    return changed


class BoundedLog:
    """What a child process prints, in a file that a stranger at the network cannot make fill the disk."""

    def __init__(self, path: Path, *, bytes_max: int = 4 << 20) -> None:
        self._path = path
        self._bytes_max = bytes_max

    def write(self, line: str) -> None:
        """Append one line; the file before the present one is kept as `.1`. A line that cannot be kept is let
        go."""
        try:
            if self._path.exists() and self._path.stat().st_size > self._bytes_max:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line.rstrip("\n") + "\n")
        except OSError:
            return
