"""Whatever somebody sends as a rollout, the answer is a result or a reason, never a fault of the server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.db import database_url, open_engine
from tests.fleet.hall_under_test import hasty, made
from tests.fleet.rollout.floor import Floor, target

pytestmark = pytest.mark.slow
NEW = target()
NUMBERS = st.integers(-(2**70), 2**70) | st.sampled_from([0, 1, 50, 100, 101])
TEXT = st.text(max_size=70) | st.sampled_from(["r1", "hall-1", "22:00", "05:00", "", "\ud800", "\0"])
LEAVES = st.none() | st.booleans() | NUMBERS | st.floats() | TEXT
NOISE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


def of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object of these fields, each there or not, each right or noise."""
    return st.fixed_dictionaries({}, optional={name: found | NOISE for name, found in fields.items()})


NAMES = st.lists(TEXT, max_size=3)
WAVE = of(name=TEXT, rows=NAMES, halls=NAMES, percent=st.integers(0, 120), per_row=st.integers(0, 3))
PLAN = of(
    waves=st.lists(WAVE, max_size=4) | st.just([{"name": "all"}]),
    access_points=st.dictionaries(TEXT, NAMES, max_size=2),
    per_access_point=NUMBERS,
    spacing_ms=NUMBERS,
    window=of(begins=TEXT, ends=TEXT, utc_offset_min=NUMBERS),
    gate=of(
        **dict.fromkeys(("soak_s", "deadline_s", "good_ppm", "alpha_ppm", "agree_ppm", "frames"), NUMBERS)
    ),
)
BODY = of(
    name=st.sampled_from(["fw-4", "fw-5"]),
    target=st.just(NEW.path) | TEXT,
    plan=PLAN,
    dry_run=st.booleans(),
)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder: Path = tmp_path_factory.mktemp("noise")
    with made(hasty(open_engine(database_url(folder, {})))) as hall:
        hall.targets.append(NEW)
        floor = Floor(hall)
        floor.stand(6)
        yield floor


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODY | NOISE, st.sampled_from(["", "/fw-4/retry", "/fw-4/devices/keypad-1"]))
def test_noise_is_refused_with_a_reason(floor: Floor, body: Any, tail: str) -> None:
    answer = floor.staff.post(
        f"/api/rollouts{tail}", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["sentence"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLAN)
def test_a_plan_that_is_taken_can_be_read_again(floor: Floor, plan: Any) -> None:
    body = {"name": "fw-6", "target": NEW.path, "plan": plan, "dry_run": True}
    answer = floor.staff.post(
        "/api/rollouts", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        again = floor.staff.post("/api/rollouts", json={**body, "plan": answer.json()["plan"]})
        assert again.json() == answer.json()
