"""DATA/updates: where the fleet keeps what the officers have signed, and how it gets there whole.

image/metadata/   N.root.json  N.targets.json  N.models.json …  N.snapshot.json  timestamp.json
image/targets/    {component}/{sha256}.NAME
director/metadata/N.root.json         deltas/{from}.{to}

Every file is written beside its place, synced and renamed. timestamp.json names a snapshot, that names
everything else: what it does not lead to does not exist yet. So it is written last.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from durable.files import PUBLIC, Step, make_folder, no_step, replacing, write_whole
from fleet.errors import StoreError
from fleet.updates.errors import ReleaseRefused

CHUNK: Final = 1 << 20
SPARE_BYTES: Final = 64 << 20
"""Left free on the disk: the hall's store is on it too."""
_VERSIONED: Final = re.compile(r"([1-9][0-9]{0,9})\.([a-z]{1,16})\.json")


class Shelf:
    """The folder of one fleet; nothing in it need exist yet."""

    def __init__(self, data: Path, step: Step = no_step) -> None:
        self.data: Final = data
        self.folder: Final = data / "updates"
        self.image: Final = self.folder / "image" / "metadata"
        self.targets: Final = self.folder / "image" / "targets"
        self.director: Final = self.folder / "director" / "metadata"
        self.deltas: Final = self.folder / "deltas"
        self.incoming: Final = self.folder / "incoming"
        self._step = step

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process at a time changes metadata. Waits for the others. Raises StoreError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as err:
            raise StoreError(f"{self.folder} cannot be written: {err.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def roots(self, which: Path) -> dict[int, bytes]:
        """Of `image` or `director`, by version, rising."""
        return {version: (which / f"{version}.root.json").read_bytes() for version in versions(which, "root")}

    def put(self, path: Path, content: bytes) -> None:
        """Whole or not at all. Raises StoreError."""
        if path.exists() and path.read_bytes() == content:
            return
        try:
            make_folder(path.parent)
            write_whole(path, content, PUBLIC, self._step)
        except OSError as err:
            raise disk_trouble(err, path) from None

    def target(self, path: str, sha256: bytes) -> Path:
        """Where the file of a target lies. path: COMPONENT/NAME."""
        component, _, name = path.partition("/")
        return self.targets / component / f"{sha256.hex()}.{name}"

    def take(self, source: Path, into: Path, hashes: Mapping[str, str], length: int) -> None:
        """Copy a file of a release, checked while it is copied, whole or not at all. Raises ReleaseRefused,
        StoreError."""
        try:
            make_folder(into.parent)
            with source.open("rb") as readable, replacing(into, PUBLIC, self._step) as writable:
                found, size = _copy(readable, writable, hashes, length)
                check_file(source, found, size, hashes, length)
        except OSError as err:
            raise disk_trouble(err, into if err.errno == errno.ENOSPC else source) from None

    def check_room(self, wanted: int) -> None:
        """Raises StoreError when so many bytes more would fill the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free - SPARE_BYTES
        if wanted > free:
            raise StoreError(
                f"{self.folder}: the release needs {_mib(wanted)} MiB and {_mib(max(0, free))} MiB are free "
                f"beside a reserve of {_mib(SPARE_BYTES)} MiB; "
                "free some space and import it again, nothing was changed"
            )


def versions(folder: Path, role: str) -> list[int]:
    """Those of `N.ROLE.json` in this folder, rising."""
    if not folder.is_dir():
        return []
    found = (_VERSIONED.fullmatch(path.name) for path in folder.iterdir())
    return sorted(int(match[1]) for match in found if match and match[2] == role)


def check_file(
    source: Path, found: Mapping[str, str], size: int, hashes: Mapping[str, str], length: int
) -> None:
    """Raises ReleaseRefused."""
    if size != length:
        raise ReleaseRefused(
            f"{source} is not the file that was signed: {'longer than' if size > length else f'{size} of'} "
            f"{length} bytes; copy the release folder again"
        )
    for name, expected in hashes.items():
        if found[name] != expected:
            raise ReleaseRefused(
                f"{source} is not the file that was signed: its {name} is {found[name][:16]}…, signed is "
                f"{expected[:16]}…; copy the release folder again, or ask the officers what changed it"
            )


def hashed(path: Path, hashes: Mapping[str, str], length: int) -> None:
    """Read a file and compare. Raises ReleaseRefused, OSError."""
    with path.open("rb") as file:
        found, size = _copy(file, None, hashes, length)
    check_file(path, found, size, hashes, length)


def _copy(
    source: BinaryIO, into: BinaryIO | None, hashes: Mapping[str, str], length: int
) -> tuple[dict[str, str], int]:
    digests = {name: hashlib.new(name, usedforsecurity=name != "sha1") for name in hashes}
    size = 0
    while size <= length and (chunk := source.read(CHUNK)):
        size += len(chunk)
        for digest in digests.values():
            digest.update(chunk)
        if into is not None:
            into.write(chunk)
    return {name: digest.hexdigest() for name, digest in digests.items()}, size


def disk_trouble(err: OSError, path: Path) -> StoreError:
    if err.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"{path.parent}: the disk is full; free some space and do it again, nothing is half done"
        )
    return StoreError(f"{path}: {err.strerror or 'cannot be read or written'}; mend it and do it again")


def _mib(count: int) -> int:
    return -(-count // (1 << 20))
