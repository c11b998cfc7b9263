"""What this device runs, measured off its files: one hash per part (SPEC §11.3, *hash of files*).

Nothing here raises: a part that is not there, or cannot be read, has no hash, and whoever compares sees that.
Reading takes its time on a small computer, so it is done on a thread of its own, in small pieces.
"""

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from wire.bundle import Bundle, BundledFile, encode_bundle

PACKAGES: Final = ("ballot", "durable", "edge", "hallward", "wire")
"""Of ours, as far as they are installed: what a firmware bundle brings."""
_PIECE_BYTES: Final = 64 * 1024
_COMPILED: Final = "__pycache__"


def hash_of_files(component: str, files: Mapping[str, Path]) -> bytes:
    """By name, relative to the component. Raises OSError."""
    measured = {name: _measured(path) for name, path in files.items()}
    return hashlib.sha256(encode_bundle(Bundle(component, "", 1, measured))).digest()


def plain_files(root: Path, within: Iterable[str] = (".",)) -> dict[str, Path]:
    """Every plain file below these folders of root, by its name relative to root; what Python compiled for
    itself apart. Raises OSError."""
    found = {}
    for folder in within:
        for path in _below(root / folder):
            found[path.relative_to(root).as_posix()] = path
    return found


class MeasuredFiles:
    """folder: the device's; root: where our packages lie; golden: of models, None: it has none."""

    def __init__(self, folder: Path, golden: Path | None, root: Path | None = None) -> None:
        self._folder = folder
        self._golden = golden
        self._root = Path(__file__).parents[3] if root is None else root

    def __call__(self) -> dict[str, bytes | None]:
        """SHA-256 by part: firmware, models, config, settings, calibration, charter, environment."""
        slots = self._folder / "state" / "update" / "slots"
        models = slots / "models" / "current"
        found = {
            "firmware": _tree("firmware", self._root, PACKAGES),
            "models": _tree("models", models if models.exists() else self._golden),
            "config": _tree("config", slots / "config" / "current"),
            "environment": _environment(),
        }
        for part, name in (
            ("settings", "device.toml"),
            ("calibration", "calibration.toml"),
            ("charter", "charter"),
        ):
            found[part] = _one(part, self._folder / name)
        return found


def _tree(component: str, root: Path | None, within: Iterable[str] = (".",)) -> bytes | None:
    if root is None or not root.is_dir():
        return None
    try:
        return hash_of_files(component, plain_files(root.resolve(), within))
    except OSError:
        return None


def _one(part: str, path: Path) -> bytes | None:
    try:
        return hash_of_files(part, {path.name: path})
    except OSError:
        return None


def _environment() -> bytes | None:
    """Python, and of every library what its installer wrote down: names, sizes and hashes of its files."""
    digest = hashlib.sha256(platform.python_version().encode())
    try:
        for line in sorted(_libraries()):
            digest.update(b"\n" + line.encode())
    except OSError:
        return None
    return digest.digest()


def _libraries() -> Iterator[str]:
    from importlib.metadata import distributions  # slow to load, needed twice a sitting

    for library in distributions():
        record = hashlib.sha256((library.read_text("RECORD") or "").encode()).hexdigest()
        yield f"{library.metadata['Name']} {library.version} {record}"


def _below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name != _COMPILED:
                yield from _below(path)
        elif path.is_file():
            yield path


def _measured(path: Path) -> BundledFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    return BundledFile(size, digest.digest())
