"""The plan of the hall in the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update

from fleet.db import Connection
from fleet.devices.rules import Sign
from fleet.devices.store import sign_of
from fleet.places.plan import Place, Stands
from fleet.tables import births, devices, health, places
from wire.ids import DeviceId

SPARE: Final = "dự phòng / spare"
"""Where a device is, in words, that stands at no place."""
_CHUNK: Final = 500
"""Values in one IN: databases limit them."""


@dataclass(frozen=True, slots=True)
class Here:
    """The device at a place. state: active | revoked."""

    device: DeviceId
    state: str
    serial: str | None
    sign: Sign


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the plan, and who stands there."""

    place: Place
    here: Here | None


def everything(connection: Connection) -> list[Spot]:
    """By row from the podium, then from the left."""
    query = _spots().order_by(places.c.y, places.c.x, places.c.place)
    return [_spot(row) for row in connection.execute(query)]


def find(connection: Connection, place: str) -> Spot | None:
    row = connection.execute(_spots().where(places.c.place == place)).first()
    return _spot(row) if row else None


def of_device(connection: Connection, device: str) -> Spot | None:
    """Where this device stands."""
    row = connection.execute(_spots().where(places.c.device == device)).first()
    return _spot(row) if row else None


def standing(connection: Connection) -> dict[str, Stands]:
    """What stands where, by place."""
    query = select(places.c.place, places.c.device, devices.c.serial).join(
        devices, devices.c.device == places.c.device
    )
    return {
        place: Stands(device, serial)
        for place, device, serial in connection.execute(query.order_by(places.c.place))
    }


def stand(connection: Connection, place: str, device: DeviceId, now_ms: int) -> None:
    """Let this device stand here and nowhere else. Whoever stood here stands nowhere; where the place expects
    a device, from now on it is this one."""
    before = find(connection, place)
    if before is not None and before.here is not None and before.here.device != device:
        leave(connection, before.here.device, now_ms)
    leave(connection, device, now_ms)
    own = select(devices.c.serial).where(devices.c.device == device).scalar_subquery()
    connection.execute(update(places).where(places.c.place == place).values(device=device, changed_ms=now_ms))
    connection.execute(
        update(places)
        .where(places.c.place == place, places.c.serial.is_not(None))
        .values(serial=func.coalesce(own, places.c.serial))
    )
    label = select(places.c.label).where(places.c.place == place).scalar_subquery()
    connection.execute(update(devices).where(devices.c.device == device).values(place=label))


def leave(connection: Connection, device: DeviceId, now_ms: int) -> bool:
    """Let this device stand nowhere. False: it stood nowhere before."""
    changed = connection.execute(
        update(places).where(places.c.device == device).values(device=None, changed_ms=now_ms)
    )
    if changed.rowcount:
        connection.execute(update(devices).where(devices.c.device == device).values(place=SPARE))
    return bool(changed.rowcount)


def put(connection: Connection, rows: Iterable[Place], now_ms: int) -> None:
    """Write these places as they are here; who stands there goes on standing."""
    wanted = list(rows)
    known = set(connection.execute(select(places.c.place)).scalars())
    fresh = [row for row in wanted if row.place not in known]
    for row in wanted:
        if row.place in known:
            connection.execute(update(places).where(places.c.place == row.place).values(_values(row, now_ms)))
            label = select(places.c.device).where(places.c.place == row.place).scalar_subquery()
            connection.execute(update(devices).where(devices.c.device == label).values(place=row.label))
    if fresh:
        connection.execute(
            insert(places), [{"place": row.place, "device": None, **_values(row, now_ms)} for row in fresh]
        )


def drop(connection: Connection, gone: Iterable[str]) -> None:
    """Take these places off the plan; the caller has seen that nobody stands there."""
    names = list(gone)
    for at in range(0, len(names), _CHUNK):
        connection.execute(delete(places).where(places.c.place.in_(names[at : at + _CHUNK])))


def _values(row: Place, now_ms: int) -> dict[str, Any]:
    return {
        "role": row.role,
        "label": row.label,
        "row": row.row,
        "seat": row.seat,
        "x": row.x,
        "y": row.y,
        "serial": row.serial,
        "changed_ms": now_ms,
    }


def _spots() -> Select[Any]:
    return (
        select(
            places,
            devices.c.state.label("device_state"),
            devices.c.serial.label("device_serial"),
            births.c.received_ms,
            health.c.last_seen_ms,
            health.c.clock_skew_ms,
        )
        .outerjoin(devices, devices.c.device == places.c.device)
        .outerjoin(births, births.c.device == places.c.device)
        .outerjoin(health, health.c.device == places.c.device)
    )


def _spot(row: Any) -> Spot:
    place = Place(row.place, row.role, row.label, row.row, row.seat, row.x, row.y, row.serial)
    if row.device is None:
        return Spot(place, None)
    sign = sign_of(row.received_ms, row.last_seen_ms, row.clock_skew_ms)
    return Spot(place, Here(DeviceId(row.device), row.device_state, row.device_serial, sign))
