"""The desk's camera is open while somebody is photographed, takes the best of several frames, keeps none."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.enrol.lens import BURST_FRAMES, UNWATCHED_MS
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels
from fleet.accounts.rules import Role
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok, refused, two_people
from tests.fleet.hall_under_test import members_of

pytestmark = pytest.mark.slow


class Standing:
    """Implements Camera: what stands before it, one after the other and round again, each frame noisy. Keeps
    what it handed out, to see what became of it."""

    def __init__(self, views: list[Pixels]) -> None:
        self.views = views
        self.handed: list[Frame] = []
        self.closed = False
        self._noise = SensorNoise(0)

    def read(self) -> Frame | None:
        if self.closed:
            raise CameraError("the camera was unplugged")
        frame = Frame(self._noise.on(self.views[len(self.handed) % len(self.views)]), len(self.handed))
        self.handed.append(frame)
        return frame

    def close(self) -> None:
        self.closed = True


def view(path: Path) -> Pixels:
    return load_frame(path, 0).pixels


def blurred(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 12), np.uint8)


@pytest.fixture
def at_desk(desk: DeskUnderTest) -> DeskUnderTest:
    member = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]
    desk.sign_in()
    desk.agreed(member)
    return desk


def stand(desk: DeskUnderTest, *views: Pixels) -> Standing:
    camera = Standing(list(views))
    desk.counter.place.lens._open_camera = lambda: camera
    ok(desk.press("/api/camera"))
    return camera


def test_the_sharpest_of_several_frames_is_taken_and_every_frame_is_overwritten(
    at_desk: DeskUnderTest, photographs: Path
) -> None:
    sharp = view(photographs / "obama/obama_1.jpg")
    camera = stand(at_desk, blurred(sharp), blurred(sharp), sharp)
    assert ok(at_desk.press("/api/visit/capture"))["taken"]["quality"] > 80
    assert len(camera.handed) == BURST_FRAMES
    assert not any(frame.pixels.any() for frame in camera.handed)


def test_a_second_capture_of_somebody_who_did_not_move_is_no_second_look(
    at_desk: DeskUnderTest, photographs: Path
) -> None:
    stand(at_desk, view(photographs / "obama/obama_1.jpg"))
    ok(at_desk.press("/api/visit/capture"))
    assert "turn the head" in refused(at_desk.press("/api/visit/capture"), "same-photograph")["en"]


def test_a_second_person_in_one_frame_spoils_the_capture(
    at_desk: DeskUnderTest, photographs: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both.jpg"
    both.write_bytes(two_people(photographs / "biden/biden.jpg", photographs / "ardern/ardern_2018.jpg"))
    stand(at_desk, view(photographs / "biden/biden.jpg"), view(both))
    refused(at_desk.press("/api/visit/capture"), "two-people")


def test_nobody_before_the_camera_is_said(at_desk: DeskUnderTest) -> None:
    stand(at_desk, np.full((480, 640, 3), 90, np.uint8))
    refused(at_desk.press("/api/visit/capture"), "no-face")


def test_the_preview_is_a_small_jpeg_and_only_while_the_camera_is_open(
    at_desk: DeskUnderTest, photographs: Path
) -> None:
    assert at_desk.browser.get("/api/camera/preview.jpg").status_code == 204
    camera = stand(at_desk, view(photographs / "obama/obama_1.jpg"))
    picture = at_desk.browser.get("/api/camera/preview.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    decoded = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert max(decoded.shape) == 480
    assert not camera.handed[-1].pixels.any()
    ok(at_desk.press("/api/camera", "DELETE"))
    assert camera.closed
    assert at_desk.browser.get("/api/camera/preview.jpg").status_code == 204


def test_a_camera_that_nobody_looks_through_is_closed(at_desk: DeskUnderTest, photographs: Path) -> None:
    camera = stand(at_desk, view(photographs / "obama/obama_1.jpg"))
    at_desk.now_ms += UNWATCHED_MS
    at_desk.counter.tick()
    assert not camera.closed
    at_desk.now_ms += 1
    at_desk.counter.tick()
    assert camera.closed


@pytest.mark.parametrize("path", ["/api/visit", "/api/visit/consent"])
def test_the_camera_closes_with_the_person_and_with_their_consent(
    at_desk: DeskUnderTest, photographs: Path, path: str
) -> None:
    camera = stand(at_desk, view(photographs / "obama/obama_1.jpg"))
    ok(at_desk.press(path, "DELETE"))
    assert camera.closed


def test_a_camera_that_fails_is_said_and_uploads_go_on(at_desk: DeskUnderTest, photographs: Path) -> None:
    camera = stand(at_desk, view(photographs / "obama/obama_1.jpg"))
    camera.closed = True
    assert "unplugged" in refused(at_desk.browser.get("/api/camera/preview.jpg"), "camera")["en"]
    assert ok(at_desk.browser.get("/api/state"))["camera"]["open"] is False
    refused(at_desk.press("/api/visit/capture"), "camera")
    ok(at_desk.show(photographs / "obama/obama_1.jpg"))


def test_a_station_without_a_camera_says_what_to_do(at_desk: DeskUnderTest) -> None:
    assert "--camera" in refused(at_desk.press("/api/camera"), "camera")["en"]
