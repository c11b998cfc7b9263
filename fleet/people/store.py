"""Members and sealed references in the database: outside the log, deletable."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update

from fleet.db import Connection
from fleet.tables import badges, face_references, members, wrapped_keys
from wire.ids import DeviceId, MemberRef
from wire.up import Badge

BADGE_SERIAL: Final = "badge_serial"
"""In table settings: the last serial that a badge was given."""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Member:
    """references: how many there are of them. consent_ms: None, badge only."""

    member: MemberRef
    name: str
    party: str
    consent_ms: int | None
    references: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """One sealed reference: what the fleet relays and cannot open."""

    member: MemberRef
    index: int
    model_sha256: bytes
    runtime: str
    sealed: bytes


def put(connection: Connection, member: MemberRef, name: str, party: str, now_ms: int) -> bool:
    """Add a member, or change what is known of one; True when added. Their consent is the ledger's."""
    values = {"name": name, "party": party}
    changed = connection.execute(update(members).where(members.c.member == member).values(values))
    if changed.rowcount:
        return False
    connection.execute(insert(members).values(member=member, enrolled_ms=now_ms, **values))
    return True


def everybody(connection: Connection) -> list[Member]:
    return [_member(row) for row in connection.execute(_every().order_by(members.c.name, members.c.member))]


def find(connection: Connection, member: MemberRef) -> Member | None:
    row = connection.execute(_every().where(members.c.member == member)).first()
    return _member(row) if row else None


def names(
    connection: Connection, wanted: Collection[MemberRef] | None = None
) -> dict[MemberRef, tuple[str, str]]:
    """(name, party) of these members, or of all; those who withdrew are absent."""
    query = select(members.c.member, members.c.name, members.c.party)
    if wanted is not None and len(wanted) <= _CHUNK:
        query = query.where(members.c.member.in_(wanted))
    return {MemberRef(row.member): (row.name, row.party) for row in connection.execute(query)}


def known(connection: Connection, wanted: Collection[MemberRef]) -> set[MemberRef]:
    return names(connection, wanted).keys() & set(wanted)


def consenting(connection: Connection) -> set[MemberRef]:
    query = select(members.c.member).where(members.c.consent_ms.is_not(None))
    return {MemberRef(member) for member in connection.execute(query).scalars()}


def withdraw(connection: Connection, member: MemberRef) -> None:
    """Delete the name and the references of a member, and revoke their badges: of those the serials alone
    remain. Their pseudonym in the log means nothing any more."""
    drop_references(connection, [member])
    revoke_badges(connection, [member])
    connection.execute(update(badges).where(badges.c.member == member).values(member=None))
    connection.execute(delete(members).where(members.c.member == member))


def enrolled(connection: Connection, of: Sequence[MemberRef]) -> set[MemberRef]:
    """Those of these members of whom there are references."""
    found: set[MemberRef] = set()
    for at in range(0, len(of), _CHUNK):
        query = select(face_references.c.member).where(face_references.c.member.in_(of[at : at + _CHUNK]))
        found |= {MemberRef(member) for member in connection.execute(query.distinct()).scalars()}
    return found


def drop_references(connection: Connection, of: Sequence[MemberRef]) -> int:
    """Delete the references of these members; how many."""
    dropped = 0
    for at in range(0, len(of), _CHUNK):
        query = delete(face_references).where(face_references.c.member.in_(of[at : at + _CHUNK]))
        dropped += connection.execute(query).rowcount
    return dropped


def add_references(connection: Connection, references: Sequence[Reference]) -> None:
    connection.execute(
        insert(face_references),
        [
            {
                "member": r.member,
                "index": r.index,
                "model_sha256": r.model_sha256,
                "runtime": r.runtime,
                "sealed": r.sealed,
            }
            for r in references
        ],
    )


def references(connection: Connection) -> list[Reference]:
    c = face_references.c
    query = select(c.member, c.index, c.model_sha256, c.runtime, c.sealed).order_by(c.member, c.index)
    return [
        Reference(MemberRef(member), index, model_sha256, runtime, sealed)
        for member, index, model_sha256, runtime, sealed in connection.execute(query)
    ]


def embedders(connection: Connection) -> list[tuple[bytes, str, int, int]]:
    """(model sha256, runtime, references, members) of what is enrolled."""
    c = face_references.c
    query = select(c.model_sha256, c.runtime, func.count(), func.count(c.member.distinct()))
    return [tuple(row) for row in connection.execute(query.group_by(c.model_sha256, c.runtime))]


def members_of_others(connection: Connection, model_sha256: bytes) -> int:
    """How many people have references, and none of this network: to it they are strangers."""
    c = face_references.c
    everybody = select(func.count(c.member.distinct()))
    own = connection.execute(everybody.where(c.model_sha256 == model_sha256)).scalar_one()
    return int(connection.execute(everybody).scalar_one() - own)


def set_wrapped_key(connection: Connection, device: DeviceId, wrapped: bytes) -> None:
    """The same one again changes nothing; under another the gate needs a new base."""
    theirs = wrapped_keys.c.device == device
    if connection.execute(select(wrapped_keys.c.wrapped).where(theirs)).scalar_one_or_none() == wrapped:
        return
    connection.execute(delete(wrapped_keys).where(theirs))
    connection.execute(insert(wrapped_keys).values(device=device, wrapped=wrapped))


def wrapped(connection: Connection) -> dict[DeviceId, bytes]:
    return {DeviceId(row.device): row.wrapped for row in connection.execute(select(wrapped_keys))}


def drop_wrapped_key(connection: Connection, device: DeviceId) -> None:
    connection.execute(delete(wrapped_keys).where(wrapped_keys.c.device == device))


def add_badges(connection: Connection, issued: Sequence[Badge]) -> None:
    connection.execute(
        insert(badges),
        [
            {"serial": b.serial, "member": b.member, "not_after_ms": b.not_after_ms, "revoked": False}
            for b in issued
        ],
    )


def revoke_badges(connection: Connection, of: Sequence[MemberRef]) -> int:
    """Every badge that these members have; how many."""
    revoked = 0
    for at in range(0, len(of), _CHUNK):
        theirs = badges.c.member.in_(of[at : at + _CHUNK])
        query = update(badges).where(theirs, badges.c.revoked.is_(False)).values(revoked=True)
        revoked += connection.execute(query).rowcount
    return revoked


def revoked_serials(connection: Connection, now_ms: int) -> list[int]:
    """Of the revoked badges that have not expired by themselves, the newest last."""
    query = select(badges.c.serial).where(badges.c.revoked.is_(True), badges.c.not_after_ms >= now_ms)
    return list(connection.execute(query.order_by(badges.c.serial)).scalars())


def _every() -> Select[Any]:
    count = (
        select(func.count())
        .where(face_references.c.member == members.c.member)
        .scalar_subquery()
        .label("references")
    )
    return select(members.c.member, members.c.name, members.c.party, members.c.consent_ms, count)


def _member(row: Any) -> Member:
    return Member(MemberRef(row.member), row.name, row.party, row.consent_ms, row.references)
