"""Wald's sequential probability ratio test on devices that fail or do not (ADR-0023). Pure.

The likelihood ratio of `bad` against `good` is multiplied by p1/p0 for each failure, by (1-p1)/(1-p0) for
each device that comes out well. Wald (Annals of Mathematical Statistics 16, 1945) decides at
(1-beta)/alpha and beta/(1-alpha), which keep the error chances only about. Here 2/alpha stops and beta
passes: the ratio is a martingale under `good` (its inverse under `bad`), so by Ville's inequality the chance
that it ever comes to 2/alpha is at most alpha/2, for any number of devices, and a wave that has passed can be
watched on.

Failures are told at once and success only after a watch, so a wave that has just begun looks worse than it
is. To stop it, every device that has begun and has not failed is reckoned as well. So the ratio is never
above that of what will in the end have become of the devices, in the order in which they began, and the
inequality holds. To pass it, only those count that have been watched to the end.

A small wave ends before the test has decided. Then the exact binomial test decides, on what is left of alpha.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from fleet.rollout.rules.shape import GateRules

_PPM = 1_000_000


class Verdict(StrEnum):
    PASSES = "passes"
    STOP = "stop"
    GO_ON = "go-on"
    """Not decided."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural logarithms. failure, success: what one device adds to the ratio; stop, passes: boundaries. A
    ratio at or beyond a boundary has reached it."""

    failure: float
    success: float
    stop: float
    passes: float

    @property
    def fewest_failures(self) -> int:
        """So many must fail, one after the other, before the sequential test can stop."""
        return math.ceil(self.stop / self.failure)

    @property
    def fewest_successes(self) -> int:
        """So many must come out well, one after the other, before it can pass."""
        return math.ceil(self.passes / self.success)


def limits(rules: GateRules) -> Limits:
    """rules: 0 < good_ppm < bad_ppm < 1,000,000, and alpha, beta between 0 and 1 (plan.py sees to that)."""
    good, bad = rules.good_ppm / _PPM, rules.bad_ppm / _PPM
    return Limits(
        failure=math.log(bad / good),
        success=math.log((1 - bad) / (1 - good)),
        stop=math.log(2 * _PPM / rules.alpha_ppm),
        passes=math.log(rules.beta_ppm / _PPM),
    )


def judge(failed: int, well: int, begun: int, rules: GateRules) -> Verdict:
    """While a wave goes on. well: watched to the end. begun: neither failed nor watched to the end yet."""
    bounds = limits(rules)
    if failed * bounds.failure + (well + begun) * bounds.success >= bounds.stop:
        return Verdict.STOP
    if failed * bounds.failure + well * bounds.success <= bounds.passes:
        return Verdict.PASSES
    return Verdict.GO_ON


def at_end(failed: int, well: int, rules: GateRules) -> Verdict:
    """The decision when no more devices will come: never GO_ON."""
    if not failed:
        return Verdict.PASSES
    if not well or judge(failed, well, 0, rules) is Verdict.STOP:
        return Verdict.STOP
    devices, good = failed + well, rules.good_ppm / _PPM
    spent = min(rules.alpha_ppm / _PPM / 2, at_least(limits(rules).fewest_failures, devices, good))
    left = rules.alpha_ppm / _PPM - spent
    return Verdict.STOP if at_least(failed, devices, good) <= left else Verdict.PASSES


def at_least(failed: int, devices: int, share: float) -> float:
    """Chance that `failed` or more of so many devices fail, each with the same chance (binomial)."""
    below = sum(
        math.comb(devices, k) * share**k * (1 - share) ** (devices - k)
        for k in range(min(failed, devices + 1))
    )
    return max(0.0, 1 - below)
