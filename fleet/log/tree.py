"""The tree of the hall log in memory, for proofs: it follows the stored leaves and never goes back."""

from fleet.db import Connection
from fleet.log import store
from wire.merkle import Tree


class LogTree:
    """Used from one thread. 64 bytes a leaf."""

    def __init__(self) -> None:
        self.tree = Tree()

    def follow(self, connection: Connection) -> None:
        """Take in the leaves that were stored since. Raises StoreError."""
        for leaf_hash in store.leaf_hashes_from(connection, self.tree.size):
            self.tree.append(leaf_hash)
