"""What failures have in common is named when it is clear, and not when it is not."""

import math
import random
from collections.abc import Mapping, Sequence

import pytest

from fleet.rollout.rules.causes import common_factor, find_factor, log_tail, matrix
from fleet.rollout.rules.shape import Backend, Course, DeviceState, Observation, Plan, Planned, Wave
from wire.ids import DeviceId

PLAN = Plan((Wave("all"),), {"ap-1": ("A",), "ap-2": ("B",)})
Facts = Mapping[str, str]


def said(failed: Sequence[Facts], well: Sequence[Facts]) -> str:
    courses, seen = [], {}
    for number, facts in enumerate([*failed, *well]):
        name = DeviceId(f"g-{number}")
        has_failed = number < len(failed)
        state = DeviceState.FAILED if has_failed else DeviceState.SOAKED
        courses.append(Course(Planned(name, 0, 0, Backend.NATIVE), state, 1, "latency" if has_failed else ""))
        seen[name] = Observation(name, 1, None, facts=facts)
    return common_factor(courses, seen, PLAN).en


def test_a_pair_is_named_when_neither_of_it_would_do() -> None:
    both = {"camera": "imx219", "runtime": "tflite"}
    others = [{"camera": "imx219", "runtime": "litert"}, {"camera": "imx708", "runtime": "tflite"}] * 20
    assert (
        said([both] * 7, [*others, {"camera": "imx708", "runtime": "litert"}])
        == "7 of 7 failures, and 0 of 41 that went well: camera imx219 + runtime tflite."
    )


def test_a_single_fact_is_preferred_to_a_pair_that_says_no_more() -> None:
    failed = [{"camera": "imx219", "runtime": "tflite"}] * 5
    well = [{"camera": "imx708", "runtime": "litert"}] * 30
    assert said(failed, well).endswith(": camera imx219.")


def test_an_access_point_is_a_fact_though_no_device_says_it() -> None:
    failed = [{"row": "A", "hardware": "zero"}] * 6
    well = [{"row": "B", "hardware": "zero"}] * 30
    assert "ap-1" in said(failed, well)


def test_chance_is_not_called_a_cause() -> None:
    dice = random.Random(3)
    named = 0
    for _ in range(60):
        facts = [{name: str(dice.randrange(4)) for name in "abcdef"} for _ in range(80)]
        named += find_factor(facts[:6], facts[6:]) is not None
    assert named <= 6


def test_too_few_and_none_are_said_as_they_are() -> None:
    assert said([], [{"row": "A"}]) == ""
    assert said([{"row": "A"}], [{"row": "B"}] * 9) == (
        "1 failed, 9 went well: too few to tell what failures have in common."
    )
    assert "no fact that the fleet knows" in said(
        [{"row": "A"}, {"row": "B"}], [{"row": "A"}, {"row": "B"}] * 4
    )
    assert (
        said([{"hardware": "x"}] * 3, []) == "3 failed, 0 went well: all that ended have failed (hardware x)."
    )


@pytest.mark.parametrize(
    ("with_failed", "failed", "with_well", "well"), [(3, 4, 1, 10), (7, 7, 0, 41), (0, 3, 2, 5)]
)
def test_the_odds_are_fishers(with_failed: int, failed: int, with_well: int, well: int) -> None:
    carriers, total = with_failed + with_well, failed + well
    exact = sum(
        math.comb(carriers, k) * math.comb(total - carriers, failed - k) / math.comb(total, failed)
        for k in range(with_failed, min(carriers, failed) + 1)
    )
    assert math.exp(log_tail(with_failed, failed, with_well, well)) == pytest.approx(exact)


def test_the_matrix_counts_every_device_once() -> None:
    planned = Planned(DeviceId("g-1"), 1, 0, Backend.NATIVE)
    courses = [
        Course(planned, DeviceState.SOAKED),
        Course(planned, DeviceState.FAILED, 1, "late"),
        Course(planned, DeviceState.FAILED, 1, "late"),
    ]
    assert [(cell.wave, cell.state, cell.cause, cell.devices) for cell in matrix(courses)] == [
        (1, DeviceState.SOAKED, "", 1),
        (1, DeviceState.FAILED, "late", 2),
    ]
