"""Proof that a record stands in the log: for the person whose vote it is, and for whoever does not trust
this server.
"""

from dataclasses import dataclass

from fleet.db import Connection
from fleet.log import store
from fleet.log.tree import LogTree


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The audit path of a leaf under the signed checkpoint `note` (RFC 9162 §2.1.3, C2SP tlog-checkpoint)."""

    leaf_index: int
    tree_size: int
    path: list[bytes]
    note: str


def prove(connection: Connection, log: LogTree, leaf_index: int) -> Inclusion | None:
    """None when the log has no such leaf. log: kept from one proof to the next, so that only what was stored
    since is read."""
    size, note = store.checkpoint_note(connection)
    if not 0 <= leaf_index < size:
        return None
    log.follow(connection)
    return Inclusion(leaf_index, size, log.tree.inclusion(leaf_index, size), note)
