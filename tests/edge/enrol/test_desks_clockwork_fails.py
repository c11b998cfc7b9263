"""Something goes wrong in what the desk does by itself: it goes on, and who has gone is still forgotten."""

import asyncio
import contextlib
import threading

import pytest

from edge.enrol.web import tick_on
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok


class StuckCamera:
    """Cannot be closed."""

    def read(self) -> Frame | None:
        return None

    def close(self) -> None:
        raise CameraError("the camera hangs")


def test_a_tick_that_fails_is_said_once_and_the_next_ones_come(caplog: pytest.LogCaptureFixture) -> None:
    ticks: list[int] = []
    many = threading.Event()

    def tick() -> None:
        ticks.append(1)
        if len(ticks) >= 4:
            many.set()
        if len(ticks) != 2:
            raise CameraError("the camera hangs")

    async def run() -> None:
        task = asyncio.create_task(tick_on(tick, 0))
        assert await asyncio.to_thread(many.wait, 20)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert len([record for record in caplog.records if record.name == "hallward.desk"]) == 1


def test_a_camera_that_cannot_be_closed_keeps_nobody_from_being_forgotten(desk: DeskUnderTest) -> None:
    desk.stop()
    desk.open_camera = StuckCamera  # type: ignore[assignment]
    desk.start()
    desk.sign_in()
    desk.agreed("ab" * 16)
    ok(desk.press("/api/camera"))
    desk.now_ms += 11 * 60_000
    with pytest.raises(CameraError):
        desk.counter.tick()
    assert desk.counter.visit is None
