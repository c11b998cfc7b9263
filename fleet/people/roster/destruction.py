"""The end of a congress: nothing is kept that could open or show a face, here or at a gate; and what begins
after it."""

from fleet.api.errors import BadInput, Conflict
from fleet.db import Connection
from fleet.desk import store as desk
from fleet.desk.desk import ROSTER, Letter
from fleet.desk.office import Office, lines
from fleet.devices import store as devices
from fleet.lane import store as lane
from fleet.people.refusals import refused
from fleet.people.roster import store
from fleet.people.roster.store import Destroyed
from fleet.sittings import store as sittings
from wire.down import ROSTER_PAGES, Forget


def destroy(office: Office, account: str, confirm: str) -> None:
    """Delete every reference, wrapped key and the lane key, and have every gate forget and take a new sealing
    key. It cannot be undone. Raises BadInput without the congress's name, Conflict during a sitting."""
    if confirm != office.desk.congress:
        raise refused(BadInput, "bad-input/confirm-end")
    with office.act(account, "references.destroyed", confirm) as act:
        if sittings.open_sitting(act.connection) is not None:
            raise refused(Conflict, "sitting-open")
        gates = devices.active(act.connection, "gate")
        said = desk.generations(act.connection, ROSTER).values()
        generation = max(act.now_ms, *said) if said else act.now_ms
        dropped = store.destroy(act.connection)
        lane.forget_lists(act.connection)
        act.tell(*(Letter(gate, Forget(generation)) for gate in gates))
        act.take_back(ROSTER_PAGES)
        roster, leaf = desk.roster_number(act.connection), desk.log_size(act.connection)
        before = store.destroyed(act.connection, roster)
        first = (before.first_ms, before.first_leaf) if before else (act.now_ms, leaf)
        store.set_destroyed(act.connection, Destroyed(roster, generation, act.now_ms, leaf, *first))
        act.note(references=dropped, gates=lines(gates))


def begin(office: Office, account: str, confirm: str) -> None:
    """After a destruction, allow references again: of another congress, by people who have decided so. Raises
    BadInput without the congress's name, Conflict when nothing was destroyed."""
    if confirm != office.desk.congress:
        raise refused(BadInput, "bad-input/confirm-anew")
    with office.act(account, "references.begun", confirm) as act:
        if not store.is_destroyed(act.connection):
            raise refused(Conflict, "references-in-use")
        act.note(roster=store.begin(act.connection))


def check_in_use(connection: Connection) -> None:
    """Raises Conflict once the references are destroyed and nobody has begun anew."""
    if store.is_destroyed(connection):
        raise refused(Conflict, "references-destroyed")
