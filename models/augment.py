"""One photograph -> many frames as a gate's camera might have given them. Seeded; nothing of it is stored.

Light, focus, colour, size, place and tilt vary. Eleven photographs stand for all delegates only because the
ranges of a network's tensors depend on light and geometry more than on who is in front of it; the card says
what that costs.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.frames import FaceBox, Frame

FRAME_PX: Final = 250
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Limits:
    """Ranges from which each frame is drawn, evenly. face_share: the face's width over the frame's."""

    gamma: tuple[float, float] = (0.6, 1.6)
    gain: tuple[float, float] = (0.7, 1.2)
    offset: tuple[float, float] = (-15.0, 15.0)
    face_share: tuple[float, float] = (0.15, 0.55)
    place_px: float = 50.0
    tilt_deg: float = 12.0
    blur_sigma: tuple[float, float] = (0.4, 1.5)
    blurred_share: float = 0.4
    grey_share: float = 0.3


def augmented(
    photograph: Frame, face: FaceBox, random: np.random.Generator, limits: Limits | None = None
) -> Frame:
    """Another frame of the same face: FRAME_PX square, the face somewhere near its middle."""
    drawn = limits or Limits()
    pixels = _relit(photograph.pixels, random, drawn)
    if random.random() < 0.5:
        pixels, face_x = pixels[:, ::-1], photograph.width_px - face.centre[0]
    else:
        face_x = face.centre[0]
    scale = FRAME_PX * random.uniform(*drawn.face_share) / max(1.0, face.right - face.left)
    angle = np.deg2rad(random.uniform(-drawn.tilt_deg, drawn.tilt_deg))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    x, y = FRAME_PX / 2 + random.uniform(-drawn.place_px, drawn.place_px, 2)
    matrix = np.array(
        [
            [cos, sin, x - cos * face_x - sin * face.centre[1]],
            [-sin, cos, y + sin * face_x - cos * face.centre[1]],
        ],
        np.float32,
    )
    border = cv2.BORDER_REFLECT if random.random() < 0.5 else cv2.BORDER_CONSTANT
    placed = cv2.warpAffine(
        np.ascontiguousarray(pixels), matrix, (FRAME_PX, FRAME_PX), flags=cv2.INTER_AREA, borderMode=border
    )
    return Frame(np.asarray(placed, np.uint8), photograph.captured_ms)


def _relit(pixels: Pixels, random: np.random.Generator, limits: Limits) -> Pixels:
    """Another exposure, perhaps out of focus, perhaps without colour."""
    shades = np.arange(256) / 255
    curve = shades ** random.uniform(*limits.gamma) * 255 * random.uniform(*limits.gain)
    curve += random.uniform(*limits.offset)
    relit = np.asarray(np.clip(curve, 0, 255).astype(np.uint8)[pixels])
    if random.random() < limits.blurred_share:
        relit = np.asarray(cv2.GaussianBlur(relit, (0, 0), random.uniform(*limits.blur_sigma)), np.uint8)
    if random.random() < limits.grey_share:
        grey = cv2.cvtColor(relit, cv2.COLOR_RGB2GRAY)
        relit = np.repeat(np.asarray(grey, np.uint8)[:, :, None], 3, axis=2)
    return relit
