"""Whoever has a hand in what time a device believes it is. A Pi has no clock battery."""

from datetime import UTC, datetime, timedelta

from tests.attacks_on_updates.hall import order
from tests.attacks_on_updates.row import Rows, Stage, codes

ROWS = Rows("time", "a power cut, or the operating system's clock")


@ROWS.attack(
    "metadata have expired, and the device has not been told the time since its start",
    by="edge.device.adapters.tuf_catalogue._told",
    said="waits: no-clock",
)
def expired_without_a_clock(stage: Stage) -> str:
    stage.hall.now += timedelta(days=30)
    return stage.device.update(order(2), None)


@ROWS.attack(
    "the clock says 1970, or a day before what was believed, where old metadata would still hold",
    by="edge.device.adapters.tuf_catalogue._told",
    said="waits: no-clock",
)
def clock_set_back(stage: Stage) -> str:
    times = (datetime(1970, 1, 1, tzinfo=UTC), stage.hall.now - timedelta(days=1))
    return codes(stage.device.update(order(2), time) for time in times)


@ROWS.attack(
    "the clock is set ten years ahead",
    by="edge.device.adapters.tuf_catalogue._refreshed",
    said="waits: expired",
    gains="delay, until the time is right again",
)
def clock_set_ahead(stage: Stage) -> str:
    return stage.device.update(order(2), stage.hall.now + timedelta(days=3650))
