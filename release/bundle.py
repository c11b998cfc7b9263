"""Bundles: the same bytes for the same files, on every machine and every Python (SPEC §11.3).

ustar as `tarfile` writes it: `bundle.json` first, then the files in order of name; after the last one zeros,
at least two blocks of 512 bytes, up to a multiple of 10,240 bytes.
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from typing import Final

from release.errors import ReleaseError
from wire.bundle import INDEX, Bundle, BundledFile, encode_bundle, parse_bundle
from wire.errors import RecordRejected

_BLOCK: Final = 512
_MODE: Final = 0o644


def tar_bundle(component: str, version: str, counter: int, files: Mapping[str, bytes]) -> bytes:
    """files: by name, relative, with `/`. Raises RecordRejected for what no device would read."""
    index = encode_bundle(
        Bundle(
            component,
            version,
            counter,
            {name: BundledFile(len(data), hashlib.sha256(data).digest()) for name, data in files.items()},
        )
    )
    parse_bundle(index)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in [(INDEX, index), *sorted(files.items())]:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), _MODE
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def read_bundle(data: bytes) -> tuple[Bundle, dict[str, bytes]]:
    """Its index and its files. Strict: what `tar_bundle` would not have written is refused. Raises
    ReleaseError, RecordRejected."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", format=tarfile.USTAR_FORMAT) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is None or member.name in files:
                    raise ReleaseError(
                        f"the bundle holds {member.name!r:.60}, which is no plain file of its own"
                    )
                files[member.name] = file.read()
    except (tarfile.TarError, EOFError, UnicodeError) as err:
        raise ReleaseError("this is no bundle; make it with `hallward release bundle`") from err
    if next(iter(files), None) != INDEX:
        raise ReleaseError(f"this is no bundle: {INDEX} is not first; make it with `hallward release bundle`")
    bundle = parse_bundle(files.pop(INDEX))
    try:
        again = tar_bundle(bundle.component, bundle.version, bundle.counter, files)
    except RecordRejected:
        again = b""
    if again != data:
        raise ReleaseError(
            "the bundle is not what its index says; make it again with `hallward release bundle`"
        )
    return bundle, files
