"""Any record's place in the log can be proved with nothing but the signed checkpoint."""

from fleet.db import reading
from fleet.log.proof import prove
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL
from tests.fleet.log.conftest import Sitting
from wire.checkpoint import origin, verify_checkpoint
from wire.merkle import leaf_hash, verify_inclusion


def test_every_leaf_is_proved_under_the_signed_checkpoint(sitting: Sitting) -> None:
    hall = sitting.hall
    expected = origin(CONGRESS, HALL, hall.ledger.life.store_id)
    with reading(hall.engine) as connection:
        for row in hall.leaves():
            found = prove(connection, row.leaf_index)
            assert found is not None
            checkpoint = verify_checkpoint(found.note, expected, hall.store.public_key)
            assert checkpoint.size == found.tree_size
            verify_inclusion(
                leaf_hash(row.envelope), row.leaf_index, found.tree_size, found.path, checkpoint.root
            )


def test_a_leaf_that_is_not_there_has_no_proof(sitting: Sitting) -> None:
    with reading(sitting.hall.engine) as connection:
        assert prove(connection, len(sitting.hall.leaves())) is None
        assert prove(connection, -1) is None
