"""The seat plan of a sitting, and what the sitting says of its questions: officers' acts before it opens."""

from collections import defaultdict
from dataclasses import dataclass

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.devices import store as devices
from fleet.people import store as people
from fleet.sheet import in_words, plain
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.sittings.store import Sitting
from fleet.votes import store
from fleet.votes.refusals import refused
from fleet.votes.rules import Settings
from fleet.votes.seat_plan import Change, Row, diff, read
from wire.ids import MemberRef, SittingId


@dataclass(frozen=True, slots=True)
class Planned:
    """rows: of the whole plan. changes: what differs from the roll as it was."""

    rows: int
    changes: list[Change]


def plan(office: Office, account: str, name: str, text: str, *, dry_run: bool) -> Planned:
    """Make this table the roll of a sitting that is not open yet; with dry_run only say what would change.

    Raises NotFound, Conflict; BadInput with every fault of the table, which then changes nothing.
    """
    if dry_run:
        with office.look() as connection:
            return _planned(connection, name, text)[1]
    with office.act(account, "sitting.planned", name) as act:
        rows, planned = _planned(act.connection, name, text)
        store.replace_roll(
            act.connection,
            SittingId(name),
            {row.member: (row.keypad, row.seat) for row in rows},
            {row.member: row.standing for row in rows if row.standing},
        )
        act.note(rows=planned.rows, changes=len(planned.changes))
    return planned


def settle(office: Office, account: str, name: str, wanted: Settings) -> None:
    """What the sitting says of its questions from now on. Raises NotFound, Conflict."""
    with office.act(account, "sitting.settled", name) as act:
        sitting = _found(act.connection, name)
        if sitting.state not in ("prepared", "open"):
            raise refused(Conflict, "wrong-state/sitting", sitting=name, state=state_word(sitting.state))
        store.set_settings(act.connection, name, wanted)
        act.note(lost_percent=wanted.lost_percent, presence=wanted.presence, seats=wanted.seats)


def _planned(connection: Connection, name: str, text: str) -> tuple[tuple[Row, ...], Planned]:
    sitting = _found(connection, name)
    if sitting.state != "prepared":
        raise refused(Conflict, "wrong-state/plan", sitting=name, state=state_word(sitting.state))
    named: dict[str, list[MemberRef]] = defaultdict(list)
    for member in people.everybody(connection):
        named[plain(member.name)].append(member.member)
    found = read(text, named, devices.active(connection, "keypad"))
    if found.faults:
        raise refused(BadInput, "bad-plan", faults=in_words(found.faults))
    return found.rows, Planned(len(found.rows), diff(_present_rows(connection, sitting), found.rows))


def _present_rows(connection: Connection, sitting: Sitting) -> list[Row]:
    standing = store.standings_of(connection, sitting.sitting)
    return [
        Row(place.member, place.seat, place.device, standing.get(place.member, ""))
        for place in sittings.places(connection, sitting.sitting)
    ]


def _found(connection: Connection, name: str) -> Sitting:
    sitting = sittings.find(connection, name)
    if sitting is None:
        raise refused(NotFound, "not-found/sitting", sitting=name)
    return sitting
