"""Whether metadata are what the officers signed: chains of roots, thresholds, delegations, what a target is.

Nothing here reads a clock or a disk. Nothing is looked at before enough signatures on it have been found
good.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError, SerializationError

from fleet.rollout.rules.shape import Target
from fleet.updates.errors import ReleaseRefused
from wire.errors import BadSchema
from wire.updates import COMPONENTS, TARGET_BYTES_MAX, component_of, hash_of, parse_about

T = TypeVar("T", Root, Snapshot, Targets, Timestamp)
Read = Callable[[str, int], bytes]
"""(role, version) -> bytes of that metadata. Raises ReleaseRefused when it is not there."""
LIMITS: Final = {"root": 512_000, "timestamp": 16_384, "snapshot": 2_000_000}
TARGETS_LIMIT: Final = 5_000_000
"""As python-tuf's own client limits them."""
ROOTS_MAX: Final = 256
_HASHES: Final = {name: {"sha256"} for name in COMPONENTS} | {"os": {"sha1", "sha256"}}


@dataclass(frozen=True, slots=True)
class Document:
    """Metadata that are believed, with the bytes they came in."""

    role: str
    version: int
    data: bytes
    signed: Signed

    @property
    def name(self) -> str:
        return f"{self.version}.{self.role}.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A target, and all of its hashes by name."""

    target: Target
    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """What the officers signed. documents: top-level targets first, then by component."""

    documents: tuple[Document, ...]
    entries: tuple[Entry, ...]

    @property
    def versions(self) -> dict[str, int]:
        return {document.role: document.version for document in self.documents}

    @property
    def contents(self) -> dict[str, tuple[int, bytes]]:
        """role -> version and bytes: what a snapshot names."""
        return {document.role: (document.version, document.data) for document in self.documents}


def parsed(kind: type[T], data: bytes, name: str) -> Metadata[T]:
    """The form alone; not believed yet. Raises ReleaseRefused."""
    limit = LIMITS.get(kind.type, TARGETS_LIMIT)
    if len(data) > limit:
        raise ReleaseRefused(
            f"{name} has {len(data)} bytes, at most {limit} are read; this is no release of ours"
        )
    try:
        found: Metadata[Any] = Metadata.from_bytes(data)
        _ = found.signed_bytes  # what JSON can say and canonical JSON cannot: half a character, a fraction
    except (DeserializationError, SerializationError, RecursionError):
        raise ReleaseRefused(
            f"{name} cannot be read as signed metadata; copy the release folder again"
        ) from None
    if found.signed.type != kind.type:
        raise ReleaseRefused(
            f"{name} says that it is {found.signed.type}; somebody renamed it, copy it again"
        )
    return found


def check_signed(delegator: Root | Targets, role: str, metadata: Metadata[Any], name: str) -> None:
    """Raises ReleaseRefused, with how many signatures there are and how many are asked for."""
    try:
        found = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    except ValueError:
        raise ReleaseRefused(f"{name}: nobody was given the right to sign it") from None
    if found.verified:
        return
    good, needed = len(found.signed), found.threshold
    if good == 0:
        raise ReleaseRefused(
            f"{name} is unsigned, or signed again by somebody else: not one of the {needed} signatures it "
            "needs is of an officer in the root; do not install it, ask the officers where it comes from"
        )
    raise ReleaseRefused(
        f"{name} has {good} of the {needed} signatures it needs: have {needed - good} more of the officers "
        "sign it with `hallward release sign`"
    )


def chain(roots: Mapping[int, bytes], where: str) -> list[Metadata[Root]]:
    """Roots of rising versions, each signed by the one before and by itself; the first by itself alone: who
    trusts it says so elsewhere. Raises ReleaseRefused."""
    if not roots:
        raise ReleaseRefused(f"{where} holds no N.root.json: it is not a release folder, or half of one")
    if len(roots) > ROOTS_MAX:
        raise ReleaseRefused(f"{where} holds {len(roots)} roots, at most {ROOTS_MAX} are read")
    believed: list[Metadata[Root]] = []
    for version in sorted(roots):
        name = f"{where}/{version}.root.json"
        root = parsed(Root, roots[version], name)
        if root.signed.version != version or (believed and version != believed[-1].signed.version + 1):
            raise ReleaseRefused(
                f"{name}: a root between is missing, or this is of version {root.signed.version}"
            )
        if believed:
            check_signed(believed[-1].signed, Root.type, root, name)
        check_signed(root.signed, Root.type, root, name)
        if not root.signed.consistent_snapshot:
            raise ReleaseRefused(f"{name}: must have consistent snapshots; the officers make it again")
        believed.append(root)
    return believed


def check_in_force(signed: Signed, name: str, now: datetime | None) -> None:
    """now: None: not asked. Raises ReleaseRefused."""
    if now is not None and signed.is_expired(now):
        raise ReleaseRefused(
            f"{name} expired on {signed.expires:%Y-%m-%d %H:%M} UTC: have the officers sign a newer one, "
            "or set this machine's clock"
        )


def release(root: Root, read: Read, versions: Mapping[str, int], where: str, now: datetime | None) -> Release:
    """The officers' targets and what they delegate, at these versions. now: None: what has expired is read
    too. Raises ReleaseRefused."""
    top = _targets(root, "targets", read, versions, where, now)
    assert isinstance(top.signed, Targets)  # noqa: S101  # so parsed
    delegations = top.signed.delegations
    roles = delegations.roles if delegations is not None else None
    if not roles or set(roles) != set(COMPONENTS) or top.signed.targets:
        raise ReleaseRefused(
            f"{where}/{top.name} must delegate to {', '.join(COMPONENTS)} and name no file itself; "
            "the officers make it with `hallward release init`"
        )
    if any(roles[name].paths != [f"{name}/*"] for name in COMPONENTS):
        raise ReleaseRefused(
            f"{where}/{top.name}: each role signs the paths of its own name, COMPONENT/*, alone"
        )
    documents = [top, *(_targets(top.signed, name, read, versions, where, now) for name in COMPONENTS)]
    entries = [
        entry(path, file, f"{where}/{document.name}", document.role)
        for document in documents[1:]
        if isinstance(document.signed, Targets)
        for path, file in sorted(document.signed.targets.items())
    ]
    return Release(tuple(documents), tuple(entries))


def _targets(
    delegator: Root | Targets,
    role: str,
    read: Read,
    versions: Mapping[str, int],
    where: str,
    now: datetime | None,
) -> Document:
    version = versions.get(role)
    if version is None:
        raise ReleaseRefused(
            f"{where} holds no N.{role}.json: it is half of a release, copy the folder again"
        )
    name = f"{where}/{version}.{role}.json"
    data = read(role, version)
    found = parsed(Targets, data, name)
    check_signed(delegator, role, found, name)
    if found.signed.version != version:
        raise ReleaseRefused(
            f"{name} is of version {found.signed.version}; somebody renamed it, copy it again"
        )
    check_in_force(found.signed, name, now)
    if role != "targets" and found.signed.delegations is not None:
        raise ReleaseRefused(f"{name} hands its right on; only targets may")
    return Document(role, version, data, found.signed)


def entry(path: str, file: TargetFile, name: str, role: str) -> Entry:
    """A target as it is signed. Raises ReleaseRefused."""
    try:
        if component_of(path) != role:
            raise BadSchema(f"the role {role} does not sign for {path:.80}")
        about = parse_about(file.unrecognized_fields.get("custom"))
        if about.component != role:
            raise BadSchema(f"it says it is {about.component}")
        if path.endswith(".part"):
            raise BadSchema("its name is what half a file is called")
        if set(file.hashes) != _HASHES[role]:
            raise BadSchema(f"it is signed with {', '.join(sorted(_HASHES[role]))}")
        if not 0 < file.length <= TARGET_BYTES_MAX:
            raise BadSchema(f"it has 1 to {TARGET_BYTES_MAX} bytes, got {file.length}")
        sha256 = hash_of(file.hashes["sha256"])
    except BadSchema as err:
        raise ReleaseRefused(f"{name}: {path:.80}: {err.what}; the officers add it again") from None
    return Entry(Target(path, file.length, sha256, about), dict(file.hashes))


def published(
    root: Root, timestamp: bytes, read: Read, where: str, now: datetime | None = None
) -> tuple[Timestamp, Snapshot, Release]:
    """What a timestamp leads to, as a client follows it: snapshot, targets, delegated. Raises
    ReleaseRefused."""
    first = parsed(Timestamp, timestamp, f"{where}/timestamp.json")
    check_signed(root, Timestamp.type, first, f"{where}/timestamp.json")
    check_in_force(first.signed, f"{where}/timestamp.json", now)
    version = first.signed.snapshot_meta.version
    name = f"{where}/{version}.snapshot.json"
    data = read(Snapshot.type, version)
    try:
        first.signed.snapshot_meta.verify_length_and_hashes(data)
    except RepositoryError:
        raise ReleaseRefused(
            f"{name} is not the one that the timestamp names; copy the folder again"
        ) from None
    second = parsed(Snapshot, data, name)
    check_signed(root, Snapshot.type, second, name)
    check_in_force(second.signed, name, now)
    if second.signed.version != version:
        raise ReleaseRefused(f"{name} is of version {second.signed.version}; copy the folder again")
    wanted = {file.removesuffix(".json"): meta.version for file, meta in second.signed.meta.items()}
    return first.signed, second.signed, release(root, read, wanted, where, now)
