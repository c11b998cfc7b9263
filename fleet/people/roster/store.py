"""What the gates' base holds, and what gates said they destroyed, in the database."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update

from fleet.db import Connection
from fleet.desk import store as settings
from fleet.people.roster.rules import Row, digest
from fleet.tables import devices, face_references, records, reference_base, wrapped_keys
from fleet.tables import settings as settings_table
from wire.ids import DeviceId, MemberRef

EMBEDDER: Final = "base_embedder"
"""In table settings: model (hex), a space, runtime of the base in force; absent: there is none."""
DESTROYED: Final = "references_destroyed"
"""In table settings: JSON of the last Destroyed."""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Base:
    """What every gate of `gates` was told as a base. held: member -> index -> digest."""

    model_sha256: bytes
    runtime: str
    held: dict[MemberRef, dict[int, bytes]]
    gates: frozenset[DeviceId]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """generation: of the forget/1 that told the gates. at_ms: when."""

    generation: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that was in the hall at some moment. state: active or revoked."""

    device: DeviceId
    state: str


def base(connection: Connection) -> Base | None:
    embedder = settings.setting(connection, EMBEDDER)
    if embedder is None:
        return None
    model, runtime = embedder.split(" ", 1)
    held: dict[MemberRef, dict[int, bytes]] = {}
    c = reference_base.c
    for member, index, value in connection.execute(select(c.member, c.index, c.digest)):
        held.setdefault(MemberRef(member), {})[index] = value
    told = select(wrapped_keys.c.device).where(wrapped_keys.c.based_ms.is_not(None))
    gates = frozenset(DeviceId(name) for name in connection.execute(told).scalars())
    return Base(bytes.fromhex(model), runtime, held, gates)


def set_base(
    connection: Connection,
    embedder: tuple[bytes, str],
    pages: Sequence[Sequence[Row]],
    gates: Collection[DeviceId],
    now_ms: int,
) -> None:
    """Remember what these gates are told as their base."""
    forget_base(connection)
    rows = [
        {"member": member, "index": index, "page": number, "digest": digest(sealed)}
        for number, page in enumerate(pages)
        for member, index, sealed in page
    ]
    if rows:
        connection.execute(insert(reference_base), rows)
    settings.set_setting(connection, EMBEDDER, f"{embedder[0].hex()} {embedder[1]}")
    connection.execute(update(wrapped_keys).where(wrapped_keys.c.device.in_(gates)).values(based_ms=now_ms))


def forget_base(connection: Connection) -> None:
    connection.execute(delete(reference_base))
    connection.execute(delete(settings_table).where(settings_table.c.name == EMBEDDER))
    connection.execute(update(wrapped_keys).values(based_ms=None))


def pages_with(connection: Connection, of: Sequence[MemberRef]) -> set[int]:
    """The pages of the base on which these members stand."""
    c = reference_base.c
    found: set[int] = set()
    for at in range(0, len(of), _CHUNK):
        found |= set(connection.execute(select(c.page).where(c.member.in_(of[at : at + _CHUNK]))).scalars())
    return found


def destroy(connection: Connection) -> int:
    """Delete every reference and every wrapped key; how many references."""
    forget_base(connection)
    connection.execute(delete(wrapped_keys))
    return connection.execute(delete(face_references)).rowcount


def destroyed(connection: Connection) -> Destroyed | None:
    text = settings.setting(connection, DESTROYED)
    return Destroyed(**json.loads(text)) if text else None


def set_destroyed(connection: Connection, what: Destroyed) -> None:
    settings.set_setting(connection, DESTROYED, json.dumps(asdict(what)))


def gates_at(connection: Connection, at_ms: int) -> list[Gate]:
    """The gates that were in the hall at this moment; those that were revoked since are among them."""
    c = devices.c
    query = select(c.device, c.state, c.revoked_ms).where(c.role == "gate", c.registered_ms <= at_ms)
    return [
        Gate(DeviceId(row.device), row.state)
        for row in connection.execute(query.order_by(c.device))
        if row.revoked_ms is None or row.revoked_ms >= at_ms
    ]


def received(connection: Connection, leaves: Iterable[int]) -> dict[int, int]:
    """When these leaves were received."""
    c = records.c
    wanted = list(leaves)
    found: dict[int, int] = {}
    for at in range(0, len(wanted), _CHUNK):
        query = select(c.leaf_index, c.received_ms).where(c.leaf_index.in_(wanted[at : at + _CHUNK]))
        found |= {row.leaf_index: row.received_ms for row in connection.execute(query)}
    return found
