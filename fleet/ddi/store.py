"""hawkBit clients and their actions in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import insert, select, update

from fleet.db import Connection
from fleet.ddi.rules import CANCELLING, CLOSED, OPEN, Action
from fleet.rollout.rules.shape import DeviceState
from fleet.tables import ddi_actions, ddi_clients, rollout_devices
from wire.ids import DeviceId
from wire.updates import Held

POLLED_EVERY_MS: Final = 600_000
"""A poll is written down this often: two thousand clients poll every minute."""


@dataclass(frozen=True, slots=True)
class Client:
    """token: SHA-256 of the token that it must show beside its certificate; None: none. holds: of its image,
    as in a birth; empty: not known. version: of that."""

    device: DeviceId
    token: bytes | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    holds: str = ""
    version: str = ""
    told_ms: int | None = None
    polled_ms: int | None = None


def client(connection: Connection, device: DeviceId) -> Client:
    """One that nothing is known of has no row."""
    row = connection.execute(select(ddi_clients).where(ddi_clients.c.device == device)).first()
    return Client(device) if row is None else _client(row)


def clients(connection: Connection) -> dict[DeviceId, Client]:
    """Every one that something is known of."""
    return {DeviceId(row.device): _client(row) for row in connection.execute(select(ddi_clients)).all()}


def set_token(connection: Connection, device: DeviceId, sha256: bytes | None) -> None:
    _put(connection, device, token_sha256=sha256)


def set_polled(connection: Connection, device: DeviceId, now_ms: int) -> None:
    _put(connection, device, polled_ms=now_ms)


def set_attributes(
    connection: Connection, device: DeviceId, attributes: Mapping[str, str], now_ms: int
) -> None:
    text = json.dumps(dict(attributes), sort_keys=True, ensure_ascii=False)
    _put(connection, device, attributes=text, told_ms=now_ms, polled_ms=now_ms)


def set_holds(connection: Connection, device: DeviceId, held: Held | None, version: str) -> None:
    _put(connection, device, holds=held.reported() if held else "", version=version if held else "")


def ask_again(connection: Connection, device: DeviceId) -> None:
    """Ask for its configData with the next poll."""
    _put(connection, device, told_ms=None)


def _put(connection: Connection, device: DeviceId, **values: Any) -> None:
    changed = connection.execute(update(ddi_clients).where(ddi_clients.c.device == device).values(**values))
    if not changed.rowcount:
        row = {"attributes": "{}", "holds": "", "version": "", **values}
        connection.execute(insert(ddi_clients).values(device=device, **row))


# -- actions -----------------------------------------------------------------------------------------------


def newest(connection: Connection, device: DeviceId) -> Action | None:
    c = ddi_actions.c
    query = select(ddi_actions).where(c.device == device).order_by(c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _action(row)


def waiting(connection: Connection, device: DeviceId) -> Action | None:
    """The newest action of a device, unless that is over."""
    found = newest(connection, device)
    return found if found is not None and found.state in (OPEN, CANCELLING) else None


def find(connection: Connection, device: DeviceId, number: int) -> Action | None:
    """An action of this very device."""
    c = ddi_actions.c
    row = connection.execute(select(ddi_actions).where(c.id == number, c.device == device)).first()
    return None if row is None else _action(row)


def course_of(connection: Connection, action: Action) -> tuple[DeviceState, int] | None:
    """State and generation of its device in its rollout."""
    c = rollout_devices.c
    query = select(c.state, c.generation).where(c.rollout == action.rollout, c.device == action.device)
    row = connection.execute(query).first()
    return None if row is None else (DeviceState(row.state), row.generation)


def newest_of(connection: Connection, rollout: str) -> dict[DeviceId, Action]:
    """By device, the newest action of this rollout."""
    c = ddi_actions.c
    query = select(ddi_actions).where(c.rollout == rollout).order_by(c.id)
    return {DeviceId(row.device): _action(row) for row in connection.execute(query).all()}


def set_action(connection: Connection, action: Action, now_ms: int) -> None:
    connection.execute(
        update(ddi_actions)
        .where(ddi_actions.c.id == action.id)
        .values(
            state=action.state,
            feedback=json.dumps(list(action.lines), ensure_ascii=False),
            outcome=action.outcome,
            changed_ms=now_ms,
        )
    )


def set_fetched(connection: Connection, action: Action, now_ms: int) -> None:
    c = ddi_actions.c
    connection.execute(
        update(ddi_actions).where(c.id == action.id, c.fetched_ms.is_(None)).values(fetched_ms=now_ms)
    )


def is_over(action: Action) -> bool:
    """Nothing more is heard of it."""
    return action.state == CLOSED and action.outcome is not None


def _client(row: Any) -> Client:
    return Client(
        DeviceId(row.device),
        row.token_sha256,
        _texts(row.attributes),
        row.holds,
        row.version,
        row.told_ms,
        row.polled_ms,
    )


def _action(row: Any) -> Action:
    return Action(
        row.id,
        row.device,
        row.rollout,
        row.generation,
        row.state,
        _lines(row.feedback),
        row.outcome,
        row.fetched_ms is not None,
    )


@lru_cache(maxsize=16_384)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=16_384)
def _texts(text: str) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(text)
    return found
