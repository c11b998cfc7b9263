"""Face box -> five landmarks, with the 468-point face mesh (models/cards/landmarks.md)."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import FaceBox, Floats, Frame, Landmarks
from edge.rollcall_gate.ports import Inference, NetworkForm, Optics

CROP_PER_BOX: Final = 1.5  # the mesh was trained on crops half as wide again as the detector's box
MESH_POINTS: Final = 468
SIDE_PX: Final = 192
FORM: Final = NetworkForm("landmarks", SIDE_PX, (MESH_POINTS * 3, 1), 1 / 255, 0.0)
# Indices into the mesh: outer and inner corner of each eye, nose tip, corners of the mouth.
_CHOSEN: Final = np.array([33, 133, 362, 263, 1, 61, 291])
# Of each eye: outer corner, two points of the upper lid, inner corner, two of the lower lid.
_EYES: Final = np.array([33, 160, 158, 133, 153, 144, 263, 387, 385, 362, 380, 373])
_MOUTH: Final = np.array([61, 291])
_WIDTHS_PER_FACE: Final = 2.35
"""How often an eye's width goes into the way from the eyes to the mouth (median of eleven portraits)."""
_LOGIT_MAX: Final = 80.0


class Landmarker:
    """Crops each face upright by its eye keypoints, runs the mesh, and reads five points off it."""

    def __init__(self, network: Inference, optics: Optics) -> None:
        self._network = network
        self._optics = optics

    def locate(self, frame: Frame, face: FaceBox) -> Landmarks:
        """Five landmarks in frame pixels. Always answers: `presence` says how much it is worth."""
        matrix = upright_crop(face, SIDE_PX)
        outputs = self._network.run(self._optics.warp(frame.pixels, matrix, SIDE_PX))
        mesh = next(o for o in outputs if o.size == MESH_POINTS * 3).reshape(MESH_POINTS, 3)
        logit = float(next(o for o in outputs if o.size == 1).ravel()[0])
        points = to_frame(matrix, five_points(mesh))
        presence = 1 / (1 + math.exp(-max(-_LOGIT_MAX, min(_LOGIT_MAX, logit))))
        return Landmarks(points, presence, eye_openness(mesh))


def five_points(mesh: Floats) -> list[complex]:
    """Mesh (468, 3) -> five points in crop pixels. The middle of an eye is the middle of its two corners."""
    outer, inner, other_inner, other_outer, *rest = (complex(x, y) for x, y in mesh[_CHOSEN, :2].tolist())
    return [(outer + inner) / 2, (other_inner + other_outer) / 2, *rest]


def eye_openness(mesh: Floats) -> float:
    """Mesh (468, 3) -> how far both eyes are open: the eye aspect ratio (Soukupová 2016) of a face seen
    straight on; 0 when the points span no face.

    Not lid distance over eye width: a print tipped back would shut its eyes by that. Measured along the way
    from the eyes to the mouth, which a tilt shortens as much, a flat picture keeps what it has.
    """
    outer, upper, upper_inner, inner, lower_inner, lower, *other = (
        complex(x, y) for x, y in mesh[_EYES, :2].tolist()
    )
    other_outer, other_upper, other_upper_inner, other_inner, other_lower_inner, other_lower = other
    mouth = sum(complex(x, y) for x, y in mesh[_MOUTH, :2].tolist()) / 2
    across = (other_inner + other_outer) / 2 - (outer + inner) / 2
    down = mouth - (outer + inner + other_inner + other_outer) / 4
    lids = (lower - upper) + (lower_inner - upper_inner)
    lids += (other_lower - other_upper) + (other_lower_inner - other_upper_inner)
    area = _area(across, down)
    return max(0.0, _WIDTHS_PER_FACE * _area(across, lids) / (4 * area)) if area > 0 else 0.0


def _area(one: complex, other: complex) -> float:
    """Of the parallelogram that two ways span."""
    return (one.conjugate() * other).imag


def upright_crop(face: FaceBox, side_px: int) -> Floats:
    """Similarity float32 (2, 3), frame to crop: eyes level, box enlarged by CROP_PER_BOX, centred."""
    across = face.keypoints[1] - face.keypoints[0]
    angle = math.atan2(float(across[1]), float(across[0]))
    scale = side_px / max(1.0, face.side_px * CROP_PER_BOX)
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    x, y = face.centre
    half = side_px / 2
    return np.array([[cos, sin, half - cos * x - sin * y], [-sin, cos, half + sin * x - cos * y]], np.float32)


def to_frame(matrix: Floats, points: Sequence[complex]) -> Floats:
    """Crop pixels back to frame pixels, float32 (N, 2): a similarity is a complex number and a shift."""
    (cos, sin, shift_x), (_, _, shift_y) = matrix.tolist()
    turn, shift = complex(cos, -sin), complex(shift_x, shift_y)
    found = [(point - shift) / turn for point in points]
    return np.array([(point.real, point.imag) for point in found], np.float32)
