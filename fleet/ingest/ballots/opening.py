"""The elections of this hall, read again out of its log at the start of ingest."""

import logging
from collections.abc import Iterator
from typing import Final

from fleet.db import Connection
from fleet.desk.store import charter
from fleet.ingest import store
from fleet.ingest.ballots.elections import Elections, StoredEntry, StoredRecord
from fleet.log import store as log_store
from wire.board import ENTRY_TYPES
from wire.envelope import Purpose, verify
from wire.errors import RecordRejected
from wire.ids import DESK, STORE, CongressId, DeviceId, HallId
from wire.keys import PublicKey, Signer
from wire.merkle import Tree
from wire.records import parse_record
from wire.voting import BallotRefusal, Beacon, ContestChanged, DocumentPage

_KINDS: Final = (
    *ENTRY_TYPES,
    *(body.kind for body in (DocumentPage, ContestChanged, Beacon, BallotRefusal)),
)
_log: Final = logging.getLogger("hallward.ingest")


def open_elections(
    connection: Connection, congress: str, hall: str, desk_key: PublicKey, signer: Signer
) -> Elections | None:
    """None while no charter is installed. Raises BadDocument for a damaged one, StoreError."""
    pinned = charter(connection)
    if pinned is None:
        return None
    tree = Tree(log_store.leaf_hashes_from(connection, 0))
    elections = Elections.of(pinned, CongressId(congress), HallId(hall), tree)
    elections.replay(_stored(connection, {DESK: desk_key, STORE: signer.public_key}))
    for fault in elections.faults:
        _log.warning("In the hall log: %s", fault)
    elections.faults.clear()
    return elections


def goes_by_charter(connection: Connection, elections: Elections | None) -> bool:
    """Whether these are read under the charter that is installed now."""
    return elections is not None and elections.board.charter.encode() == charter(connection)


def _stored(
    connection: Connection, offices: dict[DeviceId, PublicKey]
) -> Iterator[StoredRecord | StoredEntry]:
    for leaf, device, envelope in store.of_kinds(connection, _KINDS):
        key = offices.get(DeviceId(device))
        if key is None:
            yield StoredEntry(leaf, envelope)
            continue
        try:
            body = parse_record(verify(envelope, Purpose.RECORD, DeviceId(device), key)).body
        except RecordRejected as err:
            _log.warning("Leaf %d is not what it was when it was stored: %s", leaf, err.what)
            continue
        yield StoredRecord(leaf, body, envelope)
