"""A double of picamera2's camera: exactly the surface read off the package, and what a camera does."""

import types
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from edge.rollcall_gate.adapters.picamera2_camera import RGB, YUV
from tests.contract.picamera2_surface import Surface

# Of what an IMX708 offers. Sizes and crops (x, y, width, height of 4608x2592): raspberrypi/picamera2 1184 and
# raspberrypi/linux 6775; frames a second: raspberrypi/rpicam-apps issue 570.
CROPPED = {"size": (1536, 864), "bit_depth": 10, "crop_limits": (768, 432, 3072, 1728)}
WHOLE = {"size": (2304, 1296), "bit_depth": 10, "crop_limits": (0, 0, 4608, 2592), "fps": 56}
SLOW = {"size": (4608, 2592), "bit_depth": 10, "crop_limits": (0, 0, 4608, 2592)}
IMX708 = [CROPPED, WHOLE, SLOW]


class Board:
    """What the double's camera does; every call is checked against the signature that was read."""

    def __init__(self, surfaces: dict[str, Surface]) -> None:
        self.surfaces = surfaces
        self.platform = "VC4"
        self.controls = {"AeEnable": 0, "FrameDurationLimits": 0, "AfMode": 0}
        self.modes: list[dict[str, Any]] = IMX708
        self.stamps_ms: list[int] = [1_000]
        self.raises: dict[str, Exception] = {}
        self.calls: list[str] = []
        self.asked: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        self.held = 0
        self.job: object = None
        self.is_late = False

    def told_modes(self) -> list[dict[str, Any]]:
        self.calls.append("sensor_modes")
        if "sensor_modes" in self.raises:
            raise self.raises["sensor_modes"]
        return self.modes

    def call(self, owner: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bound = self.surfaces[owner].methods[name].bind(*args, **kwargs)
        self.calls.append(name)
        if name in self.raises:
            self.job = None  # a job that failed has no second result
            raise self.raises[name]
        return getattr(self, f"do_{name}", lambda **_: None)(**bound.arguments)

    def do_create_video_configuration(self, **chosen: Any) -> dict[str, Any]:
        self.asked = chosen
        return chosen

    def do_configure(self, camera_config: dict[str, Any]) -> None:
        for name in ("main", "lores"):
            stream = dict(camera_config[name])
            width = stream["size"][0]
            stream["stride"] = -(-width // 128) * 128 if stream["format"] == YUV else 3 * width
            self.configuration[name] = stream

    def do_stream_configuration(self, name: str) -> dict[str, Any]:
        return dict(self.configuration[name])

    def do_capture_request(self, **_: Any) -> object:
        self.job = object()
        return self.job

    def do_wait(self, job: object, timeout: float) -> Any:
        assert job is self.job
        assert 0 < timeout < 1
        if self.is_late:
            raise TimeoutError
        self.held += 1
        request = double(self, "request")
        return request.__new__(request)  # the package makes these; nobody else calls the constructor

    def do_get_metadata(self) -> dict[str, Any]:
        return {"SensorTimestamp": self.stamps_ms.pop(0) * 1_000_000}

    def do_make_array(self, name: str) -> Any:
        """Red at the left, blue at the right; padding is green, and must not be seen."""
        stream = self.configuration[name]
        width, height = stream["size"]
        picture = np.zeros((height, width, 3), np.uint8)
        picture[:, : width // 2] = (250, 0, 0)
        picture[:, width // 2 :] = (0, 0, 250)
        if stream["format"] == RGB:
            return picture
        padded = np.zeros((height, stream["stride"], 3), np.uint8)
        padded[:, :, 1] = 250
        padded[:, :width] = picture
        return cv2.cvtColor(padded, cv2.COLOR_RGB2YUV_I420)

    def do_release(self) -> None:
        self.held -= 1
        assert self.held >= 0


def double(board: Board, owner: str) -> type:
    """A class of exactly the surface that was read from the package; anything else is an AttributeError."""
    surface = board.surfaces[owner]

    def bind(name: str) -> Callable[..., Any]:
        return lambda _, *args, **kwargs: board.call(owner, name, args, kwargs)

    members: dict[str, Any] = {name: bind(name) for name in surface.methods}
    values = {
        "platform": types.SimpleNamespace(name=board.platform),
        "camera_controls": property(lambda _: board.controls),
        "sensor_modes": property(lambda _: board.told_modes()),
    }
    members |= {name: value for name, value in values.items() if name in surface.attributes}
    return type(owner, (), members)
