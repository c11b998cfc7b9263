"""Face box -> is this a person or a picture of one, with MiniFASNet-SE (models/cards/pad.md).

Passive presentation attack detection (ISO/IEC 30107-3): one frame, texture and surroundings. It claims only
what its card measured; a site sets its threshold on frames of its own camera.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import FaceBox, Floats, Frame
from edge.rollcall_gate.ports import Inference, NetworkForm, Optics

CROP_PER_BOX: Final = 2.7  # the network was trained on the face with its surroundings
BONA_FIDE: Final = 0  # the first of the three classes; print and screen follow
BONA_FIDE_MIN: Final = 0.5  # a vendor-style default, not tuned; a site sets its own on frames of its camera
SIDE_PX: Final = 128
FORM: Final = NetworkForm("pad", SIDE_PX, (3,), 1.0, 0.0)


class AttackDetector:
    """Crops a face with its surroundings and asks the network what it sees."""

    def __init__(self, network: Inference, optics: Optics) -> None:
        self._network = network
        self._optics = optics

    def bona_fide(self, frame: Frame, face: FaceBox) -> float:
        """Probability of a bona fide presentation as the network gives it, 0..1. Not calibrated."""
        crop = self._optics.warp(frame.pixels, surroundings(face, frame), SIDE_PX)
        (logits,) = self._network.run(self._optics.channels_reversed(crop))  # trained on BGR
        return softmax(logits.ravel().tolist())[BONA_FIDE]


def surroundings(face: FaceBox, frame: Frame) -> Floats:
    """Stretch float32 (2, 3), frame to crop: the box enlarged by CROP_PER_BOX, inside the frame.

    As the authors cut it: the enlargement shrinks until it fits into the frame, then the window is pushed
    inside. A border of black would look like the edge of a print.
    """
    width, height = max(1.0, face.right - face.left), max(1.0, face.bottom - face.top)
    scale = min((frame.height_px - 1) / height, (frame.width_px - 1) / width, CROP_PER_BOX)
    window_w, window_h = width * scale, height * scale
    x, y = face.centre
    left = min(max(0.0, x - window_w / 2), frame.width_px - 1 - window_w)
    top = min(max(0.0, y - window_h / 2), frame.height_px - 1 - window_h)
    across, down = SIDE_PX / window_w, SIDE_PX / window_h
    # Pixel centres lie half a pixel inside: the shift of a resize, on which the network was trained.
    shift_x, shift_y = (across - 1) / 2 - left * across, (down - 1) / 2 - top * down
    return np.array([[across, 0, shift_x], [0, down, shift_y]], np.float32)


def softmax(logits: Sequence[float]) -> list[float]:
    """Probabilities of the classes; sums to one."""
    highest = max(logits)
    shifted = [math.exp(logit - highest) for logit in logits]  # so few numbers are faster without numpy
    return [p / sum(shifted) for p in shifted]
