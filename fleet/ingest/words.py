"""What devices say of themselves, kept beside the leaf that says it, so that pages need not read the log."""

from collections.abc import Callable
from typing import Final

from fleet.db import Connection
from fleet.ingest import store
from fleet.ingest.accept import Verified
from wire.envelope import Purpose, verify
from wire.ids import DeviceId
from wire.records import Record, parse_record
from wire.self_test import SelfTest
from wire.updates import Attestation, Update

Keep = Callable[[Connection, int, Record, int], None]
"""(connection, leaf, record, now) of a record whose kind it is for."""
_KEEPERS: Final[dict[str, Keep]] = {
    SelfTest.kind: store.write_self_test,
    Update.kind: store.write_update,
    Attestation.kind: store.write_attestation,
}


def keep_words(connection: Connection, leaf: int, verified: Verified, envelope: bytes, now_ms: int) -> None:
    """Of an accepted record; of most kinds there is nothing to keep."""
    keep = _KEEPERS.get(verified.record.kind)
    if keep is None:
        return
    device = DeviceId(verified.record.device)
    keep(connection, leaf, parse_record(verify(envelope, Purpose.RECORD, device, verified.key)), now_ms)
