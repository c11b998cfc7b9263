"""The PIN's side of the database: what a sitting asks for, keypads that something can be sealed to, and which
twins ask."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from fleet.db import Connection
from fleet.desk.store import set_setting, setting
from fleet.tables import devices, twins
from wire.ids import DeviceId, MemberRef, SittingId

UNLOCK: Final = "unlock"
"""The keypad's twin key."""
_WISH: Final = "unlock/"
"""In table settings, with a sitting's name behind it: JSON of its wish."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sitting asks for. waived: keypads that ask nothing of this member; of somebody else who comes to
    sit there they do."""

    asks: bool = False
    waived: Mapping[DeviceId, MemberRef] = field(default_factory=dict)


def wish(connection: Connection, sitting: SittingId) -> Wish:
    text = setting(connection, _WISH + sitting)
    if text is None:
        return Wish()
    found: dict[str, Any] = json.loads(text)
    waived = {
        DeviceId(keypad): MemberRef(bytes.fromhex(member)) for keypad, member in found["waived"].items()
    }
    return Wish(found["asks"], waived)


def set_wish(connection: Connection, sitting: SittingId, wanted: Wish) -> None:
    waived = {keypad: member.hex() for keypad, member in wanted.waived.items()}
    text = json.dumps({"asks": wanted.asks, "waived": waived}, sort_keys=True)
    set_setting(connection, _WISH + sitting, text)


def sealing_keys(connection: Connection) -> dict[DeviceId, bytes]:
    """The active keypads that have a sealing key."""
    c = devices.c
    query = select(c.device, c.sealing_key).where(
        c.role == "keypad", c.state == "active", c.sealing_key.is_not(None)
    )
    return {DeviceId(device): key for device, key in connection.execute(query)}


def asking(connection: Connection) -> frozenset[DeviceId]:
    """The devices whose twin asks for a PIN: a seating writes a twin anew, without it."""
    # Bytes stand in a twin's JSON as an object, and no text in it can hold a quotation mark of its own.
    query = select(twins.c.device).where(twins.c.desired.contains(f'"{UNLOCK}": {{', autoescape=True))
    return frozenset(DeviceId(device) for device in connection.execute(query).scalars())
