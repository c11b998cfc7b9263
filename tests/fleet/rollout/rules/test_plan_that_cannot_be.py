"""A plan that cannot be carried out is refused with a sentence that says what to change."""

from typing import Any

import pytest

from fleet.rollout.rules.errors import PlanRefused
from fleet.rollout.rules.plan import default_plan, parse_plan, plan_json
from fleet.rollout.rules.shape import Backend, GateRules, Plan, Wave, Window
from fleet.rollout.rules.waves import assign
from tests.fleet.rollout.rules.pretended_hall import device

ROWS, HALLS = ("A", "B", "C"), ("hall",)
REST = {"name": "rest"}


def parsed(**given: Any) -> Plan:
    return parse_plan({"waves": [REST], **given}, ROWS, HALLS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"waves": [{"name": "a", "percent": 60}, {"name": "b", "percent": 50}]}, "sum to 110 %"),
        ({"waves": [{"name": "a", "percent": 60}, {"name": "b", "percent": 30}]}, "10 % would never be"),
        ({"waves": []}, "1 to 50 waves"),
        ({"waves": [REST, {"name": "late", "percent": 5}]}, "nobody is in the wave late"),
        ({"waves": [REST, REST]}, "two waves are called rest"),
        ({"waves": [{"name": "a", "rows": ["Z"]}]}, "there is no row 'Z'; there are A, B, C"),
        ({"waves": [{"name": "a", "halls": ["other"]}]}, "there is no hall 'other'"),
        ({"waves": [{"name": "a", "rows": ["A", "A"]}]}, "named twice"),
        ({"waves": [{"name": "a", "percent": 5, "per_row": 1}]}, "either percent or per_row"),
        ({"waves": [{"name": "a", "percent": 0}]}, "from 1 to 100, got 0"),
        ({"waves": [{"name": "a", "percent": 5.5}]}, "whole number"),
        ({"waves": [{"name": "a", "percent": True}]}, "whole number"),
        ({"waves": [{"name": ""}]}, "wave 1 needs a name"),
        ({"waves": [{"name": "a", "share": 5}]}, "nobody knows the field 'share'"),
        ({"waves": ["a"]}, "wave 1 is an object"),
        ({"access_points": {"ap": ["A"], "bp": ["A"]}}, "row A is behind ap and behind bp"),
        ({"access_points": {"ap": ["Z"]}}, "there is no row 'Z'"),
        ({"access_points": ["ap"]}, "gives for each access point the rows"),
        ({"per_access_point": 0}, "from 1 to 1000"),
        ({"spacing_ms": -1}, "from 0 to"),
        ({"window": {"begins": "22:00", "ends": "22:00"}}, "never open"),
        ({"window": {"begins": "25:00", "ends": "22:00"}}, "such as 22:00, got '25:00'"),
        ({"window": {"begins": 1320, "ends": "22:00"}}, "such as 22:00"),
        ({"window": {"begins": "22:00", "ends": "22:30"}}, "open for 30 min, and a device is given 3600 s"),
        ({"gate": {"good_ppm": 100_000, "bad_ppm": 100_000}}, "must be below"),
        ({"gate": {"alpha_ppm": 600_000}}, "alpha_ppm is a whole number"),
        ({"gate": {"patience": 1}}, "'patience'"),
        ({"colour": "red"}, "'colour'"),
    ],
)
def test_a_fault_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        parsed(**given)
    assert said in refused.value.diagnostics()


def test_no_plan_at_all_is_no_plan() -> None:
    with pytest.raises(PlanRefused, match="is an object"):
        parse_plan([], ROWS, HALLS)


def test_a_plan_is_written_as_it_is_read() -> None:
    plan = Plan(
        (Wave("canary", per_row=1), Wave("front", ("hall",), ("A",), 25), Wave("rest")),
        {"ap": ("A", "B")},
        3,
        500,
        Window(1320, 300, 420),
        GateRules(soak_s=60),
    )
    assert parse_plan(plan_json(plan), ROWS, HALLS) == plan


@pytest.mark.parametrize("count", [1, 2, 7, 8, 50, 2000])
def test_the_plan_that_nobody_wrote_takes_everybody_in_growing_waves(count: int) -> None:
    devices = [device(f"k-{n}", f"r{n // 40}") for n in range(count)]
    plan = default_plan(devices)
    planned, left = assign(plan, "night", devices)
    assert (len(planned), left) == (count, ())
    sizes = [sum(one.wave == wave for one in planned) for wave in range(len(plan.waves))]
    assert sizes == sorted(sizes)
    assert sizes[0] <= max(1, count // 10)
    parse_plan(plan_json(plan), ROWS, HALLS)


def test_a_wave_that_nobody_is_in_is_refused() -> None:
    plan = Plan((Wave("front", rows=("A",)), Wave("front again", rows=("A",), percent=10), Wave("rest")))
    with pytest.raises(PlanRefused, match="nobody is in the wave front again: of 3 eligible"):
        assign(plan, "night", [device(f"k-{n}", "AB"[n % 2]) for n in range(3)])


def test_those_that_no_wave_takes_are_named() -> None:
    plan = Plan((Wave("front", rows=("A",)),))
    planned, left = assign(plan, "night", [device("k-1", "A"), device("k-2", "B")])
    assert ([one.device for one in planned], left) == (["k-1"], ("k-2",))
    assert planned[0].backend is Backend.NATIVE
