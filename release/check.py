"""The whole folder as a device would verify it, from the first root on, and as people want to hear of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from tuf.api.metadata import Metadata, Root, Targets

from release.bundle import read_bundle
from release.errors import ReleaseError
from release.files import read_whole
from release.folder import ROLES, ReleaseFolder, Repository
from release.keys import as_key
from release.metadata import SIGNERS_MIN, about_of, names_of
from release.signing import files_of, missing, pending
from release.words import day, pending_lines, plain, target_line
from wire.errors import RecordRejected
from wire.updates import COMPONENTS, TARGET_BYTES_MAX

SOON: Final = timedelta(days=14)


def faults(folder: ReleaseFolder, now: datetime) -> list[str]:
    """Why a device would not take it; empty: it would. Drafts do not matter."""
    found: list[str] = []
    for repository in dict.fromkeys(repository for repository, _ in folder.roles):
        try:
            _repository(folder, repository, now)
        except ReleaseError as err:
            found.append(f"{repository}: {err.what}")
    return found


def weaknesses(folder: ReleaseFolder) -> Iterator[str]:
    """What devices take, and a ceremony would not allow: roots of an earlier release of this program, or of
    somebody else's. Raises ReleaseError."""
    for repository in dict.fromkeys(repository for repository, _ in folder.roles):
        metadata = folder.newest_signed(repository, "root")
        if metadata is None:
            continue
        for role in ("root", "targets") if repository is Repository.IMAGE else ("root",):
            found = metadata.signed.roles[role]
            if found.threshold < SIGNERS_MIN:
                yield (
                    f"{repository} root version {metadata.signed.version} lets {found.threshold} of "
                    f"{len(found.keyids)} keys sign {role} alone: a single stolen key could release "
                    f"anything; `hallward release rotate-root {folder.path} --threshold {SIGNERS_MIN}`, "
                    "with an --officer for each if there are too few"
                )


def _repository(folder: ReleaseFolder, repository: Repository, now: datetime) -> None:
    root = _roots(folder, repository)
    _in_force(root, f"root version {root.version}", now)
    if repository is Repository.DIRECTOR:
        return
    targets = _believed(folder, root, "targets", now)
    if targets.targets:
        raise ReleaseError("targets lists files itself; the components do")
    roles = {} if targets.delegations is None else targets.delegations.roles or {}
    if {name: role.paths for name, role in roles.items()} != {name: [f"{name}/*"] for name in COMPONENTS}:
        raise ReleaseError(f"targets must delegate to {', '.join(COMPONENTS)}, to each its own paths")
    _own_keyids(targets.delegations.keys if targets.delegations else {})
    for component in COMPONENTS:
        listed = _believed(folder, targets, component, now)
        files_of(folder, component, listed)
        _counters(listed)
        _bundles(folder, component, listed)


def _roots(folder: ReleaseFolder, repository: Repository) -> Root:
    """The chain: each by the one before and by itself."""
    versions = folder.signed_versions(repository, "root")
    if versions != list(range(1, len(versions) + 1)) or not versions:
        raise ReleaseError(
            "no root is signed yet" if not versions else f"roots are missing; there are {versions}"
        )
    root = before = folder.signed(repository, "root", 1).signed
    for version in versions:
        metadata = folder.signed(repository, "root", version)
        root = metadata.signed
        _own_keyids(root.keys)
        for judge in (before, root):
            _enough(judge, "root", metadata, f"root version {version}")
        before = root
    if not root.consistent_snapshot:
        raise ReleaseError("the root does not ask for consistent snapshots")
    found: Root = root
    return found


def _believed(folder: ReleaseFolder, judge: Root | Targets, role: str, now: datetime) -> Targets:
    metadata = folder.newest_signed(Repository.IMAGE, role)
    if metadata is None:
        raise ReleaseError(f"no {role} is signed yet")
    title = f"{role} version {metadata.signed.version}"
    _enough(judge, role, metadata, title)
    _in_force(metadata.signed, title, now)
    signed: Targets = metadata.signed
    return signed


def _enough(judge: Root | Targets, role: str, metadata: Metadata[Any], title: str) -> None:
    lacking = missing(judge, role, metadata)
    if lacking:
        raise ReleaseError(
            f"{title} lacks {lacking} signature{'s' if lacking > 1 else ''} of those who must sign it"
        )


def _in_force(signed: Any, title: str, now: datetime) -> None:
    if signed.is_expired(now):
        raise ReleaseError(f"{title} ended on {day(signed.expires)}; `hallward release renew`, then sign")


def _own_keyids(keys: Any) -> None:
    """One key under two keyids would be two signatures."""
    for keyid, key in keys.items():
        if as_key(key).keyid != keyid:
            raise ReleaseError(f"the key {keyid[:8]} stands under a keyid that is not its own")


def _counters(listed: Targets) -> None:
    given: dict[tuple[str, int], str] = {}
    for path, target in sorted(listed.targets.items()):
        about = about_of(path, target)
        for hardware in about.hardware:
            other = given.setdefault((hardware, about.counter), path)
            if other != path:
                raise ReleaseError(f"{other} and {path} have the same counter for {hardware}; renumber one")


def _bundles(folder: ReleaseFolder, component: str, listed: Targets) -> None:
    if component == "os":
        return
    for path, target in listed.targets.items():
        data = read_whole(folder.target_path(path, bytes.fromhex(target.hashes["sha256"])), TARGET_BYTES_MAX)
        about = about_of(path, target)
        try:
            bundle, _ = read_bundle(data)
        except (RecordRejected, ReleaseError) as err:
            raise ReleaseError(f"{path}: {err.what}") from None
        if (bundle.component, bundle.version, bundle.counter) != (component, about.version, about.counter):
            raise ReleaseError(
                f"{path}: the bundle says another component, version or counter than its entry"
            )


# -- in words ----------------------------------------------------------------------------------------------


def status_lines(folder: ReleaseFolder, now: datetime) -> Iterator[str]:
    """What is signed, by whom, until when; what waits; what is listed. Raises ReleaseError."""
    for repository, role in folder.roles:
        metadata = folder.newest_signed(repository, role)
        if metadata is None:
            yield f"{repository} {role}: not signed yet"
            continue
        yield f"{repository} {role} version {metadata.signed.version}: {_signers(folder, metadata)}; " + _end(
            metadata.signed.expires, now
        )
        for path, target in sorted(getattr(metadata.signed, "targets", {}).items()):
            yield plain(f"  {target_line(path, target)}")
    for one in pending(folder):
        yield "waiting: " + "\n".join(pending_lines(one))
    for path in folder.leftovers():
        yield f"left behind half-written, harmless: {path}"


def _signers(folder: ReleaseFolder, metadata: Metadata[Any]) -> str:
    names = names_of(
        *(
            folder.signed(repository, role, version).signed
            for repository, role in ROLES[:3]
            for version in folder.signed_versions(repository, role)
        )
    )
    return "signed by " + ", ".join(sorted(names.get(keyid, keyid[:8]) for keyid in metadata.signatures))


def _end(expires: datetime, now: datetime) -> str:
    left = expires - now
    if left < timedelta(0):
        return f"ENDED on {day(expires)}: renew it"
    soon = "; renew it soon" if left < SOON else ""
    return f"until {day(expires)}, {left.days} days from now{soon}"
