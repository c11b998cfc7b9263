"""Whatever bytes a trustee is handed: a reading with faults, or a sentence. Never a crash."""

import random

import pytest

from officers.tally.adapters.pool import InThisProcess
from officers.tally.reading import read
from tests.ballot.board.election import CHARTER, CLOSED_S, GROUP, NO, YES, Election
from wire.errors import BadSchema


@pytest.fixture(scope="module")
def export() -> bytes:
    election = Election(3).open()
    for unit, choices in zip(election.units, (YES, NO, YES), strict=True):
        unit.vote(choices)
    election.ended()
    election.checkpoint(CLOSED_S + 90)
    return election.export()


@pytest.mark.parametrize("seed", range(40))
def test_a_few_changed_bytes_are_always_noticed(export: bytes, seed: int) -> None:
    rng = random.Random(seed)
    damaged = bytearray(export)
    for _ in range(rng.randint(1, 4)):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    if rng.random() < 0.3:
        del damaged[rng.randrange(len(damaged)) :]
    try:
        reading = read(bytes(damaged), CHARTER, GROUP, InThisProcess(), lambda *_: None)
    except BadSchema:
        return
    assert reading.faults or bytes(damaged) == export


def test_the_whole_file_as_it_is_has_no_fault(export: bytes) -> None:
    assert read(export, CHARTER, GROUP, InThisProcess(), lambda *_: None).faults == []
