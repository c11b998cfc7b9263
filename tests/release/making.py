"""Signed image repositories in a moment, for the tests of everybody who reads one."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from release import repository, signing
from release.folder import ReleaseFolder, Repository
from release.keys import PublicKey, as_key
from release.metadata import Plan
from wire.updates import COMPONENTS, About

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
File = tuple[str, bytes, About]


@dataclass(frozen=True, slots=True)
class Roots:
    """What a device is provisioned with: the bytes of 1.root.json of each repository."""

    image: bytes
    director: bytes


def officers_of(count: int = 3) -> list[CryptoSigner]:
    return [CryptoSigner.generate_ed25519() for _ in range(count)]


def about(path: str, counter: int = 1, **changes: Any) -> About:
    """A description that fits a path; whatever a test cares about is given."""
    fields: dict[str, Any] = {
        "component": path.partition("/")[0],
        "version": f"1.{counter}",
        "counter": counter,
        "minimum": 0,
        "hardware": ("gate-pi5",),
        "requires": {},
        "environment": "",
        "embedder": None,
        "measured": {},
    }
    return About(**{**fields, **changes})


def make_release(
    folder: Path,
    *,
    officers: Sequence[CryptoSigner],
    online: Key,
    director: Key,
    files: Sequence[File] = (),
    now: datetime = NOW,
    threshold: int = 2,
) -> Roots:
    """A folder as the fleet imports it: image and director roots, targets and components, signed by all
    officers; no snapshot and no timestamp."""
    there = ReleaseFolder(folder)
    plan = Plan(
        tuple(PublicKey(f"officer-{n}", as_key(one.public_key)) for n, one in enumerate(officers, 1)),
        threshold,
        PublicKey("image-online", as_key(online)),
        PublicKey("director", as_key(director)),
    )
    repository.init(there, plan, now)
    _put(there, files, now)
    sign_all(there, officers)
    return Roots(
        (folder / "image/metadata/1.root.json").read_bytes(),
        (folder / "director/metadata/1.root.json").read_bytes(),
    )


def add_files(
    folder: Path, officers: Sequence[CryptoSigner], files: Sequence[File], now: datetime = NOW
) -> None:
    """A next version of the components of these files. A path that is there already gets this content;
    counters are not compared."""
    there = ReleaseFolder(folder)
    _put(there, files, now)
    sign_all(there, officers)


def remove_files(
    folder: Path, officers: Sequence[CryptoSigner], paths: Iterable[str], now: datetime = NOW
) -> None:
    there = ReleaseFolder(folder)
    for path in paths:
        repository.remove(there, path, now)
    sign_all(there, officers)


def sign_all(folder: ReleaseFolder, officers: Sequence[CryptoSigner]) -> None:
    """All of them, whatever waits; each file is written once, so that it takes a moment."""
    for one in signing.pending(folder):
        for officer in officers:
            if officer.public_key.keyid in one.keys:
                one.draft.sign(officer, append=True)
        folder.write_draft(one.repository, one.role, one.draft)
    signing.publish(folder)
    assert not signing.pending(folder)


def _put(folder: ReleaseFolder, files: Sequence[File], now: datetime) -> None:
    for path, content, said in files:
        repository.put(folder, path, io.BytesIO(content), said, now)


def put_online(folder: Path, online: CryptoSigner, now: datetime = NOW, version: int = 1) -> None:
    """The fleet's part for tests that have no fleet: snapshot (a week) and timestamp (a day) in
    FOLDER/image/metadata."""
    there = ReleaseFolder(folder)
    meta = {
        f"{role}.json": MetaFile(there.signed_versions(Repository.IMAGE, role)[-1])
        for role in ("targets", *COMPONENTS)
    }
    _write_online(folder / "image/metadata", online, meta, now, version)


def make_director(
    folder: Path,
    director: CryptoSigner,
    targets: Sequence[TargetFile],
    now: datetime = NOW,
    version: int = 1,
) -> None:
    """Director metadata of one device in `folder` (targets, snapshot, timestamp), for tests without a fleet.
    targets: with `custom` of wire.updates.Assigned."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = Metadata(
        Targets(
            version=version,
            expires=now + timedelta(days=1),
            targets={target.path: target for target in targets},
        )
    )
    listed.sign(director)
    listed.to_file(str(folder / f"{version}.targets.json"))
    _write_online(folder, director, {"targets.json": MetaFile(version)}, now, version)


def _write_online(
    folder: Path, signer: CryptoSigner, meta: dict[str, MetaFile], now: datetime, version: int
) -> None:
    snapshot = Metadata(Snapshot(version=version, expires=now + timedelta(days=7), meta=meta))
    timestamp = Metadata(
        Timestamp(version=version, expires=now + timedelta(days=1), snapshot_meta=MetaFile(version))
    )
    for metadata, name in ((snapshot, f"{version}.snapshot.json"), (timestamp, "timestamp.json")):
        metadata.sign(signer)
        metadata.to_file(str(folder / name))
