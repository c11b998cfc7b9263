"""Who is to install what, the director's signed metadata, and which files devices still stand on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select

from fleet.db import Connection
from fleet.rollout.rules.shape import Target
from fleet.tables import births, devices, director, director_metadata, rollout_devices, rollouts
from wire.errors import BadSchema
from wire.ids import DeviceId
from wire.keys import PublicKey
from wire.updates import COMPONENTS, Assigned, parse_held

_UNDER_WAY: Final = ("draft", "running", "paused", "aborting")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One target for one device."""

    component: str
    path: str
    length: int
    sha256: bytes
    assigned: Assigned


@dataclass(frozen=True, slots=True)
class Signed:
    """The director's metadata of one device, as last signed."""

    version: int
    expires_ms: int
    targets: str
    snapshot: str
    timestamp: str


def active_key(connection: Connection, device: str) -> PublicKey | None:
    """None: no such device, or one that is revoked."""
    row = connection.execute(
        select(devices.c.alg, devices.c.public_key).where(
            devices.c.device == device, devices.c.state == "active"
        )
    ).first()
    return PublicKey(row.alg, row.public_key) if row else None


def assign(connection: Connection, device: DeviceId, target: Target, rollout: str, generation: int) -> None:
    unassign(connection, device, target.about.component)
    connection.execute(
        insert(director).values(
            device=device,
            component=target.about.component,
            target=target.path,
            length=target.length,
            sha256=target.sha256,
            rollout=rollout,
            generation=generation,
        )
    )


def unassign(connection: Connection, device: DeviceId, component: str) -> None:
    connection.execute(delete(director).where(director.c.device == device, director.c.component == component))


def assignments(connection: Connection, device: DeviceId) -> list[Assignment]:
    """By component."""
    rows = connection.execute(
        select(director).where(director.c.device == device).order_by(director.c.component)
    )
    return [
        Assignment(
            row.component,
            row.target,
            row.length,
            row.sha256,
            Assigned(DeviceId(row.device), row.rollout, row.generation),
        )
        for row in rows
    ]


def signed(connection: Connection, device: DeviceId) -> Signed | None:
    row = connection.execute(select(director_metadata).where(director_metadata.c.device == device)).first()
    return Signed(row.version, row.expires_ms, row.targets, row.snapshot, row.timestamp) if row else None


def keep_signed(connection: Connection, device: DeviceId, found: Signed) -> None:
    connection.execute(delete(director_metadata).where(director_metadata.c.device == device))
    connection.execute(
        insert(director_metadata).values(
            device=device,
            version=found.version,
            expires_ms=found.expires_ms,
            targets=found.targets,
            snapshot=found.snapshot,
            timestamp=found.timestamp,
        )
    )


def held(connection: Connection) -> Iterator[tuple[DeviceId, str, bytes]]:
    """(device, component, SHA-256 of the target) as the active devices last reported."""
    rows = connection.execute(
        select(births.c.device, births.c.reported)
        .join(devices, devices.c.device == births.c.device)
        .where(devices.c.state == "active")
    )
    for device, reported in rows:
        found = json.loads(reported)
        for component in COMPONENTS:
            try:
                yield DeviceId(device), component, parse_held(found[component]).sha256
            except (KeyError, BadSchema):
                continue


def wanted(connection: Connection) -> set[tuple[str, str, bytes]]:
    """(device, component, SHA-256) of what devices are to install, or are planned to."""
    planned = select(rollout_devices.c.device, rollouts.c.component, rollouts.c.sha256).join(
        rollouts, rollouts.c.rollout == rollout_devices.c.rollout
    )
    queries = (
        planned.where(rollouts.c.state.in_(_UNDER_WAY)),
        select(director.c.device, director.c.component, director.c.sha256),
    )
    return {tuple(row) for query in queries for row in connection.execute(query)}


def standing(connection: Connection) -> set[bytes]:
    """SHA-256 of every target that a device has, is to have, or may be brought back to."""
    found = {sha256 for _, _, sha256 in held(connection)} | {sha256 for _, _, sha256 in wanted(connection)}
    before = (
        select(rollout_devices.c.before_sha256)
        .join(rollouts, rollouts.c.rollout == rollout_devices.c.rollout)
        .where(rollouts.c.state.in_(_UNDER_WAY), rollout_devices.c.before_sha256.is_not(None))
    )
    return found | set(connection.execute(before.distinct()).scalars())
