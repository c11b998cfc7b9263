"""`hallward fleet updates import`: a folder of the officers, believed as a whole or not at all.

verify everything -> copy the files -> delegated targets, targets, roots -> snapshot -> timestamp
A cut in between leaves what was served before; the same command does the rest.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tuf.api.metadata import Metadata, Root, Targets, Timestamp

from fleet.errors import StoreError
from fleet.updates import online, trust
from fleet.updates.errors import NothingPublished, ReleaseRefused
from fleet.updates.keys import DIRECTOR, load_key
from fleet.updates.shelf import Shelf, hashed, versions
from wire.updates import COMPONENTS

_ROLES: Final = ("targets", *COMPONENTS)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A release folder that has been found good. director: roots, empty when the folder brings none.
    freshness: of a mirror, the snapshot and timestamp of whoever signs them."""

    folder: Path
    roots: tuple[Metadata[Root], ...]
    director: tuple[Metadata[Root], ...]
    release: trust.Release
    freshness: tuple[trust.Document, bytes] | None


def fingerprint(root: bytes) -> str:
    """Of a root, as `sha256sum` prints it on the officers' machine."""
    return hashlib.sha256(root).hexdigest()


def import_release(
    shelf: Shelf, folder: Path, now_ms: int, *, root_sha256: str | None = None, days: int | None = None
) -> Incoming:
    """Take in a release folder and sign that it is what exists now. May be repeated.

    root_sha256: of the oldest root in it, from an officer's mouth; needed the first time alone. Raises
    ReleaseRefused, ConfigError, StoreError: then nothing has changed.
    """
    with shelf.turn():
        incoming = verify(shelf, folder, online.moment(now_ms), root_sha256)
        signer = online.signer_for(shelf, incoming.roots[-1].signed)
        _check_director(shelf, incoming.director)
        if days is not None:
            online.set_lifetime_days(shelf, days)
        place(shelf, incoming)
        if days is not None or not _is_published(shelf, incoming, now_ms):
            contents = incoming.release.contents
            online.publish(shelf, signer, contents, now_ms, online.lifetime_days(shelf))
    return incoming


def import_director(shelf: Shelf, folder: Path, now_ms: int) -> int:
    """Take in the director's roots alone: of a hall that mirrors its releases, whose folder has no image/.
    The newest version. Raises ReleaseRefused, ConfigError, StoreError, NothingPublished."""
    with shelf.turn():
        online.root_of(shelf)
        officers = trust.chain(shelf.roots(shelf.image), str(shelf.image))
        roots = _director_roots(shelf, folder, officers, online.moment(now_ms))
        _check_director(shelf, roots)
        for root in roots:
            _put_once(shelf, shelf.director / f"{root.signed.version}.root.json", root.to_bytes())
    return roots[-1].signed.version


def is_director_alone(folder: Path) -> bool:
    return not (folder / "image").exists() and bool(versions(folder / "director" / "metadata", "root"))


def verify(
    shelf: Shelf, folder: Path, now: datetime, root_sha256: str | None, *, signed_elsewhere: bool = False
) -> Incoming:
    """Everything, before anything is written. signed_elsewhere: by another fleet's online key (a mirror).
    Raises ReleaseRefused."""
    image = folder / "image" / "metadata"
    roots = _roots(shelf.image, image, root_sha256)
    trust.check_in_force(roots[-1].signed, f"{image}/{roots[-1].signed.version}.root.json", now)

    def read(role: str, version: int) -> bytes:
        return _read(image / f"{version}.{role}.json")

    freshness = None
    if signed_elsewhere:
        stamp_data = _read(image / "timestamp.json")
        stamp, snapshot, release = trust.published(roots[-1].signed, stamp_data, read, str(image), now)
        data = read("snapshot", snapshot.version)
        freshness = (trust.Document("snapshot", snapshot.version, data, snapshot), stamp_data)
        _check_not_older(shelf, stamp)
    else:
        newest = {role: found[-1] for role in _ROLES if (found := versions(image, role))}
        release = trust.release(roots[-1].signed, read, newest, str(image), now)
    _check_rising(shelf, release)
    _check_files(shelf, folder, release.entries)
    return Incoming(folder, tuple(roots), _director_roots(shelf, folder, roots, now), release, freshness)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > trust.TARGETS_LIMIT:
            raise ReleaseRefused(f"{path} is larger than any metadata may be; this is no release of ours")
        return path.read_bytes()
    except OSError as err:
        raise ReleaseRefused(
            f"{path} cannot be read ({err.strerror}): copy the release folder again"
        ) from None


def _roots(own: Path, theirs: Path, root_sha256: str | None) -> list[Metadata[Root]]:
    """Ours and the newer ones of the folder, one chain. Raises ReleaseRefused."""
    brought = {version: _read(theirs / f"{version}.root.json") for version in versions(theirs, "root")}
    kept = {version: (own / f"{version}.root.json").read_bytes() for version in versions(own, "root")}
    if not kept:
        if not brought:
            trust.chain({}, str(theirs))
        check_told(brought[min(brought)], theirs / f"{min(brought)}.root.json", root_sha256)
        return trust.chain(brought, str(theirs))
    for version in brought.keys() & kept.keys():
        ours = trust.parsed(Root, kept[version], str(own)).signed_bytes
        if trust.parsed(Root, brought[version], f"{theirs}/{version}.root.json").signed_bytes != ours:
            raise ReleaseRefused(
                f"{theirs}/{version}.root.json is another root than the one that this fleet "
                "has: this release is of other officers; nothing was changed"
            )
    newest = max(kept)
    newer = {version: data for version, data in brought.items() if version > newest}
    return trust.chain({newest: kept[newest]} | newer, str(theirs))


def check_told(root: bytes, path: Path, root_sha256: str | None) -> None:
    """The first root is believed on somebody's word. Raises ReleaseRefused."""
    found = fingerprint(root)
    if root_sha256 is None:
        raise ReleaseRefused(
            f"this fleet trusts no root yet. {path.name} has the SHA-256 {found}: compare it "
            f"with what the officers wrote down at their ceremony, then give it: --root-sha256 {found}"
        )
    if not hmac.compare_digest(found, root_sha256.strip().lower()):
        raise ReleaseRefused(
            f"{path} has the SHA-256 {found}, not the one that you gave: it is another root; "
            "do not install it"
        )


def _director_roots(
    shelf: Shelf, folder: Path, officers: list[Metadata[Root]], now: datetime
) -> tuple[Metadata[Root], ...]:
    """The first is believed because the officers of the image root signed it, too. Raises ReleaseRefused."""
    theirs = folder / "director" / "metadata"
    if not versions(theirs, "root"):
        return ()
    kept = versions(shelf.director, "root")
    first = fingerprint(_read(theirs / f"{versions(theirs, 'root')[0]}.root.json"))
    believed = _roots(shelf.director, theirs, first)
    if not kept:
        name = f"{theirs}/{believed[0].signed.version}.root.json"
        trust.check_signed(officers[-1].signed, Root.type, believed[0], name)
    trust.check_in_force(believed[-1].signed, f"{theirs}/{believed[-1].signed.version}.root.json", now)
    return tuple(believed)


def _check_director(shelf: Shelf, roots: tuple[Metadata[Root], ...]) -> None:
    """Raises ReleaseRefused, ConfigError."""
    if not roots:
        if not versions(shelf.director, "root"):
            raise ReleaseRefused(
                "the folder brings no director/metadata/1.root.json, and this fleet has none yet"
            )
        return
    key = load_key(shelf.data, DIRECTOR).public_key
    root = roots[-1].signed
    for role in (Targets.type, "snapshot", Timestamp.type):
        if root.roles[role].keyids != [key.keyid] or root.roles[role].threshold != 1:
            raise ReleaseRefused(
                f"the director's root names other keys for {role} than this fleet's {DIRECTOR} "
                f"({key.keyid[:16]}…): have the officers sign a root with "
                f"{shelf.data / 'keys'}/{DIRECTOR}.pub.json"
            )


def _check_not_older(shelf: Shelf, stamp: Timestamp) -> None:
    try:
        known = trust.parsed(Timestamp, online.timestamp_of(shelf), "timestamp.json").signed
    except NothingPublished:
        return
    if stamp.version < known.version or stamp.snapshot_meta.version < known.snapshot_meta.version:
        raise ReleaseRefused(
            f"timestamp.json is of version {stamp.version}, this fleet already has {known.version}: "
            "somebody serves an older state; nothing was changed"
        )


def _check_rising(shelf: Shelf, release: trust.Release) -> None:
    """Versions never fall, and the same version is the same content. Raises ReleaseRefused."""
    try:
        stamp = online.timestamp_of(shelf)
        present = trust.published(online.root_of(shelf), stamp, online.reader(shelf), str(shelf.image))[2]
    except (NothingPublished, ReleaseRefused):
        # An import that the power cut short after a new root: the roots alone bind then, and the disk.
        present = None
    for document in release.documents:
        known = (
            present.versions[document.role]
            if present
            else max(versions(shelf.image, document.role), default=0)
        )
        if document.version < known:
            raise ReleaseRefused(
                f"{document.name} is older than version {known}, which this fleet already has: "
                "releases never go back; have the officers sign the files you want again, under a new version"
            )
        path = shelf.image / document.name
        if path.exists() and _signed(path.read_bytes()) != _signed(document.data):
            raise ReleaseRefused(
                f"{document.name} is not the version {document.version} that this fleet has: "
                "two releases were made from one; the officers settle it and sign a higher version"
            )


def _signed(data: bytes) -> Any:
    return trust.parsed(Targets, data, "targets").signed_bytes


def _check_files(shelf: Shelf, folder: Path, entries: Iterable[trust.Entry]) -> None:
    """Every file that is signed for is there, here or in the folder, and is the one. Raises ReleaseRefused,
    StoreError."""
    missing_bytes = 0
    for entry in entries:
        target = entry.target
        if shelf.target(target.path, target.sha256).exists():
            continue
        source = source_of(folder, entry)
        try:
            hashed(source, entry.hashes, target.length)
        except FileNotFoundError:
            raise ReleaseRefused(
                f"{target.path} is signed for and {source} is missing: copy the whole release folder, "
                "or have the officers take it out with `hallward release remove`"
            ) from None
        except OSError as err:
            raise StoreError(
                f"{source} cannot be read: {err.strerror}; copy the release folder again"
            ) from None
        missing_bytes += target.length
    shelf.check_room(missing_bytes)


def source_of(folder: Path, entry: trust.Entry) -> Path:
    """Where a release folder has the file of a target."""
    component, _, name = entry.target.path.partition("/")
    return folder / "image" / "targets" / component / f"{entry.target.sha256.hex()}.{name}"


def place(shelf: Shelf, incoming: Incoming) -> None:
    """Write all of it but the two that say it is in force. Raises StoreError."""
    for entry in incoming.release.entries:
        into = shelf.target(entry.target.path, entry.target.sha256)
        if not into.exists():
            shelf.take(source_of(incoming.folder, entry), into, entry.hashes, entry.target.length)
    for document in reversed(incoming.release.documents):
        _put_once(shelf, shelf.image / document.name, document.data)
    for root in incoming.director:
        _put_once(shelf, shelf.director / f"{root.signed.version}.root.json", root.to_bytes())
    image = incoming.folder / "image" / "metadata"
    for root in incoming.roots:
        source = image / f"{root.signed.version}.root.json"
        if source.exists():
            _put_once(shelf, shelf.image / source.name, source.read_bytes())


def put_freshness(shelf: Shelf, incoming: Incoming) -> None:
    """Of a mirror: what makes the rest be in force. Raises StoreError."""
    if incoming.freshness is not None:
        snapshot, stamp = incoming.freshness
        shelf.put(shelf.image / snapshot.name, snapshot.data)
        shelf.put(shelf.image / "timestamp.json", stamp)


def _put_once(shelf: Shelf, path: Path, data: bytes) -> None:
    """What is there under this version has the same content, perhaps one signature less."""
    if not path.exists():
        shelf.put(path, data)


def _is_published(shelf: Shelf, incoming: Incoming, now_ms: int) -> bool:
    """Whether the timestamp leads to these very versions, and is still in force."""
    try:
        stamp = online.timestamp_of(shelf)
        found = trust.published(
            incoming.roots[-1].signed, stamp, online.reader(shelf), str(shelf.image), online.moment(now_ms)
        )
    except (NothingPublished, ReleaseRefused):
        return False
    return found[2].versions == incoming.release.versions
