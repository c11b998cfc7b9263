"""Any record's place in the log can be proved with nothing but the signed checkpoint."""

from fleet.db import reading
from fleet.log.proof import prove
from fleet.log.tree import LogTree
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL
from tests.fleet.log.conftest import Sitting, question
from tests.wire.naive_tree import inclusion_path
from wire.checkpoint import origin, verify_checkpoint
from wire.merkle import leaf_hash, verify_inclusion


def test_every_leaf_is_proved_under_the_signed_checkpoint(sitting: Sitting) -> None:
    hall, log = sitting.hall, LogTree()
    expected = origin(CONGRESS, HALL, hall.ledger.life.store_id)
    with reading(hall.engine) as connection:
        for row in hall.leaves():
            found = prove(connection, log, row.leaf_index)
            assert found is not None
            checkpoint = verify_checkpoint(found.note, expected, hall.store.public_key)
            assert checkpoint.size == found.tree_size
            verify_inclusion(
                leaf_hash(row.envelope), row.leaf_index, found.tree_size, found.path, checkpoint.root
            )


def test_a_leaf_that_is_not_there_has_no_proof(sitting: Sitting) -> None:
    with reading(sitting.hall.engine) as connection:
        assert prove(connection, LogTree(), len(sitting.hall.leaves())) is None
        assert prove(connection, LogTree(), -1) is None


def test_a_tree_that_was_kept_proves_what_came_since_and_what_stood_before(sitting: Sitting) -> None:
    hall, log = sitting.hall, LogTree()
    before = len(hall.leaves())
    with reading(hall.engine) as connection:
        assert prove(connection, log, 0) is not None
    assert log.tree.size == before
    hall.act(question("closed"))
    hall.turns()
    leaves = [leaf_hash(row.envelope) for row in hall.leaves()]
    assert len(leaves) > before
    with reading(hall.engine) as connection:
        for index in (0, len(leaves) - 1):
            found = prove(connection, log, index)
            assert found is not None
            assert found.path == inclusion_path(leaves, index)
