"""Which seat asks for which PIN, and why one does not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from fleet.db import Connection
from fleet.lane import store as lane
from fleet.lane.sealing import can_seal_to
from fleet.sittings.store import Place
from fleet.votes.unlock import store
from fleet.votes.unlock.store import Wish
from wire.ids import CongressId, DeviceId, MemberRef
from wire.lane import pin_of


class Seat(StrEnum):
    """What somebody at a keypad meets, in a sitting that asks for PINs."""

    ASKS = "asks"
    NO_BADGE = "no-badge"
    """Their keypad says that there is no badge in force, and takes no vote until there is one."""
    NO_KEY = "no-key"
    """Nothing can be sealed to this keypad: it asks for nothing."""
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Told:
    """What one keypad is told. serial: 0 for who has no badge in force."""

    member: MemberRef
    serial: int
    sealing_key: bytes = field(repr=False)

    def pin(self, lane_key: bytes, congress: CongressId) -> str:
        """Empty without a badge."""
        if not self.serial:
            return ""
        return pin_of(lane_key, congress=congress, member=self.member, serial=self.serial)


def told(
    connection: Connection, congress: CongressId, wish: Wish, places: Iterable[Place], now_ms: int
) -> dict[DeviceId, Told]:
    """The keypads that are to ask, by what they are told; nobody in a sitting that does not ask."""
    if not wish.asks:
        return {}
    keys = store.sealing_keys(connection)
    serials = lane.newest_badges(connection, now_ms)
    return {
        place.device: Told(place.member, serials.get(place.member, 0), keys[place.device])
        for place in places
        if place.device is not None
        and wish.waived.get(place.device) != place.member
        and _is_sound(keys.get(place.device, b""), congress, place.device)
    }


def seats(
    connection: Connection, congress: CongressId, wish: Wish, places: Iterable[Place], now_ms: int
) -> list[tuple[Place, Seat]]:
    """Every seat with a keypad, in the order of the places."""
    seated = [place for place in places if place.device is not None]
    asked = told(connection, congress, wish, seated, now_ms)
    return [(place, _word(wish, place, asked)) for place in seated]


def _word(wish: Wish, place: Place, asked: dict[DeviceId, Told]) -> Seat:
    keypad = DeviceId(str(place.device))
    if wish.waived.get(keypad) == place.member:
        return Seat.WAIVED
    found = asked.get(keypad)
    if found is None:
        return Seat.NO_KEY
    return Seat.ASKS if found.serial else Seat.NO_BADGE


@lru_cache(maxsize=8192)
def _is_sound(sealing_key: bytes, congress: CongressId, keypad: DeviceId) -> bool:
    return bool(sealing_key) and can_seal_to(sealing_key, congress, keypad)
