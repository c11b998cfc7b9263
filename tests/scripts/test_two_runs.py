"""Two runs of a recording: every difference of a decision is found, and nothing else counts as one."""

import json
from typing import Any

import pytest

from scripts import arm64
from scripts.two_runs import compare, decisions_in

ADMITTED: dict[str, Any] = {
    "at_ms": 40,
    "decision": "Admitted",
    "member": "m-1",
    "method": "face",
    "score": 0.75,
}
REFUSED: dict[str, Any] = {
    "at_ms": 90,
    "decision": "NoMatch",
    "member": None,
    "method": "face",
    "score": 0.25,
}


def test_scores_and_times_may_differ_and_the_largest_difference_is_told() -> None:
    slow = [{**ADMITTED, "at_ms": 4000, "score": 0.5}, {**REFUSED, "score": 0.3125}]
    found = compare([ADMITTED, REFUSED], slow)
    assert not found.differences
    assert found.decisions == 2
    assert found.score_difference_max == pytest.approx(0.25)
    assert found.moment_difference_max_ms == 3960


@pytest.mark.parametrize(
    "change", [{"decision": "Ambiguous"}, {"member": "m-2"}, {"method": "badge"}, {"member": None}]
)
def test_another_class_member_or_method_is_a_difference(change: dict[str, Any]) -> None:
    found = compare([REFUSED, ADMITTED], [REFUSED, {**ADMITTED, **change}])
    assert len(found.differences) == 1
    assert found.differences[0].startswith("decision 2: ")


def test_another_order_is_a_difference() -> None:
    assert len(compare([ADMITTED, REFUSED], [REFUSED, ADMITTED]).differences) == 2


@pytest.mark.parametrize(
    ("here", "there"), [([ADMITTED], [ADMITTED, REFUSED]), ([ADMITTED, REFUSED], [ADMITTED])]
)
def test_a_decision_that_one_run_alone_made_is_a_difference(
    here: list[dict[str, Any]], there: list[dict[str, Any]]
) -> None:
    found = compare(here, there)
    assert found.decisions == 2
    assert [line for line in found.differences if "one run alone" in line and "NoMatch" in line]


def test_embeddings_are_compared_by_their_direction() -> None:
    found = compare([{**ADMITTED, "embedding": [1.0, 0.0]}], [{**ADMITTED, "embedding": [3.0, 4.0]}])
    assert found.least_cosine == pytest.approx(0.6)
    assert compare([ADMITTED], [ADMITTED]).least_cosine is None


def test_lines_about_something_else_are_passed_over() -> None:
    assert decisions_in(json.dumps(ADMITTED) + '\n{"stage": "detector", "ms": 2}\n') == [ADMITTED]


@pytest.mark.parametrize("printed", ["Traceback", "[1, 2]", '"decision"', json.dumps(ADMITTED)[:-3]])
def test_what_is_no_decision_is_refused(printed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decisions_in(printed)


@pytest.mark.parametrize(
    ("here", "there", "status"),
    [([ADMITTED], [ADMITTED], 0), ([ADMITTED], [REFUSED], 1), ([ADMITTED], [], 1), ([], [], 1)],
)
def test_only_equal_decisions_end_well(
    here: list[dict[str, Any]], there: list[dict[str, Any]], status: int
) -> None:
    assert arm64.report(here, there) == status
