"""picamera2 runs on a Raspberry Pi alone; its source can be read anywhere.

Every class, method, keyword, stream key, format and control that our adapter uses is in the pinned package,
and the adapter runs against a double that offers exactly what was read there.
"""

import ast
import hashlib
import inspect
import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.rollcall_gate.adapters import picamera2_camera
from edge.rollcall_gate.adapters.picamera2_camera import (
    FRESH_MS,
    FULL_FIELD,
    RGB,
    YUV,
    Picamera2Camera,
    Streams,
)
from edge.rollcall_gate.errors import CameraError
from tests.contract.picamera2_board import CROPPED, SLOW, WHOLE, Board, double
from tests.contract.picamera2_surface import PackageSource, Surface, uses

PINS = Path(__file__).with_name("picamera2-source.txt")
CACHE = Path(__file__).resolve().parents[2] / "var" / "picamera2-source"
ADAPTER = Path(picamera2_camera.__file__)
CLASSES = {
    "Picamera2": ("picamera2/picamera2.py", "Picamera2"),
    "request": ("picamera2/request.py", "CompletedRequest"),
}
# Which of the adapter's names hold what; any other name with an attribute must be in OURS.
RECEIVERS = {"self._camera": "Picamera2", "camera": "Picamera2", "request": "request"}
OURS = re.compile(
    r"self|np|cv2|time|contextlib|logging|streams|wanted|words|array|mode|_log|err|type\(err\)|f?[\"'].*|camera\.platform"
)
# Controls that libcamera has and picamera2 never names: libcamera's control_ids_core.yaml.
LIBCAMERA_CONTROLS = {"AeEnable"}


def archive() -> Path:
    """The pinned wheel, from the cache or by pip; the hash is checked either way. Skips when pip cannot."""
    pinned = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", PINS.read_text("ascii")))
    for attempt in ("cache", "pip"):
        if attempt == "pip":
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                    *("--no-input", "--no-deps", "--only-binary", ":all:", "--require-hashes"),
                    *("-r", str(PINS), "-d", str(CACHE)),
                ],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            if done.returncode:
                words = done.stderr.strip().splitlines()[-1:] or ["no word from pip"]
                pytest.skip(f"picamera2's source cannot be fetched here: {words[0]:.200}")
        for wheel in CACHE.glob("picamera2-*.whl"):
            if hashlib.sha256(wheel.read_bytes()).hexdigest() in pinned:
                return wheel
    raise AssertionError("pip fetched another file than the pinned one")


@pytest.fixture(scope="module")
def source() -> PackageSource:
    return PackageSource(archive(), "picamera2")


@pytest.fixture(scope="module")
def surfaces(source: PackageSource) -> dict[str, Surface]:
    return {name: source.surface(*where) for name, where in CLASSES.items()}


def adapter_tree() -> ast.Module:
    return ast.parse(ADAPTER.read_text("utf-8"))


def strange(tree: ast.Module, surfaces: dict[str, Surface]) -> list[str]:
    """Uses of the package that the package does not offer."""
    found = []
    for use in uses(tree):
        if use.receiver in RECEIVERS:
            surface = surfaces[RECEIVERS[use.receiver]]
            signature = surface.methods.get(use.name)
            if use.positional is None or signature is None:
                if use.name not in surface.attributes:
                    found.append(f"line {use.line}: {use.receiver}.{use.name}")
                continue
            try:
                signature.bind(*[0] * use.positional, **dict.fromkeys(use.keywords, 0))
            except TypeError as err:
                found.append(f"line {use.line}: {use.receiver}.{use.name}: {err}")
        elif not OURS.fullmatch(use.receiver):
            found.append(f"line {use.line}: whose is {use.receiver}.{use.name}?")
    return found


def test_every_method_and_keyword_that_the_adapter_uses_exists(surfaces: dict[str, Surface]) -> None:
    tree = adapter_tree()
    assert strange(tree, surfaces) == []
    used = {use.name for use in uses(tree) if use.receiver in RECEIVERS}
    assert {"create_video_configuration", "configure", "start", "capture_request", "release"} <= used


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("camera.start()", "camera.begin()"),
        ("capture_request(wait=False)", "capture_request(block=False)"),
        ("camera.wait(job, timeout=WAIT_S)", "camera.wait(timeout=WAIT_S)"),
        ('request.make_array("main")', 'request.make_array("main", 2)'),
        ("camera.platform.name", "camera.board.name"),
        ("request.release()", "job.release()"),
        ("buffer_count=4", "buffers=4"),
        ("sensor=_sensor(camera)", "sensor_mode=_sensor(camera)"),
        ("camera.sensor_modes", "camera.sensor_formats"),
    ],
)
def test_a_name_that_does_not_exist_would_be_found(
    surfaces: dict[str, Surface], ours: str, theirs: str
) -> None:
    text = ADAPTER.read_text("utf-8")
    assert ours in text
    assert strange(ast.parse(text.replace(ours, theirs)), surfaces)


def test_the_constructor_is_called_as_it_is_defined(surfaces: dict[str, Surface]) -> None:
    calls = [
        node
        for node in ast.walk(adapter_tree())
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Picamera2"
    ]
    assert len(calls) == 1
    surfaces["Picamera2"].methods["__init__"].bind(*calls[0].args)


def test_streams_formats_and_controls_exist(source: PackageSource) -> None:
    tree = adapter_tree()
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "camera.create_video_configuration"
    )
    keys = {
        ast.literal_eval(key)
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if key is not None
    }
    module = "picamera2/picamera2.py"
    assert keys
    assert keys <= set(source.tuple_named(module, "_make_initial_stream_config", "valid"))
    (wanted,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "wanted"
    )
    assert isinstance(wanted, ast.Dict)
    controls = {ast.literal_eval(key) for key in wanted.keys if key is not None}
    words = source.words()
    assert len(controls) >= 3
    assert controls - LIBCAMERA_CONTROLS <= words
    assert {RGB, YUV, "SensorTimestamp", "VC4"} <= words
    assert "ExposureTimes" not in words  # a made-up name would be missed


def test_a_sensors_mode_is_asked_for_and_told_by_these_names(source: PackageSource) -> None:
    module = "picamera2/picamera2.py"
    assert set(FULL_FIELD) == set(source.tuple_named(module, "check_camera_config", "allowed_keys"))
    told = {
        ast.unparse(target)
        for node in ast.walk(source.modules[module])
        if isinstance(node, ast.FunctionDef) and node.name == "sensor_modes"
        for line in ast.walk(node)
        if isinstance(line, ast.Assign)
        for target in line.targets
    }
    assert {"all_format['bit_depth']", "cam_mode['size']"} <= told


def test_what_picamera2_calls_bgr_is_rgb_in_memory(source: PackageSource) -> None:
    """Its own table for JPEG: the format's name, and the order of channels that lies in the array."""
    (table,) = (
        ast.literal_eval(node.value)
        for node in ast.walk(source.modules["picamera2/request.py"])
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FORMAT_TABLE"
    )
    assert table[RGB] == "RGB"


@pytest.fixture
def board(surfaces: dict[str, Surface]) -> Board:
    return Board(surfaces)


@pytest.fixture
def opened(board: Board, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Picamera2Camera]]:
    """Open the adapter over the double; the clock stands at 1,000 ms, or just at `now_ms`."""
    cameras = []

    def open_one(now_ms: int = 1_000, streams: Streams | None = None) -> Picamera2Camera:
        module = types.ModuleType("picamera2")
        module.Picamera2 = double(board, "Picamera2")  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "picamera2", module)
        cameras.append(Picamera2Camera(0, streams, now_ms=lambda: now_ms))
        return cameras[-1]

    yield open_one
    board.raises.clear()
    for camera in cameras:
        camera.close()
    assert board.held == 0, "a request was not given back"


@pytest.mark.parametrize(("platform", "lores_format"), [("VC4", YUV), ("PISP", RGB)])
@pytest.mark.parametrize("lores", [(192, 108), (322, 182)])
def test_both_pictures_come_from_one_request_upright_in_colour_and_without_padding(
    board: Board, opened, platform: str, lores_format: str, lores: tuple[int, int]
) -> None:
    board.platform = platform
    frame = opened(streams=Streams(lores=lores)).read()
    assert board.configuration["lores"]["format"] == lores_format
    assert frame is not None
    assert frame.captured_ms == 1_000
    assert frame.pixels.shape == (720, 1280, 3)
    assert frame.lores is not None
    assert frame.lores.shape == (lores[1], lores[0], 3)
    for pixels in (frame.pixels, frame.lores):
        assert pixels.flags.c_contiguous
        assert pixels[:, 2].astype(int).mean(0) == pytest.approx([250, 0, 0], abs=16)
        assert pixels[:, -1].astype(int).mean(0) == pytest.approx([0, 0, 250], abs=16)
    assert board.calls.count("capture_request") == 1


def test_exposure_is_automatic_and_no_longer_than_a_frame(board: Board, opened) -> None:
    opened(streams=Streams(fps=20))
    assert board.asked["controls"] == {
        "AeEnable": True,
        "FrameDurationLimits": (50_000, 50_000),
        "AfMode": 2,
    }
    del board.controls["AfMode"]  # a fixed lens
    opened()
    assert "AfMode" not in board.asked["controls"]


def test_a_camera_module_3_sees_with_its_whole_sensor_for_the_mark_on_the_floor_to_be_right(
    board: Board, opened
) -> None:
    opened()
    assert board.asked["sensor"] == {"output_size": WHOLE["size"], "bit_depth": WHOLE["bit_depth"]}
    assert Streams().fps <= WHOLE["fps"]  # type: ignore[operator]  # of mixed values


def test_the_modes_are_read_before_the_camera_is_configured_because_reading_them_configures_it(
    board: Board, opened
) -> None:
    opened()
    places = [board.calls.index(name) for name in ("sensor_modes", "configure", "start")]
    assert places == sorted(places)
    assert board.calls.count("sensor_modes") == 1


@pytest.mark.parametrize(
    "modes",
    [
        [],
        [CROPPED, SLOW],
        [{**WHOLE, "bit_depth": 12}],
        [{"size": (1640, 1232), "bit_depth": 10}, {"size": (3280, 2464), "bit_depth": 10}],  # IMX219
        [{"format": "MJPEG"}, {"format": "YUYV"}],  # a USB camera
    ],
)
def test_of_another_camera_no_mode_is_asked(board: Board, opened, modes: list[dict[str, Any]]) -> None:
    board.modes = modes
    assert opened().read() is not None
    assert board.asked["sensor"] == {}


def test_a_camera_whose_modes_cannot_be_read_gives_frames_and_it_is_said(
    board: Board, opened, caplog: pytest.LogCaptureFixture
) -> None:
    board.raises["sensor_modes"] = RuntimeError("Failed to allocate buffers")
    assert opened().read() is not None
    assert board.asked["sensor"] == {}
    assert "Failed to allocate buffers" in caplog.text


def test_a_frame_with_the_time_of_the_last_is_not_a_frame(board: Board, opened) -> None:
    board.stamps_ms = [1_000, 1_000, 990, 1_033]
    camera = opened(now_ms=1_040)
    seen = [camera.read() for _ in range(4)]
    assert [frame and frame.captured_ms for frame in seen] == [1_000, None, None, 1_033]


def test_a_frame_that_waited_too_long_is_not_handed_out(board: Board, opened) -> None:
    board.stamps_ms = [1_000, 1_000 + FRESH_MS]
    camera = opened(now_ms=1_001 + FRESH_MS)
    assert camera.read() is None
    assert camera.read() is not None


def test_while_no_frame_comes_one_job_is_waited_for(board: Board, opened) -> None:
    camera = opened()
    board.is_late = True
    assert [camera.read() for _ in range(3)] == [None] * 3
    board.is_late = False
    assert camera.read() is not None
    assert board.calls.count("capture_request") == 1


@pytest.mark.parametrize("place", ["capture_request", "wait", "get_metadata", "make_array", "release"])
def test_a_camera_that_fails_is_a_camera_error_and_can_go_on(board: Board, opened, place: str) -> None:
    board.stamps_ms = [1_000, 1_001, 1_002]
    camera = opened()
    board.raises[place] = RuntimeError("dequeue failed")
    with pytest.raises(CameraError, match="dequeue failed"):
        camera.read()
    board.raises.clear()
    if place == "release":
        board.held = 0  # what could not be given back is lost
    assert camera.read() is not None


@pytest.mark.parametrize("place", ["__init__", "create_video_configuration", "configure", "start"])
def test_a_camera_that_cannot_be_opened_says_why_and_is_given_back(board: Board, opened, place: str) -> None:
    board.raises[place] = RuntimeError("Camera in use")
    with pytest.raises(CameraError, match=r"camera 0 cannot be .*Camera in use"):
        opened()
    assert ("close" in board.calls) == (place != "__init__")


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="apt install python3-picamera2"):
        Picamera2Camera()


def test_after_close_there_is_no_frame_and_closing_again_is_harmless(board: Board, opened) -> None:
    camera = opened()
    camera.close()
    camera.close()
    assert camera.read() is None
    assert board.calls.count("close") == 1


def test_the_double_refuses_what_the_package_would_refuse(board: Board) -> None:
    camera = double(board, "Picamera2")(0)
    with pytest.raises(TypeError, match="shutter"):
        camera.create_video_configuration(shutter=3)
    with pytest.raises(AttributeError):
        camera.capture_frame()
    assert isinstance(board.surfaces["Picamera2"].methods["wait"], inspect.Signature)
