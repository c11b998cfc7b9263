"""A new firmware from the officers' stick to every seat, in waves, with a power cut on the way; and back."""

import sys
import time
from typing import Any

from tests.system.updates.conftest import Updating
from tests.system.updates.hall import UpdatingHall, firmware_of_this_tree

WAVES: list[dict[str, Any]] = [{"name": "canary", "percent": 33}, {"name": "the rest"}]


def test_a_hall_takes_a_release_in_waves_votes_and_goes_back(updating: Updating) -> None:
    hall = updating(keypads=3)
    hall.vote("yes")
    hall.api.post("/api/sittings/sitting-1/close")
    hall.release("firmware/keypad-0.1.1.tar", firmware_of_this_tree("0.1.1"), "keypad")
    began_s = time.monotonic()
    hall.rollout("night-1", "firmware/keypad-0.1.1.tar", WAVES)
    hall.until(lambda: "working" in _states(hall, "night-1"), "somebody is at work")
    victim = next(name for name, row in hall.courses("night-1").items() if row["state"] == "working")
    hall.service.kill(victim)
    done = hall.until_rollout("night-1", "done")
    sys.stdout.write(f"\n3 keypads, 2 waves, one power cut: {time.monotonic() - began_s:.1f} s\n")
    assert done["failed"] == 0
    for name in hall.keypads:
        assert hall.reported(name)["software"] == "hallward 0.1.1"
        assert hall.reported(name)["firmware"].endswith(" 1")
    hall.sit("sitting-2")
    hall.vote("no")
    hall.api.post("/api/sittings/sitting-2/close")

    hall.api.post("/api/rollouts/night-1/roll-back")
    hall.until_rollout("night-1", "aborted")
    hall.until(
        lambda: all(hall.reported(name)["software"] == "hallward 0.1.0" for name in hall.keypads),
        "all run what they were made with",
    )
    hall.sit("sitting-3")
    hall.vote("abstain")
    hall.audited()


def _states(hall: UpdatingHall, name: str) -> set[str]:
    return {row["state"] for row in hall.courses(name).values()}
