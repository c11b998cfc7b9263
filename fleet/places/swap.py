"""One device in the place of another, in one act of the office: place, roll, seating, PIN, the vote that is
there, and the end of the old one.

The old device is revoked before anything moves. So what it still says is refused behind that leaf, and what
it had said before counts as if nothing had happened: of a member there is one ballot that counts, whichever
unit it came from (ballot/counting.py). A secret question is the credentials commission's: the act says what
they have to do, and does nothing of it.
"""

import json
from dataclasses import dataclass, replace
from typing import Final

from ballot.documents.bodies import Roll
from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.audit import store as audit
from fleet.db import Connection
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire, revoke_within
from fleet.devices.role_words import role_word
from fleet.devices.store import Device
from fleet.freeze.lease import check_spare
from fleet.lane.hold import HELD
from fleet.lane.lists import tell_lanes
from fleet.people import store as people
from fleet.places import store
from fleet.places.refusals import refused
from fleet.secret import store as secret
from fleet.sittings import store as sittings
from fleet.sittings.acts import seat_within
from fleet.sittings.store import Sitting
from fleet.votes.takeover import counted_choices, running_question
from fleet.votes.unlock.store import set_wish, wish
from wire.ids import DeviceId, MemberRef, SittingId

ACTION: Final = "device.swapped"
_CHANGEABLE: Final = ("prepared", "open")
_BEFORE_CLOSE: Final = ("prepared", "open", "held")


@dataclass(frozen=True, slots=True)
class Swapped:
    """What the act did. place: None when the old one stood nowhere on the plan; label: in words.

    question: the open question that the seat could vote on, None without one; voted: whether its member's
    ballot is in the log and counts. contests: secret questions, in hex, whose roll names the old unit.
    waived: the seat needs no PIN, as before; references: a gate that was told references has been replaced.
    """

    dead: str
    spare: str
    place: str | None = None
    label: str = ""
    sittings: tuple[str, ...] = ()
    question: str | None = None
    voted: bool | None = None
    revote: bool = False
    contests: tuple[str, ...] = ()
    waived: bool = False
    references: bool = False


def swap(office: Office, account: str, dead: str, spare: str, reason: str) -> Swapped:
    """Let the spare take over all that the dead device was. The same again says the same and does nothing.

    Raises NotFound, BadInput, Conflict: then nothing has changed.
    """
    with office.look() as connection:
        done = _done(connection, dead, spare)
    if done is not None:
        return done
    with office.act(account, ACTION, f"{dead}/{spare}") as act:
        old, new = _both(act.connection, dead, spare)
        _check_left(act.connection, old)
        check_spare(act.connection, new.device, act.now_ms)
        swapped = _before(office, act.connection, old, new)
        had_references = old.device in people.wrapped(act.connection)
        held = devices.twin(act.connection, old.device).get(HELD) is True
        revoke_within(act, old, reason)
        if swapped.place is not None:
            store.stand(act.connection, swapped.place, new.device, act.now_ms)
        swapped = _move_seats(office, act, old, new, swapped)
        if old.role == "gate":
            swapped = replace(swapped, references=had_references and not _has_references(act, new))
            if held:
                desire(act, {new.device: devices.twin(act.connection, new.device) | {HELD: True}})
        tell_lanes(office, act)
        act.note(reason=reason, **_detail(swapped))
    return swapped


def _both(connection: Connection, dead: str, spare: str) -> tuple[Device, Device]:
    """The two, if one may stand in for the other."""
    old, new = devices.find(connection, dead), devices.find(connection, spare)
    if old is None or new is None:
        missing = dead if old is None else spare
        raise refused(NotFound, "not-found/unit", device=missing)
    if old.device == new.device:
        raise refused(BadInput, "bad-input/itself", dead=dead)
    if old.role != new.role:
        raise refused(
            BadInput,
            "wrong-role/spare",
            dead=dead,
            old=role_word(old.role),
            spare=spare,
            new=role_word(new.role),
        )
    if new.state != "active":
        raise refused(Conflict, "spare-revoked", spare=spare)
    spot = store.of_device(connection, new.device)
    if spot is not None:
        raise refused(Conflict, "spare-taken/stands", spare=spare, label=spot.place.label)
    for sitting in _changeable(connection):
        if any(seat.device == new.device for seat in sittings.places(connection, sitting.sitting)):
            raise refused(Conflict, "spare-taken/seated", spare=spare, sitting=sitting.sitting)
    return old, new


def _check_left(connection: Connection, old: Device) -> None:
    """Two people may swap one dead device at a time, each with a spare of their own: the second comes too
    late, and must not believe that their spare stands there. Raises Conflict."""
    is_seated = any(_member_at(connection, each.sitting, old.device) for each in _changeable(connection))
    if old.state == "revoked" and old.place_id is None and not is_seated:
        raise refused(Conflict, "already-replaced", dead=old.device)


def _before(office: Office, connection: Connection, old: Device, new: Device) -> Swapped:
    """What the old one was, as far as the plan and the open question say."""
    spot = store.of_device(connection, old.device)
    swapped = Swapped(old.device, new.device, label=old.place)
    if spot is not None:
        swapped = replace(swapped, place=spot.place.place, label=spot.place.label)
    sitting = sittings.open_sitting(connection)
    question = None if sitting is None else running_question(connection, sitting.sitting)
    member = None if sitting is None else _member_at(connection, sitting.sitting, old.device)
    if question is None or member is None:
        return swapped
    counted = counted_choices(office, connection, question, frozenset({member}))
    return replace(swapped, question=question.question, voted=member in counted, revote=question.revote)


def _move_seats(office: Office, act: Act, old: Device, new: Device, swapped: Swapped) -> Swapped:
    """In every roll that can still change."""
    names: list[str] = []
    for sitting in _changeable(act.connection):
        for seat in sittings.places(act.connection, sitting.sitting):
            if seat.device != old.device:
                continue
            waived = _move_waiver(act.connection, sitting.sitting, old.device, new.device, seat.member)
            seat_within(office, act, sitting, new.device, seat.member, seat.seat)
            names.append(sitting.sitting)
            label = swapped.label if swapped.place is not None else seat.seat or swapped.label
            swapped = replace(swapped, label=label, waived=swapped.waived or waived)
    return replace(swapped, sittings=tuple(names), contests=_contests(act.connection, names))


def _move_waiver(
    connection: Connection, sitting: SittingId, old: DeviceId, new: DeviceId, member: MemberRef
) -> bool:
    """An officer has seen who sits there, and they sit there still."""
    asked = wish(connection, sitting)
    if asked.waived.get(old) != member:
        return False
    waived = {keypad: whom for keypad, whom in asked.waived.items() if keypad != old}
    set_wish(connection, sitting, replace(asked, waived={**waived, new: member}))
    return asked.asks


def _contests(connection: Connection, names: list[str]) -> tuple[str, ...]:
    """Secret questions of these sittings that are not closed, and whose roll is signed."""
    return tuple(
        found.contest.hex()
        for found in secret.everything(connection)
        if found.sitting in names
        and found.state in _BEFORE_CLOSE
        and secret.papers(connection, found.contest, (Roll.kind,))
    )


def _changeable(connection: Connection) -> list[Sitting]:
    return [sitting for sitting in sittings.everything(connection) if sitting.state in _CHANGEABLE]


def _member_at(connection: Connection, sitting: SittingId, device: DeviceId) -> MemberRef | None:
    seats = sittings.places(connection, sitting)
    return next((seat.member for seat in seats if seat.device == device), None)


def _has_references(act: Act, gate: Device) -> bool:
    return gate.device in people.wrapped(act.connection)


def _done(connection: Connection, dead: str, spare: str) -> Swapped | None:
    """What the same swap did before, if all of it holds still."""
    text = audit.newest_detail(connection, ACTION, f"{dead}/{spare}")
    old, new = devices.find(connection, dead), devices.find(connection, spare)
    if text is None or old is None or new is None or old.state != "revoked" or new.state != "active":
        return None
    detail = json.loads(text)
    kept = Swapped(
        dead, spare, detail["place"], detail["label"], tuple(detail["sittings"]),
        detail["question"], detail["voted"], detail["revote"], tuple(detail["contests"]), detail["waived"],
        detail["references"],
    )  # fmt: skip
    return kept if new.place_id == kept.place else None


def _detail(swapped: Swapped) -> dict[str, str | bool | list[str] | None]:
    """For the audit line, from which `_done` reads it again."""
    return {
        "place": swapped.place,
        "label": swapped.label,
        "sittings": list(swapped.sittings),
        "question": swapped.question,
        "voted": swapped.voted,
        "revote": swapped.revote,
        "contests": list(swapped.contests),
        "waived": swapped.waived,
        "references": swapped.references,
    }
