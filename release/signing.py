"""Signatures: what waits for whom, and when a draft has enough of them.

A draft is judged by whoever delegates to it: a root by the root before it and by itself, targets by the
newest root, a component by the newest targets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key, Signature, Signer
from tuf.api.metadata import Metadata, Role, Root, Targets

from release.errors import NotInRole, Tampered
from release.files import Measured
from release.folder import ROLES, ReleaseFolder, Repository
from release.metadata import about_of, names_of

Judge = Root | Targets


@dataclass(frozen=True, slots=True)
class Pending:
    """A draft, and what it would replace."""

    repository: Repository
    role: str
    draft: Metadata[Any]
    before: Metadata[Any] | None
    judges: tuple[Judge, ...]

    @property
    def title(self) -> str:
        return f"{self.repository} {self.role} version {self.draft.signed.version}"

    @property
    def keys(self) -> dict[str, Key]:
        """Of all who may sign it, by keyid."""
        return {
            keyid: judge.get_key(keyid) for judge in self.judges for keyid in role_of(judge, self.role).keyids
        }

    @property
    def missing(self) -> int:
        """How many more signatures it needs at least."""
        return max(missing(judge, self.role, self.draft) for judge in self.judges)

    @property
    def signers(self) -> list[str]:
        names = names_of(*self.judges)
        return sorted(names.get(keyid, keyid[:8]) for keyid in self.draft.signatures)

    @property
    def silent(self) -> list[str]:
        """Who could still sign."""
        names = names_of(*self.judges)
        return sorted(
            names.get(keyid, keyid[:8]) for keyid in self.keys.keys() - self.draft.signatures.keys()
        )


def role_of(judge: Judge, role: str) -> Role:
    """Raises Tampered when nobody delegates to it."""
    try:
        return judge.get_delegated_role(role)
    except ValueError:
        raise Tampered(f"{judge.type} version {judge.version} says of no key that it signs {role}") from None


def missing(judge: Judge, role: str, metadata: Metadata[Any]) -> int:
    """Signatures by different keys of the role that are still needed."""
    role_of(judge, role)
    result = judge.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    different = {_raw(key) for key in result.signed.values()}
    return max(0, result.threshold - len(different))


def _raw(key: Key) -> str:
    return str(key.keyval.get("public"))


def pending(folder: ReleaseFolder) -> list[Pending]:
    """All drafts, in the order in which they are believed. Raises Tampered for a draft whose signatures or
    files are not what it says."""
    found = []
    for repository, role in ROLES:
        draft = folder.draft(repository, role)
        if draft is not None:
            before = folder.newest_signed(repository, role)
            one = Pending(repository, role, draft, before, _judges(folder, repository, role))
            _genuine(folder, one)
            found.append(one)
    return found


def sign(folder: ReleaseFolder, shown: Sequence[Pending], signer: Signer) -> tuple[list[str], list[str]]:
    """Add this key's signature to those of `shown` that it may sign, then publish what has enough. Titles of
    what was signed and of what is complete now. Raises NotInRole, Tampered."""
    keyid = signer.public_key.keyid
    may = [one for one in shown if keyid in one.keys]
    if shown and not may:
        who = sorted({name for one in shown for name in names_of(*one.judges).values()})
        raise NotInRole(
            f"this key may sign nothing that is waiting here; keys of these roles: {', '.join(who)}"
        )
    signed = []
    for one in may:
        now = folder.draft(one.repository, one.role)
        if now is None or now.signed_bytes != one.draft.signed_bytes:
            raise Tampered(f"{one.title} was changed while it was read; start again")
        if keyid not in now.signatures:
            now.sign(signer, append=True)
            folder.write_draft(one.repository, one.role, now)
            signed.append(one.title)
    return signed, publish(folder)


def publish(folder: ReleaseFolder) -> list[str]:
    """Move what has all its signatures. A cut in between is mended by the next call."""
    done = []
    for one in pending(folder):
        judges = _signed_judges(folder, one)
        if judges and not one.missing and not any(missing(judge, one.role, one.draft) for judge in judges):
            folder.publish(one.repository, one.role, one.draft)
            done.append(one.title)
    return done


def _judges(folder: ReleaseFolder, repository: Repository, role: str) -> tuple[Judge, ...]:
    if role == "root":
        before = folder.newest_signed(repository, role)
        judges = (
            [folder.newest(repository, role)] if before is None else [before, folder.newest(repository, role)]
        )
        return tuple(judge.signed for judge in judges)
    return (folder.newest(repository, "root" if role == "targets" else "targets").signed,)


def _signed_judges(folder: ReleaseFolder, one: Pending) -> tuple[Judge, ...]:
    """Those that devices will ask: signed themselves."""
    if one.role == "root":
        return one.judges
    judge = folder.newest_signed(one.repository, "root" if one.role == "targets" else "targets")
    return () if judge is None else (judge.signed,)


def _genuine(folder: ReleaseFolder, one: Pending) -> None:
    keys = one.keys
    for keyid, signature in one.draft.signatures.items():
        if keyid not in keys or not _verifies(keys[keyid], signature, one.draft.signed_bytes):
            raise Tampered(
                f"{one.title} was changed after it was signed, or carries a stranger's signature: delete the "
                "draft and make it again"
            )
    _before_is_genuine(folder, one)
    if isinstance(one.draft.signed, Targets) and one.role != "targets":
        files_of(folder, one.role, one.draft.signed)


def _before_is_genuine(folder: ReleaseFolder, one: Pending) -> None:
    """What a draft is compared with in words must be what its officers once signed."""
    if one.before is None:
        return
    judge_role = "root" if one.role in ("root", "targets") else "targets"
    versions = folder.signed_versions(one.repository, judge_role)
    judges = [folder.signed(one.repository, judge_role, version).signed for version in versions]
    if one.role == "root":
        judges = [judge for judge in judges if one.before.signed.version - 1 <= judge.version]
        is_genuine = not any(missing(judge, one.role, one.before) for judge in judges)
    else:
        is_genuine = any(not missing(judge, one.role, one.before) for judge in judges)
    if not is_genuine:
        raise Tampered(
            f"version {one.before.signed.version} of {one.role}, which {one.title} would replace, is not "
            "signed as it must be; take the folder from another officer's copy"
        )


def files_of(folder: ReleaseFolder, component: str, signed: Targets) -> int:
    """How many targets; each described as it must be, and with its file. Raises ReleaseError."""
    if signed.delegations is not None:
        raise Tampered(f"{component} delegates further; officers of a component list files, nothing else")
    for path, target in signed.targets.items():
        if about_of(path, target).component != component:
            raise Tampered(f"{path} stands in the list of {component}")
        try:
            sha256 = bytes.fromhex(target.hashes["sha256"])
            sha1 = bytes.fromhex(target.hashes["sha1"]) if "sha1" in target.hashes else None
        except (KeyError, ValueError):
            raise Tampered(f"{path} has no SHA-256") from None
        if not folder.has_target(path, Measured(target.length, sha256, sha1)):
            raise Tampered(
                f"the file of {path} is missing or is not the one that was added; copy the folder again, or "
                "remove and add it"
            )
    return len(signed.targets)


def _verifies(key: Key, signature: Signature, payload: bytes) -> bool:
    try:
        key.verify_signature(signature, payload)
    except UnverifiedSignatureError:
        return False
    return True
