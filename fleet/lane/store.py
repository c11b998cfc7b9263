"""The lane's side of the database: badges in force, and taps, which stand in the audit log alone."""

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, or_, select

from fleet.db import Connection
from fleet.desk.store import set_setting
from fleet.tables import audit_log, badges, settings
from wire.ids import MemberRef

KEY: Final = "lane_key"
"""In table settings: the lane key of this congress, in hex."""
DIGEST: Final = "lane_digest/"
"""In table settings, with a gate's name behind it: of what its list was made when it was last told."""
ENDED: Final = "lane_ended"
"""In table settings once the lists are forgotten: nothing is told before another sitting opens."""
ADMITTED: Final = "gate.admit"
"""In the audit log: the action of a tap."""


@dataclass(frozen=True, slots=True)
class Tap:
    """An usher's word for one member at one gate. id: 32 hex digits, the command's. after_leaf: the size of
    the hall log at that moment."""

    gate: str
    id: str
    member: str
    sitting: str
    reason: str
    after_leaf: int
    asked_ms: int


def newest_badges(connection: Connection, now_ms: int) -> dict[MemberRef, int]:
    """The serial of each member's newest badge that is neither revoked nor expired."""
    c = badges.c
    query = select(c.member, func.max(c.serial)).where(
        c.member.is_not(None), c.revoked.is_(False), c.not_after_ms >= now_ms
    )
    return {MemberRef(member): serial for member, serial in connection.execute(query.group_by(c.member))}


def subject_of(gate: str, tap: str) -> str:
    return f"{gate}/{tap}"


def tap(connection: Connection, gate: str, tap_id: str) -> Tap | None:
    """The tap of this id at this gate, from its audit line; read from the newest line back."""
    c = audit_log.c
    query = select(c.detail, c.at_ms).where(c.action == ADMITTED, c.subject == subject_of(gate, tap_id))
    row = connection.execute(query.order_by(c.line.desc()).limit(1)).first()
    if row is None:
        return None
    detail: dict[str, Any] = json.loads(row.detail)
    return Tap(
        gate, tap_id, detail["member"], detail["sitting"], detail["reason"], detail["after_leaf"], row.at_ms
    )


def forget_lists(connection: Connection) -> None:
    """Delete the lane key and what is remembered of the lists: no PIN and no greeting can be made again.
    Until another sitting opens the gates are told no list; a withdrawal must not bring the names back."""
    theirs = settings.c.name.startswith(DIGEST, autoescape=True)
    connection.execute(delete(settings).where(or_(settings.c.name == KEY, theirs)))
    set_setting(connection, ENDED, "1")
