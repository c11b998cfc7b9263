"""Proofs checked in this process, or in as many as the machine has processors."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.board.work import Performer, Work
from officers.tally.reading import Progress

CHUNK: Final = 25
FEW: Final = 200
"""Fewer than this are done before another process would have started."""
_here: list[Performer] = []


class InThisProcess:
    def __init__(self) -> None:
        self._perform = Performer(Libsodium())

    def __call__(self, works: Sequence[Work], progress: Progress) -> list[str | None]:
        found = []
        for number, work in enumerate(works, start=1):
            found.append(self._perform(work))
            if number % CHUNK == 0:
                progress("proofs", number, len(works))
        return found


class InProcesses:
    """jobs: how many processes; by default one for each processor that this program may use."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or len(os.sched_getaffinity(0))

    def __call__(self, works: Sequence[Work], progress: Progress) -> list[str | None]:
        if self._jobs == 1 or len(works) < FEW:
            return InThisProcess()(works, progress)
        chunks = [list(works[at : at + CHUNK]) for at in range(0, len(works), CHUNK)]
        found: list[str | None] = []
        # Not forked: what the parent has opened by then is none of a child's business.
        with ProcessPoolExecutor(self._jobs, get_context("spawn"), _start) as pool:
            for codes in pool.map(_perform, chunks):
                found += codes
                progress("proofs", len(found), len(works))
        return found


def _start() -> None:
    _here.append(Performer(Libsodium()))


def _perform(works: list[Work]) -> list[str | None]:
    return [_here[0](work) for work in works]
