"""An usher's word: the command that lets one member through one gate, and what became of it."""

from dataclasses import dataclass

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.rules import FRESH_MS, is_ready
from fleet.devices.store import Device
from fleet.lane import store
from fleet.lane.refusals import refused
from fleet.lane.rules import Outcome, folded, outcome
from fleet.lane.store import Tap
from fleet.people import store as people
from fleet.sittings import store as sittings
from fleet.sittings.log_reader import open_leaves
from wire.down import CommandMessage
from wire.ids import MemberRef
from wire.records import Passage

ADMIT = "admit"
"""The gate's name for the command."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an usher taps. id: 16 bytes, the client's own: the same one admits once, however often it is sent.
    note: in words, for the reason `other`; without names."""

    id: bytes
    member: MemberRef
    reason: str
    note: str


class _KnownError(Exception):
    """This tap was made already: undo the act, so that it has one line in the audit log."""


def admit(office: Office, account: str, gate: str, wish: Wish) -> None:
    """Have this gate let this member in, at once or not at all. May be repeated with the same id.

    Raises: NotFound for an unknown gate or member; BadInput; Conflict when no sitting is open, the gate is
    silent, the member has withdrawn, or the id was used for somebody else.
    """
    if wish.reason == "other" and not wish.note.strip():
        raise refused(BadInput, "bad-input/no-note")
    try:
        with office.act(account, store.ADMITTED, store.subject_of(gate, wish.id.hex())) as act:
            _check_id(act.connection, gate, wish)
            _admit(act, _gate(act.connection, gate, act.now_ms), wish)
    except _KnownError:
        return


def outcome_of(office: Office, gate: str, tap_id: str) -> tuple[Tap, Outcome]:
    """The tap and what became of it, by the log. Raises NotFound."""
    with office.look() as connection:
        tap = store.tap(connection, gate, tap_id)
        if tap is None:
            raise refused(NotFound, "not-found/tap", gate=gate)
        passed = _passed(office, connection, tap)
    return tap, outcome(passed, tap.asked_ms, office.clock.wall_ms())


def _admit(act: Act, gate: Device, wish: Wish) -> None:
    sitting = sittings.open_sitting(act.connection)
    if sitting is None:
        raise refused(Conflict, "no-sitting")
    person = people.find(act.connection, wish.member)
    if person is None:
        if any(place.member == wish.member for place in sittings.places(act.connection, sitting.sitting)):
            raise refused(Conflict, "member-withdrawn")
        raise refused(NotFound, "not-found/member")
    if folded(person.name) in folded(wish.note):
        raise refused(BadInput, "bad-input/name-in-note")
    head = sittings.head(act.connection)
    act.note(
        gate=gate.device,
        member=wish.member.hex(),
        sitting=sitting.sitting,
        reason=wish.reason,
        command=wish.id.hex(),
        after_leaf=head[0] if head else 0,
    )
    if wish.note.strip():
        act.note(note=wish.note.strip())
    arguments: dict[str, int | str | bytes | bool | None] = {
        "member": wish.member,
        "sitting": str(sitting.sitting),
    }
    act.tell(Letter(gate.device, CommandMessage(wish.id, ADMIT, arguments)))


def _check_id(connection: Connection, gate: str, wish: Wish) -> None:
    known = store.tap(connection, gate, wish.id.hex())
    if known is None:
        return
    if known.member != wish.member.hex():
        raise refused(Conflict, "id-used")
    raise _KnownError


def _gate(connection: Connection, name: str, now_ms: int) -> Device:
    gate = devices.find(connection, name)
    if gate is None or gate.role != "gate" or gate.state != "active":
        raise refused(NotFound, "not-found/gate", gate=name)
    if not is_ready(gate.state, gate.sign, now_ms):
        raise refused(Conflict, "gate-silent", gate=name, seconds=FRESH_MS // 1000)
    return gate


def _passed(office: Office, connection: Connection, tap: Tap) -> bool:
    """Whether the gate's own record stands in the log behind the tap."""
    stored = [
        leaf
        for leaf in sittings.leaves(connection, tap.sitting, (Passage.kind,), after=tap.after_leaf - 1)
        if leaf.device == tap.gate
    ]
    return any(
        isinstance(leaf.body, Passage)
        and leaf.body.member.hex() == tap.member
        and (leaf.body.direction, leaf.body.method) == ("in", "usher")
        for leaf in open_leaves(connection, office.desk.signer.public_key, stored)
    )
