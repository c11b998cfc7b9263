"""Leaves out of the database, opened: verified again under their signers' keys, since rules believe nothing
else."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ballot.counting import Leaf
from fleet.db import Connection
from fleet.devices import store as devices
from fleet.sittings.store import StoredLeaf
from wire.envelope import Purpose, verify
from wire.errors import UnknownSigner
from wire.ids import DESK
from wire.keys import PublicKey, public_key
from wire.records import parse_record

_key: Final = lru_cache(maxsize=8192)(public_key)


def open_leaves(connection: Connection, desk: PublicKey, stored: Sequence[StoredLeaf]) -> list[Leaf]:
    """These leaves as rules take them. desk: the key of the desk; those of the devices are in the registry.

    Raises RecordRejected when a stored leaf does not verify: the database was changed by another hand.
    """
    signers = {leaf.device for leaf in stored} - {DESK}
    keys = {device: _key(alg, raw) for device, alg, raw in devices.keys(connection, signers)}
    keys[DESK] = desk
    leaves = []
    for leaf in stored:
        key = keys.get(leaf.device)
        if key is None:
            raise UnknownSigner(f"leaf {leaf.index} is signed by {leaf.device}, which was never registered")
        verified = verify(leaf.envelope, Purpose.RECORD, leaf.device, key)
        leaves.append(Leaf(leaf.index, leaf.device, parse_record(verified).body))
    return leaves
