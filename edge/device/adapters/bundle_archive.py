"""A target's archive and the folder that it is unpacked into (SPEC §11.3).

Nothing of an archive is interpreted but its index: from the index follows every byte that is not content, and
what stands there must be just that. So there is no path, link, owner or length for an archive to lie about.
What was unpacked can be put together again, byte for byte.
"""

import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from edge.device.errors import StoreError, UpdateRefused
from edge.device.launch import sync_folder
from wire.bundle import INDEX, INDEX_BYTES_MAX, Bundle, BundledFile, encode_bundle, parse_bundle
from wire.errors import RecordRejected
from wire.updates import Held

BLOCK: Final = 512
RECORD: Final = 10_240
"""An archive is zeros from its last file to a multiple of this, two blocks at least."""
_CHUNK: Final = 1 << 16
_MODE: Final = 0o644
_OCTAL_AT, _OCTAL_END = 124, 135
"""Of the size in a ustar header."""
Step = Callable[[str], None]


def unpack(archive: Path, into: Path, component: str, counter: int, step: Step = lambda _: None) -> Bundle:
    """Make the folder `into`, durably, of an archive whose hash is proved. What is at `into` goes first.

    Raises UpdateRefused (`wrong-shape`) for what is no bundle of this component and release, StoreError.
    """
    try:
        with archive.open("rb") as stream:
            bundle = _read_index(stream)
            if (bundle.component, bundle.counter) != (component, counter):
                raise _wrong(f"is release {bundle.counter} of {bundle.component}")
            if os.fstat(stream.fileno()).st_size != archive_length(bundle):
                raise _wrong("is not as long as its index says")
            clear(into)
            into.mkdir(mode=0o700, parents=True)
            step(f"unpack {component}")
            _write(into / INDEX, encode_bundle(bundle))
            for name, file in sorted(bundle.files.items()):
                step(f"unpack {name}")
                _unpack_file(stream, into, name, file)
            if stream.read(archive_length(bundle)).strip(b"\0"):
                raise _wrong("goes on after its last file")
            for folder in _folders(into):
                sync_folder(folder)
    except OSError as err:
        raise StoreError(f"{archive.name} cannot be unpacked ({err.strerror}); nothing was changed") from err
    return bundle


def clear(path: Path) -> None:
    """Nothing stands there any more, whatever stood: of a link, the link goes and what it leads to stays.
    Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def archive_length(bundle: Bundle) -> int:
    """Bytes of its archive."""
    sizes = [len(encode_bundle(bundle)), *(file.size for file in bundle.files.values())]
    content = sum(BLOCK + size + _padding(size) for size in sizes) + 2 * BLOCK
    return -(-content // RECORD) * RECORD


def pack(folder: Path, into: Path) -> None:
    """Put the archive together again that the folder was unpacked from. Raises StoreError."""
    try:
        with into.open("wb") as stream:
            for piece in _pieces(folder):
                stream.write(piece)
    except (OSError, RecordRejected) as err:
        raise StoreError(f"{folder} cannot be read, or {into.name} not be written") from err


def held_in(folder: Path) -> Held | None:
    """What lies in a slot, by its bytes as they are now; a damaged one has a hash that nobody signed. None:
    there is no slot, or not even its index can be read."""
    digest = hashlib.sha256()
    try:
        counter = _index_of(folder).counter
        for piece in _pieces(folder):
            digest.update(piece)
    except (OSError, RecordRejected):
        return None
    return Held(digest.digest(), counter)


def _index_of(folder: Path) -> Bundle:
    path = folder / INDEX
    if path.stat().st_size > INDEX_BYTES_MAX:
        raise OSError(f"{path} is too large")
    return parse_bundle(path.read_bytes())


def _pieces(folder: Path) -> Iterator[bytes]:
    bundle = _index_of(folder)
    index = encode_bundle(bundle)
    yield from (_header(INDEX, len(index)), index, bytes(_padding(len(index))))
    for name, file in sorted(bundle.files.items()):
        yield _header(name, file.size)
        with (folder / name).open("rb") as stream:
            while piece := stream.read(_CHUNK):
                yield piece
        yield bytes(_padding(file.size))
    content = sum(BLOCK + size + _padding(size) for size in (len(index), *_sizes(bundle)))
    yield bytes(archive_length(bundle) - content)


def _sizes(bundle: Bundle) -> Iterator[int]:
    return (file.size for file in bundle.files.values())


def _read_index(stream: BinaryIO) -> Bundle:
    header = stream.read(BLOCK)
    octal = header[_OCTAL_AT:_OCTAL_END]
    if not octal.isdigit() or b"8" in octal or b"9" in octal or int(octal, 8) > INDEX_BYTES_MAX:
        raise _wrong("does not begin with an index")
    size = int(octal, 8)
    if header != _header(INDEX, size):
        raise _wrong("does not begin with an index")
    data = stream.read(size)
    _expect_zeros(stream, size)
    try:
        return parse_bundle(data)
    except RecordRejected as err:
        raise _wrong(f"has an index that cannot be read: {err.what}") from None


def _unpack_file(stream: BinaryIO, into: Path, name: str, file: BundledFile) -> None:
    if stream.read(BLOCK) != _header(name, file.size):
        raise _wrong(f"has something else where its index says {name}")
    path = into / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), file.size
    with _opened(path) as out:
        while left:
            piece = stream.read(min(left, _CHUNK))
            if not piece:
                raise _wrong(f"ends within {name}")
            digest.update(piece)
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    if digest.digest() != file.sha256:
        raise _wrong(f"has another {name} than its index says")
    _expect_zeros(stream, file.size)


def _write(path: Path, content: bytes) -> None:
    with _opened(path) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _opened(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, _MODE), "wb")


def _folders(root: Path) -> Iterator[Path]:
    """From the inside out."""
    for folder, _, _ in os.walk(root, topdown=False):
        yield Path(folder)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, _MODE
    return member.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> int:
    return -size % BLOCK


def _expect_zeros(stream: BinaryIO, size: int) -> None:
    if stream.read(_padding(size)).strip(b"\0"):
        raise _wrong("has something between its files")


def _wrong(what: str) -> UpdateRefused:
    return UpdateRefused("wrong-shape", f"the bundle {what}")
