"""What the broker's users follow: the registry's active devices and the generation of their last change."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fleet.db import Connection
from fleet.tables import devices
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class Registered:
    """generation rises with every change of the registry; active: who may connect."""

    generation: int
    active: tuple[DeviceId, ...]


def generation(connection: Connection) -> int:
    return int(connection.scalar(select(func.max(devices.c.generation))) or 0)


def registered(connection: Connection) -> Registered:
    active = connection.scalars(select(devices.c.device).where(devices.c.state == "active"))
    return Registered(generation(connection), tuple(DeviceId(device) for device in active))
