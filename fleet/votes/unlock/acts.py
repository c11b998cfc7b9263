"""Whether a sitting asks for PINs, and the seats that need none: officers' acts. The keypads hear of it at
the next tick."""

from dataclasses import replace

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Act, Office, lines
from fleet.lane.rules import folded
from fleet.people import store as people
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.sittings.store import Place, Sitting
from fleet.votes.refusals import refused
from fleet.votes.unlock import seats, store
from fleet.votes.unlock.seats import Seat
from fleet.votes.unlock.store import Wish
from wire.ids import DeviceId


def ask(office: Office, account: str, name: str, *, asks: bool) -> None:
    """Have the keypads of this sitting ask for PINs, or no longer. Raises NotFound, Conflict."""
    with office.act(account, "sitting.pin-asked", name) as act:
        sitting = _running(act.connection, name)
        wanted = replace(store.wish(act.connection, sitting.sitting), asks=asks)
        store.set_wish(act.connection, sitting.sitting, wanted)
        act.note(asks=asks)
        if asks:
            _name_the_others(office, act, sitting, wanted)


def waive(office: Office, account: str, name: str, keypad: str, reason: str) -> None:
    """This keypad asks nothing of the member who sits there now: an officer has seen who it is. Raises
    BadInput, NotFound, Conflict."""
    with office.act(account, "seat.pin-waived", f"{name}/{keypad}") as act:
        sitting = _running(act.connection, name)
        place = _seated(act.connection, sitting, keypad)
        person = people.find(act.connection, place.member)
        if person is not None and folded(person.name) in folded(reason):
            raise refused(BadInput, "bad-input/name-in-reason")
        wish = store.wish(act.connection, sitting.sitting)
        waived = {**wish.waived, DeviceId(keypad): place.member}
        store.set_wish(act.connection, sitting.sitting, replace(wish, waived=waived))
        act.note(member=place.member.hex(), reason=reason)


def ask_again(office: Office, account: str, name: str, keypad: str) -> None:
    """Take a waiver back; without one nothing changes. Raises NotFound, Conflict."""
    with office.act(account, "seat.pin-asked", f"{name}/{keypad}") as act:
        sitting = _running(act.connection, name)
        wish = store.wish(act.connection, sitting.sitting)
        waived = {device: member for device, member in wish.waived.items() if device != keypad}
        store.set_wish(act.connection, sitting.sitting, replace(wish, waived=waived))


def of_sitting(office: Office, name: str) -> tuple[Wish, list[tuple[Place, Seat]]]:
    """What is asked, and of every seat with a keypad what it does. Raises NotFound."""
    with office.look() as connection:
        sitting = _found(connection, name)
        wish = store.wish(connection, sitting.sitting)
        places = sittings.places(connection, sitting.sitting)
        found = seats.seats(connection, office.desk.congress, wish, places, office.clock.wall_ms())
    return wish, found


def _name_the_others(office: Office, act: Act, sitting: Sitting, wish: Wish) -> None:
    """Seats that will not ask, or cannot be unlocked, are in the act's line: somebody should see to them."""
    places = sittings.places(act.connection, sitting.sitting)
    found = seats.seats(act.connection, office.desk.congress, wish, places, act.now_ms)
    for word, label in ((Seat.NO_KEY, "no_key"), (Seat.NO_BADGE, "no_badge")):
        keypads = [str(place.device) for place, seat in found if seat is word]
        if keypads:
            act.note(**{label: lines(keypads)})


def _seated(connection: Connection, sitting: Sitting, keypad: str) -> Place:
    for place in sittings.places(connection, sitting.sitting):
        if place.device == keypad:
            return place
    raise refused(NotFound, "not-found/nobody-seated", keypad=keypad, sitting=sitting.sitting)


def _running(connection: Connection, name: str) -> Sitting:
    sitting = _found(connection, name)
    if sitting.state not in ("prepared", "open"):
        raise refused(Conflict, "wrong-state/sitting", sitting=name, state=state_word(sitting.state))
    return sitting


def _found(connection: Connection, name: str) -> Sitting:
    sitting = sittings.find(connection, name)
    if sitting is None:
        raise refused(NotFound, "not-found/sitting", sitting=name)
    return sitting
