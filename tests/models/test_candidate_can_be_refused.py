"""A candidate that is worse, or that cannot be compared, never replaces what is in use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import verify
from models.errors import ModelsMissing
from models.verify import Line
from tests.models.spoilt_build import (
    Json,
    failed,
)


def rate(value: float, low: float, high: float) -> Json:
    return {"value": value, "interval": [low, high]}


def report_of(**changes: Any) -> Json:
    """As `evaluate --groups --json` prints it, less what nobody compares."""
    groups = [
        {
            "group": name,
            "photographs": 20,
            "persons": 10,
            "genuine": 10,
            "impostor": 180,
            "fnmr": rate(0.02, 0.01, 0.05),
            "fmr": rate(0.001, 0.0, 0.01),
        }
        for name in ("bright", "dark")
    ]
    tar = [{"far": 0.001, "tar": rate(0.98, 0.96, 0.99)}]
    return {
        "format": "hallward-evaluation/1",
        "models": {"embedder": "00"},
        "recognition": {
            "threshold": 0.49,
            "verification": {
                "listed": {"accuracy": rate(0.99, 0.98, 0.995)},
                "all_vs_all": {"tar": tar},
            },
            "groups": groups,
        },
        "trial_sha256": "11" * 32,
        **changes,
    }


def compared(tmp_path: Path, new: Json, old: Json | None = None) -> list[Line]:
    for name, data in (("new", new), ("old", old or report_of())):
        (tmp_path / f"{name}.json").write_text(json.dumps(data), "utf-8")
    return verify.candidate(tmp_path / "new.json", tmp_path / "old.json")


def changed(change: Callable[[Json], object]) -> Json:
    data = report_of()
    change(data["recognition"])
    return data


def test_a_candidate_that_is_the_same_is_accepted(tmp_path: Path) -> None:
    lines = compared(tmp_path, report_of())
    assert failed(lines) == {}
    assert [line.what for line in lines] == ["accuracy", "right pairs accepted", "groups"]


def test_a_candidate_at_the_ends_of_the_baselines_intervals_is_accepted(tmp_path: Path) -> None:
    def edge(found: Json) -> None:
        found["verification"]["listed"]["accuracy"]["value"] = 0.98
        found["verification"]["all_vs_all"]["tar"][0]["tar"]["value"] = 0.96
        for group in found["groups"]:
            group["fnmr"]["value"], group["fmr"]["value"] = 0.05, 0.01

    assert failed(compared(tmp_path, changed(edge))) == {}


@pytest.mark.parametrize("value", [0.9799, 0.5])
def test_a_candidate_with_a_worse_accuracy_fails(value: float, tmp_path: Path) -> None:
    new = changed(lambda found: found["verification"]["listed"]["accuracy"].update(value=value))
    said = failed(compared(tmp_path, new))
    assert list(said) == ["accuracy"]
    assert "98.00%" in said["accuracy"]


@pytest.mark.parametrize("value", [0.9599, 0.5])
def test_a_candidate_that_accepts_fewer_right_pairs_fails(value: float, tmp_path: Path) -> None:
    new = changed(lambda found: found["verification"]["all_vs_all"]["tar"][0]["tar"].update(value=value))
    assert list(failed(compared(tmp_path, new))) == ["right pairs accepted"]


def test_a_candidate_without_a_figure_that_the_baseline_has_fails(tmp_path: Path) -> None:
    def less(found: Json) -> None:
        found["verification"]["listed"]["accuracy"] = None
        found["verification"]["all_vs_all"]["tar"] = []

    said = failed(compared(tmp_path, changed(less)))
    assert set(said) == {"accuracy", "right pairs accepted"}
    assert set(said.values()) == {"the candidate's report lacks it"}
    assert failed(compared(tmp_path, report_of(), changed(less))) == {}, "what was not known cannot be lost"


@pytest.mark.parametrize("which", ["fnmr", "fmr"])
@pytest.mark.parametrize("group", [0, 1])
def test_a_candidate_that_is_worse_for_one_group_fails_though_it_is_better_on_the_whole(
    group: int, which: str, tmp_path: Path
) -> None:
    def worse(found: Json) -> None:
        found["verification"]["listed"]["accuracy"]["value"] = 1.0
        found["groups"][group][which]["value"] = 0.051

    said = failed(compared(tmp_path, changed(worse)))
    assert list(said) == ["groups"]
    assert f"group {('bright', 'dark')[group]}: {which.upper()} 5.100%" in said["groups"]


@pytest.mark.parametrize("sha256", ["22" * 32, None])
def test_a_candidate_measured_on_other_photographs_fails(sha256: str | None, tmp_path: Path) -> None:
    new = report_of(trial_sha256=sha256)
    for one, other in ((new, None), (report_of(), new)):
        said = failed(compared(tmp_path, one, other))
        assert list(said) == ["groups"]
        assert "other photographs or tables" in said["groups"]


def test_reports_that_do_not_say_what_they_were_measured_on_cannot_be_compared(tmp_path: Path) -> None:
    older = report_of()
    del older["trial_sha256"]
    assert list(failed(compared(tmp_path, older, older))) == ["groups"]


def test_a_candidate_measured_at_another_threshold_fails(tmp_path: Path) -> None:
    said = failed(compared(tmp_path, changed(lambda found: found.update(threshold=0.5))))
    assert "measured at 0.5, the baseline at 0.49" in said["groups"]


@pytest.mark.parametrize("groups", [None, []])
def test_a_candidate_or_a_baseline_without_groups_fails(groups: list[Json] | None, tmp_path: Path) -> None:
    none = changed(lambda found: found.update(groups=groups))
    for new, old, lacks in ((none, report_of(), "new"), (report_of(), none, "old")):
        said = failed(compared(tmp_path, new, old))
        assert said["groups"].startswith(f"{tmp_path / lacks}.json has none; measure both with ")


@pytest.mark.parametrize(
    "change", [lambda found: found["groups"].pop(), lambda found: found["groups"].reverse()]
)
def test_a_candidate_without_one_of_the_groups_fails_and_their_order_is_nothing(
    change: Callable[[Json], object], tmp_path: Path
) -> None:
    new = changed(change)
    whole = len(new["recognition"]["groups"]) == 2
    assert list(failed(compared(tmp_path, new))) == ([] if whole else ["groups"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.1, None, "0.99"])
def test_a_figure_that_is_no_share_cannot_be_compared(value: object, tmp_path: Path) -> None:
    new = changed(lambda found: found["verification"]["listed"]["accuracy"].update(value=value))
    for one, other in ((new, report_of()), (report_of(), new)):
        with pytest.raises(ModelsMissing, match="report"):
            compared(tmp_path, one, other)


def test_what_is_no_report_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="not a report"):
        compared(tmp_path, {"format": "another"})
