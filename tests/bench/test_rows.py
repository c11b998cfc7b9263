"""A result is judged before it is rounded, and written whole."""

import json
from pathlib import Path

import pytest

from bench import rows


def test_a_value_just_above_its_budget_is_missed_although_it_rounds_to_it() -> None:
    row = rows.at_most("ingest", 1.670001, "×", 1.67)
    assert (row.value, row.ok) == (1.67, False)


def test_a_value_at_its_budget_is_kept() -> None:
    assert rows.at_most("receipt p99", 500.0, "ms", 500).ok


def test_a_value_just_below_its_least_is_missed_although_it_rounds_to_it() -> None:
    row = rows.at_least("int8 against float", 1.99999, "×", 2)
    assert (row.value, row.ok) == (2, False)
    assert rows.at_least("int8 against float", 2.0, "×", 2).ok


@pytest.mark.parametrize(
    ("value", "short"), [(0.00123456, 0.001235), (123456.7, 123500), (2000, 2000), (0, 0)]
)
def test_numbers_keep_four_figures(value: float, short: float) -> None:
    assert rows.rounded(value) == short


@pytest.mark.parametrize(("percent", "rank"), [(50, 1000), (99, 1980), (100, 2000), (0.01, 1)])
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(percent: float, rank: int) -> None:
    assert rows.percentile(list(range(2000, 0, -1)), percent) == rank


def test_the_file_holds_exactly_the_fields_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("what was there before")
    rows.write([rows.at_most("a", 1, "ms", 2), rows.told("b", 3.5, "MB")], path)
    assert json.loads(path.read_text()) == [
        {"name": "a", "value": 1, "unit": "ms", "budget": 2, "ok": True, "least": False},
        {"name": "b", "value": 3.5, "unit": "MB", "budget": None, "ok": True, "least": False},
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_the_table_names_what_is_missed() -> None:
    text = rows.table([rows.at_most("p99", 700, "ms", 500), rows.told("memory", 70, "MB")])
    assert [line.endswith("MISSED") for line in text.splitlines()] == [False, True, False]


def test_the_table_says_which_way_a_budget_binds() -> None:
    text = rows.table([rows.at_most("p99", 400, "ms", 500), rows.at_least("int8 against float", 2.1, "×", 2)])
    assert ["≤ 500" in text.splitlines()[1], "≥ 2" in text.splitlines()[2]] == [True, True]
