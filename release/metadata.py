"""Metadata of TUF as officers make it: who may sign what, what exists, until when (ADR-0022).

Names of key holders stand in the field `x-names` (keyid -> name) of roots and of targets, signed with them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, Role, Root, Signed, TargetFile, Targets
from tuf.api.serialization import DeserializationError, SerializationError

from release.errors import ReleaseError, Tampered
from release.files import Measured
from release.keys import PublicKey, as_key, different
from wire.errors import RecordRejected
from wire.updates import COMPONENTS, About, component_of, parse_about

NAMES: Final = "x-names"
ROOT_LIFE: Final = timedelta(days=365)
TARGETS_LIFE: Final = timedelta(days=90)
SIGNERS_MIN: Final = 2
"""Of root and targets: with one, whoever steals one key, or its owner alone, could release anything."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who signs what. delegates: for a component, the keys that stand in for the officers; their threshold is
    that of the officers, or their number where it is smaller."""

    officers: tuple[PublicKey, ...]
    threshold: int
    online: PublicKey
    director: PublicKey
    delegates: Mapping[str, tuple[PublicKey, ...]] = field(default_factory=dict)

    def checked(self) -> "Plan":
        """Raises ReleaseError."""
        different([*self.officers, self.online, self.director])
        if len(self.officers) < SIGNERS_MIN:
            raise ReleaseError(
                f"a release has {SIGNERS_MIN} officers at least, better three; give --officer once for each"
            )
        if not SIGNERS_MIN <= self.threshold <= len(self.officers):
            raise ReleaseError(
                f"that {self.threshold} of {len(self.officers)} officers sign cannot be: give --threshold "
                f"{SIGNERS_MIN} to {len(self.officers)}; with one, a single stolen key could release anything"
            )
        for component, keys in self.delegates.items():
            if component not in COMPONENTS:
                raise ReleaseError(f"nothing is called {component!r:.40}; delegate {', '.join(COMPONENTS)}")
            different([*keys, self.online, self.director])
        return self

    def keys_of(self, component: str) -> tuple[tuple[PublicKey, ...], int]:
        """Of one component's role: keys and threshold."""
        keys = self.delegates.get(component, self.officers)
        return keys, min(self.threshold, len(keys))


# -- roots -------------------------------------------------------------------------------------------------


def image_root(plan: Plan, version: int, now: datetime) -> Metadata[Root]:
    return _root(plan, version, now, {"snapshot": plan.online, "timestamp": plan.online})


def director_root(plan: Plan, version: int, now: datetime) -> Metadata[Root]:
    fleet = dict.fromkeys(("targets", "snapshot", "timestamp"), plan.director)
    return _root(plan, version, now, fleet)


def _root(plan: Plan, version: int, now: datetime, fleet: Mapping[str, PublicKey]) -> Metadata[Root]:
    holders = {
        role: (fleet[role],) if role in fleet else plan.officers
        for role in ("root", "targets", "snapshot", "timestamp")
    }
    signed = Root(
        version=version,
        expires=ends(now, ROOT_LIFE),
        keys={holder.key.keyid: holder.key for of_role in holders.values() for holder in of_role},
        roles={
            role: Role([holder.key.keyid for holder in of_role], 1 if role in fleet else plan.threshold)
            for role, of_role in holders.items()
        },
        consistent_snapshot=True,
        unrecognized_fields={NAMES: _names(holders)},
    )
    return Metadata(signed)


def _names(holders: Mapping[str, tuple[PublicKey, ...]]) -> dict[str, str]:
    return {holder.key.keyid: holder.name for of_role in holders.values() for holder in of_role}


def names_of(*signed: Signed | None) -> dict[str, str]:
    """keyid -> name, as far as these say. Raises Tampered."""
    found: dict[str, str] = {}
    for one in signed:
        names = {} if one is None else one.unrecognized_fields.get(NAMES, {})
        if type(names) is not dict or any(type(name) is not str for name in names.values()):
            raise Tampered(f"the field {NAMES} is not made of keyids and names")
        found |= names
    return found


def plan_of(images: Sequence[Root], director: Root, targets: Targets) -> Plan:
    """What these say, read back. images: all roots, the newest last; what is signed by the officers of any of
    them is the officers', even if a rotation was cut short. Raises Tampered for what no plan would make."""
    image = images[-1]
    if targets.delegations is None or targets.delegations.roles is None:
        raise Tampered("targets delegates nothing; this is not a folder of `hallward release init`")
    names = names_of(*images, director, targets)
    roles = targets.delegations.roles

    def holders(keyids: list[str], keys: Mapping[str, Key]) -> tuple[PublicKey, ...]:
        return tuple(PublicKey(names.get(keyid, keyid[:8]), as_key(keys[keyid])) for keyid in keyids)

    try:
        officers = holders(image.roles["root"].keyids, image.keys)
        ever = [set(root.roles["root"].keyids) for root in images]
        delegates = {
            component: holders(roles[component].keyids, targets.delegations.keys) for component in COMPONENTS
        }
        return Plan(
            officers,
            image.roles["root"].threshold,
            holders(image.roles["timestamp"].keyids, image.keys)[0],
            holders(director.roles["targets"].keyids, director.keys)[0],
            {component: keys for component, keys in delegates.items() if _ids(keys) not in ever},
        )
    except (KeyError, IndexError):
        raise Tampered("a role names a key that is not there; this is not a folder of ours") from None


def _ids(keys: Iterable[PublicKey]) -> set[str]:
    return {holder.key.keyid for holder in keys}


def is_signed_by(targets: Targets, component: str, plan: Plan) -> bool:
    """These targets delegate it to those whom the plan names."""
    role = targets.get_delegated_role(component)
    keys, threshold = plan.keys_of(component)
    return set(role.keyids) == _ids(keys) and role.threshold == threshold


# -- targets -----------------------------------------------------------------------------------------------


def top_targets(plan: Plan, version: int, now: datetime) -> Metadata[Targets]:
    """Delegates each component to a role of its name, lists nothing itself."""
    holders = {component: plan.keys_of(component)[0] for component in COMPONENTS}
    delegations = Delegations(
        {holder.key.keyid: holder.key for of_role in holders.values() for holder in of_role},
        {
            component: DelegatedRole(
                component,
                [holder.key.keyid for holder in holders[component]],
                plan.keys_of(component)[1],
                terminating=True,
                paths=[f"{component}/*"],
            )
            for component in COMPONENTS
        },
    )
    signed = Targets(
        version=version,
        expires=ends(now, TARGETS_LIFE),
        targets={},
        delegations=delegations,
        unrecognized_fields={NAMES: _names(holders)},
    )
    return Metadata(signed)


def component_targets(targets: Mapping[str, TargetFile], version: int, now: datetime) -> Metadata[Targets]:
    return Metadata(Targets(version=version, expires=ends(now, TARGETS_LIFE), targets=dict(targets)))


def target_file(path: str, measured: Measured, about: About) -> TargetFile:
    """Raises ReleaseError for a name or a description that no device would take."""
    try:
        component = component_of(path)
        custom = parse_about(about.custom()).custom()
    except RecordRejected as err:
        raise ReleaseError(f"{path!r:.80}: {err.what}") from None
    if component != about.component:
        raise ReleaseError(f"{path} cannot be a release of {about.component}: its path says {component}")
    hashes = {"sha256": measured.sha256.hex()}
    if component == "os" and measured.sha1 is not None:
        hashes["sha1"] = measured.sha1.hex()
    return TargetFile(measured.length, hashes, path, {"custom": custom})


def about_of(path: str, target: TargetFile) -> About:
    """Raises ReleaseError."""
    try:
        about = parse_about(target.unrecognized_fields.get("custom"))
        if component_of(path) != about.component:
            raise ReleaseError(f"{path}: it says that it is a release of {about.component}")
    except RecordRejected as err:
        raise ReleaseError(f"{path!r:.80}: {err.what}") from None
    return about


# -- bytes -------------------------------------------------------------------------------------------------


def ends(now: datetime, life: timedelta) -> datetime:
    """As metadata says it: UTC, whole seconds."""
    return now.astimezone(UTC).replace(microsecond=0) + life


def parse_metadata(data: bytes, role: str, path: object) -> Metadata[Any]:
    """Raises Tampered for what is no metadata of this role. Nothing is verified yet."""
    try:
        _no_floats(json.loads(data), path)
        found: Metadata[Any] = Metadata.from_bytes(data)
        _ = found.signed_bytes
    except (ValueError, RecursionError, DeserializationError, SerializationError):
        raise Tampered(
            f"{path} cannot be read: it was half written, or changed; take it from another officer's copy, "
            "or delete it if it is a draft, and make it again"
        ) from None
    if type(found.signed) is not (Root if role == "root" else Targets):
        raise Tampered(f"{path} holds {found.signed.type}, its name says {role}")
    return found


def _no_floats(value: Any, path: object) -> None:
    if type(value) is float:
        raise ReleaseError(f"{path} holds the number {value}: signed numbers are whole; write ppm or us")
    for inner in value.values() if type(value) is dict else value if type(value) is list else ():
        _no_floats(inner, path)


def successor(metadata: Metadata[Any], version: int, now: datetime) -> Metadata[Any]:
    """The same content once more, unsigned, with a new end."""
    copy = type(metadata.signed).from_dict(metadata.signed.to_dict())
    copy.version = version
    copy.expires = ends(now, ROOT_LIFE if type(copy) is Root else TARGETS_LIFE)
    return Metadata(copy)


def with_plan(plan: Plan, **changes: Any) -> Plan:
    """Raises ReleaseError."""
    return replace(plan, **changes).checked()
