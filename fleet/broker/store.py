"""What the broker's users follow: the registry's active devices and the generation of their last change."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fleet.db import Connection
from fleet.tables import devices
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class Generations:
    """newest rises with every change of the registry; revoked with every device that may connect no more."""

    newest: int
    revoked: int


@dataclass(frozen=True, slots=True)
class Registered:
    """active: who may connect."""

    generations: Generations
    active: tuple[DeviceId, ...]


def generations(connection: Connection) -> Generations:
    newest = select(func.max(devices.c.generation))
    revoked = newest.where(devices.c.state == "revoked")
    return Generations(connection.scalar(newest) or 0, connection.scalar(revoked) or 0)


def registered(connection: Connection) -> Registered:
    active = connection.scalars(select(devices.c.device).where(devices.c.state == "active"))
    return Registered(generations(connection), tuple(DeviceId(device) for device in active))
