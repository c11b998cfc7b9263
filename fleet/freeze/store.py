"""Who is under the freeze of a sitting, who lifted it, and what devices attest, in the database."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from fleet.db import Connection
from fleet.tables import attestations, births, devices, frozen_devices, overrides
from wire.ids import DeviceId

Holds = dict[str, str]
"""What a device reports that it runs, by component."""


@dataclass(frozen=True, slots=True)
class FrozenDevice:
    """present: it was there when the sitting was opened; the others joined later."""

    device: str
    role: str
    present: bool
    holds: Holds
    since_ms: int


@dataclass(frozen=True, slots=True)
class Born:
    """How a device connected last, and what it reported."""

    device: DeviceId
    role: str
    reported: dict[str, str]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """Two people lift a freeze. device: None: of the whole hall. second: None until somebody agrees. state:
    asked | lifted | ended | expired. until_ms: None until it is lifted."""

    id: int
    sitting: str
    device: str | None
    reason: str
    first: str
    second: str | None
    state: str
    minutes: int
    asked_ms: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class Word:
    """What a device attests. parts: (part, hash then, hash afterwards), in hex."""

    device: str
    leaf: int
    from_ms: int
    to_ms: int
    boots: int
    lifted: bool
    unchanged: bool
    parts: tuple[tuple[str, str | None, str | None], ...]


def born(connection: Connection) -> list[Born]:
    """Every active device that has ever connected."""
    query = (
        select(devices.c.device, devices.c.role, births.c.reported, births.c.received_ms)
        .join(births, births.c.device == devices.c.device)
        .where(devices.c.state == "active")
        .order_by(devices.c.device)
    )
    return [
        Born(DeviceId(row.device), row.role, json.loads(row.reported), row.received_ms)
        for row in connection.execute(query)
    ]


def set_frozen(connection: Connection, sitting: str, rows: Sequence[FrozenDevice]) -> None:
    """These are under the freeze of this sitting too; none of them was before."""
    values = [
        {
            "sitting": sitting,
            "device": row.device,
            "role": row.role,
            "present": row.present,
            "holds": json.dumps(row.holds, sort_keys=True),
            "since_ms": row.since_ms,
        }
        for row in rows
    ]
    if values:
        connection.execute(insert(frozen_devices), values)


def frozen(connection: Connection, sitting: str) -> list[FrozenDevice]:
    """In order of their names."""
    c = frozen_devices.c
    query = select(frozen_devices).where(c.sitting == sitting).order_by(c.device)
    return [
        FrozenDevice(row.device, row.role, row.present, json.loads(row.holds), row.since_ms)
        for row in connection.execute(query)
    ]


def ask(connection: Connection, values: Mapping[str, Any]) -> int:
    """Add an override that one person asks for; its id."""
    done = connection.execute(insert(overrides).values(**values, state="asked", second=None, until_ms=None))
    (found,) = done.inserted_primary_key or (0,)
    return int(found)


def find(connection: Connection, override: int) -> Lifted | None:
    row = connection.execute(select(overrides).where(overrides.c.id == override)).first()
    return _lifted(row) if row else None


def of_sitting(connection: Connection, sitting: str) -> list[Lifted]:
    """In the order in which they were asked for."""
    query = select(overrides).where(overrides.c.sitting == sitting).order_by(overrides.c.id)
    return [_lifted(row) for row in connection.execute(query)]


def in_states(connection: Connection, states: Collection[str]) -> list[Lifted]:
    query = select(overrides).where(overrides.c.state.in_(states)).order_by(overrides.c.id)
    return [_lifted(row) for row in connection.execute(query)]


def change(connection: Connection, override: int, **values: str | int) -> None:
    connection.execute(update(overrides).where(overrides.c.id == override).values(values))


def words(connection: Connection, sitting: str) -> dict[str, Word]:
    """What devices attest of this sitting, by device."""
    query = select(attestations).where(attestations.c.sitting == sitting)
    return {
        row.device: Word(
            row.device, row.leaf_index, row.from_ms, row.to_ms, row.boots, row.lifted, row.unchanged,
            tuple((name, then, now) for name, then, now in json.loads(row.parts)),
        )
        for row in connection.execute(query)
    }  # fmt: skip


def roles(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    """device -> role, revoked ones too."""
    query = select(devices.c.device, devices.c.role)
    return {device: role for device, role in connection.execute(query) if device in wanted}


def _lifted(row: Any) -> Lifted:
    return Lifted(
        row.id, row.sitting, row.device, row.reason, row.first, row.second, row.state, row.minutes,
        row.asked_ms, row.until_ms,
    )  # fmt: skip
