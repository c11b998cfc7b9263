"""The fleet dies in the middle of a rollout, and while a sitting is frozen: every device is ordered once and
ends well, and nothing changes before the sitting is over."""

import signal
import time
from typing import Any, Final

import pytest

from tests.system.updates.conftest import Updating
from tests.system.updates.hall import UpdatingHall, firmware_of_this_tree

ALL: Final[list[dict[str, Any]]] = [{"name": "all"}]
PARTS: Final = ("api", "ingest", "updates")
AWAY_S: Final = 4.0
FROZEN: Final = {"frozen", "applying: waits for the end of the sitting"}


def states(hall: UpdatingHall, name: str) -> list[str]:
    return [row["state"] for row in hall.courses(name).values()]


def steps(hall: UpdatingHall) -> list[tuple[str, str]]:
    """(device, step) of every record of an update that is in the log."""
    return sorted(hall.rows("SELECT device, step FROM update_outcomes"))


@pytest.fixture
def hall(updating: Updating) -> UpdatingHall:
    return updating(keypads=3)


def test_a_rollout_goes_on_as_if_nothing_had_died(hall: UpdatingHall) -> None:
    hall.api.post("/api/sittings/sitting-1/close")
    hall.release("firmware/keypad-0.1.4.tar", firmware_of_this_tree("0.1.4"), "keypad")
    hall.rollout("night-4", "firmware/keypad-0.1.4.tar", ALL)
    hall.until(lambda: "working" in states(hall, "night-4"), "somebody is at work")
    ordered = {name: row["generation"] for name, row in hall.courses("night-4").items() if row["generation"]}
    dead = {part: hall.kill(part) for part in PARTS}
    for part, pid in dead.items():
        hall.until_back(part, pid)
    hall.until_answers()
    done = hall.until_rollout("night-4", "done")
    assert (done["done"], done["failed"]) == (3, 0)
    after = {name: row["generation"] for name, row in hall.courses("night-4").items()}
    assert {name: after[name] for name in ordered} == ordered, "somebody was ordered twice"
    assert steps(hall) == [(name, "committed") for name in hall.keypads]
    hall.sit("sitting-2")
    hall.vote("yes")
    assert all(hall.reported(name)["software"] == "hallward 0.1.4" for name in hall.keypads)


def test_a_hall_that_sits_stays_frozen_without_its_fleet(hall: UpdatingHall) -> None:
    hall.api.post("/api/sittings/sitting-1/close")
    hall.release("firmware/keypad-0.1.5.tar", firmware_of_this_tree("0.1.5"), "keypad")
    hall.signal("updates", signal.SIGSTOP)  # whoever is ordered to fetch waits for it
    hall.rollout("night-5", "firmware/keypad-0.1.5.tar", ALL)
    hall.until(lambda: states(hall, "night-5") == ["working"] * 3, "everybody has an order in hand")
    hall.sit("sitting-2")
    hall.until(lambda: "sitting-2" in hall.shown("night-5")["words"], "it waits for the sitting")
    starts = dict(hall.service.starts)
    hall.kill("updates")
    hall.stop_fleet()
    away_s = time.monotonic() + AWAY_S
    hall.until(lambda: time.monotonic() > away_s, "nobody serves the hall")
    hall.serve()
    hall.until(lambda: all(hall.look(name).get("connected") for name in hall.keypads), "keypads are back")
    hall.vote("no")
    assert {hall.reported(name)["update"] for name in hall.keypads} <= FROZEN
    assert {hall.reported(name)["software"] for name in hall.keypads} == {"hallward 0.1.0"}
    assert (hall.service.starts, steps(hall)) == (starts, [])

    hall.api.post("/api/sittings/sitting-2/close")
    hall.until_rollout("night-5", "done")
    said = hall.api.get("/api/sittings/sitting-2/attestation")
    assert {row["device"]: row["state"] for row in said["devices"]} == dict.fromkeys(
        hall.keypads, "unchanged"
    )
