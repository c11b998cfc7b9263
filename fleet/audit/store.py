"""The audit log in the database. Lines are only ever appended, in the transaction of the change they tell."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, select

from fleet.audit.rules import Line, after, first_broken
from fleet.db import Connection
from fleet.tables import audit_log


def append(connection: Connection, at_ms: int, account: str, action: str, subject: str, detail: str) -> Line:
    """Write the next line, in the caller's transaction."""
    row = connection.execute(select(audit_log).order_by(audit_log.c.line.desc()).limit(1)).first()
    line = after(_line(row) if row else None, at_ms, account, action, subject, detail)
    values = {column.name: getattr(line, column.name) for column in audit_log.columns}
    connection.execute(insert(audit_log).values(values))
    return line


def page(connection: Connection, after_line: int, limit: int) -> list[Line]:
    """Lines above `after_line`, ascending, at most `limit`."""
    query = select(audit_log).where(audit_log.c.line > after_line).order_by(audit_log.c.line).limit(limit)
    return [_line(row) for row in connection.execute(query)]


def newest_detail(connection: Connection, action: str, subject: str) -> str | None:
    """The JSON of the newest line of this action on this subject."""
    c = audit_log.c
    query = select(c.detail).where(c.action == action, c.subject == subject)
    return connection.execute(query.order_by(c.line.desc()).limit(1)).scalar_one_or_none()


def verify(connection: Connection) -> tuple[int, str] | None:
    """The first broken line and why, or None. Reads the whole log, a piece at a time."""
    return first_broken(_every_line(connection))


def _every_line(connection: Connection) -> Iterator[Line]:
    last = -1
    while lines := page(connection, last, 1000):
        yield from lines
        last = lines[-1].line


def _line(row: Any) -> Line:
    return Line(*row)
