"""The Raspberry Pi's own camera, through picamera2 (0.3.30 or newer).

Formats are named backwards there: what it calls BGR888 lies in memory as R, G, B (picamera2 manual, table 1).
A Pi 4 gives its small stream as YUV420 alone; a Pi 5 gives RGB as well.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels

RGB: Final = "BGR888"
YUV: Final = "YUV420"
WAIT_S: Final = 0.2
FRESH_MS: Final = 300
AF_CONTINUOUS: Final = 2  # libcamera AfModeEnum.Continuous
FULL_FIELD: Final = {"output_size": (2304, 1296), "bit_depth": 10}
"""The mode of an IMX708 (Camera Module 3) that sees with the whole sensor, at 56 frames a second at most
(raspberrypi/rpicam-apps issue 570)."""
_log: Final = logging.getLogger("hallward.gate")


@dataclass(frozen=True, slots=True)
class Streams:
    """Sizes of both pictures, of one shape, and frames a second; a face is exposed no longer than a frame.

    lores: as wide as the detector looks (detect.py), so that nobody has to make it smaller once more.
    """

    main: tuple[int, int] = (1280, 720)
    lores: tuple[int, int] = (192, 108)
    fps: int = 30


class Picamera2Camera:
    """Implements Camera: both pictures of a frame are from one request, so they belong together.

    number: of the camera on this board, from 0. `read` waits WAIT_S at most for a frame. Raises CameraError
    when there is no camera, or it is in use.
    """

    def __init__(
        self,
        number: int = 0,
        streams: Streams | None = None,
        *,
        now_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
    ) -> None:
        try:
            from picamera2 import Picamera2
        except ImportError as err:
            raise CameraError(
                f"picamera2 is not installed ({err}); apt install python3-picamera2, and make the virtual "
                f"environment with --system-site-packages"
            ) from err
        self._now_ms = now_ms
        self._job: Any = None
        self._newest_ns = 0
        try:
            self._camera: Any = Picamera2(number)
        except Exception as err:  # whatever libcamera meets
            raise CameraError(f"camera {number} cannot be opened ({_reason(err)})") from err
        try:
            self._begin(streams or Streams())
        except Exception as err:
            with contextlib.suppress(Exception):
                self._camera.close()
            raise CameraError(f"camera {number} cannot be set up ({_reason(err)})") from err

    def read(self) -> Frame | None:
        if self._camera is None:
            return None
        try:
            return self._frame()
        except CameraError:
            raise
        except Exception as err:
            self._job = None
            raise CameraError(f"the camera stopped giving frames ({_reason(err)})") from err

    def close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is None:
            return
        try:
            camera.close()
        except Exception as err:
            raise CameraError(f"the camera cannot be closed ({_reason(err)})") from err

    def _begin(self, streams: Streams) -> None:
        camera = self._camera
        yuv_only = camera.platform.name == "VC4"
        configuration = camera.create_video_configuration(
            main={"format": RGB, "size": streams.main},
            lores={"format": YUV if yuv_only else RGB, "size": streams.lores},
            controls=_controls(camera.camera_controls, streams.fps),
            sensor=_sensor(camera),
            buffer_count=4,
        )
        camera.configure(configuration)
        camera.start()

    def _frame(self) -> Frame | None:
        """A job that was waited for in vain goes on; its frame may then be an old one, and is dropped."""
        camera = self._camera
        job = camera.capture_request(wait=False) if self._job is None else self._job
        self._job = job
        try:
            request = camera.wait(job, timeout=WAIT_S)
        except TimeoutError:
            return None
        self._job = None
        try:
            taken_ns = int(request.get_metadata()["SensorTimestamp"])
            if taken_ns <= self._newest_ns:
                return None
            self._newest_ns = taken_ns
            if self._now_ms() - taken_ns // 1_000_000 > FRESH_MS:
                return None
            main = _rgb(request.make_array("main"), camera.stream_configuration("main"))
            lores = _rgb(request.make_array("lores"), camera.stream_configuration("lores"))
        finally:
            request.release()
        return Frame(main, taken_ns // 1_000_000, lores)


def _controls(advertised: Any, fps: int) -> dict[str, Any]:
    """What this camera can be told: exposure by itself but never longer than a frame, focus by itself.

    A module with a fixed lens has no AfMode, a USB camera hardly anything: what is not advertised is refused.
    """
    frame_us = 1_000_000 // fps
    wanted = {
        "AeEnable": True,
        "FrameDurationLimits": (frame_us, frame_us),
        "AfMode": AF_CONTINUOUS,
    }
    return {name: value for name, value in wanted.items() if name in advertised}


def _sensor(camera: Any) -> dict[str, Any]:
    """Which mode to ask the sensor for; of a camera without FULL_FIELD, none: the library chooses.

    Asked for 1280x720 alone, the library may choose an IMX708's mode of 1536x864, which sees with the middle
    3072x1728 of its 4608x2592 pixels (raspberrypi/picamera2 issue 1184): a face at the mark on the floor is
    then partly out of the picture. Looking configures the camera once for each of its modes.
    """
    try:
        modes = camera.sensor_modes
    except Exception as err:  # noqa: BLE001  # whatever libcamera meets: a camera that sees less, still sees
        _log.warning("the modes of the camera's sensor cannot be read (%s); check what it sees", _reason(err))
        return {}
    offered = [(mode.get("size"), mode.get("bit_depth")) for mode in modes]
    return dict(FULL_FIELD) if (FULL_FIELD["output_size"], FULL_FIELD["bit_depth"]) in offered else {}


def _rgb(array: Any, configuration: Any) -> Pixels:
    """An array as picamera2 hands it out -> uint8 (H, W, 3), RGB; rows are padded up to the stride."""
    width, height = configuration["size"]
    form = configuration["format"]
    if form == YUV:
        array = cv2.cvtColor(array, cv2.COLOR_YUV2RGB_I420)
    elif form != RGB:
        raise CameraError(f"frames in a form that was not asked for: {form}")
    return np.ascontiguousarray(array[:height, :width], np.uint8)


def _reason(err: BaseException) -> str:
    cause = err.__cause__
    words = f"{err}" if cause is None else f"{err} {cause}"
    return f"{type(err).__name__}: {words.strip():.200}"
