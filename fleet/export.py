"""Writes the hall log to a file that anybody can audit without this server: while the hall runs, whole or
not at all.
"""

import os
from pathlib import Path
from typing import Final

from ballot.hall_log.format import Closing, Header, encode_closing, encode_header, encode_leaf
from fleet.config import FleetConfig, load_signer
from fleet.db import Connection, Engine, reading
from fleet.desk import store as desk_store
from fleet.errors import StoreError
from fleet.ingest.life import STORE_ID
from fleet.log import store
from fleet.secret.store import cosigned
from wire.ids import DESK, STORE

BUFFER_BYTES: Final = 1 << 20


def export(engine: Engine, config: FleetConfig, path: Path) -> int:
    """Write every leaf of one consistent view; how many. Replaces `path` only when all is on the disk.

    Raises: StoreError (the store or the file), ConfigError (a key is missing).
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with reading(engine) as connection, part.open("wb", buffering=BUFFER_BYTES) as file:
            file.write(encode_header(_header(connection, config)))
            count = 0
            for leaf in store.leaves(connection):
                file.write(encode_leaf(leaf))
                count += 1
            _, note = store.checkpoint_note(connection)
            closing = Closing(note, tuple(store.claims(connection)), tuple(cosigned(connection)))
            file.write(encode_closing(closing))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as err:
        part.unlink(missing_ok=True)
        raise StoreError(f"{path} cannot be written: {err.strerror}") from err
    return count


def _header(connection: Connection, config: FleetConfig) -> Header:
    store_id = store.read_setting(connection, STORE_ID)
    if store_id is None:
        raise StoreError("this store has no log yet: start `hallward fleet ingest` once")
    desk, own = (load_signer(config.data, office).public_key for office in (DESK, STORE))
    charter = desk_store.charter(connection)
    return Header(config.congress, config.hall, bytes.fromhex(store_id), desk.raw, own.raw, charter)
