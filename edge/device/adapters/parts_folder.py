"""Targets on their way: state/update/parts/{SHA-256}.part. A part outlives restarts, so that a fetch goes on
where it was cut off; of what it holds nothing is believed before its hash is."""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

from edge.device.errors import StoreError
from edge.device.updating.ports import Wanted

_BASE: Final = "base.tar"


class PartsFolder:
    """Implements Parts."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, wanted: Wanted) -> Path:
        return self._made() / f"{wanted.sha256.hex()}.part"

    def base(self) -> Path:
        return self._made() / _BASE

    def size(self, wanted: Wanted) -> int:
        try:
            return self.path(wanted).stat().st_size
        except FileNotFoundError:
            return 0

    def is_genuine(self, wanted: Wanted) -> bool:
        try:
            with self.path(wanted).open("rb") as stream:
                if os.fstat(stream.fileno()).st_size != wanted.length:
                    return False
                found = hashlib.file_digest(stream, "sha256").digest()
        except FileNotFoundError:
            return False
        except OSError as err:
            raise StoreError(f"what was fetched cannot be read ({err.strerror})") from err
        return hmac.compare_digest(found, wanted.sha256)

    def drop(self, wanted: Wanted) -> None:
        self._unlink(self.path(wanted))

    def keep_only(self, wanted: Wanted | None) -> None:
        kept = None if wanted is None else self.path(wanted)
        if self._root.is_dir():
            for path in self._root.iterdir():
                if path != kept:
                    self._unlink(path)

    def free_kb(self) -> int:
        found = os.statvfs(self._made())
        return found.f_bavail * found.f_frsize // 1024

    def _made(self) -> Path:
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as err:
            raise StoreError(f"{self._root} cannot be made ({err.strerror})") from err
        return self._root

    @staticmethod
    def _unlink(path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as err:
            raise StoreError(f"{path} cannot be deleted ({err.strerror})") from err
