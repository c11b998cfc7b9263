"""A recording played by the clock, a few photographs in memory at a time."""

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.adapters import scripted_camera
from edge.rollcall_gate.adapters.opencv_qr import badge_view
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.scripted_camera import VIEWS_KEPT, ScriptedCamera
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial.recording import Recording, parse_recording

BADGE = "HW1:" + "".join(random.Random(1).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=996))


class Clock:
    ms = 70_000

    def __call__(self) -> int:
        return self.ms


def picture(folder: Path, name: str, level: int) -> None:
    cv2.imwrite(str(folder / name), np.full((60, 80, 3), level, np.uint8))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    picture(tmp_path, "a.png", 100)
    picture(tmp_path, "b.png", 200)
    file = tmp_path / "recording.toml"
    file.write_text(
        f"""
[[show]]
at_ms = 200
picture = "a.png"
keys = "12"
[[show]]
at_ms = 400
badge = "{BADGE[:300]}"
[[show]]
at_ms = 500
nobody = true
[[show]]
at_ms = 650
keys = "E"
[[show]]
at_ms = 700
picture = "b.png"
for_ms = 100
""",
        "utf-8",
    )
    return file


def level(frame: Frame | None) -> int | None:
    return None if frame is None else round(float(frame.pixels.mean()))


def played(recording: Recording, seed: int) -> list[Frame]:
    clock = Clock()
    camera = ScriptedCamera(recording, clock, seed=seed)
    frames = []
    while not camera.is_over:
        frame = camera.read()
        frames += [frame] if frame else []
        clock.ms += recording.every_ms
    return frames


def test_frames_are_due_by_time_and_none_before(file: Path) -> None:
    clock = Clock()
    camera = ScriptedCamera.of_file(file, clock)
    seen = {}
    for ms in (0, 150, 199, 200, 210, 299, 350, 399, 500, 620, 701, 702, 799, 800, 5_000):
        clock.ms = 70_000 + ms
        frame = camera.read()
        seen[ms] = (level(frame), frame.captured_ms - 70_000) if frame else None
    shown = {ms: what for ms, what in seen.items() if what}
    assert shown == {200: (100, 200), 350: (100, 300), 701: (200, 700)}
    assert camera.is_over


def test_a_frame_is_stamped_with_its_moment_although_it_is_fetched_late(file: Path) -> None:
    clock = Clock()
    camera = ScriptedCamera.of_file(file, clock)
    assert camera.read() is None
    clock.ms += 290
    frame = camera.read()
    assert frame is not None
    assert frame.captured_ms == 70_200
    assert not camera.is_over


def test_keys_are_pressed_by_the_same_clock(file: Path) -> None:
    clock = Clock()
    pad = ScriptedCamera.of_file(file, clock).pin_pad
    pressed = []
    for ms in (0, 199, 200, 200, 649, 700, 9_000):
        clock.ms = 70_000 + ms
        pressed.append(pad.read())
    assert pressed == ["", "", "12", "", "", "E", ""]
    pad.close()


def test_after_close_neither_frames_nor_keys_come(file: Path) -> None:
    clock = Clock()
    camera = ScriptedCamera.of_file(file, clock)
    camera.close()
    clock.ms += 200
    assert camera.read() is None
    assert camera.pin_pad.read() == ""
    assert camera.is_over


@pytest.mark.parametrize("characters", [5, 100, 150, 300, 340, 600, 1_000])
def test_a_badge_can_be_read_off_the_frame(characters: int) -> None:
    text = BADGE[:characters]
    noisy = SensorNoise(seed=1).on(badge_view(text))
    assert cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(noisy[:, :, ::-1]))[0] == text


def test_a_badge_too_long_for_a_code_is_a_camera_error() -> None:
    with pytest.raises(CameraError, match="9000 characters"):
        badge_view("x" * 9_000)


def test_a_held_picture_with_noise_is_ever_another_frame_and_the_same_in_the_next_run(file: Path) -> None:
    text = 'noise = 2\n[[show]]\nat_ms = 0\npicture = "a.png"\nfor_ms = 1000\n'
    recording = parse_recording(text, file)
    first, again, other = (played(recording, seed) for seed in (1, 1, 2))
    pixels = [frame.pixels for frame in first]
    assert len(pixels) == 10
    assert not any(np.array_equal(a, b) for n, a in enumerate(pixels) for b in pixels[:n])
    assert 1.8 < np.std([p.astype(int) - 100 for p in pixels]) < 2.2
    assert all(np.array_equal(a, b.pixels) for a, b in zip(pixels, again, strict=True))
    assert not np.array_equal(pixels[0], other[0].pixels)


def test_noise_stays_within_black_and_white() -> None:
    noise = SensorNoise(seed=1, sigma=50)
    black, white = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    assert float(noise.on(black).mean()) < 40
    assert float(noise.on(white).mean()) > 215
    assert black.max() == 0  # the picture itself is left as it is
    assert SensorNoise(seed=1, sigma=0).on(black) is black


def test_few_photographs_are_in_memory_and_the_last_used_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = [*range(VIEWS_KEPT), 0, VIEWS_KEPT, 0, *range(VIEWS_KEPT, VIEWS_KEPT + 3)]
    shows = []
    for place, n in enumerate(order):
        picture(tmp_path, f"{n}.png", n)
        shows.append(f'[[show]]\nat_ms = {300 * place}\nfor_ms = 300\npicture = "{n}.png"\n')
    loaded: list[str] = []

    def counting(path: Path, captured_ms: int) -> Frame:
        loaded.append(path.name)
        return load_frame(path, captured_ms)

    monkeypatch.setattr(scripted_camera, "load_frame", counting)
    recording = parse_recording("".join(shows), tmp_path / "recording.toml")
    clock = Clock()
    camera = ScriptedCamera(recording, clock)
    for _ in range(3 * len(order)):
        assert camera.read() is not None
        assert len(camera._views._kept) <= VIEWS_KEPT
        clock.ms += 100
    assert loaded == [f"{n}.png" for n in range(VIEWS_KEPT + 3)]


def test_a_photograph_that_cannot_be_unpacked_is_named_when_it_is_due(file: Path) -> None:
    (file.parent / "a.png").write_text("not a picture", "utf-8")
    clock = Clock()
    camera = ScriptedCamera.of_file(file, clock)
    assert camera.read() is None
    clock.ms += 200
    with pytest.raises(CameraError, match=r"a\.png"):
        camera.read()
    clock.ms += 500
    assert level(camera.read()) == 200
