"""What exists: the targets of the newest repository, verified as a device would verify them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fleet.errors import StoreError
from fleet.rollout.rules.shape import Target
from fleet.updates import online, trust
from fleet.updates.errors import NothingPublished, ReleaseRefused
from fleet.updates.shelf import Shelf

_seen: Final[dict[Path, tuple[bytes, tuple[trust.Entry, ...]]]] = {}


def targets(data: Path) -> list[Target]:
    """By path; empty before the first import. What has expired is named too: devices refuse it by
    themselves, and `status` says it. Raises StoreError when the folder is not what was imported."""
    return [entry.target for entry in _entries(data)]


def find(data: Path, path: str) -> Target | None:
    """Raises StoreError."""
    return next((entry.target for entry in _entries(data) if entry.target.path == path), None)


def hashes(data: Path, path: str, sha256: bytes) -> Mapping[str, str]:
    """All hashes by name that the officers signed for this file; of one that is no longer there, the SHA-256
    alone. Raises StoreError."""
    for entry in _entries(data):
        if (entry.target.path, entry.target.sha256) == (path, sha256):
            return entry.hashes
    return {"sha256": sha256.hex()}


def file_of(data: Path, target: Target) -> Path:
    """Where the bytes of a target lie."""
    return Shelf(data).target(target.path, target.sha256)


def _entries(data: Path) -> tuple[trust.Entry, ...]:
    shelf = Shelf(data)
    try:
        stamp = online.timestamp_of(shelf)
        known = _seen.get(data)
        if known is not None and known[0] == stamp:
            return known[1]
        release = trust.published(online.root_of(shelf), stamp, online.reader(shelf), str(shelf.image))[2]
    except NothingPublished:
        return ()
    except ReleaseRefused:
        # Where it lies and what is wrong is said to whoever works on this machine.
        raise StoreError(
            "What was imported does not hold any more: `hallward fleet updates status` says why; "
            "import it again."
        ) from None
    entries = tuple(sorted(release.entries, key=lambda entry: entry.target.path))
    _seen[data] = (stamp, entries)
    return entries
