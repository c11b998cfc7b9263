"""Bad models on real gates with the real networks: the first wave stops them, nobody has to look."""

from pathlib import Path
from typing import Any

import pytest

from hallward.demo.people import cast
from models.places import photograph_folder
from tests.edge.rollcall_gate.updates import bad_models
from tests.models.gate_models import ready_cache
from tests.system.updates.conftest import Updating
from tests.system.updates.gate import UpdatedGate, networks, until_walked
from tests.system.updates.hall import UpdatingHall

WAVES: list[dict[str, Any]] = [{"name": "canary", "percent": 50}, {"name": "the rest"}]


@pytest.fixture
def hall(updating: Updating) -> UpdatingHall:
    hall = updating(keypads=1)
    hall.api.post("/api/sittings/sitting-1/close")
    return hall


def test_the_health_gate_stops_it_and_the_hall_is_back_on_the_old_one(
    hall: UpdatingHall, tmp_path: Path
) -> None:
    somebody = cast(photograph_folder(ready_cache()), 1).delegates[0].enrolled[0]
    gates = [UpdatedGate(hall, name) for name in ("gate-1", "gate-2")]
    for gate in gates:
        gate.begin()
    hall.until(lambda: all(hall.reported(gate.name) for gate in gates), "both gates are there", 90)
    before = {gate.name: hall.reported(gate.name)["models"] for gate in gates}

    # what the device itself sees: it disagrees on live frames with what runs
    hall.release("models/swapped.tar", networks(bad_models.disagreeing(tmp_path / "bad")), "gate")
    hall.rollout("bad-1", "models/swapped.tar", WAVES)
    until_walked(hall, gates, somebody, lambda: hall.shown("bad-1")["state"] == "aborted", "it is stopped")
    courses = hall.courses("bad-1")
    assert [(row["state"], row["cause"]) for row in courses.values() if row["wave"] == 0] == [
        ("failed", "disagrees")
    ]
    assert [row["generation"] for row in courses.values() if row["wave"] == 1] == [0]

    # what only the fleet sees: each gate takes it, and is slower than this rollout allows
    hall.release("models/slow.tar", networks(bad_models.good(tmp_path / "good")), "gate")
    hall.rollout("bad-2", "models/slow.tar", WAVES, latency_ppm=100_000)
    until_walked(hall, gates, somebody, lambda: hall.shown("bad-2")["state"] == "aborted", "it is stopped")
    shown, courses = hall.shown("bad-2"), hall.courses("bad-2")
    assert [(row["state"], row["cause"]) for row in courses.values() if row["wave"] == 0] == [
        ("returned", "latency")
    ]
    assert [row["generation"] for row in courses.values() if row["wave"] == 1] == [0]
    assert shown["words"]

    hall.until(
        lambda: {gate.name: hall.reported(gate.name)["models"] for gate in gates} == before,
        "both run the models of before",
    )
