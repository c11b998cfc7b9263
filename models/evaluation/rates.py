"""Error rates over weighted scores: the same few lines give the value and every round of a bootstrap.

A score of minus infinity is a failure to acquire: it passes no threshold, and stays in the denominator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.frames import Floats
from models.evaluation.acquire import Bools

Doubles = npt.NDArray[np.float64]
Numbers = Floats | Doubles

BLOCK_ELEMENTS: Final = 2_000_000
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Weighed:
    """Scores of one kind in R rounds, each of which weighs them differently.

    scores: float64 (n,), highest first. reached: float64 (R, n + 1), the weight of the first i scores.
    total: float64 (R,), the weight of all trials, those whose scores were not kept included.
    """

    scores: Doubles
    reached: Doubles
    total: Doubles

    @classmethod
    def of(cls, scores: Numbers, weights: Numbers, total: Doubles | None = None) -> Self:
        """scores (n,) in any order; weights (R, n)."""
        order = np.argsort(-scores, kind="stable")
        reached = np.zeros((weights.shape[0], scores.size + 1), np.float64)
        np.cumsum(weights[:, order], axis=1, dtype=np.float64, out=reached[:, 1:])
        return cls(scores[order].astype(np.float64), reached, reached[:, -1] if total is None else total)

    def above(self, bars: Doubles | float) -> Doubles:
        """Share of the weight that scores strictly more than the bar of its round. NaN without any weight."""
        bars = np.broadcast_to(np.asarray(bars, np.float64), self.total.shape)
        counts = np.searchsorted(-self.scores, -bars, side="left")
        return self._share(self.reached[np.arange(len(bars)), counts])

    def at_least(self, threshold: float) -> Doubles:
        """Share of the weight that scores the threshold or more."""
        return self.above(float(np.nextafter(threshold, -np.inf)))

    def bars(self, share: float, *, bottom: float = -np.inf) -> Doubles:
        """The lowest bar of each round, (R,), above which lies at most this share of the weight.

        `bottom` is given when even all of the scores weigh less than that.
        """
        limit = share * self.total + _ROUNDING
        counts = (self.reached[:, 1:] <= limit[:, None]).sum(axis=1)
        return np.asarray(np.append(self.scores, bottom)[counts])

    def shares_at_least(self, cuts: Doubles) -> Doubles:
        """(R, C): share of the weight that scores each of the cuts or more."""
        counts = np.searchsorted(-self.scores, -cuts, side="right")
        return self._share(self.reached[:, counts].T).T

    def _share(self, weight: Doubles) -> Doubles:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(weight / self.total)


def equal_error(wanted: Weighed, unwanted: Weighed) -> Doubles:
    """Where as many wanted are refused as unwanted pass, 0..1, (R,): the mean of both where they are nearest.

    Failures to acquire push it up; where they are most of the wanted, it lies at the lowest score.
    """
    scores = np.concatenate([wanted.scores, unwanted.scores])
    cuts = np.append(np.unique(scores[np.isfinite(scores)]), np.inf)
    refused = 1 - wanted.shares_at_least(cuts)
    passed = unwanted.shares_at_least(cuts)
    nearest = np.argmin(np.nan_to_num(np.abs(refused - passed), nan=2.0), axis=1)
    rows = np.arange(len(nearest))
    return np.asarray((refused[rows, nearest] + passed[rows, nearest]) / 2)


def best_threshold(scores: Doubles, same: Bools) -> float:
    """The threshold at which most pairs are told apart; halfway between the two scores around it."""
    order = np.argsort(scores, kind="stable")
    ranked, genuine = scores[order], same[order].astype(np.int64)
    missed = np.concatenate([[0], np.cumsum(genuine)])
    refused = np.concatenate([[0], np.cumsum(1 - genuine)])
    failed = int(np.isneginf(ranked).sum())
    cut = failed + int(np.argmax((refused - missed)[failed:]))
    if cut == ranked.size:
        return float(np.nextafter(ranked[-1], np.inf)) if cut > failed else np.inf
    if cut == failed:
        return float(ranked[cut])
    return float((ranked[cut - 1] + ranked[cut]) / 2)


def lowest_passing(bar: float) -> float:
    """The threshold that passes exactly what lies strictly above the bar; no score lies below -1."""
    return max(-1.0, float(np.nextafter(bar, np.inf)))


def in_blocks(weights: Floats, width: int, measure: Callable[[Floats], Doubles]) -> Doubles:
    """measure (b, P) -> (b, k) applied to a few rounds at a time, so that b x width stays small. (R, k)."""
    step = max(1, BLOCK_ELEMENTS // max(1, width))
    return np.concatenate([measure(weights[at : at + step]) for at in range(0, len(weights), step)])
