"""What ingest costs per record, fed through the real broker, against verification alone; and how many records
a second one hall takes in.

CPU time is counted over all ingest processes, from the first record until the last receipt is in hand.
The keypads keep the product's window of records that no receipt covers yet.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.crowd import Crowd, Member, no_collection
from bench.errors import BenchError
from bench.hall import Hall
from bench.rows import Row, at_most, median, told
from bench.verify_alone import Signed, cost_us
from edge.device.uplink import WINDOW
from wire import cbor
from wire.down import Receipt
from wire.envelope import Purpose
from wire.errors import RecordRejected

BUDGET_RATIO: Final = 1.67
SAMPLE: Final = 2000
DEADLINE_S: Final = 60.0
SETTLE_S: Final = 1.0
_POLL_S: Final = 0.002


@dataclass(frozen=True, slots=True)
class Load:
    """records: of each keypad in each round."""

    records: int = 200
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Round:
    ingest_us: float
    alone_us: float
    records_per_s: float


async def measure(hall: Hall, load: Load, store: str) -> list[Row]:
    """Rows for one kind of database; every keypad of the hall sends."""
    rounds = []
    async with Crowd(hall.keypads(), hall.address, hall.authority_file) as crowd:
        for _ in range(load.rounds):
            await asyncio.sleep(SETTLE_S)  # births and repeats of the round before are not this round's
            rounds.append(await _round(hall, crowd, load.records))
    ratio = median([each.ingest_us / each.alone_us for each in rounds])
    alone_us = median([each.alone_us for each in rounds])
    return [
        told(f"verification alone, beside {store}, per record", alone_us, "CPU-µs"),
        told(f"ingest, {store}, per record", median([each.ingest_us for each in rounds]), "CPU-µs"),
        at_most(f"ingest, {store}, against verification alone", ratio, "×", BUDGET_RATIO),
        told(f"ingest, {store}", median([each.records_per_s for each in rounds]), "records/s"),
    ]


async def _round(hall: Hall, crowd: Crowd, count: int) -> Round:
    feeds = [_Feed(member, [member.keypad.sign_next() for _ in range(count)]) for member in crowd.members]
    sample = _sample(feeds)
    alone_us = cost_us(sample)
    leaves, cpu_s, begun_s = hall.leaves(), hall.ingest_cpu_s(), time.perf_counter()
    with no_collection():
        await _feed(feeds)
        seconds = time.perf_counter() - begun_s
    cpu_s = hall.ingest_cpu_s() - cpu_s
    total = count * len(feeds)
    for feed in feeds:
        feed.member.keypad.check_receipt(feed.last_answer, hall.store_key)
    stored = hall.leaves() - leaves
    if stored != total:
        raise BenchError(f"{total} records were receipted, but the log has grown by {stored} leaves")
    alone_us = median([alone_us, cost_us(sample)])
    return Round(cpu_s * 1e6 / total, alone_us, total / seconds)


class _Feed:
    """Keeps one keypad's window full."""

    def __init__(self, member: Member, envelopes: Sequence[bytes]) -> None:
        self.member = member
        self.envelopes = envelopes
        self._base = member.keypad.seq - len(envelopes)
        self._sent = 0
        self._covered = 0
        self.last_answer = b""
        member.answers.clear()

    @property
    def done(self) -> bool:
        return self._covered == len(self.envelopes)

    @property
    def lacking(self) -> int:
        return self._sent - self._covered

    def turn(self) -> None:
        answers = self.member.answers
        if answers:
            self.last_answer = answers[-1][1]
            self._covered = max(self._covered, _named_seq(self.last_answer) - self._base)
            answers.clear()
        stop = min(len(self.envelopes), self._covered + WINDOW)
        while self._sent < stop:
            self.member.publish(self.envelopes[self._sent])
            self._sent += 1


def _named_seq(receipt: bytes) -> int:
    """What a receipt says, not yet verified: that is done when the clock has stopped."""
    try:
        said = cbor.decode(cbor.decode(receipt, Purpose.RECEIPT.limit)[2], Purpose.RECEIPT.limit)
        kind, seq = said[0], int(said[5])
    except (RecordRejected, IndexError, TypeError, ValueError):
        raise BenchError("the store answered with something else than a receipt") from None
    if kind != Receipt.kind:
        raise BenchError(f"the store asks for {seq} again: a record was lost between keypad and store")
    return seq


async def _feed(feeds: Sequence[_Feed]) -> None:
    end = time.monotonic() + DEADLINE_S
    waiting = list(feeds)
    while waiting := [feed for feed in waiting if not feed.done]:
        for feed in waiting:
            feed.turn()
        if time.monotonic() > end:
            lacking = sum(feed.lacking for feed in waiting)
            raise BenchError(
                f"after {DEADLINE_S:g} s {len(waiting)} keypads still wait for receipts of {lacking} records"
            )
        await asyncio.sleep(_POLL_S)


def _sample(feeds: Sequence[_Feed]) -> list[Signed]:
    """The same records that ingest will see, as many as keep verification alone below a second."""
    each = max(1, SAMPLE // len(feeds))
    return [
        (keypad.device, keypad.identity.signer.public_key, envelope)
        for feed in feeds
        for keypad in (feed.member.keypad,)
        for envelope in feed.envelopes[:each]
    ]
