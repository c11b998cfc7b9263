"""A frame as a small JPEG, in memory."""

from typing import Any, Final

import cv2

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Pixels

_QUALITY: Final = 70


def encode_preview(pixels: Pixels, side_px_max: int) -> bytes:
    """uint8 (H, W, 3) RGB -> JPEG, its longer side at most `side_px_max`. Raises CameraError."""
    shrink = min(1.0, side_px_max / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * shrink)), max(1, round(pixels.shape[0] * shrink))
    small: Any = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise CameraError("the preview cannot be made; look at the camera's picture size")
    return bytes(data)
