"""What goes into a bundle: packages of a source tree, the folder of networks, thresholds."""

import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, Final

from release.errors import ConfigError, ReleaseError
from release.files import read_whole
from wire.updates import TARGET_BYTES_MAX

PACKAGES: Final = ("ballot", "durable", "edge", "hallward", "wire")
"""What a device runs. Libraries are the OS image's."""
SUMS: Final = "SHA256SUMS"
GOLDEN: Final = "golden.json"
SETTINGS: Final = "settings.toml"
_SETTINGS_TABLES: Final = {"gate", "keypad"}
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._-]*)")


def firmware(tree: Path, packages: Sequence[str] = PACKAGES) -> dict[str, bytes]:
    """Modules and the package data that pyproject.toml of the tree names; no caches, no hidden files. Raises
    ConfigError."""
    patterns = _data_patterns(tree)
    files: dict[str, bytes] = {}
    for package in packages:
        root = tree / package
        if not (root / "__init__.py").is_file():
            raise ConfigError(f"{root} is not a package; give the top of the source tree, and --package NAME")
        for folder, below, names in os.walk(root, onerror=_unreadable):
            below[:] = sorted(name for name in below if name != "__pycache__" and not name.startswith("."))
            for name in sorted(names):
                path = Path(folder) / name
                if name.startswith("."):
                    continue
                if name.endswith(".py") or _is_data(tree, path, patterns):
                    files[path.relative_to(tree).as_posix()] = _plain(path)
    return files


def models(folder: Path, golden: Path | None = None) -> dict[str, bytes]:
    """The networks that SHA256SUMS names, byte for byte, with it and golden.json. golden: where that lies, if
    not in the folder. Raises ConfigError, ReleaseError."""
    sums = _plain(folder / SUMS)
    expected = golden or folder / GOLDEN
    if not expected.exists():
        raise ConfigError(
            f"{expected} is missing, and gates try networks by it: `hallward models bundle --out FOLDER` "
            "makes the folder with it"
        )
    files = {SUMS: sums, GOLDEN: _plain(expected)}
    for line in sums.decode("ascii", "replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None:
            raise ReleaseError(f"{folder / SUMS} is not as sha256sum writes it: {line!r:.80}")
        files[match[2]] = _plain(folder / match[2])
        if hashlib.sha256(files[match[2]]).hexdigest() != match[1]:
            raise ReleaseError(f"{folder / match[2]} is not the network that {SUMS} names; build it again")
    stray = {path.name for path in folder.iterdir()} - files.keys()
    if stray:
        raise ReleaseError(f"{folder} holds {min(stray)}, which {SUMS} does not name; a gate must not get it")
    return files


def config(path: Path) -> dict[str, bytes]:
    """Thresholds for device.toml. Which of them a device takes is the device's to say. Raises ConfigError,
    ReleaseError."""
    content = _plain(path)
    try:
        tables: dict[str, Any] = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise ReleaseError(f"{path} is not TOML: {err}") from None
    if (
        not tables
        or not tables.keys() <= _SETTINGS_TABLES
        or not all(type(t) is dict for t in tables.values())
    ):
        raise ReleaseError(f"{path} must hold the tables [gate] or [keypad], and nothing beside them")
    return {SETTINGS: content}


OF: Final[dict[str, Callable[[Path], dict[str, bytes]]]] = {
    "firmware": firmware,
    "models": models,
    "config": config,
}


def _plain(path: Path) -> bytes:
    if path.is_symlink():
        raise ConfigError(f"{path} is a link; a bundle takes plain files alone")
    return read_whole(path, TARGET_BYTES_MAX)


def _unreadable(err: OSError) -> None:
    """A folder that is left out would be a release that lacks half of itself. Raises ConfigError."""
    raise ConfigError(f"{err.filename} cannot be read: {err.strerror}") from err


def _data_patterns(tree: Path) -> tuple[str, ...]:
    path = tree / "pyproject.toml"
    try:
        settings: Any = tomllib.loads(read_whole(path).decode())
        return tuple(str(one) for one in settings["tool"]["setuptools"]["package-data"]["*"])
    except (KeyError, TypeError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigError(f'{path} names no package data ([tool.setuptools.package-data] "*")') from None


def _is_data(tree: Path, path: Path, patterns: Sequence[str]) -> bool:
    """Patterns are relative to every package above the file, as setuptools reads them."""
    for folder in path.parents:
        if folder == tree:
            return False
        inner = PurePosixPath(path.relative_to(folder).as_posix())
        if (folder / "__init__.py").is_file() and any(_matches(inner, pattern) for pattern in patterns):
            return True
    return False


def _matches(inner: PurePosixPath, pattern: str) -> bool:
    """`*.ext` of one folder; `name/**` all below it."""
    head, deep, _ = pattern.partition("/**")
    if deep:
        return len(inner.parts) > 1 and inner.parts[0] == head
    return len(inner.parts) == 1 and fnmatch(inner.name, pattern)
