"""Leaves out of the database, opened: verified again under the key of who signed them, since rules believe
nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass

from ballot.counting import Leaf
from fleet.db import Connection
from fleet.devices import store as devices
from fleet.sittings.store import StoredLeaf
from wire.envelope import Purpose, verify
from wire.errors import UnknownSigner
from wire.ids import DESK, DeviceId
from wire.keys import PublicKey
from wire.records import parse_record


@dataclass(frozen=True, slots=True)
class LogReader:
    """keys: of every device that ever was, and of the desk."""

    keys: dict[DeviceId, PublicKey]

    @classmethod
    def of(cls, connection: Connection, desk: PublicKey) -> "LogReader":
        return cls({**devices.keys(connection), DESK: desk})

    def open(self, stored: Iterable[StoredLeaf]) -> list[Leaf]:
        """Raises RecordRejected when a stored leaf does not verify: the database was changed by another
        hand."""
        return [self._leaf(leaf) for leaf in stored]

    def _leaf(self, stored: StoredLeaf) -> Leaf:
        key = self.keys.get(stored.device)
        if key is None:
            raise UnknownSigner(
                f"leaf {stored.index} is signed by {stored.device}, which was never registered"
            )
        verified = verify(stored.envelope, Purpose.RECORD, stored.device, key)
        return Leaf(stored.index, stored.device, parse_record(verified).body)
