"""How far a measured rate may be from the true one: 95 % intervals, resampling persons.

Pairs of one person err together, so pairs are not resampled: persons are, with replacement, and a pair weighs
as often as its persons were drawn (a genuine pair w, an impostor pair w times w). Percentile intervals after
Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; that subjects are the unit to
resample follows ISO/IEC 19795-1 and Bolle, Ratha and Pankanti, Error analysis of pattern recognition systems:
the subsets bootstrap (2004). Everything is seeded: the same photographs give the same interval.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import Floats
from models.evaluation.rates import Doubles

ROUNDS: Final = 1000
SEED: Final = 19795
Z_95: Final = 1.959964
TRIALS_FEW: Final = 30
_PERCENTILES: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate, 0..1, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def resamplings(persons: int, rounds: int = ROUNDS, seed: int = SEED) -> Floats:
    """float32 (1 + rounds, persons): how often each was drawn. Row 0 is the sample itself, all ones."""
    drawn = np.random.default_rng(seed).integers(persons, size=(rounds, persons))
    cells = drawn + persons * np.arange(rounds)[:, None]
    counts = np.bincount(cells.ravel(), minlength=rounds * persons).reshape(rounds, persons)
    return np.concatenate([np.ones((1, persons), np.float32), counts.astype(np.float32)])


def estimate(rates: Doubles, trials: int) -> Estimate | None:
    """A rate with its interval, from the rate of the sample (first) and of every round; None for no rate.

    Resampling cannot see beyond a rate of exactly 0 or 1, and is too sure of itself with a few persons. There
    the interval is widened to Wilson's (1927) on `trials`, the number of independent ones: persons, or pairs
    of persons, never photographs. Rounds in which nobody concerned was drawn are left out, and the interval
    always holds the value itself.
    """
    value = float(rates[0])
    if not np.isfinite(value):
        return None
    rounds = rates[1:][np.isfinite(rates[1:])]
    low, high = (float(end) for end in np.percentile(rounds, _PERCENTILES)) if rounds.size else (value, value)
    if value <= 0 or value >= 1 or trials < TRIALS_FEW:
        widest = wilson(value * trials, trials)
        low, high = min(low, widest[0]), max(high, widest[1])
    return Estimate(value, min(low, value), max(high, value))


def wilson(events: float, trials: int) -> tuple[float, float]:
    """95 % score interval of a proportion of independent trials (Wilson 1927); 0..1 without any trial."""
    if trials == 0:
        return 0.0, 1.0
    z2 = Z_95 * Z_95
    share = events / trials
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = Z_95 / (1 + z2 / trials) * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, float(middle - spread)), min(1.0, float(middle + spread))
