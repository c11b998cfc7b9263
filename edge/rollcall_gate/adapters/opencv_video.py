"""Moving pictures through OpenCV: the loop that a camera at a device file and a video file have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels

SIDE_PX_MAX: Final = 4096
FPS_MAX: Final = 240.0
FPS_UNKNOWN: Final = 10.0


class OpenedVideo:
    """One opened `cv2.VideoCapture`: whole frames, RGB, until there are no more.

    name: what to call it in sentences.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        self._capture: Any = capture
        self.name = name

    def skip(self) -> bool:
        """Go to the next frame; False when none came: the end of a file, or a camera that has gone."""
        try:
            return bool(self._capture.grab())
        except cv2.error as err:
            raise CameraError(f"{self.name}: {_reason(err)}") from err

    def pixels(self) -> Pixels:
        """The frame that `skip` went to: uint8 (H, W, 3), RGB, a copy. Raises CameraError."""
        try:
            whole, bgr = self._capture.retrieve()
        except cv2.error as err:
            raise CameraError(f"{self.name}: {_reason(err)}") from err
        if not whole or bgr is None or bgr.ndim != 3 or bgr.shape[2] != 3:
            raise CameraError(f"{self.name}: a frame that is no colour picture")
        if max(bgr.shape) > SIDE_PX_MAX:
            raise CameraError(f"{self.name}: frames of more than {SIDE_PX_MAX} pixels a side")
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def close(self) -> None:
        self._capture.release()


class VideoFile:
    """Implements Camera: plays a video file by the clock, from the first read on, once.

    A frame that was missed is gone, as with a camera. A file that breaks off ends there.
    """

    def __init__(self, file: Path, now_ms: Callable[[], int]) -> None:
        if not file.is_file():
            raise CameraError(f"{file}: no such video file")
        capture: Any = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise CameraError(f"{file}: not a video that can be played")
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        self._fps = fps if 0 < fps <= FPS_MAX else FPS_UNKNOWN
        self._video = OpenedVideo(capture, str(file))
        self._now_ms = now_ms
        self._start_ms: int | None = None
        self._at = -1
        self._over = False

    def read(self) -> Frame | None:
        now_ms = self._now_ms()
        if self._start_ms is None:
            self._start_ms = now_ms
        due = int((now_ms - self._start_ms) * self._fps / 1_000)
        if self._over or due == self._at:
            return None
        while self._at < due:
            if not self._video.skip():
                self._over = True
                if self._at < 0:
                    raise CameraError(f"{self._video.name}: a video without a frame")
                return None
            self._at += 1
        return Frame(self._video.pixels(), self._start_ms + int(due * 1_000 / self._fps))

    def close(self) -> None:
        self._over = True
        self._video.close()


def _reason(err: cv2.error) -> str:
    return f"OpenCV gave up ({str(err).strip():.200})"
