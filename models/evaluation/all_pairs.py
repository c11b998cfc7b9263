"""Every photograph against every other, in little memory: 13,233 photographs are 87 million pairs.

Blocks of a matrix product; of the impostors only the highest scores are kept, and those exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import Floats
from models.evaluation.acquire import Acquired
from models.evaluation.persons import Codes, Persons
from models.evaluation.rates import Doubles, in_blocks

BLOCK_SCORES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class GenuinePairs:
    """scores float32 (G,), minus infinity where a photograph was not acquired; persons int64 (G,)."""

    scores: Floats
    persons: Codes

    def missed(self, threshold: float, weights: Floats) -> Doubles:
        """(R,): share of the weight below the threshold, weights (R, P); NaN where no pair has any weight."""
        persons = weights.shape[1]
        misses = np.bincount(self.persons[self.scores.astype(np.float64) < threshold], minlength=persons)
        pairs = np.bincount(self.persons, minlength=persons)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((weights @ misses.astype(np.float64)) / (weights @ pairs.astype(np.float64)))


@dataclass(frozen=True, slots=True)
class ImpostorTail:
    """The highest impostor scores, highest first: scores float32 (T,); one, other: their persons, int64 (T,).

    complete: there is no other impostor score.
    """

    scores: Floats
    one: Codes
    other: Codes
    complete: bool


@dataclass(frozen=True, slots=True)
class FalseMatches:
    """Pairs of persons, int64 (M,) each, and how many pairs of their photographs match falsely."""

    one: Codes
    other: Codes
    count: Codes

    def weight(self, weights: Floats) -> Doubles:
        """(R,): the false matches of each round, weights (R, P)."""

        def measure(drawn: Floats) -> Doubles:
            return np.asarray((drawn[:, self.one] * drawn[:, self.other]) @ self.count.astype(np.float64))

        return in_blocks(weights, self.count.size, measure)


def impostor_count(persons: Persons) -> int:
    """Pairs of photographs of two persons, acquired or not."""
    photographs = np.bincount(persons.codes, minlength=persons.count)
    return int((photographs.sum() ** 2 - (photographs**2).sum()) // 2)


def impostor_weight(weights: Floats, persons: Persons) -> Doubles:
    """(R,): the weight of all impostor pairs in each round, w times w for every pair; weights (R, P)."""
    photographs = np.bincount(persons.codes, minlength=persons.count).astype(np.float64)
    drawn = weights * photographs
    return np.asarray((drawn.sum(axis=1) ** 2 - (drawn**2).sum(axis=1)) / 2)


def genuine_pairs(acquired: Acquired, persons: Persons) -> GenuinePairs:
    """All pairs of photographs of one person, person by person."""
    order = np.argsort(persons.codes, kind="stable")
    ends = np.searchsorted(persons.codes[order], np.arange(persons.count + 1))
    scores, owners = [np.zeros(0, np.float32)], [np.zeros(0, np.int64)]
    for person in range(persons.count):
        photographs = order[ends[person] : ends[person + 1]]
        if photographs.size > 1:
            one, other = np.triu_indices(photographs.size, k=1)
            rows, usable = acquired.embeddings[photographs], acquired.acquired[photographs]
            similar = (rows @ rows.T)[one, other]
            scores.append(np.where(usable[one] & usable[other], similar, np.float32(-np.inf)))
            owners.append(np.full(one.size, person, np.int64))
    return GenuinePairs(np.concatenate(scores), np.concatenate(owners))


def impostor_tail(
    acquired: Acquired, persons: Persons, size: int, *, block: int = BLOCK_SCORES
) -> ImpostorTail:
    """The `size` highest impostor scores among the photographs acquired. Exact: no histogram, no sampling."""
    kept = [(np.zeros(0, np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))]
    waiting, found, bar = 0, 0, np.float32(-np.inf)
    for scores, one, other in _blocks(acquired, persons, block):
        impostors = one[:, None] < other[None, :]
        found += int(impostors.sum())
        rows, columns = np.nonzero(impostors & (scores >= bar))
        kept.append((scores[rows, columns], one[rows], other[columns]))
        waiting += rows.size
        if waiting > 2 * size + BLOCK_SCORES:
            kept = [_highest(kept, size)]
            waiting, bar = size, kept[0][0][-1] if size else np.float32(np.inf)
    scores, one, other = _highest(kept, size)
    return ImpostorTail(scores, one, other, complete=found <= size)


def false_matches(
    acquired: Acquired, persons: Persons, threshold: float, *, block: int = BLOCK_SCORES
) -> FalseMatches:
    """Impostor pairs at or above the threshold, summed for each two persons."""
    lowest = np.float32(threshold)
    if float(lowest) < threshold:  # compared as the gate does, which widens scores to double precision
        lowest = np.nextafter(lowest, np.float32(np.inf))
    cells, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for scores, one, other in _blocks(acquired, persons, block):
        rows, columns = np.nonzero((one[:, None] < other[None, :]) & (scores >= lowest))
        cell, count = np.unique(one[rows] * persons.count + other[columns], return_counts=True)
        cells.append(cell)
        counts.append(count.astype(np.int64))
    cell, back = np.unique(np.concatenate(cells), return_inverse=True)
    total = np.bincount(back, np.concatenate(counts), minlength=cell.size).astype(np.int64)
    return FalseMatches(cell // persons.count, cell % persons.count, total)


def _blocks(acquired: Acquired, persons: Persons, block: int) -> Iterator[tuple[Floats, Codes, Codes]]:
    """Scores (b, n) and the persons of rows and columns. Each impostor pair occurs in one block, once with
    the person of its row below that of its column: the photographs are in order of person."""
    usable = np.flatnonzero(acquired.acquired)
    order = usable[np.argsort(persons.codes[usable], kind="stable")]
    rows, codes = acquired.embeddings[order], persons.codes[order]
    step = max(1, block // max(1, order.size))
    for at in range(0, order.size, step):
        yield rows[at : at + step] @ rows[at:].T, codes[at : at + step], codes[at:]


def _highest(kept: list[tuple[Floats, Codes, Codes]], size: int) -> tuple[Floats, Codes, Codes]:
    scores, one, other = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    if scores.size > size:
        best = np.argpartition(-scores, size)[:size]
        scores, one, other = scores[best], one[best], other[best]
    order = np.lexsort((other, one, -scores))
    return scores[order], one[order], other[order]
