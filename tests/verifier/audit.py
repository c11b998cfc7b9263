"""The same file as the hall's own code reads it, which shares nothing with the verifier."""

import pickle
from collections.abc import Sequence

from ballot.adapters.libsodium import Libsodium
from ballot.board.work import Performer, Work
from ballot.documents.charter import parse_charter
from ballot.errors import BadDocument
from ballot.tally.objections import objections
from ballot.tally.report import contests_of
from officers.tally.reading import Progress, read
from wire.errors import RecordRejected

GROUP = Libsodium()
PERFORM = Performer(GROUP)
KNOWN: dict[bytes, str | None] = {}
"""Falsified elections are alike but for one thing: what was worked out for one holds for the others."""


def performed(works: Sequence[Work], _progress: Progress) -> list[str | None]:
    keys = [pickle.dumps(work) for work in works]
    for key, work in zip(keys, works, strict=True):
        if key not in KNOWN:
            KNOWN[key] = PERFORM(work)
    return [KNOWN[key] for key in keys]


def faults_of(data: bytes, charter: bytes) -> list[str]:
    """All that trustees, audit and whoever signs a tally have against this file; empty when nothing."""
    try:
        reading = read(data, parse_charter(charter), GROUP, performed, lambda *_: None)
    except (BadDocument, RecordRejected) as err:
        return [str(err)]
    found = list(reading.faults)
    for report in contests_of(reading.replay, GROUP):
        found += report.faults
        if report.state == "cancelled" and report.counts is None:
            continue
        contest = reading.board.contests[report.contest]
        tallies = contest.course.tallies
        size = tallies[0].body.size if tallies else reading.size
        found += [each.en for each in objections(contest, reading.replay.root, reading.heads, size)]
    return found
