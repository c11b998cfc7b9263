"""What the gates' base holds, and what gates said they destroyed, in the database."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from fleet.db import Connection
from fleet.desk import store as settings
from fleet.people.roster.rules import Row, digest
from fleet.tables import devices, face_references, gates_told, records, reference_base, wrapped_keys
from fleet.tables import settings as settings_table
from wire.ids import DeviceId, MemberRef

EMBEDDER: Final = "base_embedder"
"""In table settings: model (hex), a space, runtime of the base in force; absent: there is none."""
DESTROYED: Final = "references_destroyed/"
"""In table settings, with the number of a roster behind it: JSON of its Destroyed."""
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
    """The end of a roster. generation: of the forget/1 that told the gates; at_ms: when; leaf: how many
    leaves the hall log had then. It may be done again: first_ms and first_leaf are of the first time."""

    roster: int
    generation: int
    at_ms: int
    leaf: int
    first_ms: int
    first_leaf: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A gate that was told references of this roster, or to forget. state: active or revoked. first: the
    generation of its first references, None when it was told none; newest: of its last ones; forget: up to
    which it was told to forget, 0 when it was not."""

    device: DeviceId
    roster: int
    first: int | None
    newest: int
    forget: int
    state: str
    revoked_ms: int | None


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


def destroyed(connection: Connection, roster: int) -> Destroyed | None:
    """The end of this roster; None while it is in use."""
    text = settings.setting(connection, f"{DESTROYED}{roster}")
    return Destroyed(**json.loads(text)) if text else None


def last_destroyed(connection: Connection) -> Destroyed | None:
    """The end of the roster in force, or else of the one before it."""
    number = settings.roster_number(connection)
    return destroyed(connection, number) or destroyed(connection, number - 1)


def is_destroyed(connection: Connection) -> bool:
    """Whether the roster in force has been destroyed, and no other begun."""
    return destroyed(connection, settings.roster_number(connection)) is not None


def set_destroyed(connection: Connection, what: Destroyed) -> None:
    settings.set_setting(connection, f"{DESTROYED}{what.roster}", json.dumps(asdict(what)))


def begin(connection: Connection) -> int:
    """Another roster, which no gate has been told of; its number."""
    number = settings.roster_number(connection) + 1
    settings.set_setting(connection, settings.ROSTER_NUMBER, str(number))
    return number


def holders(connection: Connection, *, up_to: int) -> list[Holder]:
    """Every gate that was told of this roster or an earlier one, revoked ones too, once for each roster, in
    order."""
    c = gates_told.c
    query = (
        select(gates_told, devices.c.state, devices.c.revoked_ms)
        .join(devices, devices.c.device == c.device)
        .where(c.roster <= up_to)
        .order_by(c.device, c.roster)
    )
    return [
        Holder(
            DeviceId(row.device),
            row.roster,
            row.first_generation,
            row.newest_generation or 0,
            row.forget_generation or 0,
            row.state,
            row.revoked_ms,
        )
        for row in connection.execute(query)
    ]


def limits(connection: Connection) -> dict[DeviceId, tuple[int, int]]:
    """(newest references, newest forget/1) that each gate was ever told: it can have obeyed nothing above."""
    c = gates_told.c
    query = select(c.device, func.max(c.newest_generation), func.max(c.forget_generation)).group_by(c.device)
    return {
        DeviceId(device): (newest or 0, up_to or 0) for device, newest, up_to in connection.execute(query)
    }


def newest_told(connection: Connection) -> int:
    """The newest generation that any gate was told; 0: none."""
    return max((max(both) for both in limits(connection).values()), default=0)


def received(connection: Connection, leaves: Iterable[int]) -> dict[int, int]:
    """When these leaves were received."""
    c = records.c
    wanted = list(leaves)
    found: dict[int, int] = {}
    for at in range(0, len(wanted), _CHUNK):
        query = select(c.leaf_index, c.received_ms).where(c.leaf_index.in_(wanted[at : at + _CHUNK]))
        found |= {row.leaf_index: row.received_ms for row in connection.execute(query)}
    return found
