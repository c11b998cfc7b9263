"""A USB camera at a device file, through OpenCV's Video4Linux driver."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2

from edge.rollcall_gate.adapters.opencv_video import OpenedVideo
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame

FOURCCS: Final = ("MJPG", "YUYV")
"""Asked for in this order: raw pictures of this size do not fit USB 2 at 30 a second. Of a camera that has no
compressed ones OpenCV 4.11 takes BGR3 by itself, and hands it on as one long row; YUYV comes as pictures."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What is asked of the camera; it gives the nearest that it has."""

    width_px: int = 1280
    height_px: int = 720
    fps: int = 30


def open_device(device: str, mode: Mode) -> cv2.VideoCapture:
    """The camera at `device`, as in /dev/video0, set to `mode`. Raises CameraError."""
    path = Path(device)
    try:
        found = path.stat()
    except (OSError, ValueError) as err:
        raise CameraError(f"{device}: no such device; is the camera plugged in? (ls /dev/video*)") from err
    if not stat.S_ISCHR(found.st_mode):
        raise CameraError(f"{device}: not a device file")
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraError(f"{device}: may not be opened; put this user into the group video")
    capture: Any = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not capture.isOpened():
        capture.release()
        raise CameraError(f"{device}: busy, or not a camera; see who has it with `fuser {device}`")
    writer: Any = cv2.VideoWriter
    for fourcc in (writer.fourcc(*name) for name in FOURCCS):
        capture.set(cv2.CAP_PROP_FOURCC, fourcc)  # says True whatever the camera gives
        if int(capture.get(cv2.CAP_PROP_FOURCC)) == fourcc:
            break
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width_px)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height_px)
    capture.set(cv2.CAP_PROP_FPS, mode.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # older frames than the newest are of no use
    opened: cv2.VideoCapture = capture
    return opened


class V4l2Camera:
    """Implements Camera. `read` waits for the camera's next frame, and for ever when its driver hangs: to be
    run under the watch of `WatchedCamera`."""

    def __init__(self, capture: cv2.VideoCapture, name: str, now_ms: Callable[[], int]) -> None:
        self._video = OpenedVideo(capture, name)
        self._now_ms = now_ms
        self._closed = False

    def read(self) -> Frame | None:
        if self._closed:
            return None
        if not self._video.skip():
            raise CameraError(f"{self._video.name}: no frames; unplugged, or its cable is loose")
        captured_ms = self._now_ms()
        return Frame(self._video.pixels(), captured_ms)

    def close(self) -> None:
        self._closed = True
        self._video.close()
