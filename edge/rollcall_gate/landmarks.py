"""Face box -> five landmarks, with the 468-point face mesh (models/cards/landmarks.md)."""

import math
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import FaceBox, Floats, Frame, Landmarks
from edge.rollcall_gate.ports import Inference, Optics

CROP_PER_BOX: Final = 1.5  # the mesh was trained on crops half as wide again as the detector's box
MESH_POINTS: Final = 468
# Indices into the mesh: outer and inner corner of each eye, nose tip, corners of the mouth.
RIGHT_EYE: Final = (33, 133)
LEFT_EYE: Final = (362, 263)
NOSE_TIP: Final = 1
MOUTH: Final = (61, 291)


class Landmarker:
    """Crops each face upright by its eye keypoints, runs the mesh, and reads five points off it."""

    def __init__(self, network: Inference, optics: Optics) -> None:
        self._network = network
        self._optics = optics
        self._side_px = network.input_shape[1]

    def locate(self, frame: Frame, face: FaceBox) -> Landmarks:
        """Five landmarks in frame pixels. Always answers: `presence` says how much it is worth."""
        matrix = upright_crop(face, self._side_px)
        crop = self._optics.warp(frame.pixels, matrix, self._side_px)
        outputs = self._network.run(crop.astype(np.float32)[None] * np.float32(1 / 255))
        mesh = next(o for o in outputs if o.size == MESH_POINTS * 3).reshape(MESH_POINTS, 3)
        logit = float(next(o for o in outputs if o.size == 1).ravel()[0])
        points = _invert(matrix, five_points(mesh))
        return Landmarks(points, 1 / (1 + math.exp(-max(-80.0, min(80.0, logit)))))


def five_points(mesh: Floats) -> Floats:
    """Mesh (468, 3) -> (5, 2) in crop pixels. The middle of an eye is the middle of its two corners."""
    xy = mesh[:, :2]
    eyes = [xy[list(RIGHT_EYE)].mean(axis=0), xy[list(LEFT_EYE)].mean(axis=0)]
    return np.asarray(np.stack([*eyes, xy[NOSE_TIP], xy[MOUTH[0]], xy[MOUTH[1]]]), np.float32)


def upright_crop(face: FaceBox, side_px: int) -> Floats:
    """Similarity float32 (2, 3), frame to crop: eyes level, box enlarged by CROP_PER_BOX, centred."""
    across = face.keypoints[1] - face.keypoints[0]
    angle = math.atan2(float(across[1]), float(across[0]))
    scale = side_px / max(1.0, face.side_px * CROP_PER_BOX)
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    x, y = face.centre
    half = side_px / 2
    return np.array([[cos, sin, half - cos * x - sin * y], [-sin, cos, half + sin * x - cos * y]], np.float32)


def _invert(matrix: Floats, points: Floats) -> Floats:
    linear, shift = matrix[:, :2].astype(np.float64), matrix[:, 2].astype(np.float64)
    return np.linalg.solve(linear, (points.astype(np.float64) - shift).T).T.astype(np.float32)
