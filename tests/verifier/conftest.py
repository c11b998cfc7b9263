"""An honest election, and a verifier that does the same piece of work once in all tests."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.verifier.election import Election
from verifier import verify


class Remembering(verify.Workers):
    """Falsified elections are alike but for one thing: what was worked out for one holds for the others."""

    known: dict[bytes, Any] = {}  # noqa: RUF012  # one memory for all tests is the point

    def map(self, what: str, work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        answers = []
        for item in items:
            key = pickle.dumps((work.__name__, item))
            if key not in self.known:
                self.known[key] = verify.tried(work, item)
            answers.append(self.known[key])
        return answers


def pinned_of(election: Election, **changes: Any) -> verify.Pinned:
    """What the minutes of this election say."""
    said = {
        "charter": election.charter,
        "root": election.root,
        "size": len(election.leaves),
        "key_record": election.key_record_hash,
        "contest": None,
    }
    return verify.Pinned(**{**said, **changes})


def verified(election: Election, data: bytes | None = None, **changes: Any) -> verify.Report:
    export = election.export() if data is None else data
    return verify.verify(export, pinned_of(election, **changes), Remembering(1))


def checks_of(report: verify.Report) -> set[int]:
    return {fault.check for fault in report.faults}


@pytest.fixture(scope="session")
def honest() -> Election:
    return Election().held()
