"""What one record costs at the very least: its signature verified and its bytes parsed, in one process, and
nothing else. The measure that ingest is held against (DESIGN §12)."""

import time
from collections.abc import Sequence
from typing import Final

from bench.crowd import no_collection
from bench.rows import median
from wire.envelope import Purpose, verify
from wire.keys import PublicKey
from wire.records import parse_record

ROUNDS: Final = 5
Signed = tuple[str, PublicKey, bytes]
"""(device, its key, envelope)"""


def cost_us(records: Sequence[Signed]) -> float:
    """CPU time of `verify` and `parse_record` of wire/ per record, median of rounds, in µs."""
    return median([_round_us(records) for _ in range(ROUNDS)])


def _round_us(records: Sequence[Signed]) -> float:
    with no_collection():
        before = time.process_time_ns()
        for device, key, envelope in records:
            parse_record(verify(envelope, Purpose.RECORD, device, key))
        return (time.process_time_ns() - before) / 1000 / len(records)
