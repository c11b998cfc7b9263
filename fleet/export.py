"""Writes the hall log to a file that anybody can audit without this server: while the hall runs, whole or
not at all.

What the desk has said is a leaf a moment later. A log that is written in between would be found at fault for
what it does not hold yet, so the writer waits for it, though not for ever: ingest may stand still.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ballot.hall_log.format import Closing, Header, encode_closing, encode_header, encode_leaf
from durable.files import PUBLIC, replacing
from fleet.config import FleetConfig, load_signer
from fleet.db import Connection, Engine, reading
from fleet.desk import store as desk_store
from fleet.errors import StoreError
from fleet.ingest.life import STORE_ID
from fleet.log import store
from fleet.secret.store import cosigned
from wire.ids import DESK, STORE

log = logging.getLogger(__name__)
PATIENCE_S: Final = 10.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """now_s: a clock that only rises. wait: seconds."""

    now_s: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


def export(engine: Engine, config: FleetConfig, path: Path, patience: Patience = Patience()) -> int:
    """Write every leaf of one consistent view; how many. Replaces `path` only when all is on the disk.

    Waits at most PATIENCE_S for what the desk said before; what is still no leaf then is said.

    Raises: StoreError (the store or the file), ConfigError (a key is missing).
    """
    due = _awaited(engine, patience)
    try:
        with replacing(path, PUBLIC) as file, reading(engine) as connection:
            file.write(encode_header(_header(connection, config)))
            count = 0
            for leaf in store.leaves(connection):
                file.write(encode_leaf(leaf))
                count += 1
            missing = len(due & _waiting(connection))
            _, note = store.checkpoint_note(connection)
            closing = Closing(note, tuple(store.claims(connection)), tuple(cosigned(connection)))
            file.write(encode_closing(closing))
    except OSError as err:
        raise StoreError(f"{path} cannot be written: {err.strerror}") from err
    if missing:
        log.warning(
            "%s lacks %d records of the desk that are not in the log yet, and an audit will miss them: see "
            "that `hallward fleet serve` runs, then export again",
            path,
            missing,
        )
    return count


def _awaited(engine: Engine, patience: Patience) -> set[bytes]:
    """What the desk has said until now and is still no leaf once it has been waited for. What it says
    meanwhile is for a later export."""
    until_s = patience.now_s() + PATIENCE_S
    due: set[bytes] | None = None
    while True:
        with reading(engine) as connection:
            found = _waiting(connection)
        due = found if due is None else due & found
        if not due or patience.now_s() >= until_s:
            return due
        patience.wait(_LOOK_S)


def _waiting(connection: Connection) -> set[bytes]:
    return set(desk_store.waiting(connection))


def _header(connection: Connection, config: FleetConfig) -> Header:
    store_id = store.read_setting(connection, STORE_ID)
    if store_id is None:
        raise StoreError("this store has no log yet: start `hallward fleet ingest` once")
    desk, own = (load_signer(config.data, office).public_key for office in (DESK, STORE))
    charter = desk_store.charter(connection)
    return Header(config.congress, config.hall, bytes.fromhex(store_id), desk.raw, own.raw, charter)
