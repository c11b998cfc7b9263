"""Table consents. A row is never deleted: under a pseudonym it outlives the name, and proves what was
agreed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from fleet.db import Connection
from fleet.tables import consents, members
from wire.ids import MemberRef

UNSTATED: Final = "unstated"
"""text_version of a consent that came without its text."""
IMPORT: Final = "import"
"""channel of a consent that came with a list of members."""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody agreed to, and how it was taken down. text_sha256: 32 bytes; language: vi or en."""

    text_version: str
    text_sha256: bytes | None
    language: str | None
    channel: str
    station: str


@dataclass(frozen=True, slots=True)
class Consent:
    """One row of the ledger. withdrawn_generation: of the delta by which the gates were told, of roster
    withdrawn_roster; withdrawn_leaf: how many leaves the hall log had then."""

    id: int
    member: MemberRef
    terms: Terms
    given_ms: int
    account: str
    withdrawn_ms: int | None
    withdrawn_channel: str | None
    withdrawn_generation: int | None
    withdrawn_leaf: int | None
    withdrawn_roster: int | None


IMPORTED: Final = Terms(UNSTATED, None, None, IMPORT, "")


def give(connection: Connection, of: Sequence[MemberRef], terms: Terms, account: str, now_ms: int) -> None:
    """These members agree, from now on; members.consent_ms says since when."""
    rows = [
        {
            "member": member,
            "text_version": terms.text_version,
            "text_sha256": terms.text_sha256,
            "language": terms.language,
            "channel": terms.channel,
            "given_ms": now_ms,
            "station": terms.station,
            "account": account,
        }
        for member in of
    ]
    if rows:
        connection.execute(insert(consents), rows)
    _mirror(connection, of, now_ms)


def end(connection: Connection, of: Sequence[MemberRef], channel: str, now_ms: int) -> int:
    """These members agree no longer; how many consents that ends."""
    ended = 0
    for some in _chunks(of):
        theirs = consents.c.member.in_(some)
        query = update(consents).where(theirs, consents.c.withdrawn_ms.is_(None))
        ended += connection.execute(query.values(withdrawn_ms=now_ms, withdrawn_channel=channel)).rowcount
    _mirror(connection, of, None)
    return ended


def told(connection: Connection, generation: int, leaf: int, roster: int) -> None:
    """The gates have been told of every withdrawal so far, by a delta of this generation at the latest, when
    the log had so many leaves and this roster was in force."""
    untold = (consents.c.withdrawn_ms.is_not(None), consents.c.withdrawn_generation.is_(None))
    connection.execute(
        update(consents)
        .where(*untold)
        .values(withdrawn_generation=generation, withdrawn_leaf=leaf, withdrawn_roster=roster)
    )


def told_as_before(connection: Connection, last: Consent) -> None:
    """What this member has withdrawn since then asks nothing new of the gates: the answers to that are
    answers to this."""
    c = consents.c
    untold = (c.member == last.member, c.withdrawn_ms.is_not(None), c.withdrawn_generation.is_(None))
    connection.execute(
        update(consents)
        .where(*untold)
        .values(
            withdrawn_generation=last.withdrawn_generation,
            withdrawn_leaf=last.withdrawn_leaf,
            withdrawn_roster=last.withdrawn_roster,
        )
    )


def of_member(connection: Connection, member: MemberRef) -> list[Consent]:
    """Every consent of this member, in order."""
    query = select(consents).where(consents.c.member == member).order_by(consents.c.id)
    return [_consent(row) for row in connection.execute(query)]


def agreeing(connection: Connection, of: Collection[MemberRef]) -> set[MemberRef]:
    """Those of these members who have a consent in force."""
    query = select(consents.c.member).where(consents.c.withdrawn_ms.is_(None))
    return {MemberRef(member) for member in connection.execute(query).scalars()} & set(of)


def withdrawn(connection: Connection) -> list[MemberRef]:
    """Everybody who agreed once and does no longer, by pseudonym."""
    c = consents.c
    in_force = func.count() - func.count(c.withdrawn_ms)
    query = select(c.member).group_by(c.member).having(in_force == 0).order_by(c.member)
    return [MemberRef(member) for member in connection.execute(query).scalars()]


def _mirror(connection: Connection, of: Sequence[MemberRef], consent_ms: int | None) -> None:
    for some in _chunks(of):
        connection.execute(update(members).where(members.c.member.in_(some)).values(consent_ms=consent_ms))


def _chunks(of: Sequence[MemberRef]) -> list[Sequence[MemberRef]]:
    return [of[at : at + _CHUNK] for at in range(0, len(of), _CHUNK)]


def _consent(row: Any) -> Consent:
    return Consent(
        id=row.id,
        member=MemberRef(row.member),
        terms=Terms(row.text_version, row.text_sha256, row.language, row.channel, row.station),
        given_ms=row.given_ms,
        account=row.account,
        withdrawn_ms=row.withdrawn_ms,
        withdrawn_channel=row.withdrawn_channel,
        withdrawn_generation=row.withdrawn_generation,
        withdrawn_leaf=row.withdrawn_leaf,
        withdrawn_roster=row.withdrawn_roster,
    )
