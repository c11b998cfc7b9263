"""Opening, closing and certifying a sitting, and who sits where: officers' acts, each signed into the hall
log."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import Desired
from fleet.freeze import lease
from fleet.lane.lists import tell_lanes
from fleet.people import store as people
from fleet.secret import store as secret
from fleet.sittings import store
from fleet.sittings.refusals import refused
from fleet.sittings.state_words import state_word
from fleet.sittings.store import Place, Sitting
from fleet.votes import store as votes
from fleet.votes.takeover import with_casts
from fleet.votes.unlock import seats as pins
from fleet.votes.unlock.following import with_pins
from fleet.votes.unlock.store import wish
from wire.down import AUDIENCE_ALL, FreezeNotice, SittingNotice
from wire.ids import DeviceId, MemberRef
from wire.records import ROLL_PAGE_ROWS_MAX, RollPage, Seating, SittingChanged

UNSEATED: Final[Desired] = {"seat": "", "member": None}


def prepare(office: Office, account: str, sitting: Sitting, places: Sequence[Place]) -> None:
    """A sitting with its roll. Raises BadInput, NotFound; Conflict when the name is taken."""
    members = [place.member for place in places]
    keypads = [place.device for place in places if place.device is not None]
    if len(set(members)) != len(members) or len(set(keypads)) != len(keypads):
        raise refused(BadInput, "bad-input/twice")
    with office.act(account, "sitting.prepared", sitting.sitting) as act:
        if store.find(act.connection, sitting.sitting) is not None:
            raise refused(Conflict, "sitting-exists", sitting=sitting.sitting)
        if set(members) - people.known(act.connection, members):
            raise refused(NotFound, "not-found/member")
        unknown = sorted(set(keypads) - set(devices.active(act.connection, "keypad")))
        if unknown:
            raise refused(NotFound, "not-found/keypad-of-roll", device=unknown[0])
        store.add(act.connection, replace(sitting, created_ms=act.now_ms), places)
        act.note(
            summoned=len(members), keypads=len(keypads), quorum=f"{sitting.quorum_num}/{sitting.quorum_den}"
        )


def open_sitting(office: Office, account: str, name: str) -> None:
    """Sign the roll and the opening into the log; tell every keypad its seat and its member; freeze the
    devices."""
    with office.act(account, "sitting.opened", name) as act:
        sitting = _in_state(act.connection, name, "prepared")
        other = store.open_sitting(act.connection)
        if other is not None:
            raise refused(Conflict, "another-open", other=other.sitting)
        places = store.places(act.connection, sitting.sitting)
        _record_roll(act, sitting, places)
        seq = act.record(_changed(sitting, "open", len(places)))
        store.set_state(act.connection, sitting.sitting, "open", seq)
        seated: dict[DeviceId, Desired] = {
            place.device: {"seat": place.seat, "member": place.member} for place in places if place.device
        }
        keypads = devices.active(act.connection, "keypad")
        _bind(office, act, sitting, {keypad: seated.get(keypad, UNSEATED) for keypad in keypads})
        tell_lanes(office, act)
        _announce(act, sitting, "open", frozen=True)
        frozen = lease.begin(act.connection, sitting.sitting, act.now_ms)
        act.note(summoned=len(places), frozen=frozen)


def close_sitting(office: Office, account: str, name: str) -> None:
    """Raises Conflict while a question is open, held, or has no result yet."""
    with office.act(account, "sitting.closed", name) as act:
        sitting = _in_state(act.connection, name, "open")
        running = votes.running(act.connection)
        if running is not None:
            raise refused(
                Conflict, "question-open", question=running.question, state=state_word(running.word)
            )
        secret_one = secret.running(act.connection)
        if secret_one is not None:
            raise refused(
                Conflict, "question-open/secret", question=secret_one.question,
                state=state_word(secret_one.state),
            )  # fmt: skip
        places = store.places(act.connection, sitting.sitting)
        seq = act.record(_changed(sitting, "closed", len(places)))
        store.set_state(act.connection, sitting.sitting, "closed", seq)
        lease.end(act.connection, sitting.sitting, act.now_ms)
        _announce(act, sitting, "closed", frozen=False)


def certify(office: Office, account: str, name: str) -> int:
    """Let the devices prune what the log holds: how many were told. The caller has seen the hall backed
    up."""
    with office.act(account, "sitting.certified", name) as act:
        sitting = _in_state(act.connection, name, "closed")
        store.set_state(act.connection, sitting.sitting, "certified", None)
        letters = [Letter(device, body) for device, body in votes.prunable(act.connection)]
        act.tell(*letters)
        act.note(devices=len({letter.audience for letter in letters}))
    return len({letter.audience for letter in letters})


def seat(office: Office, account: str, name: str, device: str, member: MemberRef | None, label: str) -> None:
    """From the next leaf on this keypad speaks for this member, or for nobody; for a swap in the middle of a
    sitting."""
    with office.act(account, "seat.changed", f"{name}/{device}") as act:
        sitting = store.find(act.connection, name)
        if sitting is None:
            raise refused(NotFound, "not-found/sitting", sitting=name)
        if sitting.state not in ("prepared", "open"):
            raise refused(Conflict, "wrong-state/seats", sitting=name, state=state_word(sitting.state))
        keypad = devices.find(act.connection, device)
        if keypad is None or keypad.role != "keypad" or keypad.state != "active":
            raise refused(NotFound, "not-found/keypad", device=device)
        if sitting.state == "open" and member is not None:
            lease.check_spare(act.connection, keypad.device, act.now_ms)
        act.note(member=member.hex() if member else None, seat=label)
        seat_within(office, act, sitting, keypad.device, member, label)
        if sitting.state == "open":
            tell_lanes(office, act)


def seat_within(
    office: Office, act: Act, sitting: Sitting, keypad: DeviceId, member: MemberRef | None, label: str
) -> None:
    """The same, as a part of this act: in the roll; in the log and on the keypads once the sitting is open.

    Raises NotFound for a member who is not on the roll.
    """
    moved = _move(act.connection, sitting, keypad, member, label)
    if sitting.state == "open":
        act.record(Seating(sitting.sitting, keypad, member))
        _bind(office, act, sitting, moved)


def _bind(office: Office, act: Act, sitting: Sitting, twins: dict[DeviceId, Desired]) -> None:
    """Each with its PIN, where the sitting asks for one: no keypad is open until the next tick; and with the
    vote that its member has cast at another one."""
    places, congress = store.places(act.connection, sitting.sitting), office.desk.congress
    told = pins.told(act.connection, congress, wish(act.connection, sitting.sitting), places, act.now_ms)
    twins = with_casts(office, act.connection, sitting.sitting, twins)
    desire(act, with_pins(office, act, told, twins))


def _move(
    connection: Connection, sitting: Sitting, keypad: DeviceId, member: MemberRef | None, label: str
) -> dict[DeviceId, Desired]:
    """Change the roll; the twins that follow from it, that of the keypad left behind included, unless it is
    revoked: nothing more is told to it."""
    places, active = store.places(connection, sitting.sitting), devices.active(connection, "keypad")
    if member is not None and all(place.member != member for place in places):
        raise refused(NotFound, "not-found/not-on-the-roll")
    moved: dict[DeviceId, Desired] = {keypad: {"seat": label, "member": member}}
    for place in places:
        if place.member == member:
            if place.device != keypad and place.device in active:
                moved[place.device] = UNSEATED
            store.set_place(connection, sitting.sitting, Place(place.member, keypad, label or place.seat))
        elif place.device == keypad:
            store.set_place(connection, sitting.sitting, replace(place, device=None))
    return moved


def _record_roll(act: Act, sitting: Sitting, places: Sequence[Place]) -> None:
    rows = [(place.member, place.device) for place in places]
    pages = [
        tuple(rows[at : at + ROLL_PAGE_ROWS_MAX]) for at in range(0, max(1, len(rows)), ROLL_PAGE_ROWS_MAX)
    ]
    for number, page in enumerate(pages):
        act.record(RollPage(sitting.sitting, number, len(pages), page))


def _changed(sitting: Sitting, state: str, summoned: int) -> SittingChanged:
    return SittingChanged(sitting.sitting, state, summoned, sitting.quorum_num, sitting.quorum_den)


def _announce(act: Act, sitting: Sitting, state: str, *, frozen: bool) -> None:
    act.tell(
        Letter(AUDIENCE_ALL, SittingNotice(sitting.sitting, state)),
        Letter(AUDIENCE_ALL, FreezeNotice(sitting.sitting, frozen)),
    )


def _in_state(connection: Connection, name: str, state: str) -> Sitting:
    sitting = store.find(connection, name)
    if sitting is None:
        raise refused(NotFound, "not-found/sitting", sitting=name)
    if sitting.state != state:
        raise refused(
            Conflict, "wrong-state", sitting=name, state=state_word(sitting.state), needed=state_word(state)
        )
    return sitting
