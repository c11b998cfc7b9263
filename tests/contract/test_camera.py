"""One suite for every adapter of Camera, and what photographs may be."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.adapters.recorded_camera import (
    SIDE_PX_MAX,
    RecordedCamera,
    load_frame,
    photographs_in,
)
from edge.rollcall_gate.adapters.simulated_camera import (
    FRAME_INTERVAL_MS,
    FRAMES_PER_WALK,
    IMPATIENCE_MS,
    SimulatedCamera,
)
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.ports import Camera


class Ticking:
    """Every look at the clock finds a frame later."""

    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        self.ms += FRAME_INTERVAL_MS
        return self.ms


def recorded(photographs: Sequence[Path], now_ms: Callable[[], int]) -> Camera:
    return RecordedCamera(photographs, now_ms)


def simulated(photographs: Sequence[Path], now_ms: Callable[[], int]) -> Camera:
    camera = SimulatedCamera(now_ms)
    camera.walk(photographs)
    return camera


@pytest.fixture(params=[recorded, simulated], ids=["recorded", "simulated"])
def make(request: pytest.FixtureRequest) -> Callable[[Sequence[Path], Callable[[], int]], Camera]:
    return request.param


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    """One red, one blue; OpenCV writes blue, green, red."""
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, bgr in zip(paths, [(0, 0, 250), (250, 0, 0)], strict=True):
        cv2.imwrite(str(path), np.full((60, 80, 3), bgr, np.uint8))
    return paths


def read(camera: Camera) -> Frame:
    frame = camera.read()
    assert frame is not None
    return frame


def test_frames_are_rgb_and_stamped_with_the_time_of_capture(make, photographs: list[Path]) -> None:
    clock = Ticking()
    camera = make(photographs, clock)
    first = read(camera)
    assert first.pixels.shape == (60, 80, 3)
    assert first.pixels[0, 0].tolist() == [250, 0, 0]
    assert 1_000 < first.captured_ms <= clock.ms
    assert read(camera).pixels[0, 0].tolist() == [0, 0, 250]


def test_time_runs_forward(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    assert read(camera).captured_ms < read(camera).captured_ms


def test_no_person_stands_there_for_ever(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    for _ in range(FRAMES_PER_WALK):
        camera.read()
    assert camera.read() is None


def test_after_close_nobody_is_shown(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    camera.close()
    assert camera.read() is None


def test_a_file_that_is_no_photograph_is_a_camera_error(make, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture", "utf-8")
    for bad in (tmp_path / "note.jpg", tmp_path / "gone.jpg"):
        with pytest.raises(CameraError, match=bad.name):
            make([bad], Ticking()).read()


def test_a_simulated_frame_is_not_due_before_its_time(photographs: list[Path]) -> None:
    now = 5_000
    camera = SimulatedCamera(lambda: now)
    camera.walk(photographs)
    assert camera.read() is not None
    assert camera.read() is None
    now += FRAME_INTERVAL_MS
    assert camera.read() is not None


def test_a_person_whom_nobody_looks_at_goes_away(photographs: list[Path]) -> None:
    now = 5_000
    camera = SimulatedCamera(lambda: now)
    camera.walk(photographs)
    assert camera.read() is not None
    now += IMPATIENCE_MS + 1
    assert camera.read() is None
    camera.walk(photographs)
    now += FRAME_INTERVAL_MS
    assert camera.read() is not None


def test_large_photographs_are_scaled_down(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.jpg"), np.zeros((3000, 2000, 3), np.uint8))
    frame = load_frame(tmp_path / "large.jpg", 0)
    assert (frame.height_px, frame.width_px) == (SIDE_PX_MAX, 853)


def test_a_photograph_lying_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, :40] = 255  # left half white
    encoded = cv2.imencode(".jpg", picture)[1].tobytes()
    # EXIF, little endian, one entry: orientation (0x0112), short, 1 value, 6 = turn clockwise.
    tiff = b"II*\x00\x08\x00\x00\x00" + b"\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" + bytes(4)
    exif = b"Exif\x00\x00" + tiff
    marked = encoded[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + encoded[2:]
    (tmp_path / "phone.jpg").write_bytes(marked)
    frame = load_frame(tmp_path / "phone.jpg", 0)
    assert (frame.height_px, frame.width_px) == (80, 40)
    assert frame.pixels[5, 20].mean() > 200
    assert frame.pixels[75, 20].mean() < 50


def test_a_folder_plays_in_order_and_skips_what_is_no_photograph(photographs: list[Path]) -> None:
    folder = photographs[0].parent
    (folder / "README.md").write_text("words", "utf-8")
    assert photographs_in(folder) == photographs
    assert RecordedCamera.of_folder(folder, Ticking()).read() is not None


def test_an_empty_or_missing_folder_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(CameraError, match=folder.name):
            photographs_in(folder)
