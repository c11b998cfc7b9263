"""A firmware that starts and falls, on the first keypad: it comes back by itself, and nobody else gets it."""

from typing import Any

from tests.system.updates.conftest import Updating
from tests.system.updates.hall import firmware_of_this_tree

WAVES: list[dict[str, Any]] = [{"name": "canary", "percent": 33}, {"name": "the rest"}]
START = "    log_to_stderr(config.device)\n"


def test_the_first_wave_stops_it_and_the_hall_votes_on_the_old_one(updating: Updating) -> None:
    hall = updating(keypads=3)
    hall.api.post("/api/sittings/sitting-1/close")
    files = firmware_of_this_tree("0.1.2")
    start = files["edge/device/start.py"].decode()
    assert START in start
    broken = start.replace(START, f"{START}    raise SystemExit(3)\n", 1).encode()
    hall.release("firmware/keypad-0.1.2.tar", {**files, "edge/device/start.py": broken}, "keypad")
    hall.rollout("night-2", "firmware/keypad-0.1.2.tar", WAVES)
    stopped = hall.until_rollout("night-2", "aborted")
    courses = hall.courses("night-2")
    assert sorted(row["cause"] for row in courses.values() if row["wave"] == 0) == ["trial-crashed"]
    assert all(row["state"] in ("waiting", "not-eligible") for row in courses.values() if row["wave"] > 0), (
        courses
    )
    assert stopped["words"]
    hall.sit("sitting-2")
    hall.vote("yes")
    assert all(hall.reported(name)["software"] == "hallward 0.1.0" for name in hall.keypads)
