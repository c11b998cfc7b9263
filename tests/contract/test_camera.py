"""One suite for every adapter of Camera, and what photographs may be."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.adapters.cameras import KINDS, capture_command, open_camera, open_recording
from edge.rollcall_gate.adapters.opencv_video import VideoFile
from edge.rollcall_gate.adapters.recorded_camera import (
    SIDE_PX_MAX,
    RecordedCamera,
    load_frame,
    photographs_in,
)
from edge.rollcall_gate.adapters.scripted_camera import ScriptedCamera
from edge.rollcall_gate.adapters.simulated_camera import (
    FRAME_INTERVAL_MS,
    FRAMES_PER_WALK,
    IMPATIENCE_MS,
    SimulatedCamera,
)
from edge.rollcall_gate.adapters.v4l2_camera import Mode, V4l2Camera, open_device
from edge.rollcall_gate.adapters.watched_camera import WatchedCamera
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.ports import Camera
from tests.contract.header_pins import IS_BENCH
from tests.servers.waiting import wait_until

Clock = Callable[[], int]
RED, BLUE = (250, 0, 0), (0, 0, 250)
HEIGHT_PX, WIDTH_PX = (360, 640) if IS_BENCH else (60, 80)
"""The virtual camera has no picture smaller than 320 by 180."""


class Ticking:
    """Every look at the clock finds a frame later."""

    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        self.ms += FRAME_INTERVAL_MS
        return self.ms


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def recorded(photographs: Sequence[Path], now_ms: Clock) -> Camera:
    return RecordedCamera(photographs, now_ms)


def simulated(photographs: Sequence[Path], now_ms: Clock) -> Camera:
    camera = SimulatedCamera(now_ms)
    camera.walk(photographs)
    return camera


def script(photographs: Sequence[Path], for_ms: int) -> Path:
    """A recording that shows each photograph for_ms, beside them."""
    file = photographs[0].parent / "recording.toml"
    shows = (
        f'[[show]]\nat_ms = {for_ms * n}\nfor_ms = {for_ms}\npicture = "{path.name}"\n'
        for n, path in enumerate(photographs)
    )
    file.write_text("noise = 2\n" + "".join(shows), "utf-8")
    return file


def scripted(photographs: Sequence[Path], now_ms: Clock) -> Camera:
    return ScriptedCamera.of_file(script(photographs, FRAME_INTERVAL_MS), now_ms)


def video_of(photographs: Sequence[Path]) -> Path:
    """The photographs as a video, ten frames a second."""
    file = photographs[0].parent / "video.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (WIDTH_PX, HEIGHT_PX))
    for path in photographs:
        writer.write(cv2.imread(str(path)))
    writer.release()
    return file


def video(photographs: Sequence[Path], now_ms: Clock) -> Camera:
    return VideoFile(video_of(photographs), now_ms)


def v4l2(photographs: Sequence[Path], now_ms: Clock) -> Camera:
    """The adapter's own loop; frames come from a file, because there is no camera here to open. On the
    virtual bench there is one, which is shown what the photographs show."""
    if IS_BENCH:
        from tests.virtual_bench.guest.vivid import RedThenBlue

        return RedThenBlue.open(now_ms)
    return V4l2Camera(cv2.VideoCapture(str(video_of(photographs))), "/dev/video0", now_ms)


def watched(photographs: Sequence[Path], _: Clock) -> Camera:
    """A real process on the real clock, each photograph for a second."""
    script(photographs, 1_000)
    return WatchedCamera(partial(capture_command, "recorded", "", photographs[0].parent), monotonic_ms)


@pytest.fixture(
    params=[recorded, simulated, scripted, video, v4l2, watched], ids=lambda adapter: adapter.__name__
)
def make(request: pytest.FixtureRequest) -> Iterator[Callable[[Sequence[Path], Clock], Camera]]:
    cameras: list[Camera] = []

    def open_one(photographs: Sequence[Path], now_ms: Clock) -> Camera:
        cameras.append(request.param(photographs, now_ms))
        return cameras[-1]

    yield open_one
    for camera in cameras:
        camera.close()


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    """One red, one blue; OpenCV writes blue, green, red."""
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, rgb in zip(paths, [RED, BLUE], strict=True):
        cv2.imwrite(str(path), np.full((HEIGHT_PX, WIDTH_PX, 3), rgb[::-1], np.uint8))
    return paths


def read(camera: Camera) -> Frame:
    """The next frame; a camera in a process of its own needs time to start."""
    frames: list[Frame] = []

    def came() -> bool:
        frame = camera.read()
        frames.extend([] if frame is None else [frame])
        return bool(frames)

    wait_until(came, "a frame")
    return frames[0]


def colour(frame: Frame) -> list[float]:
    """Mean over the frame; video is compressed, and sensors have noise."""
    return [float(value) for value in frame.pixels.mean(axis=(0, 1))]


def test_frames_are_rgb_and_stamped_with_the_time_of_capture(make, photographs: list[Path]) -> None:
    clock = Ticking()
    camera = make(photographs, clock)
    first = read(camera)
    assert first.pixels.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert colour(first) == pytest.approx(RED, abs=8)
    now_ms = monotonic_ms() if isinstance(camera, WatchedCamera) else clock.ms
    assert now_ms - 5_000 < first.captured_ms <= now_ms
    second = read(camera)
    while colour(second) == pytest.approx(RED, abs=8) and isinstance(camera, WatchedCamera):
        second = read(camera)
    assert colour(second) == pytest.approx(BLUE, abs=8)


def test_time_runs_forward(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    assert read(camera).captured_ms < read(camera).captured_ms


def test_a_frame_once_handed_out_is_the_readers_own(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    frame = read(camera)
    before = frame.pixels.copy()
    read(camera)
    assert np.array_equal(frame.pixels, before)


def test_after_close_nobody_is_shown(make, photographs: list[Path]) -> None:
    camera = make(photographs, Ticking())
    camera.close()
    assert camera.read() is None
    camera.close()


@pytest.mark.parametrize("adapter", [recorded, simulated])
def test_no_person_stands_there_for_ever(adapter, photographs: list[Path]) -> None:
    camera = adapter(photographs, Ticking())
    for _ in range(FRAMES_PER_WALK):
        camera.read()
    assert camera.read() is None


@pytest.mark.parametrize("adapter", [recorded, simulated])
def test_a_file_that_is_no_photograph_is_a_camera_error(adapter, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture", "utf-8")
    for bad in (tmp_path / "note.jpg", tmp_path / "gone.jpg"):
        with pytest.raises(CameraError, match=bad.name):
            adapter([bad], Ticking()).read()


def test_a_video_is_played_once_by_the_clock(photographs: list[Path]) -> None:
    moments = iter((5_000, 5_050, 5_099, 5_100, 5_350, 5_399, 5_400, 9_000))
    camera = VideoFile(video_of(photographs * 2), lambda: next(moments))
    frames = [camera.read() for _ in range(8)]
    seen = [frame and frame.captured_ms for frame in frames]
    assert seen == [5_000, None, None, 5_100, 5_300, None, None, None]
    assert frames[4] is not None  # the third frame was missed
    assert colour(frames[4]) == pytest.approx(BLUE, abs=8)


def test_what_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "note.avi").write_text("not a video", "utf-8")
    for bad in (tmp_path / "note.avi", tmp_path / "gone.avi", tmp_path):
        with pytest.raises(CameraError, match=bad.name):
            VideoFile(bad, Ticking())


def test_a_video_cut_short_ends_where_it_was_cut(photographs: list[Path]) -> None:
    file = video_of(photographs * 20)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    camera = VideoFile(file, Ticking())
    shown = sum(camera.read() is not None for _ in range(60))
    assert 5 < shown < 40


def test_a_camera_that_is_pulled_out_is_said_so(photographs: list[Path]) -> None:
    camera = V4l2Camera(cv2.VideoCapture(str(video_of(photographs))), "/dev/video0", Ticking())
    read(camera)
    read(camera)
    with pytest.raises(CameraError, match="/dev/video0: no frames; unplugged"):
        camera.read()


def test_what_is_no_camera_device_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "video0").write_text("", "utf-8")
    for device, words in [
        (str(tmp_path / "video9"), "no such device"),
        ("", "not a device file"),
        ("bad\0name", "no such device"),
        (str(tmp_path / "video0"), "not a device file"),
        ("/dev/null", "busy, or not a camera"),
    ]:
        with pytest.raises(CameraError, match=words):
            open_device(device, Mode())


def test_a_photograph_shown_again_is_another_frame(photographs: list[Path]) -> None:
    camera = simulated(photographs[:1], Ticking())
    frames = [read(camera).pixels for _ in range(FRAMES_PER_WALK)]
    assert not any(np.array_equal(a, b) for n, a in enumerate(frames) for b in frames[:n])
    assert all(1 < (frame.astype(float)[..., 0] - 250).std() < 3 for frame in frames)
    again = simulated(photographs[:1], Ticking())
    assert np.array_equal(read(again).pixels, frames[0])  # one seed, one run


def test_cameras_are_chosen_by_name(photographs: list[Path], tmp_path: Path) -> None:
    folder = photographs[0].parent
    made = {"folder": folder, "device": "", "now_ms": Ticking()}
    assert isinstance(open_camera("recorded", **made), RecordedCamera)
    assert isinstance(open_camera("simulated", **made), SimulatedCamera)
    assert isinstance(open_recording(video_of(photographs), Ticking()), VideoFile)
    file = script(photographs, 100)
    assert isinstance(open_recording(file, Ticking()), ScriptedCamera)
    assert isinstance(open_recording(folder, Ticking()), ScriptedCamera)
    with pytest.raises(CameraError, match=", ".join(KINDS)):
        open_camera("pinhole", **made)


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
