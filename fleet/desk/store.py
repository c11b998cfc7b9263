"""The desk's side of the database: its chain of records, its outgoing messages, the store's settings."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from fleet.db import Connection
from fleet.tables import audit_log, desk_queue, downlink, gates_told, high_water, log_head, settings
from wire.down import CommandMessage
from wire.ids import DESK, Epoch
from wire.records import GENESIS, record_hash

DESK_EPOCH: Final = "desk_epoch"
DESK_BOOT: Final = "desk_boot"
CHARTER: Final = "charter"
"""In table settings: the congress's charter (ballot/SPEC §2.1) in hex; absent: no secret questions here."""
ROSTER_NUMBER: Final = "roster"
"""In table settings: which roster of references is in force, counted from 1; absent: the first."""
_COLUMNS: Final = [column for column in downlink.columns if column.name != "id"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of table downlink, without its id."""

    audience: str
    kind: str
    page: int
    generation: int
    expires_ms: int
    after_desk_seq: int
    topic: str
    envelope: bytes


def setting(connection: Connection, name: str) -> str | None:
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()


def set_setting(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(settings).where(settings.c.name == name))
    connection.execute(insert(settings).values(name=name, value=value))


def charter(connection: Connection) -> bytes | None:
    text = setting(connection, CHARTER)
    return bytes.fromhex(text) if text else None


def epoch(connection: Connection) -> Epoch | None:
    text = setting(connection, DESK_EPOCH)
    return Epoch(bytes.fromhex(text)) if text else None


def begin_epoch(connection: Connection, fresh: Epoch) -> None:
    """Begin a new, empty chain of the desk; Desk.begin_epoch carries over what waits for a leaf."""
    connection.execute(delete(desk_queue))
    connection.execute(update(downlink).values(after_desk_seq=0))
    set_setting(connection, DESK_EPOCH, fresh.hex())


def latest_ms(connection: Connection) -> int:
    """The latest moment that this store knows of: of a leaf, a message to devices, an act. 0: of none."""
    known = (func.max(log_head.c.issued_ms), func.max(downlink.c.generation), func.max(audit_log.c.at_ms))
    return max(connection.execute(select(column)).scalar_one() or 0 for column in known)


def next_boot(connection: Connection) -> int:
    """How often the desk has started, this time included."""
    boot = int(setting(connection, DESK_BOOT) or 0) + 1
    set_setting(connection, DESK_BOOT, str(boot))
    return boot


def chain_head(connection: Connection, current: Epoch) -> tuple[int, bytes]:
    """(seq, hash) of the desk's last record of this epoch; (0, zeros) before the first."""
    queued = connection.execute(select(desk_queue).order_by(desk_queue.c.seq.desc()).limit(1)).first()
    stored = connection.execute(
        select(high_water).where(high_water.c.device == DESK, high_water.c.epoch == current)
    ).first()
    if queued is not None and (stored is None or queued.seq >= stored.seq):
        return queued.seq, record_hash(queued.envelope)
    return (stored.seq, stored.record_hash) if stored is not None else (0, GENESIS)


def enqueue(connection: Connection, seq: int, envelope: bytes) -> None:
    connection.execute(insert(desk_queue).values(seq=seq, envelope=envelope, leaf_index=None))


def waiting(connection: Connection) -> list[bytes]:
    """Envelopes that ingest has not appended yet, in order."""
    query = select(desk_queue.c.envelope).where(desk_queue.c.leaf_index.is_(None)).order_by(desk_queue.c.seq)
    return list(connection.execute(query).scalars())


def generations(connection: Connection, kinds: Collection[str]) -> dict[str, int]:
    """The newest generation of any of these kinds, per audience."""
    query = (
        select(downlink.c.audience, func.max(downlink.c.generation).label("generation"))
        .where(downlink.c.kind.in_(kinds))
        .group_by(downlink.c.audience)
    )
    return {row.audience: row.generation for row in connection.execute(query)}


def roster_number(connection: Connection) -> int:
    """Which roster is in force, from 1; destroyed references belong to the one before the next begins."""
    return int(setting(connection, ROSTER_NUMBER) or 1)


def told_references(connection: Connection, device: str, generation: int) -> None:
    """Remember that this gate may hold references of the present roster."""
    c = gates_told.c
    here = (c.device == device, c.roster == roster_number(connection))
    changed = connection.execute(
        update(gates_told)
        .where(*here)
        .values(first_generation=func.coalesce(c.first_generation, generation), newest_generation=generation)
    )
    if not changed.rowcount:
        row = {"device": device, "roster": roster_number(connection)}
        connection.execute(
            insert(gates_told).values(**row, first_generation=generation, newest_generation=generation)
        )


def told_to_forget(connection: Connection, device: str, generation: int) -> None:
    """Remember that this gate was told to forget up to this generation; said again it changes nothing."""
    if forget_generation(connection, device) >= generation:
        return
    c = gates_told.c
    roster = roster_number(connection)
    here = (c.device == device, c.roster == roster)
    changed = connection.execute(update(gates_told).where(*here).values(forget_generation=generation))
    if not changed.rowcount:
        connection.execute(
            insert(gates_told).values(device=device, roster=roster, forget_generation=generation)
        )


def forget_generation(connection: Connection, device: str) -> int:
    """Up to which generation this gate was ever told to forget; 0: it was not."""
    query = select(func.max(gates_told.c.forget_generation)).where(gates_told.c.device == device)
    return connection.execute(query).scalar_one() or 0


def log_size(connection: Connection) -> int:
    """How many leaves the hall log has now."""
    return connection.execute(select(log_head.c.size)).scalar_one_or_none() or 0


def replace_outgoing(
    connection: Connection, kind: str, audiences: Iterable[str], rows: Sequence[Outgoing]
) -> None:
    """Let these rows take the place of everything of this kind that was in force for these audiences.

    Ids go on rising over deleted rows, so that a reader who remembers the last id misses nothing.
    """
    last = _last_id(connection)
    connection.execute(
        delete(downlink).where(downlink.c.audience == bindparam("told"), downlink.c.kind == kind),
        [{"told": audience} for audience in audiences],
    )
    _insert(connection, rows, last)


def add_outgoing(connection: Connection, kind: str, rows: Sequence[Outgoing], now_ms: int) -> None:
    """Put these rows, all of this kind, beside those in force; what had expired by now is deleted."""
    last = _last_id(connection)
    connection.execute(delete(downlink).where(downlink.c.kind == kind, downlink.c.expires_ms < now_ms))
    c = downlink.c
    query = select(c.audience, func.max(c.page)).where(c.kind == kind).group_by(c.audience)
    free = {audience: page + 1 for audience, page in connection.execute(query)}
    _insert(connection, [replace(row, page=row.page + free.get(row.audience, 0)) for row in rows], last)


def replace_pages(connection: Connection, rows: Sequence[Outgoing]) -> None:
    """Let each of these rows take the place of the one page that it is."""
    last = _last_id(connection)
    c = downlink.c
    for row in rows:
        connection.execute(
            delete(downlink).where(c.audience == row.audience, c.kind == row.kind, c.page == row.page)
        )
    _insert(connection, rows, last)


def _last_id(connection: Connection) -> int:
    return connection.execute(select(func.max(downlink.c.id))).scalar_one() or 0


def _insert(connection: Connection, rows: Sequence[Outgoing], last: int) -> None:
    if rows:
        connection.execute(
            insert(downlink),
            [{"id": last + number, **asdict(row)} for number, row in enumerate(rows, start=1)],
        )


def forget_outgoing(connection: Connection, audience: str, but: str) -> None:
    """Delete what is in force for this audience, except of this kind. The row with the greatest id must not
    be among them (see replace_outgoing)."""
    connection.execute(delete(downlink).where(downlink.c.audience == audience, downlink.c.kind != but))


def take_back(connection: Connection, kinds: Collection[str]) -> None:
    """Delete what is in force of these kinds, for whomever. The row with the greatest id must not be among
    them (see replace_outgoing)."""
    connection.execute(delete(downlink).where(downlink.c.kind.in_(kinds)))


def outgoing_of(connection: Connection, kinds: Collection[str]) -> list[Outgoing]:
    """All that is in force of these kinds."""
    query = select(*_COLUMNS).where(downlink.c.kind.in_(kinds))
    return [Outgoing(*row) for row in connection.execute(query)]


def drop_pages(connection: Connection, rows: Sequence[Outgoing]) -> None:
    """Delete these rows. The one with the greatest id must not be among them (see replace_outgoing)."""
    c = downlink.c
    for row in rows:
        connection.execute(
            delete(downlink).where(c.audience == row.audience, c.kind == row.kind, c.page == row.page)
        )


def outgoing(connection: Connection, kind: str, pages: Collection[int]) -> list[Outgoing]:
    """These pages of this kind, of every audience."""
    query = select(*_COLUMNS).where(downlink.c.kind == kind, downlink.c.page.in_(pages))
    return [Outgoing(*row) for row in connection.execute(query)]


def expiring(connection: Connection, before_ms: int) -> list[Outgoing]:
    """Messages whose force ends before this moment; commands apart, which are not said again."""
    query = (
        select(*_COLUMNS)
        .where(downlink.c.expires_ms < before_ms, downlink.c.kind != CommandMessage.kind)
        .order_by(downlink.c.kind, downlink.c.page)
    )
    return [Outgoing(*row) for row in connection.execute(query)]
