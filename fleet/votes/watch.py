"""What the fleet does by itself while a sitting is open: hold a question when units vanish, tell each seat
whether it may vote and why not, which PIN it is to ask for, and which vote of its member is there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet.api.errors import Conflict
from fleet.attendance.reading import Follower
from fleet.db import Connection
from fleet.desk.office import FLEET, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import Desired
from fleet.sittings import store as sittings
from fleet.sittings.store import Place, Sitting
from fleet.votes import acts, store
from fleet.votes.loss_watch import LossWatch
from fleet.votes.rules import RUNNING, Question, Step
from fleet.votes.takeover import Takeovers
from fleet.votes.unlock.following import Following
from wire.ids import DeviceId, MemberRef

ENABLED: Final = "enabled"
WHY: Final = "why"
"""Twin keys of a keypad that may not vote now; one that may has neither. Bindings of a seat, so that a freeze
does not touch them."""
ABSENT: Final = "absent"
RECUSED: Final = "recused"
NO_SEAT: Final = "no-seat"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What decides who may vote: of each keypad its place on the roll, and why it may not, or nothing. A twin
    is looked at only when something of this has changed; a new seating has overwritten it."""

    sitting: str
    question: str
    by_keypad: Mapping[DeviceId, tuple[Place | None, str]]

    def since(self, before: "_Seen | None") -> dict[DeviceId, str]:
        """The keypads of which something has changed, and why they may not vote."""
        known = before.by_keypad if before is not None and before.sitting == self.sitting else {}
        return {keypad: said[1] for keypad, said in self.by_keypad.items() if known.get(keypad) != said}


class Watch:
    """One per process, asked at every tick."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._follower = Follower()
        self._pins = Following(office)
        self._losses = LossWatch(office.clock)
        self._takeovers = Takeovers(office)
        self._seen: _Seen | None = None

    def tick(self) -> None:
        """Raises StoreError, RecordRejected; the next tick goes on."""
        with self._office.look() as connection:
            sitting = sittings.open_sitting(connection)
        if sitting is None:
            self._seen = None
            self._losses.rest()
        else:
            self._watch(sitting)
            self._takeovers.tick(sitting.sitting)
        self._pins.tick(sitting)

    def _watch(self, sitting: Sitting) -> None:
        with self._office.look() as connection:
            running = store.running(connection)
            question = running if running is not None and running.state in RUNNING else None
            places = sittings.places(connection, sitting.sitting)
            held_why = self._loss(connection, sitting, question, places)
            seen = self._voters(connection, sitting, question, places)
        if held_why is not None and question is not None:
            self._hold(question, held_why)
        if seen != self._seen:
            self._tell(seen)
            self._seen = seen

    def _loss(
        self, connection: Connection, sitting: Sitting, question: Question | None, places: list[Place]
    ) -> str | None:
        """Why the question must be held, None while it need not."""
        if question is None or question.state != "open" or question.by_paper:
            self._losses.rest()
            return None
        seated = {place.device for place in places if place.device is not None}
        opened = (question.question, question.changed_ms)
        return self._losses.why(connection, sitting.sitting, opened, seated)

    def _hold(self, question: Question, why: str) -> None:
        try:
            as_of_ms = question.changed_ms
            acts.step(self._office, FLEET, question.question, Step.HOLD, held_why=why, as_of_ms=as_of_ms)
        except Conflict:
            return  # somebody was faster: it is held or closed already, or was, and goes on

    def _voters(
        self, connection: Connection, sitting: Sitting, question: Question | None, places: list[Place]
    ) -> _Seen:
        """Keypads that may not vote now, and why; those bound to nobody only while there is a question."""
        asks = question.presence if question else store.settings(connection, sitting.sitting).presence
        inside = self._inside(connection, sitting) if asks else None
        recused = store.recused(connection, question.question) if question else {}
        said: dict[DeviceId, tuple[Place | None, str]] = {
            place.device: (place, _reason(place.member, recused, inside))
            for place in places
            if place.device is not None
        }
        if question is not None:
            free = set(devices.active(connection, "keypad")) - set(said)
            said |= dict.fromkeys(free, (None, NO_SEAT))
        return _Seen(sitting.sitting, question.question if question else "", said)

    def _inside(self, connection: Connection, sitting: Sitting) -> frozenset[MemberRef]:
        """In the order of the log: two passages of a person that came out of turn leave no other trace."""
        return frozenset(self._follower.follow(self._office, connection, sitting.sitting).present)

    def _tell(self, seen: _Seen) -> None:
        reasons = seen.since(self._seen)
        with self._office.look() as connection:
            changed = _changed(connection, reasons)
        if not changed:
            return
        with self._office.act(FLEET, "keypads.enabled", seen.question or seen.sitting) as act:
            changed = _changed(act.connection, reasons)  # as they are now, with the turn held
            desire(act, changed)
            off = sum(twin.get(ENABLED) is False for twin in changed.values())
            act.note(enabled=len(changed) - off, disabled=off)


def _reason(member: MemberRef, recused: Mapping[MemberRef, str], inside: frozenset[MemberRef] | None) -> str:
    """Empty for a member who may vote."""
    if member in recused:
        return RECUSED
    return ABSENT if inside is not None and member not in inside else ""


def _changed(connection: Connection, by_keypad: Mapping[DeviceId, str]) -> dict[DeviceId, Desired]:
    """The twins that do not say yet what they should."""
    changed: dict[DeviceId, Desired] = {}
    active = set(devices.active(connection, "keypad"))
    for keypad, why in by_keypad.items():
        if keypad not in active:
            continue
        twin = devices.twin(connection, keypad)
        wanted = {name: value for name, value in twin.items() if name not in (ENABLED, WHY)}
        if why:
            wanted |= {ENABLED: False, WHY: why}
        if wanted != twin:
            changed[keypad] = wanted
    return changed
