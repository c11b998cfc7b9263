"""The costly part of judging entries, in worker processes of its own: proofs of a long list must not keep
attendance waiting."""

from functools import cache
from typing import Final, NamedTuple

from ballot.adapters.libsodium import Libsodium
from ballot.board.work import Performer, Work
from fleet.ingest.pool import Trade


class WorkQuestion(NamedTuple):
    work: Work


class WorkAnswer(NamedTuple):
    """code: of the refusal; None: the work found nothing against the entry."""

    code: str | None


@cache
def _performer() -> Performer:
    return Performer(Libsodium())


def answer(question: WorkQuestion) -> WorkAnswer:
    """Total."""
    return WorkAnswer(_performer()(question.work))


BALLOTS: Final = Trade(answer, WorkQuestion._make, chunk_max=2, inline_max=0)
"""Two of the longest ballots are half of what a pipe holds."""
