"""The plan of the hall, and which device stands where: officers' acts."""

from dataclasses import dataclass

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Act, Office, lines
from fleet.devices import store as devices
from fleet.devices.role_words import role_word
from fleet.freeze.lease import check_spare
from fleet.places import store
from fleet.places.plan import Change, Place, diff, read
from fleet.places.refusals import refused
from fleet.places.store import Spot
from fleet.sheet import in_words
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class Planned:
    """rows: of the whole plan. changes: what differs from the plan as it was."""

    rows: int
    changes: list[Change]


def plan(office: Office, account: str, text: str, *, dry_run: bool) -> Planned:
    """Make this table the plan of the hall; with dry_run, or when it is the plan already, only say what would
    change. Raises BadInput with every fault of the table, which then changes nothing."""
    with office.look() as connection:
        _, planned = _planned(connection, text)
    if dry_run or not planned.changes:
        return planned
    with office.act(account, "places.planned", "hall") as act:
        rows, planned = _planned(act.connection, text)
        changed = {change.place for change in planned.changes if change.will_be is not None}
        gone = [change.place for change in planned.changes if change.will_be is None]
        store.drop(act.connection, gone)
        store.put(act.connection, [row for row in rows if row.place in changed], act.now_ms)
        act.note(rows=planned.rows, changed=len(changed), gone=lines(gone))
    return planned


def set_device(office: Office, account: str, place: str, device: str | None) -> Spot:
    """Let this device stand at this place, or nobody. Saying it again changes nothing.

    Raises NotFound, BadInput for a device of another role, Conflict when another active one stands there.
    """
    with office.look() as connection:
        spot = _found(connection, place)
    if (spot.here.device if spot.here else None) == device:
        return spot
    with office.act(account, "place.vacated" if device is None else "place.taken", place) as act:
        if device is None:
            vacate(act, place)
        else:
            found = _active(act.connection, device)
            check_spare(act.connection, found[0], act.now_ms)
            stand(act, place, *found)
        return _found(act.connection, place)


def vacate(act: Act, place: str) -> None:
    """Let nobody stand here."""
    here = _found(act.connection, place).here
    if here is not None:
        store.leave(act.connection, here.device, act.now_ms)
        act.note(device=here.device)


def stand(act: Act, place: str, device: DeviceId, role: str) -> None:
    """Let this active device stand here, wherever it stood before. A revoked one gives way.

    Raises NotFound, BadInput, Conflict.
    """
    check_free(act.connection, place, device, role)
    before = store.of_device(act.connection, device)
    store.stand(act.connection, place, device, act.now_ms)
    act.note(device=device, stood_at=before.place.place if before else None)


def check_free(connection: Connection, place: str, device: DeviceId, role: str) -> Place:
    """The place, if this device may stand there. Raises NotFound, BadInput, Conflict."""
    spot = _found(connection, place)
    if spot.place.role != role:
        raise refused(
            BadInput, "wrong-role/place", label=spot.place.label, device=device,
            place_role=role_word(spot.place.role), role=role_word(role),
        )  # fmt: skip
    here = spot.here
    if here is not None and here.device != device and here.state == "active":
        raise refused(Conflict, "place-taken", device=here.device, label=spot.place.label)
    return spot.place


def _planned(connection: Connection, text: str) -> tuple[tuple[Place, ...], Planned]:
    before = {spot.place.place: spot.place for spot in store.everything(connection)}
    found = read(text, before, store.standing(connection))
    if found.faults:
        raise refused(BadInput, "bad-plan", faults=in_words(found.faults))
    return found.rows, Planned(len(found.rows), diff(before.values(), found.rows))


def _active(connection: Connection, name: str) -> tuple[DeviceId, str]:
    known = devices.find(connection, name)
    if known is None:
        raise refused(NotFound, "not-found/device", device=name)
    if known.state != "active":
        raise refused(Conflict, "wrong-state", device=name)
    return known.device, known.role


def _found(connection: Connection, place: str) -> Spot:
    spot = store.find(connection, place)
    if spot is None:
        raise refused(NotFound, "not-found/place", place=place)
    return spot
