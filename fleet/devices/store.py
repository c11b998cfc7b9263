"""Registry, last signs of life and twins in the database."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from fleet.db import Connection
from fleet.devices.rules import Desired, Sign, twin_of, twin_text
from fleet.tables import births, devices, health, places, twins
from wire.ids import DeviceId
from wire.keys import PublicKey

_CHUNK: Final = 500
"""Values in one IN: databases limit them."""


@dataclass(frozen=True, slots=True)
class Device:
    device: DeviceId
    role: str
    key: PublicKey
    sealing_key: bytes | None
    certificate: str
    place: str
    serial: str | None
    place_id: str | None
    """On the plan of the hall; None: a spare, or a device from before there was a plan."""
    state: str
    registered_ms: int
    revoked_ms: int | None
    sign: Sign
    software: str
    readings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Light:
    """The little of a device that a page with thousands of them needs."""

    device: DeviceId
    role: str
    place: str
    serial: str | None
    place_id: str | None
    state: str
    sign: Sign
    software: str


def lights(connection: Connection, role: str | None = None) -> list[Light]:
    query = (
        select(
            devices.c.device,
            devices.c.role,
            devices.c.place,
            devices.c.serial,
            places.c.place.label("place_id"),
            devices.c.state,
            births.c.received_ms,
            health.c.last_seen_ms,
            health.c.clock_skew_ms,
            births.c.software,
        )
        .outerjoin(births, births.c.device == devices.c.device)
        .outerjoin(health, health.c.device == devices.c.device)
        .outerjoin(places, places.c.device == devices.c.device)
        .order_by(devices.c.device)
    )
    if role is not None:
        query = query.where(devices.c.role == role)
    return [
        Light(
            DeviceId(device),
            its_role,
            place,
            serial,
            place_id,
            state,
            sign_of(born_ms, seen_ms, skew_ms),
            ran or "",
        )
        for (
            device,
            its_role,
            place,
            serial,
            place_id,
            state,
            born_ms,
            seen_ms,
            skew_ms,
            ran,
        ) in connection.execute(query)
    ]


def find(connection: Connection, device: str) -> Device | None:
    query = (
        select(
            devices,
            places.c.place.label("place_id"),
            births.c.received_ms,
            births.c.software,
            health.c.last_seen_ms,
            health.c.clock_skew_ms,
            health.c.readings,
        )
        .outerjoin(births, births.c.device == devices.c.device)
        .outerjoin(health, health.c.device == devices.c.device)
        .outerjoin(places, places.c.device == devices.c.device)
        .where(devices.c.device == device)
    )
    row = connection.execute(query).first()
    return _device(row) if row else None


def keys(connection: Connection, wanted: Collection[DeviceId]) -> list[tuple[DeviceId, int, bytes]]:
    """(device, algorithm, raw public key) of these devices, revoked ones too."""
    query = select(devices.c.device, devices.c.alg, devices.c.public_key)
    if len(wanted) <= _CHUNK:
        query = query.where(devices.c.device.in_(wanted))
    return [(DeviceId(row.device), row.alg, row.public_key) for row in connection.execute(query)]


def active(connection: Connection, role: str) -> list[DeviceId]:
    query = select(devices.c.device).where(devices.c.role == role, devices.c.state == "active")
    return [DeviceId(name) for name in connection.execute(query.order_by(devices.c.device)).scalars()]


def with_serial(connection: Connection, serial: str) -> list[tuple[DeviceId, PublicKey]]:
    """The active devices that carry this serial number: one, if nobody has printed it twice."""
    query = select(devices.c.device, devices.c.alg, devices.c.public_key).where(
        devices.c.serial == serial, devices.c.state == "active"
    )
    return [(DeviceId(row.device), PublicKey(row.alg, row.public_key)) for row in connection.execute(query)]


def sealing_keys(connection: Connection) -> dict[DeviceId, bytes | None]:
    """The active gates and their sealing keys."""
    query = select(devices.c.device, devices.c.sealing_key).where(
        devices.c.role == "gate", devices.c.state == "active"
    )
    return {DeviceId(row.device): row.sealing_key for row in connection.execute(query)}


def add(
    connection: Connection, device: DeviceId, role: str, key: PublicKey, sealing_key: bytes | None,
    certificate: str, place: str, now_ms: int, serial: str | None = None,
) -> None:  # fmt: skip
    connection.execute(
        insert(devices).values(
            device=device,
            role=role,
            alg=int(key.alg),
            public_key=key.raw,
            sealing_key=sealing_key,
            certificate=certificate,
            place=place,
            serial=serial,
            state="active",
            registered_ms=now_ms,
            revoked_ms=None,
            generation=_next_generation(connection),
        )
    )


def renew(
    connection: Connection, device: DeviceId, sealing_key: bytes | None, certificate: str, place: str,
    serial: str | None,
) -> None:  # fmt: skip
    """A new certificate over the same key, and whatever else may change of a device that stays itself."""
    connection.execute(
        update(devices)
        .where(devices.c.device == device)
        .values(
            sealing_key=sealing_key,
            certificate=certificate,
            place=place,
            serial=serial,
            generation=_next_generation(connection),
        )
    )


def revoke(connection: Connection, device: DeviceId, now_ms: int) -> None:
    connection.execute(
        update(devices)
        .where(devices.c.device == device)
        .values(state="revoked", revoked_ms=now_ms, generation=_next_generation(connection))
    )


def _next_generation(connection: Connection) -> int:
    """Broker users follow the greatest generation in the table."""
    return (connection.execute(select(func.max(devices.c.generation))).scalar_one() or 0) + 1


def twin(connection: Connection, device: str) -> Desired:
    """What is desired of a device; empty when nothing is."""
    text = connection.execute(select(twins.c.desired).where(twins.c.device == device)).scalar_one_or_none()
    return twin_of(text) if text else {}


def twins_of(connection: Connection, wanted: Collection[DeviceId]) -> dict[DeviceId, Desired]:
    """What is desired of these devices; those of which nothing is are left out."""
    names = list(wanted)
    found: dict[DeviceId, Desired] = {}
    for at in range(0, len(names), _CHUNK):
        query = select(twins.c.device, twins.c.desired).where(twins.c.device.in_(names[at : at + _CHUNK]))
        found |= {DeviceId(row.device): twin_of(row.desired) for row in connection.execute(query)}
    return found


def reported(connection: Connection, device: str) -> dict[str, str]:
    """What the device said of its twin when it last connected: key -> status word."""
    text = connection.execute(select(births.c.reported).where(births.c.device == device)).scalar_one_or_none()
    found: dict[str, str] = json.loads(text) if text else {}
    return found


def set_twins(connection: Connection, desired: Iterable[tuple[DeviceId, Desired]], now_ms: int) -> None:
    """generation here: when it was last changed; the signed message has its own, see table downlink."""
    rows = [
        {"device": device, "generation": now_ms, "desired": twin_text(wanted), "changed_ms": now_ms}
        for device, wanted in desired
    ]
    if rows:
        names = [row["device"] for row in rows]
        for at in range(0, len(names), _CHUNK):
            connection.execute(delete(twins).where(twins.c.device.in_(names[at : at + _CHUNK])))
        connection.execute(insert(twins), rows)


def sign_of(born_ms: int | None, seen_ms: int | None, skew_ms: int | None) -> Sign:
    """A birth counts until the first health report only: it says nothing that ages, so a broker that repeats
    one would keep a dead device alive."""
    return Sign(born_ms if seen_ms is None else seen_ms, skew_ms or 0)


def _device(row: Any) -> Device:
    return Device(
        device=DeviceId(row.device),
        role=row.role,
        key=PublicKey(row.alg, row.public_key),
        sealing_key=row.sealing_key,
        certificate=row.certificate,
        place=row.place,
        serial=row.serial,
        place_id=row.place_id,
        state=row.state,
        registered_ms=row.registered_ms,
        revoked_ms=row.revoked_ms,
        sign=sign_of(row.received_ms, row.last_seen_ms, row.clock_skew_ms),
        software=row.software or "",
        readings=json.loads(row.readings) if row.readings else {},
    )
