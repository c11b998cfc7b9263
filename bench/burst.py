"""Everybody presses in the same instant: publish → verified, committed, signed receipt in hand (DESIGN §12).

The records are signed beforehand. The clock of each keypad starts when its record is given to its socket and
stops when the receipt comes out of it. Every receipt is verified after that, and the log must have grown by
exactly one leaf each.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from bench.crowd import Crowd, no_collection
from bench.errors import BenchError
from bench.hall import Hall
from bench.rows import Row, at_most, median, percentile, told

BUDGET_MS: Final = 500.0
DEADLINE_S: Final = 30.0
SETTLE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds from publish to receipt, and ingest's CPU time per record."""

    p50_ms: float
    p99_ms: float
    last_ms: float
    ingest_us: float


async def measure(hall: Hall, crowd: Crowd, rounds: int) -> list[Row]:
    """Rows of several presses; each is its own instant, medians are told."""
    found = []
    for _ in range(rounds):
        await asyncio.sleep(SETTLE_S)
        found.append(await press(hall, crowd))
    count = len(crowd.members)
    name = f"{count:,} keypads press at once: receipt in hand"
    return [
        told(f"{name}, p50", median([each.p50_ms for each in found]), "ms"),
        at_most(f"{name}, p99", median([each.p99_ms for each in found]), "ms", BUDGET_MS),
        told(f"{name}, last", median([each.last_ms for each in found]), "ms"),
        told(
            f"{count:,} keypads press at once: ingest, per record",
            median([r.ingest_us for r in found]),
            "CPU-µs",
        ),
    ]


async def press(hall: Hall, crowd: Crowd) -> Round:
    """One record from everybody. Raises BenchError unless each becomes a leaf and gets its own receipt."""
    envelopes = [member.keypad.sign_next() for member in crowd.members]
    leaves, cpu_s = hall.leaves(), hall.ingest_cpu_s()
    with no_collection():
        sent_ns = crowd.publish_all(envelopes)
        await crowd.until(lambda member: bool(member.answers), DEADLINE_S, "a receipt")
    cpu_s = hall.ingest_cpu_s() - cpu_s
    waited_ms = []
    for member, sent in zip(crowd.members, sent_ns, strict=True):
        arrived, receipt = member.answers[0]
        member.keypad.check_receipt(receipt, hall.store_key)
        waited_ms.append((arrived - sent) / 1e6)
    stored = hall.leaves() - leaves
    if stored != len(envelopes):
        raise BenchError(f"{len(envelopes)} keypads pressed, but the log has grown by {stored} leaves")
    return Round(
        percentile(waited_ms, 50),
        percentile(waited_ms, 99),
        max(waited_ms),
        cpu_s * 1e6 / len(envelopes),
    )
