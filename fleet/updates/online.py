"""Snapshot and timestamp of the image repository, by the fleet's online key: which versions go together, and
that this was still so a short while ago."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Timestamp

from fleet.errors import ConfigError
from fleet.updates import trust
from fleet.updates.errors import NothingPublished, ReleaseRefused
from fleet.updates.keys import IMAGE_ONLINE, has_key, load_key
from fleet.updates.shelf import Shelf, versions

SNAPSHOT_DAYS: Final = 7
TIMESTAMP_DAYS: Final = 1
TIMESTAMP_DAYS_MAX: Final = 7
"""A hall whose uplink is cut may ask for as much: so long can a thief of the online key hide a release."""
_LONGEST: Final = timedelta(days=TIMESTAMP_DAYS_MAX, hours=1)
"""What is in force for longer was signed while this machine's clock was ahead."""
_SNAPSHOTS_KEPT: Final = 8
_VERSIONS_SINCE_S: Final = 1_577_836_800
"""2020. Versions rise with the seconds, so that a fleet restored from an old backup is still believed by
devices that saw newer ones."""


def next_version(previous: int, now_ms: int) -> int:
    return max(previous + 1, now_ms // 1000 - _VERSIONS_SINCE_S)


def moment(now_ms: int) -> datetime:
    """As TUF writes it: UTC, whole seconds."""
    return datetime.fromtimestamp(now_ms // 1000, UTC)


def signed_bytes(signed: Any, signer: CryptoSigner) -> bytes:
    metadata = Metadata(signed)
    metadata.sign(signer)
    return metadata.to_bytes()


def reader(shelf: Shelf) -> trust.Read:
    """Image metadata as they lie on the shelf."""

    def read(role: str, version: int) -> bytes:
        path = shelf.image / f"{version}.{role}.json"
        try:
            return path.read_bytes()
        except OSError as err:
            raise ReleaseRefused(
                f"{path} cannot be read ({err.strerror}): import the release again"
            ) from None

    return read


def root_of(shelf: Shelf) -> Root:
    """The newest root of the image repository. Raises NothingPublished, ReleaseRefused."""
    roots = shelf.roots(shelf.image)
    if not roots:
        raise NothingPublished(f"{shelf.folder} holds no release yet: `hallward fleet updates import FOLDER`")
    return trust.chain(roots, str(shelf.image))[-1].signed


def timestamp_of(shelf: Shelf) -> bytes:
    """Raises NothingPublished."""
    try:
        return (shelf.image / "timestamp.json").read_bytes()
    except FileNotFoundError:
        raise NothingPublished(
            f"{shelf.folder} holds no whole release yet: `hallward fleet updates import FOLDER`"
        ) from None


def signer_for(shelf: Shelf, root: Root) -> CryptoSigner:
    """The online key, if the root names it. Raises ConfigError, ReleaseRefused."""
    signer = load_key(shelf.data, IMAGE_ONLINE)
    for role in (Snapshot.type, Timestamp.type):
        if signer.public_key.keyid not in root.roles[role].keyids or root.roles[role].threshold != 1:
            raise ReleaseRefused(
                f"the image root names other keys for {role} than this fleet's {IMAGE_ONLINE} "
                f"({signer.public_key.keyid[:16]}…): have the officers sign a root with "
                f"{shelf.data / 'keys'}/{IMAGE_ONLINE}.pub.json, or take this release with `mirror`"
            )
    return signer


def is_ours(shelf: Shelf) -> bool:
    """Whether this fleet signs the freshness of what it serves; a mirror does not. Raises NothingPublished,
    ReleaseRefused."""
    if not has_key(shelf.data, IMAGE_ONLINE):
        return False
    try:
        signer_for(shelf, root_of(shelf))
    except ReleaseRefused:
        return False
    return True


def publish(
    shelf: Shelf, signer: CryptoSigner, documents: Mapping[str, tuple[int, bytes]], now_ms: int, days: int
) -> None:
    """Sign that these versions go together. The caller holds the turn. documents: role -> version, bytes.
    Raises StoreError."""
    now = moment(now_ms)
    known = versions(shelf.image, Snapshot.type)
    version = next_version(known[-1] if known else 0, now_ms)
    meta = {
        f"{role}.json": MetaFile.from_data(number, data, ["sha256"])
        for role, (number, data) in documents.items()
    }
    lifetime = timedelta(days=max(SNAPSHOT_DAYS, days))
    snapshot = signed_bytes(Snapshot(version=version, expires=now + lifetime, meta=meta), signer)
    shelf.put(shelf.image / f"{version}.snapshot.json", snapshot)
    _stamp(
        shelf, signer, MetaFile.from_data(version, snapshot, ["sha256"]), now_ms, now + timedelta(days=days)
    )
    for old in known[:-_SNAPSHOTS_KEPT]:
        (shelf.image / f"{old}.snapshot.json").unlink(missing_ok=True)


def _stamp(shelf: Shelf, signer: CryptoSigner, snapshot: MetaFile, now_ms: int, expires: datetime) -> None:
    path = shelf.image / "timestamp.json"
    try:
        previous = trust.parsed(Timestamp, path.read_bytes(), str(path)).signed.version
    except (FileNotFoundError, ReleaseRefused):
        previous = 0
    stamp = Timestamp(version=next_version(previous, now_ms), expires=expires, snapshot_meta=snapshot)
    shelf.put(path, signed_bytes(stamp, signer))


def refresh(shelf: Shelf, now_ms: int) -> bool:
    """Sign anew what is half expired. True: something was. Nothing is done on a mirror, nor before the first
    import. Raises StoreError, ReleaseRefused, ConfigError."""
    days, now = lifetime_days(shelf), moment(now_ms)
    try:
        stamp = trust.parsed(Timestamp, timestamp_of(shelf), "timestamp.json").signed
        if timedelta(days=days) / 2 < stamp.expires - now <= _LONGEST or not is_ours(shelf):
            return False
    except NothingPublished:
        return False
    return _renew(shelf, now_ms, now + timedelta(days=days))


def extend(shelf: Shelf, until_ms: int, now_ms: int) -> datetime:
    """Before a sitting, or before the uplink is cut: be in force until then at least. Until when it is now.
    Raises ConfigError for more than 7 days; NothingPublished, ReleaseRefused, StoreError."""
    now, until = moment(now_ms), moment(until_ms + 999)
    if until > now + timedelta(days=TIMESTAMP_DAYS_MAX):
        raise ConfigError(f"at most {TIMESTAMP_DAYS_MAX} days from now can be signed for; ask again later")
    stamp = trust.parsed(Timestamp, timestamp_of(shelf), "timestamp.json").signed
    if stamp.expires >= until:
        return stamp.expires
    signer_for(shelf, root_of(shelf))
    _renew(shelf, now_ms, until)
    return until


def _renew(shelf: Shelf, now_ms: int, expires: datetime) -> bool:
    """A new timestamp, with a new snapshot where the present one would expire before it."""
    with shelf.turn():
        root = root_of(shelf)
        signer = signer_for(shelf, root)
        # As it stands: what was half written when the power went is not for us to finish.
        stamp, snapshot, release = trust.published(root, timestamp_of(shelf), reader(shelf), str(shelf.image))
        if expires <= stamp.expires <= moment(now_ms) + _LONGEST:
            return False
        if snapshot.expires < expires + timedelta(hours=1):
            days = -(-(expires - moment(now_ms)) // timedelta(days=1))
            publish(shelf, signer, release.contents, now_ms, days)
        else:
            _stamp(shelf, signer, stamp.snapshot_meta, now_ms, expires)
        return True


def lifetime_days(shelf: Shelf) -> int:
    """Of a timestamp, as asked for at the last import."""
    try:
        return min(TIMESTAMP_DAYS_MAX, max(1, int((shelf.folder / "timestamp-days").read_text("ascii"))))
    except (OSError, ValueError):
        return TIMESTAMP_DAYS


def set_lifetime_days(shelf: Shelf, days: int) -> None:
    """Raises ConfigError, StoreError."""
    if not 1 <= days <= TIMESTAMP_DAYS_MAX:
        raise ConfigError(f"--timestamp-days must be 1 to {TIMESTAMP_DAYS_MAX}, got {days}")
    shelf.put(shelf.folder / "timestamp-days", f"{days}\n".encode())
