"""The V4L2 camera adapter and the kernel's own driver: what no file can stand in for."""

import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from edge.rollcall_gate.adapters.v4l2_camera import Mode, V4l2Camera, open_device
from edge.rollcall_gate.errors import CameraError
from tests.virtual_bench.guest import vivid


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def look(camera: V4l2Camera, times: int) -> None:
    for _ in range(times):
        camera.read()


@pytest.fixture
def camera() -> Iterator[V4l2Camera]:
    vivid.show_bars()
    made = vivid.open_camera(now_ms)
    yield made
    made.close()


def test_frames_come_one_after_the_other_and_each_is_another(camera: V4l2Camera) -> None:
    frames = [camera.read() for _ in range(10)]
    assert all(frame is not None for frame in frames)
    pictures = [frame.pixels for frame in frames if frame is not None]
    assert {picture.shape for picture in pictures} == {(vivid.HEIGHT_PX, vivid.WIDTH_PX, 3)}
    assert not any(np.array_equal(one, other) for one, other in pairwise(pictures))
    times = [frame.captured_ms for frame in frames if frame is not None]
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("colour", "rgb"), [("Red", (255, 0, 0)), ("Green", (0, 255, 0)), ("Blue", (0, 0, 255))]
)
def test_a_colour_comes_out_as_red_green_and_blue(colour: str, rgb: tuple[int, int, int]) -> None:
    vivid.show(colour)
    camera = vivid.open_camera(now_ms)
    frame = camera.read()
    camera.close()
    assert frame is not None
    assert tuple(frame.pixels.mean(axis=(0, 1))) == pytest.approx(rgb, abs=8)


def test_a_camera_that_somebody_else_holds_is_said_to_be_busy(camera: V4l2Camera) -> None:
    assert camera.read() is not None
    with pytest.raises(CameraError, match="busy, or not a camera"):
        open_device(str(vivid.DEVICE), Mode())
    assert camera.read() is not None


def test_a_camera_that_is_pulled_out_is_said_so_and_works_again_when_it_is_back() -> None:
    camera = vivid.open_camera(now_ms)
    assert camera.read() is not None
    vivid.pull_the_plug()
    with pytest.raises(CameraError, match="/dev/video0: no frames; unplugged"):
        look(camera, 30)  # what was on its way still comes
    camera.close()
    again = vivid.open_camera(now_ms)
    assert again.read() is not None
    again.close()
