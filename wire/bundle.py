"""The index of a bundle: a ustar archive of plain files, not compressed, so that a delta finds what stayed
(SPEC §11.3).

Its first member is `bundle.json`; every other is named there, with size and hash, in order of name.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wire import fields
from wire.errors import BadEncoding, BadSchema, TooLarge
from wire.updates import COMPONENTS, COUNTER_MAX, TARGET_BYTES_MAX, hash_of

INDEX: Final = "bundle.json"
INDEX_BYTES_MAX: Final = 4 * 1024 * 1024
FILES_MAX: Final = 20_000
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,11}")
NAME_MAX: Final = 100
"""What a ustar header holds without a prefix."""
_component: Final = fields.one_of(*COMPONENTS)
_counter: Final = fields.integer(1, COUNTER_MAX)
_size: Final = fields.integer(0, TARGET_BYTES_MAX)


@dataclass(frozen=True, slots=True)
class BundledFile:
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """files: by name, relative, with `/`."""

    component: str
    version: str
    counter: int
    files: Mapping[str, BundledFile]


def encode_bundle(bundle: Bundle) -> bytes:
    """The index: the same bytes for the same files."""
    index = {
        "bundle": 1,
        "component": bundle.component,
        "version": bundle.version,
        "counter": bundle.counter,
        "files": {name: [file.size, file.sha256.hex()] for name, file in sorted(bundle.files.items())},
    }
    return json.dumps(index, ensure_ascii=True, separators=(",", ":")).encode()


def parse_bundle(data: bytes) -> Bundle:
    """Raises RecordRejected for anything that `encode_bundle` would not write."""
    if len(data) > INDEX_BYTES_MAX:
        raise TooLarge(f"an index of {len(data)} bytes, at most {INDEX_BYTES_MAX} are read")
    try:
        index: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise BadEncoding(f"{INDEX} is not JSON") from None
    if type(index) is not dict or list(index) != ["bundle", "component", "version", "counter", "files"]:
        raise BadSchema(f"{INDEX} has the fields bundle, component, version, counter, files")
    if index["bundle"] != 1 or type(index["bundle"]) is not int:
        raise BadSchema(f"{INDEX} is of form {index['bundle']!r:.20}, this release reads form 1")
    files = index["files"]
    if type(files) is not dict or not 0 < len(files) <= FILES_MAX:
        raise BadSchema(f"{INDEX} names 1 to {FILES_MAX} files")
    bundle = Bundle(
        _component(index["component"]),
        fields.text(64)(index["version"]),
        _counter(index["counter"]),
        {_name(name): _file(row) for name, row in files.items()},
    )
    if sum(file.size for file in bundle.files.values()) > TARGET_BYTES_MAX:
        raise TooLarge(f"the files of a bundle are at most {TARGET_BYTES_MAX} bytes")
    if encode_bundle(bundle) != data:
        raise BadEncoding(f"{INDEX} is not written as it must be")
    return bundle


def _name(name: str) -> str:
    if len(name) > NAME_MAX or not _NAME.fullmatch(name) or name == INDEX:
        raise BadSchema(f"a file of a bundle cannot be called {name!r:.60}")
    return name


def _file(row: Any) -> BundledFile:
    if type(row) is not list or len(row) != 2:
        raise BadSchema(f"each file of {INDEX} is [size, SHA-256]")
    return BundledFile(_size(row[0]), hash_of(row[1]))
