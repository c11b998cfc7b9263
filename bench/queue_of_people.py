"""A scripted queue of people before a whole gate: how many a minute, how fast, and how often it is wrong.

python -m bench.queue_of_people [--people N] [--lfw DIR --nuaa DIR] [--match-min COSINE] [--seed N]

DIR of LFW: Some_Name_0001.jpg side by side. DIR of NUAA: live/ and print/, 0001_… of client 1. Without them:
the photographs that the networks' packages bring. A photograph does not blink: of whom the gate asks it,
because PAD is in doubt, ends as suspected, and counts as wrongly refused. What people do takes as long as
queue_lane.py says.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from bench.queue_cast import Collection, Kind, portraits, queue, shipped
from bench.queue_lane import QueueLane, Tried, Visit, enrolled_at_a_desk
from bench.rows import Row, percentile, table, told
from edge.rollcall_gate.eyes.vision import open_pipeline
from edge.rollcall_gate.trial.replay import member_of
from edge.rollcall_gate.who.decide import DEFAULT, Method, Thresholds
from models.cache import cache_folder
from models.places import model_files, photograph_folder
from wire.errors import HallError

PEOPLE: Final = 60
METHODS: Final[tuple[Method, ...]] = ("face", "badge", "pin", "usher")
INTRUDERS: Final = {
    Kind.STRANGER: "strangers",
    Kind.PRINT: "prints",
    Kind.USHER: "people not enrolled",
}
"""Who must not be admitted by face."""
ENROLLED: Final = {Kind.DELEGATE: "delegates", Kind.FILMED: "delegates on webcam films"}
SEED: Final = 11
UNDECIDED: Final = "nothing decided"


@dataclass(frozen=True, slots=True)
class Plan:
    """collection: None for what the packages bring."""

    people: int = PEOPLE
    collection: Collection | None = None
    thresholds: Thresholds = DEFAULT
    seed: int = SEED


def measure(plan: Plan, cache: Path) -> list[Row]:
    """Rows of one queue. Raises BenchError, ModelError, CameraError."""
    pipeline = open_pipeline(model_files(cache))
    random = np.random.default_rng(plan.seed)
    collection, references = enrolled_at_a_desk(
        pipeline, plan.collection or shipped(photograph_folder(cache))
    )
    comers = queue(collection, plan.people, random)
    lane = QueueLane(pipeline, references, comers, plan.thresholds, random)
    visits = [lane.visit(comer) for comer in comers]
    return list(rows_of(visits, f"queue ({collection.said}; {len(references)} enrolled)"))


def rows_of(visits: Sequence[Visit], queue_name: str) -> Iterator[Row]:
    """What a queue tells. queue_name: how every row begins."""
    for row in (*_pace(visits), *_wrong_admits(visits), *_wrong_refusals(visits), *_prints(visits)):
        yield replace(row, name=f"{queue_name}: {row.name}")


def share_at_most(events: int, of: int) -> float:
    """Upper bound of a share of which `events` were seen, in percent: 3/n where none was (the rule of three,
    95 %); else what was seen.
    """
    return min(100.0, 100 * (3 if events == 0 else events) / of)


def _pace(visits: Sequence[Visit]) -> Iterator[Row]:
    yield told(f"people a minute, all {len(visits)}", _per_minute(visits), "/min")
    for method in METHODS:
        through = [v for v in visits if v.tried[-1].method == method and v.tried[-1].admitted is not None]
        if through:
            yield told(f"people a minute, {len(through)} admitted by {method}", _per_minute(through), "/min")
    tried = [one for visit in visits for one in visit.tried if one.decision is not None]
    for method in METHODS:
        took = [one for one in tried if one.method == method]
        yield from _times(f"time to decision by {method}", took)
        if method == "face":
            admitted = [one for one in took if one.admitted is not None]
            yield from _times("time to decision by face, admitted", admitted)


def _times(name: str, took: Sequence[Tried]) -> Iterator[Row]:
    for percent in (50, 95) if took else ():
        value = percentile([one.took_ms for one in took], percent)
        yield told(f"{name}, of {len(took)}, p{percent}", value, "ms")


def _wrong_admits(visits: Sequence[Visit]) -> Iterator[Row]:
    for kind, said in INTRUDERS.items():
        faces = [_face(visit) for visit in visits if visit.comer.kind is kind]
        if faces:
            wrong = sum(face.admitted is not None for face in faces)
            yield told(f"wrong admits: {said}, of {len(faces)}", wrong, "")
            bound = "at most, 95 %" if wrong == 0 else "seen"
            yield told(f"wrong admits: {said}, share {bound}", share_at_most(wrong, len(faces)), "%")
    for kind, said in ENROLLED.items():
        delegates = _of(visits, kind)
        admitted = [(_face(v).admitted, member_of(v.comer.name)) for v in delegates]
        others = sum(found is not None and found != member for found, member in admitted)
        if delegates:
            yield told(f"wrong admits: {said} taken for another, of {len(delegates)}", others, "")


def _wrong_refusals(visits: Sequence[Visit]) -> Iterator[Row]:
    for kind, said in ENROLLED.items():
        delegates = _of(visits, kind)
        if not delegates:
            continue
        refused = [visit for visit in delegates if _face(visit).admitted is None]
        yield told(f"wrong refusals: {said} not taken by face, of {len(delegates)}", len(refused), "")
        for outcome, count in Counter(_outcome(_face(visit)) for visit in refused).most_common():
            yield told(f"wrong refusals: {said}, {outcome}", count, "")
        if refused:
            otherwise = sum(visit.tried[-1].admitted is not None for visit in refused)
            yield told(
                f"wrong refusals: {said} let in by badge, PIN, usher, of {len(refused)}", otherwise, ""
            )
        asked = 100 * sum(_face(visit).challenged for visit in delegates) / len(delegates)
        yield told(
            f"PAD in doubt: {said} asked to move, which pictures cannot: counted as refused", asked, "%"
        )


def _prints(visits: Sequence[Visit]) -> Iterator[Row]:
    prints = [_face(visit) for visit in visits if visit.comer.kind is Kind.PRINT]
    for outcome, count in Counter(map(_outcome, prints)).most_common():
        yield told(f"prints: {outcome}, of {len(prints)}", count, "")


def _outcome(tried: Tried) -> str:
    if tried.decision is None:
        return UNDECIDED
    return type(tried.decision).__name__ + (" after a challenge" if tried.challenged else "")


def _face(visit: Visit) -> Tried:
    return visit.tried[0]


def _of(visits: Sequence[Visit], kind: Kind) -> list[Visit]:
    return [visit for visit in visits if visit.comer.kind is kind]


def _per_minute(visits: Sequence[Visit]) -> float:
    return 60_000 * len(visits) / sum(visit.lasted_ms for visit in visits)


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0, or what the error says."""
    parser = argparse.ArgumentParser(prog="python -m bench.queue_of_people", description=__doc__)
    parser.add_argument("--people", type=int, help=f"how many walk-ups (default {PEOPLE}; 300 with --lfw)")
    parser.add_argument("--lfw", type=Path, help="a folder of photographs; needs --nuaa")
    parser.add_argument("--nuaa", type=Path, help="a folder with live/ and print/; needs --lfw")
    parser.add_argument("--match-min", type=float, default=DEFAULT.match_min, help="cosine of a match")
    parser.add_argument("--seed", type=int, default=SEED, help="of who comes, and of the sensor's noise")
    given = parser.parse_args(words)
    if (given.lfw is None) != (given.nuaa is None):
        parser.error("--lfw and --nuaa go together: people of the one, prints of the other")
    try:
        collection = None if given.lfw is None else portraits(given.lfw, given.nuaa)
        people = given.people or (PEOPLE if collection is None else 5 * PEOPLE)
        thresholds = replace(DEFAULT, match_min=given.match_min)
        rows = measure(Plan(people, collection, thresholds, given.seed), cache_folder(os.environ))
    except HallError as err:
        print(f"bench: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
