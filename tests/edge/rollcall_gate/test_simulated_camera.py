"""What the hands of a simulated gate do to its camera: one person after another, and a pulled cable."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.adapters.simulated_camera import (
    FRAME_INTERVAL_MS,
    FRAMES_PER_WALK,
    STEPPING_UP_MS,
    SimulatedCamera,
)
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.track import LOST_AFTER_MS
from edge.rollcall_gate.frames import Frame


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "one.png"
    cv2.imwrite(str(path), np.full((40, 40, 3), 120, np.uint8))
    return path


class Watched:
    """A camera that is looked at every few milliseconds."""

    def __init__(self) -> None:
        self.now_ms = 5_000
        self.camera = SimulatedCamera(lambda: self.now_ms)

    def frames(self, for_ms: int) -> list[Frame]:
        found = []
        for _ in range(for_ms // 10):
            self.now_ms += 10
            frame = self.camera.read()
            if frame is not None:
                found.append(frame)
        return found


def test_the_next_person_is_not_taken_for_the_one_before(photograph: Path) -> None:
    watched = Watched()
    watched.camera.walk([photograph])
    first = watched.frames(FRAME_INTERVAL_MS * FRAMES_PER_WALK)
    assert len(first) == FRAMES_PER_WALK
    watched.camera.walk([photograph])
    second = watched.frames(STEPPING_UP_MS + FRAME_INTERVAL_MS * FRAMES_PER_WALK)
    assert len(second) == FRAMES_PER_WALK
    assert second[0].captured_ms - first[-1].captured_ms >= STEPPING_UP_MS > LOST_AFTER_MS


def test_who_steps_up_to_an_empty_place_is_seen_at_once(photograph: Path) -> None:
    watched = Watched()
    watched.camera.walk([photograph])
    watched.frames(FRAME_INTERVAL_MS * FRAMES_PER_WALK + STEPPING_UP_MS)
    watched.camera.walk([photograph])
    asked_ms = watched.now_ms
    assert watched.frames(FRAME_INTERVAL_MS)[0].captured_ms - asked_ms <= FRAME_INTERVAL_MS


def test_an_unplugged_camera_raises_until_it_is_plugged_in(photograph: Path) -> None:
    watched = Watched()
    watched.camera.walk([photograph])
    watched.camera.unplug()
    for _ in range(2):
        with pytest.raises(CameraError, match="plug it in"):
            watched.camera.read()
    watched.camera.plug_in()
    assert watched.frames(FRAME_INTERVAL_MS)
