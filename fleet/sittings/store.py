"""Sittings, rolls and the leaves of a sitting in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from fleet.db import Connection
from fleet.sittings.rules import seat_order
from fleet.tables import log_head, records, roll, sittings
from wire.ids import DeviceId, MemberRef, SittingId


@dataclass(frozen=True, slots=True)
class Sitting:
    """state: prepared | open | closed | certified. The quorum is num/den of those summoned."""

    sitting: SittingId
    title: str
    state: str
    quorum_num: int
    quorum_den: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the roll: a member summoned, the keypad that speaks for them, the seat as printed."""

    member: MemberRef
    device: DeviceId | None
    seat: str


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as stored, its envelope not opened yet."""

    index: int
    device: DeviceId
    kind: str
    subject: str
    envelope: bytes


def add(connection: Connection, sitting: Sitting, places: Sequence[Place]) -> None:
    connection.execute(
        insert(sittings).values(
            sitting=sitting.sitting,
            title=sitting.title,
            state=sitting.state,
            quorum_num=sitting.quorum_num,
            quorum_den=sitting.quorum_den,
            created_ms=sitting.created_ms,
        )
    )
    connection.execute(
        insert(roll),
        [
            {"sitting": sitting.sitting, "member": p.member, "device": p.device, "seat": p.seat}
            for p in places
        ],
    )


def everything(connection: Connection) -> list[Sitting]:
    return [_sitting(row) for row in connection.execute(select(sittings).order_by(sittings.c.created_ms))]


def find(connection: Connection, sitting: str) -> Sitting | None:
    row = connection.execute(select(sittings).where(sittings.c.sitting == sitting)).first()
    return _sitting(row) if row else None


def open_sitting(connection: Connection) -> Sitting | None:
    """The one that is open; at most one is."""
    row = connection.execute(select(sittings).where(sittings.c.state == "open")).first()
    return _sitting(row) if row else None


def on_show(connection: Connection) -> Sitting | None:
    """What the page shows: the open sitting, else the newest one."""
    newest = connection.execute(select(sittings).order_by(sittings.c.created_ms.desc()).limit(1)).first()
    return open_sitting(connection) or (_sitting(newest) if newest else None)


def set_state(connection: Connection, sitting: SittingId, state: str, desk_seq: int | None) -> None:
    values: dict[str, Any] = {"state": state}
    if state == "open":
        values["opened_desk_seq"] = desk_seq
    if state == "closed":
        values["closed_desk_seq"] = desk_seq
    connection.execute(update(sittings).where(sittings.c.sitting == sitting).values(values))


def places(connection: Connection, sitting: SittingId) -> list[Place]:
    """The roll, in the order of the seats."""
    query = select(roll.c.member, roll.c.device, roll.c.seat).where(roll.c.sitting == sitting)
    found = [
        Place(MemberRef(member), DeviceId(device) if device else None, seat)
        for member, device, seat in connection.execute(query)
    ]
    return sorted(found, key=lambda place: (seat_order(place.seat), place.member))


def set_place(connection: Connection, sitting: SittingId, place: Place) -> None:
    connection.execute(
        update(roll)
        .where(roll.c.sitting == sitting, roll.c.member == place.member)
        .values(device=place.device, seat=place.seat)
    )


def leaves(
    connection: Connection, subject: str, kinds: Collection[str], after: int = -1, before: int | None = None
) -> list[StoredLeaf]:
    """Accepted leaves of these kinds about this subject, in order; after and before are leaf indices,
    exclusive."""
    c = records.c
    query = select(c.leaf_index, c.device, c.kind, c.subject, c.envelope).where(
        c.subject == subject, c.kind.in_(kinds), c.verdict == "ok", c.leaf_index > after
    )
    if before is not None:
        query = query.where(c.leaf_index < before)
    return [
        StoredLeaf(row.leaf_index, DeviceId(row.device), row.kind, row.subject, row.envelope)
        for row in connection.execute(query.order_by(c.leaf_index))
    ]


def devices_that_spoke(
    connection: Connection, subject: str, kind: str, spans: Sequence[tuple[int, int | None]]
) -> int:
    """How many devices have an accepted leaf of this kind within these spans of leaf indices (both
    exclusive)."""
    if not spans:
        return 0
    c = records.c
    within = [
        and_(c.leaf_index > after, c.leaf_index < before) if before is not None else c.leaf_index > after
        for after, before in spans
    ]
    query = select(func.count(c.device.distinct())).where(
        c.subject == subject, c.kind == kind, c.verdict == "ok", or_(*within)
    )
    return int(connection.execute(query).scalar_one())


def head(connection: Connection) -> tuple[int, str, int] | None:
    """(size, signed checkpoint, issued_ms) of the hall log."""
    row = connection.execute(select(log_head)).first()
    return (row.size, row.note, row.issued_ms) if row else None


def _sitting(row: Any) -> Sitting:
    return Sitting(
        SittingId(row.sitting), row.title, row.state, row.quorum_num, row.quorum_den, row.created_ms
    )
