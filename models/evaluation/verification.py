"""Is this the person they say they are? One to one: over the labelled pairs, and over all pairs there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.frames import Floats
from models.evaluation.acquire import Acquired, Bools
from models.evaluation.all_pairs import (
    ImpostorTail,
    false_matches,
    genuine_pairs,
    impostor_count,
    impostor_tail,
    impostor_weight,
)
from models.evaluation.bootstrap import Estimate, estimate, resamplings
from models.evaluation.persons import Codes, Persons
from models.evaluation.rates import (
    Doubles,
    Weighed,
    best_threshold,
    equal_error,
    in_blocks,
    lowest_passing,
)
from models.evaluation.tables import Pair

FARS: Final = (1e-2, 1e-3, 1e-4, 1e-5)
FALSE_ACCEPTS_MIN: Final = 10  # of fewer, one person more or less moves the threshold by itself
_TAIL_PER_ACCEPT: Final = 3  # rounds of a bootstrap look further down than the sample does
_TAIL_MIN: Final = 2000
_TAIL_MAX: Final = 50_000  # beyond, every n-th impostor score stands for n


@dataclass(frozen=True, slots=True)
class TarAtFar:
    """Share of the genuine pairs accepted where at most `far` of the impostor pairs are.

    `tar` and `threshold` (the lowest that holds the FAR) are None when there are fewer than `needs` impostor
    pairs: FALSE_ACCEPTS_MIN of them must be expected to pass.
    """

    far: float
    needs: int
    tar: Estimate | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Over the labelled pairs. `accuracy` is the mean over the folds, each at the threshold that is best on
    the others, `accuracy_sd` their standard deviation (of the population); None with a single fold.

    `fmr` and `fnmr` are at the gate's own threshold.
    """

    genuine: int
    impostor: int
    folds: int
    accuracy: Estimate | None
    accuracy_sd: float | None
    eer: Estimate | None
    fmr: Estimate | None
    fnmr: Estimate | None
    tar: tuple[TarAtFar, ...]


@dataclass(frozen=True, slots=True)
class AllVsAll:
    """Over every pair of the photographs. `fmr` and `fnmr` are at the gate's own threshold."""

    genuine: int
    impostor: int
    fmr: Estimate | None
    fnmr: Estimate | None
    tar: tuple[TarAtFar, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """`all_vs_all` is None when the file names do not tell who is who."""

    listed: Listed
    all_vs_all: AllVsAll | None


def verify_pairs(
    acquired: Acquired, persons: Persons, pairs: Sequence[Pair], threshold: float
) -> Verification:
    """Both blocks. A failure to acquire is a miss in a genuine pair, a correct refusal in an impostor pair.

    Both kinds of pair stay in the denominators.
    """
    weights = resamplings(persons.count)
    return Verification(
        listed_pairs(acquired, persons, pairs, threshold, weights),
        all_pairs(acquired, persons, threshold, weights) if persons.by_name else None,
    )


def needed(far: float) -> int:
    """Impostor pairs without which a rate at this FAR is not reported."""
    return round(FALSE_ACCEPTS_MIN / far)


def listed_pairs(
    acquired: Acquired, persons: Persons, pairs: Sequence[Pair], threshold: float, weights: Floats
) -> Listed:
    """The labelled pairs alone; weights float32 (R, P), of which the first row is the sample itself."""
    scores, one, other = _scored(acquired, persons, pairs)
    same = np.array([pair.same for pair in pairs], np.bool_)
    fold_names = sorted({pair.fold for pair in pairs})
    folds = np.array([fold_names.index(pair.fold) for pair in pairs])
    far_possible = [far for far in FARS if int((~same).sum()) >= needed(far)]
    correct = _correct(scores, same, folds) if len(fold_names) > 1 else None

    def measure(drawn: Floats) -> Doubles:
        weighed = np.where(same, drawn[:, one], drawn[:, one] * drawn[:, other])
        genuine = Weighed.of(scores[same], weighed[:, same])
        impostor = Weighed.of(scores[~same], weighed[:, ~same])
        accuracy = _accuracies(correct, folds, weighed) if correct is not None else None
        bars = [impostor.bars(far) for far in far_possible]
        return np.stack(
            [
                np.full(len(drawn), np.nan) if accuracy is None else accuracy.mean(axis=1),
                equal_error(genuine, impostor),
                impostor.at_least(threshold),
                1 - genuine.at_least(threshold),
                *bars,
                *(genuine.above(bar) for bar in bars),
            ],
            axis=1,
        )

    rates = in_blocks(weights, len(pairs), measure).T
    bars, tars = np.split(rates[4:], 2)
    people = int(np.unique(one[same]).size)
    couples = _couples(one[~same], other[~same], persons.count)
    ones = np.ones((1, len(pairs)), np.float32)
    return Listed(
        genuine=int(same.sum()),
        impostor=int((~same).sum()),
        folds=len(fold_names),
        accuracy=estimate(rates[0], people),
        accuracy_sd=None if correct is None else float(np.std(_accuracies(correct, folds, ones)[0])),
        eer=estimate(rates[1], people),
        fmr=estimate(rates[2], couples),
        fnmr=estimate(rates[3], people),
        tar=_tars(far_possible, tars, [float(bar[0]) for bar in bars], people),
    )


def all_pairs(acquired: Acquired, persons: Persons, threshold: float, weights: Floats) -> AllVsAll:
    """Every photograph against every other; weights as in listed_pairs. Exact thresholds, little memory."""
    impostors = impostor_count(persons)
    far_possible = [far for far in FARS if impostors >= needed(far)]
    size = _tail_size(max(far_possible, default=0.0), impostors)
    tail = impostor_tail(acquired, persons, size)
    pairs = genuine_pairs(acquired, persons)
    total = impostor_weight(weights, persons)
    ones = weights[:1]
    bars = [_bars(tail, ones, total[:1], far, impostors)[0] for far in far_possible]

    def measure(drawn: Floats) -> Doubles:
        genuine = Weighed.of(pairs.scores, drawn[:, pairs.persons])
        drawn_total = impostor_weight(drawn, persons)
        return np.stack(
            [genuine.above(_bars(tail, drawn, drawn_total, far, impostors)) for far in far_possible],
            axis=1,
        )

    width = max(pairs.scores.size, min(tail.scores.size, _TAIL_MAX))
    tars = in_blocks(weights, width, measure).T if far_possible else np.zeros((0, len(weights)))
    genuine = Weighed.of(pairs.scores, ones[:, pairs.persons])
    for row, bar in enumerate(bars):
        tars[row, 0] = genuine.above(float(bar))[0]
    people = int(np.unique(pairs.persons).size)
    with np.errstate(divide="ignore", invalid="ignore"):
        fmr = false_matches(acquired, persons, threshold).weight(weights) / total
    return AllVsAll(
        genuine=int(pairs.scores.size),
        impostor=impostors,
        fmr=estimate(fmr, persons.count * (persons.count - 1) // 2),
        fnmr=estimate(pairs.missed(threshold, weights), people),
        tar=_tars(far_possible, tars, [float(bar) for bar in bars], people),
    )


def _scored(acquired: Acquired, persons: Persons, pairs: Sequence[Pair]) -> tuple[Doubles, Codes, Codes]:
    """Similarities float64 (M,), minus infinity where a photograph was not acquired, and both persons."""
    index = {name: i for i, name in enumerate(acquired.names)}
    a = np.array([index[pair.a] for pair in pairs])
    b = np.array([index[pair.b] for pair in pairs])
    similar = np.einsum("ij,ij->i", acquired.embeddings[a], acquired.embeddings[b]).astype(np.float64)
    usable = acquired.acquired[a] & acquired.acquired[b]
    return np.where(usable, similar, -np.inf), persons.codes[a], persons.codes[b]


def _correct(scores: Doubles, same: Bools, folds: npt.NDArray[np.int64]) -> Bools:
    """bool (M,): told right at the threshold that is best on all other folds."""
    correct = np.zeros(same.size, np.bool_)
    for fold in np.unique(folds):
        inside = folds == fold
        threshold = best_threshold(scores[~inside], same[~inside])
        correct[inside] = (scores[inside] >= threshold) == same[inside]
    return correct


def _accuracies(correct: Bools, folds: npt.NDArray[np.int64], weights: Floats) -> Doubles:
    """float64 (R, folds): share of the weight of each fold that was told right."""
    columns = []
    for fold in np.unique(folds):
        weighed = weights[:, folds == fold].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns.append((weighed @ correct[folds == fold]) / weighed.sum(axis=1))
    return np.stack(columns, axis=1)


def _tail_size(far: float, impostors: int) -> int:
    accepted = int(far * impostors)
    return max(_TAIL_PER_ACCEPT * accepted, accepted + _TAIL_MIN)


def _bars(tail: ImpostorTail, weights: Floats, total: Doubles, far: float, impostors: int) -> Doubles:
    """(R,): the bar of each round. The sample itself, a single round, uses every score; others may thin."""
    size = min(_tail_size(far, impostors), tail.scores.size)
    step = max(1, size // _TAIL_MAX) if len(weights) > 1 else 1
    part = slice(step // 2, size, step)
    scores = tail.scores[part]
    weighed = weights[:, tail.one[part]] * weights[:, tail.other[part]]
    whole = tail.complete and size == tail.scores.size
    bottom = -np.inf if whole or not scores.size else float(scores[-1])
    return Weighed.of(scores, weighed, total / step).bars(far, bottom=bottom)


def _couples(one: Codes, other: Codes, persons: int) -> int:
    """How many different pairs of persons."""
    return int(np.unique(np.minimum(one, other) * persons + np.maximum(one, other)).size)


def _tars(
    possible: Sequence[float], tars: Doubles, bars: Sequence[float], people: int
) -> tuple[TarAtFar, ...]:
    """tars (F, R) and bars (F,) of the possible FARs, in order; the others say what they need."""
    found = {
        far: TarAtFar(far, needed(far), estimate(tar, people), lowest_passing(bar))
        for far, tar, bar in zip(possible, tars, bars, strict=True)
    }
    return tuple(found.get(far, TarAtFar(far, needed(far))) for far in FARS)
