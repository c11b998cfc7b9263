"""Keypads follow what a sitting asks for: told anew when somebody else sits there, when a badge is issued,
revoked or expires, and when a unit has another key. A PIN stands nowhere but in what is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fleet.db import Connection
from fleet.desk import store as settings
from fleet.desk.office import FLEET, Act, Office, lines
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import Desired
from fleet.lane import store as lane
from fleet.lane.lists import lane_key
from fleet.sittings import store as sittings
from fleet.sittings.store import Sitting
from fleet.votes.unlock import seats, store
from fleet.votes.unlock.seats import Told
from fleet.votes.unlock.store import UNLOCK
from wire.ids import DeviceId
from wire.unlock import Code, seal_unlock


@dataclass(frozen=True, slots=True)
class _Seen:
    """under: the lane key, None before there is one. asking: the twins that ask."""

    under: str | None = field(repr=False)
    told: Mapping[DeviceId, Told]
    asking: frozenset[DeviceId]


class Following:
    """One per process. A process that begins tells everybody once more: it does not know what was sealed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._under: str | None = None
        self._told: Mapping[DeviceId, Told] = {}
        self._may_ask = True

    def tick(self, sitting: Sitting | None) -> None:
        """sitting: the open one. Raises StoreError; the next tick goes on."""
        with self._office.look() as connection:
            if not self._may_ask and not self._asks(connection, sitting):
                return  # nobody asks, and nobody was told to
            seen = self._look(connection, sitting)
        if self._missing(seen) or self._needless(seen):
            with self._office.act(FLEET, "keypads.pin-asked", sitting.sitting if sitting else "none") as act:
                seen = self._tell(act, sitting)
        self._told, self._under = seen.told, seen.under
        self._may_ask = bool(seen.told)

    def _asks(self, connection: Connection, sitting: Sitting | None) -> bool:
        return sitting is not None and store.wish(connection, sitting.sitting).asks

    def _look(self, connection: Connection, sitting: Sitting | None) -> _Seen:
        found: Mapping[DeviceId, Told] = {}
        if sitting is not None:
            found = seats.told(
                connection,
                self._office.desk.congress,
                store.wish(connection, sitting.sitting),
                sittings.places(connection, sitting.sitting),
                self._office.clock.wall_ms(),
            )
        return _Seen(settings.setting(connection, lane.KEY), found, store.asking(connection))

    def _missing(self, seen: _Seen) -> list[DeviceId]:
        """Keypads that have not been told what they should ask for."""
        known = self._told if seen.under is not None and seen.under == self._under else {}
        return [
            keypad
            for keypad, told in seen.told.items()
            if keypad not in seen.asking or known.get(keypad) != told
        ]

    def _needless(self, seen: _Seen) -> list[DeviceId]:
        return sorted(seen.asking - seen.told.keys())

    def _tell(self, act: Act, sitting: Sitting | None) -> _Seen:
        """As it is now, with the turn held."""
        seen = self._look(act.connection, sitting)
        missing, needless = self._missing(seen), self._needless(seen)
        twins = {keypad: _without(act.connection, keypad) for keypad in (*missing, *needless)}
        desire(act, with_pins(self._office, act, seen.told, twins))
        act.note(asked=len(missing), no_longer=len(needless))
        if without := sorted(keypad for keypad in missing if not seen.told[keypad].serial):
            act.note(without_badge=lines(without))
        return replace(seen, under=settings.setting(act.connection, lane.KEY))


def with_pins(
    office: Office, act: Act, told: Mapping[DeviceId, Told], twins: Mapping[DeviceId, Desired]
) -> dict[DeviceId, Desired]:
    """These twins, each with the PIN that its keypad is to ask for, if it is to ask."""
    asking = twins.keys() & told.keys()
    # The key is not made for nobody: once the congress is over, no PIN can be made again.
    key = lane_key(office, act.connection) if asking else b""
    congress = office.desk.congress
    sealed: dict[DeviceId, Desired] = {
        keypad: {
            UNLOCK: seal_unlock(
                Code(told[keypad].member, told[keypad].serial, told[keypad].pin(key, congress)),
                told[keypad].sealing_key,
                congress=congress,
                keypad=keypad,
            )
        }
        for keypad in asking
    }
    return {keypad: {**twin, **sealed.get(keypad, {})} for keypad, twin in twins.items()}


def _without(connection: Connection, keypad: DeviceId) -> Desired:
    return {name: value for name, value in devices.twin(connection, keypad).items() if name != UNLOCK}
