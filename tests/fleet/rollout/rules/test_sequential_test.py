"""A fine release is stopped no more often than alpha says, a bad one passed no more often than beta says:
simulated, with devices that tell a failure at once and success only after a watch."""

import heapq
import math
import random
import sys
from typing import Final

import pytest

from fleet.rollout.rules.shape import GateRules
from fleet.rollout.rules.sprt import Verdict, at_end, at_least, judge, limits
from fleet.rollout.rules.verdict import fault

RULES: Final = GateRules()
RUNS: Final = 1500
AT_ONCE: Final = 40
"""Devices under way at a time."""


def wave(
    share: float, devices: int, dice: random.Random, rules: GateRules = RULES
) -> tuple[Verdict, bool, int]:
    """A wave that runs: the verdict, whether it had passed before its end, and how many had been ordered by
    the first decision. A failure is told after 10 to 60 s, success after 660."""
    failed = well = begun = decided_after = 0
    passed = False
    ends: list[tuple[float, bool]] = []
    now, started = 0.0, 0
    while started < devices or ends:
        while started < devices and len(ends) < AT_ONCE:
            fails = dice.random() < share
            heapq.heappush(ends, (now + (dice.uniform(10, 60) if fails else 660), fails))
            started += 1
            begun += 1
        now, fails = heapq.heappop(ends)
        begun -= 1
        failed, well = failed + fails, well + (not fails)
        verdict = judge(failed, well, begun, rules)
        if verdict is not Verdict.GO_ON and not decided_after:
            decided_after = started
        passed = passed or verdict is Verdict.PASSES
        if verdict is Verdict.STOP:
            return verdict, passed, decided_after
    return at_end(failed, well, rules), passed, decided_after or devices


@pytest.mark.parametrize("devices", [1, 5, 20, 50, 300])
def test_a_fine_release_is_stopped_no_more_often_than_alpha(devices: int) -> None:
    dice, runs = random.Random(devices), RUNS if devices < 300 else RUNS // 4
    stops = sum(wave(0.01, devices, dice)[0] is Verdict.STOP for _ in range(runs))
    alpha = RULES.alpha_ppm / 1e6
    assert stops / runs <= alpha + 3 * math.sqrt(alpha * (1 - alpha) / runs)


def test_a_bad_release_is_not_passed_more_often_than_beta_and_soon_stopped() -> None:
    dice, beta, runs = random.Random(7), RULES.beta_ppm / 1e6, RUNS // 3
    found = [wave(0.10, 300, dice) for _ in range(runs)]
    assert sum(passed for _, passed, _ in found) / runs <= beta + 3 * math.sqrt(beta * (1 - beta) / runs)
    assert sum(verdict is not Verdict.STOP for verdict, _, _ in found) / runs <= 0.01
    needed = sorted(after for _, _, after in found)
    fine = [wave(0.01, 300, dice)[2] for _ in range(runs)]
    sys.stdout.write(
        f"\ndevices ordered until the decision, on average: {sum(needed) / runs:.0f} of a bad release (10 % "
        f"fail; 95 % of runs within {needed[runs * 95 // 100]}), {sum(fine) / runs:.0f} of a fine one (1 %)\n"
    )
    assert sum(needed) / runs < 150


def test_the_boundaries_are_at_two_over_alpha_and_at_beta() -> None:
    bounds = limits(RULES)
    assert math.exp(bounds.stop) == pytest.approx(40)
    assert math.exp(bounds.passes) == pytest.approx(0.1)
    assert math.exp(bounds.failure) == pytest.approx(10)
    assert (bounds.fewest_failures, bounds.fewest_successes) == (2, 25)


@pytest.mark.parametrize(
    ("failed", "well", "begun", "verdict"),
    [
        (0, 24, 0, Verdict.GO_ON),
        (0, 25, 0, Verdict.PASSES),
        (0, 0, 25, Verdict.GO_ON),
        (1, 0, 0, Verdict.GO_ON),
        (2, 0, 0, Verdict.STOP),
        (2, 0, 9, Verdict.STOP),
        (2, 0, 10, Verdict.GO_ON),
        (4, 10, 35, Verdict.STOP),
    ],
)
def test_who_has_begun_counts_as_well_for_the_stop_alone(
    failed: int, well: int, begun: int, verdict: Verdict
) -> None:
    assert judge(failed, well, begun, RULES) is verdict


@pytest.mark.parametrize(
    ("failed", "well", "verdict"),
    [
        (0, 1, Verdict.PASSES),
        (1, 0, Verdict.STOP),
        (3, 0, Verdict.STOP),
        (1, 4, Verdict.STOP),
        (1, 5, Verdict.PASSES),
        (2, 20, Verdict.STOP),
        (2, 98, Verdict.PASSES),
    ],
)
def test_a_small_wave_is_decided_at_its_end(failed: int, well: int, verdict: Verdict) -> None:
    assert at_end(failed, well, RULES) is verdict


def test_the_binomial_tail_is_the_sum_of_its_terms() -> None:
    exact = sum(math.comb(20, k) * 0.01**k * 0.99 ** (20 - k) for k in range(2, 21))
    assert at_least(2, 20, 0.01) == pytest.approx(exact)
    assert at_least(0, 20, 0.01) == 1


@pytest.mark.parametrize(
    ("readings", "cause"),
    [
        ({}, None),
        ({"agree-ppm": 980_000, "latency-before-us": 100, "latency-after-us": 130}, None),
        ({"agree-ppm": 979_999}, "disagrees"),
        ({"latency-before-us": 100, "latency-after-us": 131}, "latency"),
        ({"latency-before-us": 0, "latency-after-us": 131}, None),
        ({"temperature-rise-mc": 10_000}, None),
        ({"temperature-rise-mc": 10_001}, "hot"),
    ],
)
def test_readings_are_judged_by_the_limits_of_the_plan(readings: dict[str, int], cause: str | None) -> None:
    found = fault(readings, RULES)
    assert (found.cause if found else None) == cause
