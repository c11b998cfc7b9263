"""The measurements measure: every scenario runs against the real thing, small, without judging budgets."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def measured(results: Path, *names: str) -> dict[str, float]:
    assert main([*names, "--quick", "--out", str(results)]) == 0
    rows = json.loads(results.read_text())
    assert all(row.keys() == {"name", "value", "unit", "budget", "ok", "least"} for row in rows)
    return {row["name"]: row["value"] for row in rows}


@pytest.mark.postgres
def test_ingest_is_measured_against_verification_in_the_same_run(results: Path) -> None:
    found = measured(results, "ingest")
    assert found["verification alone, beside SQLite, per record"] > 10
    assert found["ingest, SQLite, per record"] > found["verification alone, beside SQLite, per record"]


def test_every_press_of_the_crowd_is_receipted_before_and_after_a_restart(results: Path) -> None:
    found = measured(results, "crowd")
    assert found["20 keypads press at once: receipt in hand, p99"] > 0
    assert found["20 keypads back after a broker's kill -9, all"] > 0


def test_pages_show_every_device(results: Path) -> None:
    assert measured(results, "pages")["20 devices: state of the live page"] > 0


def test_gate_and_keypad_are_measured_at_work(results: Path) -> None:
    found = measured(results, "devices", "gate")
    assert found["memory of a keypad that has voted"] > 10
    assert found["memory of a gate that has looked at faces"] > 50
    assert found["gate, 250-px frame: whole"] > found["gate, 250-px frame: embedder"] > 0
    assert 1 < found["int8 against float: embedder"] < 20
    assert 0 < found["gate: looking for a badge in a frame"] < 100


def test_a_scenario_nobody_knows_is_refused(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--out", str(results)]) == 2
    assert "speed" in capsys.readouterr().err
    assert not results.exists()
