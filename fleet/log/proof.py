"""Proof that a record stands in the log: for the person whose vote it is, and for whoever does not trust
this server.
"""

from dataclasses import dataclass

from fleet.db import Connection
from fleet.log import store
from wire.merkle import inclusion_path


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The audit path of a leaf under the signed checkpoint `note` (RFC 9162 §2.1.3, C2SP tlog-checkpoint)."""

    leaf_index: int
    tree_size: int
    path: list[bytes]
    note: str


def prove(connection: Connection, leaf_index: int) -> Inclusion | None:
    """None when the log has no such leaf. Reads one hash per leaf: 32 bytes each."""
    size, note = store.checkpoint_note(connection)
    if not 0 <= leaf_index < size:
        return None
    return Inclusion(leaf_index, size, inclusion_path(store.leaf_hashes(connection, size), leaf_index), note)
