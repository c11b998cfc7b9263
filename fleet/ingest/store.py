"""Ingest's side of the database: leaves, chains, the log's head, what devices last said, what the desk
wants sent.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleet.db import Connection
from fleet.tables import (
    attestations,
    births,
    cosigned_notes,
    desk_queue,
    devices,
    downlink,
    drops,
    health,
    high_water,
    log_head,
    records,
    self_tests,
    session_keys,
    settings,
    update_outcomes,
)
from wire.ids import DESK
from wire.records import DeviceRegistered, DeviceRevoked, Record
from wire.self_test import SelfTest
from wire.updates import Attestation, Update

_HEAD_ID: Final = 1
_LOOKUP_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The log as stored: its size, the frontier's peaks, the signed checkpoint."""

    size: int
    peaks: list[bytes]
    note: str


class StoredChain(NamedTuple):
    device: str
    epoch: bytes
    seq: int
    record_hash: bytes
    leaf_index: int


class StoredBirth(NamedTuple):
    """What tells whether another birth of the device is older."""

    device: str
    epoch: bytes
    boot: int
    last_seq: int
    twin_generation: int


class NewLeaf(NamedTuple):
    """A row of table records, in the order of its columns."""

    leaf_index: int
    device: str
    epoch: bytes
    seq: int
    kind: str
    verdict: str
    subject: str
    received_ms: int
    record_hash: bytes
    leaf_hash: bytes
    envelope: bytes


class Waiting(NamedTuple):
    """A desk record that is not a leaf yet."""

    seq: int
    envelope: bytes


class Notice(NamedTuple):
    """A row of table downlink, without its envelope."""

    id: int
    audience: str
    kind: str
    page: int
    generation: int
    expires_ms: int
    after_desk_seq: int
    topic: str


def read_settings(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(settings))}


def write_settings(connection: Connection, values: Mapping[str, str]) -> None:
    _upsert(connection, settings, [{"name": name, "value": value} for name, value in values.items()])


def read_head(connection: Connection) -> Head:
    row = connection.execute(select(log_head)).first()
    if row is None:
        return Head(0, [], "")
    return Head(row.size, [row.peaks[at : at + 32] for at in range(0, len(row.peaks), 32)], row.note)


def head_size(connection: Connection) -> int:
    """Size of the stored log, locked until the transaction ends."""
    row = connection.execute(select(log_head.c.size).with_for_update()).first()
    return 0 if row is None else int(row.size)


def write_head(connection: Connection, head: Head, now_ms: int) -> None:
    values = {
        "id": _HEAD_ID,
        "size": head.size,
        "peaks": b"".join(head.peaks),
        "note": head.note,
        "issued_ms": now_ms,
    }
    _upsert(connection, log_head, [values])


def read_chains(connection: Connection) -> list[StoredChain]:
    columns = high_water.c
    query = select(columns.device, columns.epoch, columns.seq, columns.record_hash, columns.leaf_index)
    return [StoredChain(*row) for row in connection.execute(query)]


def write_chains(connection: Connection, chains: Sequence[StoredChain]) -> None:
    _in_bulk(connection, high_water, chains, replace=True)


def registrations(connection: Connection) -> list[bytes]:
    """Envelopes of every leaf by which the desk registered or revoked a device, in log order."""
    kinds = (DeviceRegistered.kind, DeviceRevoked.kind)
    query = (
        select(records.c.envelope)
        .where(records.c.subject == "", records.c.kind.in_(kinds), records.c.device == DESK)
        .order_by(records.c.leaf_index)
    )
    return list(connection.execute(query).scalars())


def append_leaves(connection: Connection, rows: Sequence[NewLeaf]) -> None:
    _in_bulk(connection, records, rows, replace=False)


def stored_hashes(
    connection: Connection, wanted: Mapping[tuple[str, bytes], Collection[int]]
) -> dict[tuple[str, bytes, int], bytes]:
    """Hashes of records that are in the log, by (device, epoch, seq)."""
    found: dict[tuple[str, bytes, int], bytes] = {}
    columns = records.c
    for (device, epoch), seqs in wanted.items():
        ordered = sorted(seqs)
        for start in range(0, len(ordered), _LOOKUP_ROWS):
            query = select(columns.seq, columns.record_hash).where(
                columns.device == device,
                columns.epoch == epoch,
                columns.seq.in_(ordered[start : start + _LOOKUP_ROWS]),
            )
            found |= {(device, epoch, seq): value for seq, value in connection.execute(query)}
    return found


def desk_waiting(connection: Connection, at_most: int) -> list[Waiting]:
    """The desk's records that are not leaves yet, in the desk's order."""
    query = (
        select(desk_queue.c.seq, desk_queue.c.envelope)
        .where(desk_queue.c.leaf_index.is_(None))
        .order_by(desk_queue.c.seq)
        .limit(at_most)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def desk_appended(connection: Connection, leaf_by_seq: Mapping[int, int]) -> None:
    for seq, leaf_index in leaf_by_seq.items():
        connection.execute(update(desk_queue).where(desk_queue.c.seq == seq).values(leaf_index=leaf_index))


def notices_after(connection: Connection, last_id: int) -> list[Notice]:
    """Rows of table downlink with a higher id, in order of id."""
    c = downlink.c
    query = (
        select(c.id, c.audience, c.kind, c.page, c.generation, c.expires_ms, c.after_desk_seq, c.topic)
        .where(c.id > last_id)
        .order_by(c.id)
    )
    return [Notice(*row) for row in connection.execute(query)]


def notice_ids(connection: Connection) -> list[int]:
    """Ids of all rows of table downlink."""
    return list(connection.execute(select(downlink.c.id)).scalars())


def notice_envelopes(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """Envelopes by row id, of those that still exist."""
    query = select(downlink.c.id, downlink.c.envelope).where(downlink.c.id.in_(ids))
    return {row.id: row.envelope for row in connection.execute(query)}


def read_births(connection: Connection) -> list[StoredBirth]:
    c = births.c
    query = select(c.device, c.epoch, c.boot, c.last_seq, c.twin_generation)
    return [StoredBirth(*row) for row in connection.execute(query)]


def write_births(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    _upsert(connection, births, rows)


def write_health(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    _upsert(connection, health, rows)


def drop_names(connection: Connection) -> set[str]:
    """Devices in whose name something was dropped."""
    return set(connection.execute(select(drops.c.device).distinct()).scalars())


def add_drops(connection: Connection, counts: Mapping[tuple[str, str], int], now_ms: int) -> None:
    """Add to the counts by (claimed device, code)."""
    for (device, code), count in counts.items():
        changed = connection.execute(
            update(drops)
            .where(drops.c.device == device, drops.c.code == code)
            .values(count=drops.c.count + count, last_ms=now_ms)
        )
        if changed.rowcount == 0:
            values = {"device": device, "code": code, "count": count, "first_ms": now_ms, "last_ms": now_ms}
            connection.execute(insert(drops).values(**values))


def set_sealing_key(connection: Connection, device: str, sealing_key: bytes) -> None:
    """The key that a gate has by its own signed word, in the registry."""
    connection.execute(update(devices).where(devices.c.device == device).values(sealing_key=sealing_key))


def write_self_test(connection: Connection, leaf: int, record: Record, now_ms: int) -> None:
    """What a device found of its own parts, in place of what it found before."""
    body = cast(SelfTest, record.body)
    row = {
        "device": record.device,
        "leaf_index": leaf,
        "wall_ms": record.stamp.wall_ms,
        "received_ms": now_ms,
        "command": None if body.command is None else body.command.hex(),
        "passed": body.passed,
        "results": json.dumps(body.rows),
    }
    _upsert(connection, self_tests, [row])


def write_update(connection: Connection, leaf: int, record: Record, now_ms: int) -> None:
    """One step of an update, beside those before."""
    body = cast(Update, record.body)
    row = {
        "leaf_index": leaf,
        "device": record.device,
        "rollout": body.rollout,
        "generation": body.generation,
        "component": body.component,
        "before_sha256": body.before,
        "after_sha256": body.after,
        "step": body.step,
        "cause": body.cause,
        "readings": json.dumps(dict(body.readings)),
        "wall_ms": record.stamp.wall_ms,
        "received_ms": now_ms,
    }
    _upsert(connection, update_outcomes, [row])


def write_attestation(connection: Connection, leaf: int, record: Record, now_ms: int) -> None:
    """What a device ran during a sitting; the newest, should it say two."""
    body = cast(Attestation, record.body)
    parts = [
        [name, *(None if each is None else each.hex() for each in hashes)] for name, *hashes in body.rows
    ]
    row = {
        "sitting": body.sitting,
        "device": record.device,
        "leaf_index": leaf,
        "from_ms": body.from_ms,
        "to_ms": body.to_ms,
        "boots": body.boots,
        "lifted": body.lifted,
        "unchanged": body.unchanged,
        "parts": json.dumps(parts),
        "received_ms": now_ms,
    }
    _upsert(connection, attestations, [row])


def write_session_keys(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Which unit speaks with which key in a contest: the last one said."""
    _upsert(connection, session_keys, rows)


def cosigned_note(connection: Connection, origin: str) -> tuple[int, str] | None:
    """(size, note) of the newest checkpoint of this origin that enough witnesses signed. Those of a life
    before a restore stay stored, and no unit of this one believes them."""
    query = (
        select(cosigned_notes.c.size, cosigned_notes.c.note)
        .where(cosigned_notes.c.complete, cosigned_notes.c.note.startswith(f"{origin}\n", autoescape=True))
        .order_by(cosigned_notes.c.size.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else (row.size, row.note)


def of_kinds(connection: Connection, kinds: Collection[str]) -> Iterator[tuple[int, str, bytes]]:
    """(leaf, who signed, envelope) of every accepted leaf of these kinds, in log order."""
    c = records.c
    query = (
        select(c.leaf_index, c.device, c.envelope)
        .where(c.kind.in_(kinds), c.verdict == "ok")
        .order_by(c.leaf_index)
    )
    for row in connection.execution_options(yield_per=_LOOKUP_ROWS).execute(query):
        yield row.leaf_index, row.device, row.envelope


def forget_presence(connection: Connection) -> None:
    """After a restore: what devices said last is not what they would say now."""
    connection.execute(delete(births))
    connection.execute(delete(health))


def _upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert, or replace what stands under the same primary key."""
    if not rows:
        return
    make = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)


def _in_bulk(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, replace: bool) -> None:
    """Insert rows given in the order of the table's columns, straight through the driver: SQLAlchemy's
    handling of each parameter costs more than the database does, and this is the one place where it
    counts."""
    if not rows:  # of a batch of voters' entries alone no device's chain has moved
        return
    connection.exec_driver_sql(_bulk_statement(connection.dialect.name, table, replace), list(rows))


@lru_cache
def _bulk_statement(dialect: str, table: Table, replace: bool) -> str:
    names = [column.name for column in table.columns]
    mark = "%s" if dialect == "postgresql" else "?"
    marks = ", ".join([mark] * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  # names of our own tables
    if not replace:
        return statement
    keys = [column.name for column in table.primary_key]
    others = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return f"{statement} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {others}"
