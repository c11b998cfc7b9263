"""Lane lists: what each gate needs to welcome people without a face by name, and to check their PIN."""

import hashlib
import hmac
import logging
from dataclasses import dataclass

from fleet.db import Connection
from fleet.desk import store as settings
from fleet.desk.desk import Letter
from fleet.desk.office import FLEET, Act, Office, lines
from fleet.devices import store as devices
from fleet.lane import store
from fleet.lane.rules import cut
from fleet.lane.sealing import can_seal_to
from fleet.people import store as people
from fleet.sittings import store as sittings
from wire import cbor
from wire.down import LANE_ROWS_MAX, LaneList
from wire.ids import DeviceId, MemberRef
from wire.lane import (
    LANE_KEY_BYTES,
    NAME_BYTES_MAX,
    NONCE_BYTES,
    SEAT_BYTES_MAX,
    Greeting,
    pin_of,
    seal_greeting,
    wrap_lane_key,
)

log = logging.getLogger(__name__)

Page = tuple[tuple[MemberRef, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One member as the gates know them. serial: of their newest badge in force, 0 when they have none."""

    member: MemberRef
    serial: int
    greeting: Greeting


def lane_key(office: Office, connection: Connection) -> bytes:
    """The lane key of this congress, made at first need. 32 bytes."""
    known = settings.setting(connection, store.KEY)
    if known is not None:
        return bytes.fromhex(known)
    fresh = office.random(LANE_KEY_BYTES)
    settings.set_setting(connection, store.KEY, fresh.hex())
    return fresh


def pins(office: Office, connection: Connection, badges: list[tuple[MemberRef, int]]) -> list[str]:
    """The PIN that goes with each badge (member, serial): for whoever prints it, and kept nowhere."""
    key, congress = lane_key(office, connection), office.desk.congress
    return [pin_of(key, congress=congress, member=member, serial=serial) for member, serial in badges]


def tell_lanes(office: Office, act: Act) -> int:
    """Tell every gate its lane list, in the act that changed it, unless it is the one it was told last; how
    many were told. A gate to whose key nothing can be sealed is left out, and said: one bad gate must not
    keep the office from its work."""
    gates = _gates(act.connection)
    if not gates or _is_over(act.connection):
        return 0
    if settings.setting(act.connection, store.ENDED) == "1":
        settings.set_setting(act.connection, store.ENDED, "0")
    key = lane_key(office, act.connection)
    rows = rows_of(act.connection, act.now_ms)
    changed = _changed(act.connection, gates, key, rows)
    sound = {gate: what for gate, what in changed.items() if _is_sound(office, gate, what[0])}
    if left_out := sorted(changed.keys() - sound.keys()):
        act.note(lane_left_out=lines(left_out))
        log.warning(
            "%s: nothing can be sealed to its sealing key, it gets no lane list; renew it with the key that "
            "`hallward gate check` prints at the gate.",
            ", ".join(left_out),
        )
    if not sound:
        return 0
    pages = _sealed(rows, key, office)
    for gate, (sealing_key, digest) in sound.items():
        wrapped = wrap_lane_key(key, sealing_key, congress=office.desk.congress, gate=gate)
        act.tell(
            *(Letter(gate, LaneList(wrapped, number, len(pages), page)) for number, page in enumerate(pages))
        )
        settings.set_setting(act.connection, store.DIGEST + gate, digest)
    return len(sound)


def follow(office: Office) -> None:
    """Tell what nobody's act has changed: a badge that expired, a sealing key that a gate has signed. May be
    called as often as one likes; when nothing has changed it only reads."""
    with office.look() as connection:
        gates = _gates(connection)
        if not gates or _is_over(connection):
            return
        known = settings.setting(connection, store.KEY)
        if known is not None:
            rows = rows_of(connection, office.clock.wall_ms())
            changed = _changed(connection, gates, bytes.fromhex(known), rows)
            if not any(_is_sound(office, gate, key) for gate, (key, _) in changed.items()):
                return
    with office.act(FLEET, "lanes.told", "gates") as act:
        act.note(gates=tell_lanes(office, act))


def _gates(connection: Connection) -> dict[DeviceId, bytes]:
    return {gate: key for gate, key in devices.sealing_keys(connection).items() if key is not None}


def _is_sound(office: Office, gate: DeviceId, sealing_key: bytes) -> bool:
    return can_seal_to(sealing_key, office.desk.congress, gate)


def _changed(
    connection: Connection, gates: dict[DeviceId, bytes], key: bytes, rows: list[Row]
) -> dict[DeviceId, tuple[bytes, str]]:
    """(sealing key, digest) of each gate whose list is not the one that it was told last."""
    plain = cbor.encode([[r.member, r.serial, r.greeting.name, r.greeting.seat] for r in rows])
    changed: dict[DeviceId, tuple[bytes, str]] = {}
    for gate, sealing_key in sorted(gates.items()):
        # Under the lane key: whoever reads a bare hash of names could try names.
        digest = hmac.digest(key, sealing_key + plain, hashlib.sha256).hex()
        if settings.setting(connection, store.DIGEST + gate) != digest:
            changed[gate] = (sealing_key, digest)
    return changed


def _is_over(connection: Connection) -> bool:
    """Whether the lists were forgotten, and no sitting has opened since."""
    return settings.setting(connection, store.ENDED) == "1" and sittings.open_sitting(connection) is None


def rows_of(connection: Connection, now_ms: int) -> list[Row]:
    """Every member, by pseudonym; with the seat that they have in the sitting in force, if one is."""
    sitting = sittings.open_sitting(connection)
    places = sittings.places(connection, sitting.sitting) if sitting else []
    seats = {place.member: place.seat for place in places}
    serials = store.newest_badges(connection, now_ms)
    return [
        Row(
            member,
            serials.get(member, 0),
            Greeting(cut(name, NAME_BYTES_MAX), cut(seats.get(member, ""), SEAT_BYTES_MAX)),
        )
        for member, (name, _) in sorted(people.names(connection).items())
    ]


def _sealed(rows: list[Row], key: bytes, office: Office) -> list[Page]:
    """Pages of one telling. All gates get the same: the key is the same, and so is what was sealed."""
    sealed = [
        (
            row.member,
            row.serial,
            seal_greeting(
                row.greeting,
                key,
                congress=office.desk.congress,
                member=row.member,
                serial=row.serial,
                nonce=office.random(NONCE_BYTES),
            ),
        )
        for row in rows
    ]
    return [tuple(sealed[at : at + LANE_ROWS_MAX]) for at in range(0, max(1, len(sealed)), LANE_ROWS_MAX)]
