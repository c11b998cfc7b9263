"""QR codes in a frame, by OpenCV: looked for in a smaller picture, read in the whole one.

Looking for a code costs by the pixel, and most frames hold none: at SEARCH_PX a badge's three corners are
still found, in a seventh of the time that the whole frame takes.
"""

from typing import Any, Final

import cv2
import numpy as np

from edge.rollcall_gate.frames import Frame

CHARACTERS_MAX: Final = 1_024  # a badge has some 300
SEARCH_PX: Final = 640


class OpencvCodes:
    """Implements CodeReader."""

    def __init__(self) -> None:
        self._detector: Any = cv2.QRCodeDetectorAruco()

    def read(self, frame: Frame) -> str | None:
        try:
            text = self._read(frame)
        except (cv2.error, UnicodeDecodeError):  # what only looks like a code, or is not text
            return None
        return text if 0 < len(text) <= CHARACTERS_MAX and text.isascii() else None

    def _read(self, frame: Frame) -> str:
        shrink = min(1.0, SEARCH_PX / max(frame.width_px, frame.height_px))
        size = max(1, round(frame.width_px * shrink)), max(1, round(frame.height_px * shrink))
        small = frame.pixels
        if shrink < 1:
            small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]  # uint8 in, uint8 out
        found, corners = self._detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        if not found:
            return ""
        whole = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY)
        return str(self._detector.decode(whole, np.asarray(corners) / np.float32(shrink))[0])
