"""What would be signed, in words: an officer signs what is said here and nothing else."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tuf.api.metadata import Root, TargetFile, Targets

from release.bundle import read_bundle
from release.files import read_whole
from release.folder import ReleaseFolder
from release.metadata import about_of, names_of
from release.signing import Pending

_BLOCK: Final = 4
_BLOCKS: Final = 6


def fingerprint(shown: Sequence[Pending]) -> str:
    """Of everything that is shown: the same for each officer, however many have signed."""
    whole = hashlib.sha256()
    for one in shown:
        for part in (one.title.encode(), one.draft.signed_bytes):
            whole.update(len(part).to_bytes(8, "big") + part)
    digits = whole.hexdigest().upper()[: _BLOCK * _BLOCKS]
    return "-".join(digits[at : at + _BLOCK] for at in range(0, len(digits), _BLOCK))


def pending_lines(one: Pending) -> list[str]:
    """A heading, who signed, and what changes since the version that is in force."""
    signed = f"signed by {', '.join(one.signers)}" if one.signers else "signed by nobody yet"
    need = f"{one.missing} more of {', '.join(one.silent)}" if one.missing else "complete"
    before = None if one.before is None else one.before.signed
    replaces = "new" if before is None else f"replaces version {before.version}"
    lines = [f"{one.title} ({replaces}; {signed}; needs: {need})"]
    lines.append(f"  ends {day(one.draft.signed.expires)}{_was(before)}")
    changes = _root_changes if isinstance(one.draft.signed, Root) else _targets_changes
    found = [f"  {line}" for line in changes(before, one.draft.signed)]
    nothing = "  lists nothing" if before is None else "  nothing else changes"
    return [plain(line) for line in lines + (found or [nothing])]


def plain(line: str) -> str:
    """Without what a terminal would obey, or what turns the order of letters round."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)


def settings_lines(folder: ReleaseFolder, one: Pending) -> list[str]:
    """Of thresholds that would come in: what they are, for their hash says it to nobody."""
    if one.role != "config":
        return []
    lines: list[str] = []
    before = {} if one.before is None else one.before.signed.targets
    for path, target in sorted(one.draft.signed.targets.items()):
        if before.get(path) != target:
            place = folder.target_path(path, bytes.fromhex(target.hashes["sha256"]))
            _, files = read_bundle(read_whole(place))
            for name, content in sorted(files.items()):
                lines.append(plain(f"  {path}, {name}:"))
                lines += [plain(f"    {line}") for line in content.decode(errors="replace").splitlines()]
    return lines


def day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _was(before: Any) -> str:
    return "" if before is None else f" (before: {day(before.expires)})"


def _root_changes(before: Root | None, after: Root) -> Iterator[str]:
    names = names_of(before, after)
    for role in ("root", "targets", "snapshot", "timestamp"):
        old = None if before is None else (before.roles[role].threshold, tuple(before.roles[role].keyids))
        new = after.roles[role].threshold, tuple(after.roles[role].keyids)
        if old != new:
            yield _holders(role, names, new, old)
    if before is not None and before.consistent_snapshot != after.consistent_snapshot:
        yield "file names no longer carry versions"


def _targets_changes(before: Targets | None, after: Targets) -> Iterator[str]:
    names = names_of(before, after)
    old_roles, new_roles = _delegated(before), _delegated(after)
    for role in sorted(old_roles.keys() | new_roles.keys()):
        old, new = old_roles.get(role), new_roles.get(role)
        if new is None:
            yield f"{role}: nobody signs it any more"
        elif old != new:
            yield _holders(f"{role} ({new[2]})", names, new[:2], None if old is None else old[:2])
    old_targets = {} if before is None else before.targets
    for path in sorted(old_targets.keys() - after.targets.keys()):
        yield f"- {target_line(path, old_targets[path])}"
    for path, target in sorted(after.targets.items()):
        if path not in old_targets:
            yield f"+ {target_line(path, target)}"
        elif old_targets[path] != target:
            yield f"! {path} is replaced: {target_line(path, target)}"


def _delegated(signed: Targets | None) -> dict[str, tuple[int, tuple[str, ...], str]]:
    if signed is None or signed.delegations is None or signed.delegations.roles is None:
        return {}
    return {
        name: (role.threshold, tuple(role.keyids), ", ".join(role.paths or []))
        for name, role in signed.delegations.roles.items()
    }


def _holders(
    role: str,
    names: Mapping[str, str],
    new: tuple[int, tuple[str, ...]],
    old: tuple[int, tuple[str, ...]] | None,
) -> str:
    def said(keyids: tuple[str, ...]) -> str:
        return ", ".join(f"{names.get(keyid, '?')} {keyid[:16]}" for keyid in keyids)

    before = "" if old is None else f" (before: {old[0]} of {len(old[1])}: {said(old[1])})"
    return f"{role}: {new[0]} of {len(new[1])}: {said(new[1])}{before}"


def target_line(path: str, target: TargetFile) -> str:
    """Everything that a device decides by. Raises ReleaseError."""
    about = about_of(path, target)
    parts = [
        f"{path}: version {about.version}, counter {about.counter}, for {', '.join(about.hardware)}",
        f"{target.length} bytes, SHA-256 {target.hashes['sha256']}",
    ]
    if about.minimum:
        parts.append(f"never below counter {about.minimum} again")
    if about.requires:
        parts.append(
            "needs " + ", ".join(f"{name} {least}" for name, least in sorted(about.requires.items()))
        )
    if about.environment:
        parts.append(f"environment {about.environment}")
    if about.embedder is not None:
        parts.append(f"embedder {about.embedder.hex()[:16]}… (another one means that everybody enrols again)")
    if about.measured:
        parts.append(
            "measured " + ", ".join(f"{name} {found}" for name, found in sorted(about.measured.items()))
        )
    return "; ".join(parts)
