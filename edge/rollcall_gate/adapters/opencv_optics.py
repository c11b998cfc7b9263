"""Resampling and photograph decoding by OpenCV. The only module of the gate that imports it."""

from typing import Any, Final

import cv2
import numpy as np

from edge.rollcall_gate.frames import Floats, Pixels

cv2.setNumThreads(1)  # the frames are small: a thread pool costs more memory than it saves time

HALVE_FROM: Final = 4


class OpencvOptics:
    """Implements Optics."""

    def warp(self, pixels: Pixels, matrix: Floats, side_px: int) -> Pixels:
        return np.asarray(
            cv2.warpAffine(pixels, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR), np.uint8
        )

    def channels_reversed(self, pixels: Pixels) -> Pixels:
        # Thirty times as fast as numpy's [:, :, ::-1], which copies byte by byte.
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), np.uint8)

    def resize(self, pixels: Pixels, width_px: int, height_px: int) -> Pixels:
        if pixels.shape[:2] == (height_px, width_px):
            return pixels  # as a camera's lores mostly is
        # The networks were trained on bilinear samples: up to HALVE_FROM they get just that. Beyond it exact
        # halvings come first, six times cheaper than averaging at an odd ratio.
        halved: Any = pixels
        while halved.shape[0] >= HALVE_FROM * height_px and halved.shape[1] >= HALVE_FROM * width_px:
            height, width = halved.shape[0] // 2, halved.shape[1] // 2
            even = halved[: 2 * height, : 2 * width]
            halved = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(halved, (width_px, height_px), interpolation=cv2.INTER_LINEAR), np.uint8)


def decode_photograph(data: bytes, side_px_max: int) -> Pixels | None:
    """Encoded JPEG or PNG -> uint8 (H, W, 3) RGB, upright by its EXIF orientation; None when it is none.

    The longer side is at most `side_px_max` afterwards: a 24-megapixel photograph would cost 72 MB and gain
    nothing.
    """
    try:
        bgr: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if bgr is None:
        return None
    height, width = bgr.shape[:2]
    shrink = side_px_max / max(height, width)
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)
