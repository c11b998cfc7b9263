"""All rows of the table, by subject, in the order in which they are printed."""

from typing import Final

from tests.attacks.row import Attack
from tests.attacks.rows import (
    ballots,
    board,
    casting,
    ceremony,
    closing,
    fleet,
    key_files,
    log,
    randomness,
    receipts,
    shares,
    tally,
    unit,
    unit_line,
    unit_trust,
    verifier,
)

SUBJECTS: Final[dict[str, list[Attack]]] = {
    "The ballot": [*ballots.ROWS, *randomness.ROWS],
    "The board": [*board.ROWS, *casting.ROWS],
    "The unit": [*unit_trust.ROWS, *unit.ROWS, *unit_line.ROWS],
    "The election key": [*ceremony.ROWS, *key_files.ROWS],
    "The close": closing.ROWS,
    "The tally": [*tally.ROWS, *shares.ROWS],
    "The log, receipts and witnesses": [*receipts.ROWS, *log.ROWS],
    "A stolen broker, a stolen fleet": fleet.ROWS,
    "The observers' verifier": verifier.ROWS,
}
ATTACKS: Final = [attack for rows in SUBJECTS.values() for attack in rows]
RULES: Final = range(1, 25)
"""Of HV-1: each has a row at least."""
