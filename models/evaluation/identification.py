"""Who is this, and are they enrolled at all? One to many, with strangers, as at a gate.

The gate's own arithmetic: references and probes are fused to their mean direction and compared by cosine with
every member. What decide() adds on top (a margin to the runner-up, agreement among probes) only refuses more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.rollcall_gate.eyes.embed import fuse
from edge.rollcall_gate.frames import EmbedderId, Embedding, Floats
from models.evaluation.acquire import Acquired
from models.evaluation.bootstrap import SEED, Estimate, estimate, resamplings
from models.evaluation.persons import Codes, Persons
from models.evaluation.rates import Doubles, Weighed, in_blocks, lowest_passing

FPIRS: Final = (0.1, 0.01, 0.003)
SIZES: Final = ((1, 1), (3, 1), (1, 3), (3, 3))
DRAWS: Final = 5
SEARCHES_MAX: Final = 10  # of one person: nobody is so much photographed that they decide the result
SEARCHES_AT_ONCE: Final = 1024
_HERE: Final = EmbedderId(bytes(32), "evaluation")

Fusion = Callable[[Floats], Floats]
"""float32 (k, 128), k >= 1 unit rows of one person -> (128,), unit length. ValueError: they have none."""


@dataclass(frozen=True, slots=True)
class FnirAtFpir:
    """Share of the mated searches missed where at most `fpir` of the strangers are taken for a member.

    None when there are fewer than `needs` non-mated searches: one of them must be allowed to pass. threshold:
    the mean over the draws of the bar that holds `fpir` in each; in one draw it may let more or fewer pass.
    """

    fpir: float
    needs: int
    fnir: Estimate | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """`enrolled` photographs per member, `probes` per search; the counts are means over the draws.

    A search is missed unless the member is nearest, at or above the threshold. `fpir` and `fnir` are at the
    gate's own threshold; all rates are None when nobody has the photographs to be enrolled. Intervals
    resample the persons searched for; the gallery stays what it is.
    """

    enrolled: int
    probes: int
    gallery: int
    mated: int
    non_mated: int
    rank1: Estimate | None
    fpir: Estimate | None
    fnir: Estimate | None
    at: tuple[FnirAtFpir, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One draw, in indices of photographs: `gallery[person]` enrolled; searches as (person, photographs)."""

    gallery: dict[int, Codes]
    mated: list[tuple[int, Codes]]
    strangers: list[tuple[int, Codes]]


@dataclass(frozen=True, slots=True)
class Searched:
    """Scores of one draw, float64, with the person of each search, int64.

    mated: the score of the member when nearest, else minus infinity. strangers: that of the nearest member.
    """

    mated: Doubles
    mated_person: Codes
    strangers: Doubles
    stranger: Codes


def gate_fusion(rows: Floats) -> Floats:
    """The gate's own fuse()."""
    return fuse([Embedding(row, _HERE) for row in rows]).vector


def identify(
    acquired: Acquired,
    persons: Persons,
    threshold: float,
    *,
    fusion: Fusion = gate_fusion,
    draws: int = DRAWS,
) -> tuple[Identification, ...]:
    """One and three references, one and three probes: rates averaged over seeded draws of who is enrolled."""
    weights = resamplings(persons.count)
    cells = []
    for enrolled, probes in SIZES:
        plans = [plan(persons, enrolled, probes, seed) for seed in range(draws)]
        searched = [search(acquired, one, fusion) for one in plans]
        gallery = round(float(np.mean([len(one.gallery) for one in plans])))
        cells.append(_cell((enrolled, probes), gallery, searched, threshold, weights))
    return tuple(cells)


def plan(persons: Persons, enrolled: int, probes: int, seed: int) -> Plan:
    """Who is enrolled, and who is searched for with which photographs.

    Members need enrolled + probes photographs; whoever has fewer is a stranger, if there are enough for one
    search. Where those strangers are fewer than the members, members drawn by lot become strangers until
    both are equally many. Photographs are dealt by lot; no photograph is used twice.
    """
    rng = np.random.default_rng([SEED, enrolled, probes, seed])
    dealt = rng.permutation(persons.codes.size)
    dealt = dealt[np.argsort(persons.codes[dealt], kind="stable")]
    ends = np.searchsorted(persons.codes[dealt], np.arange(persons.count + 1))
    photographs = np.diff(ends)
    members = rng.permutation(np.flatnonzero(photographs >= enrolled + probes))
    few = np.flatnonzero((photographs >= probes) & (photographs < enrolled + probes))
    held_out = max(0, (members.size - few.size) // 2)
    strangers = np.concatenate([few, members[:held_out]])
    gallery: dict[int, Codes] = {}
    mated: list[tuple[int, Codes]] = []
    for person in np.sort(members[held_out:]).tolist():
        own = dealt[ends[person] : ends[person + 1]]
        gallery[person] = own[:enrolled]
        mated += [(person, group) for group in _groups(own[enrolled:], probes)]
    alone = [
        (p, g) for p in np.sort(strangers).tolist() for g in _groups(dealt[ends[p] : ends[p + 1]], probes)
    ]
    return Plan(gallery, mated, alone)


def search(acquired: Acquired, one: Plan, fusion: Fusion = gate_fusion) -> Searched:
    """Enrol and search. A photograph that was not acquired adds nothing to its reference or probe.

    A probe of nothing else is a miss, or a correct refusal of a stranger; a member without any reference
    photograph acquired is missed in every search, as one who could not be enrolled.
    """
    members = [p for p, group in one.gallery.items() if _fused(acquired, group, fusion) is not None]
    rows = [_fused(acquired, one.gallery[p], fusion) for p in members]
    gallery = (
        np.stack([row for row in rows if row is not None]) if members else np.zeros((0, 128), np.float32)
    )
    best, nearest = _nearest(acquired, [group for _, group in one.mated], gallery, fusion)
    person = np.array([p for p, _ in one.mated], np.int64)
    found = np.array([*members, -1], np.int64)[nearest] == person
    top, _ = _nearest(acquired, [group for _, group in one.strangers], gallery, fusion)
    stranger = np.array([p for p, _ in one.strangers], np.int64)
    return Searched(np.where(found, best, -np.inf), person, top, stranger)


def _groups(photographs: Codes, size: int) -> list[Codes]:
    whole = min(len(photographs) // size, SEARCHES_MAX)
    return [photographs[i * size : (i + 1) * size] for i in range(whole)]


def _fused(acquired: Acquired, photographs: Codes, fusion: Fusion) -> Floats | None:
    usable = photographs[acquired.acquired[photographs]]
    if not usable.size:
        return None
    try:
        return fusion(acquired.embeddings[usable])
    except ValueError:  # no direction in common
        return None


def _nearest(
    acquired: Acquired, groups: Sequence[Codes], gallery: Floats, fusion: Fusion
) -> tuple[Doubles, Codes]:
    """Score and row of the nearest member for each probe; minus infinity and -1 without probe or gallery."""
    best, nearest = np.full(len(groups), -np.inf), np.full(len(groups), -1, np.int64)
    probes = [
        (i, row) for i, group in enumerate(groups) if (row := _fused(acquired, group, fusion)) is not None
    ]
    for at in range(0, len(probes) if len(gallery) else 0, SEARCHES_AT_ONCE):
        part = probes[at : at + SEARCHES_AT_ONCE]
        places = np.array([i for i, _ in part])
        scores = np.stack([row for _, row in part]) @ gallery.T
        nearest[places], best[places] = scores.argmax(axis=1), scores.max(axis=1)
    return best, nearest


def _cell(
    size: tuple[int, int], gallery: int, draws: Sequence[Searched], threshold: float, weights: Floats
) -> Identification:
    fewest = min(one.strangers.size for one in draws)
    possible = [fpir for fpir in FPIRS if gallery and fewest >= needed(fpir)]
    rates = np.mean([_rates(one, threshold, possible, weights) for one in draws], axis=0)
    sought = int(np.mean([np.unique(one.mated_person).size for one in draws]))
    strange = int(np.mean([np.unique(one.stranger).size for one in draws]))
    fnirs, bars = np.split(rates[3:], 2)
    at = {
        fpir: FnirAtFpir(fpir, needed(fpir), estimate(fnir, sought), lowest_passing(float(bar[0])))
        for fpir, fnir, bar in zip(possible, fnirs, bars, strict=True)
    }
    return Identification(
        *size,
        gallery=gallery,
        mated=round(float(np.mean([one.mated.size for one in draws]))),
        non_mated=round(float(np.mean([one.strangers.size for one in draws]))),
        rank1=estimate(rates[0], sought),
        fpir=estimate(rates[1], strange) if gallery else None,
        fnir=estimate(rates[2], sought),
        at=tuple(at.get(fpir, FnirAtFpir(fpir, needed(fpir))) for fpir in FPIRS),
    )


def needed(fpir: float) -> int:
    """Non-mated searches without which a rate at this FPIR is not reported."""
    return int(np.ceil(1 / fpir - 1e-9))


def _rates(one: Searched, threshold: float, fpirs: Sequence[float], weights: Floats) -> Doubles:
    """(3 + 2 F, R): rank-1, FPIR and FNIR at the threshold, FNIR at each FPIR, and the bars of those."""

    def measure(drawn: Floats) -> Doubles:
        mated = Weighed.of(one.mated, drawn[:, one.mated_person])
        strangers = Weighed.of(one.strangers, drawn[:, one.stranger])
        bars = [strangers.bars(fpir) for fpir in fpirs]
        here = [mated.above(-np.inf), strangers.at_least(threshold), 1 - mated.at_least(threshold)]
        return np.stack([*here, *(1 - mated.above(bar) for bar in bars), *bars], axis=1)

    return in_blocks(weights, max(one.mated.size, one.strangers.size), measure).T
