"""The newest self-test of each device in the database; ingest writes them as their records become leaves."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from fleet.db import Connection
from fleet.tables import self_tests
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class Found:
    """leaf_index: of the device's own record. wall_ms: by its clock; received_ms: by ours. command: id in
    hex, None when nobody asked. rows: (part, passed, what was found)."""

    device: DeviceId
    leaf_index: int
    wall_ms: int
    received_ms: int
    command: str | None
    passed: bool
    rows: tuple[tuple[str, bool, str], ...]


def find(connection: Connection, device: str) -> Found | None:
    row = connection.execute(select(self_tests).where(self_tests.c.device == device)).first()
    return _found(row) if row else None


def every(connection: Connection) -> list[Found]:
    """In order of their devices."""
    return [_found(row) for row in connection.execute(select(self_tests).order_by(self_tests.c.device))]


def _found(row: Any) -> Found:
    rows = tuple((part, passed, detail) for part, passed, detail in json.loads(row.results))
    return Found(
        DeviceId(row.device), row.leaf_index, row.wall_ms, row.received_ms, row.command, row.passed, rows
    )
