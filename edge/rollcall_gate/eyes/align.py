"""Landmarks -> a 112x112 face in the embedder's canonical pose."""

import cmath
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import FACE_SIDE_PX, AlignedFace, DegenerateLandmarks, Floats, Frame, Landmarks
from edge.rollcall_gate.ports import Optics

EYE_DISTANCE_PX_MIN: Final = 8.0
# Where the five mesh points go. The usual template belongs to another landmark detector; this one was
# re-fitted to the points that five_points() reads off the mesh, so that the crop is the one the embedder was
# trained on.
TEMPLATE: Final = np.array(
    [[37.24, 53.45], [73.31, 53.11], [55.01, 75.98], [39.79, 91.43], [71.61, 91.09]], np.float64
)
_TARGET: Final = [complex(x, y) for x, y in TEMPLATE.tolist()]
_TARGET_MIDDLE: Final = sum(_TARGET) / len(_TARGET)
_TARGET_CENTRED: Final = [point - _TARGET_MIDDLE for point in _TARGET]


def align(frame: Frame, marks: Landmarks, optics: Optics) -> AlignedFace:
    """Warp a face to the canonical pose.

    Shapes: frame uint8 (H, W, 3) RGB; marks float32 (5, 2); result uint8 (112, 112, 3) RGB.
    Raises: DegenerateLandmarks when the eyes are closer than EYE_DISTANCE_PX_MIN. Never guesses.
    Why: a similarity, not an affine map: shear changes identity scores.
    """
    return AlignedFace(optics.warp(frame.pixels, canonical_transform(marks), FACE_SIDE_PX))


def canonical_transform(marks: Landmarks) -> Floats:
    """Least-squares similarity float32 (2, 3) from the five marks to TEMPLATE. Raises DegenerateLandmarks.

    A similarity of the plane is a complex multiplication plus a shift, so the best one has a closed form.
    """
    source = [complex(x, y) for x, y in marks.points.tolist()]  # so few numbers are faster without numpy
    middle, eyes_px = sum(source) / len(source), abs(source[1] - source[0])
    if not cmath.isfinite(middle) or eyes_px < EYE_DISTANCE_PX_MIN:
        raise DegenerateLandmarks(f"eyes {eyes_px:.1f} px apart, at least {EYE_DISTANCE_PX_MIN} needed")
    centred = [point - middle for point in source]
    across = sum(point.conjugate() * target for point, target in zip(centred, _TARGET_CENTRED, strict=True))
    turn = across / sum(abs(point) ** 2 for point in centred)
    shift = _TARGET_MIDDLE - turn * middle
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], np.float32)
