"""Frame -> face boxes, with BlazeFace full range (models/cards/detector.md)."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.frames import FaceBox, Floats, Frame, Pixels
from edge.rollcall_gate.ports import Inference, Optics

SCORE_MIN: Final = 0.4  # at .5 the network misses 19 of 13,233 portraits, at .4 three of 7,701
_LOGIT_MIN: Final = math.log(SCORE_MIN / (1 - SCORE_MIN))
OVERLAP_MAX: Final = 0.3
STRIDE_PX: Final = 4
KEYPOINTS: Final = 6
_REGRESSION: Final = 4 + 2 * KEYPOINTS


class Detector:
    """Holds the loaded network and its anchors; `detect` is otherwise a pure function of the frame."""

    def __init__(self, network: Inference, optics: Optics) -> None:
        self._network = network
        self._optics = optics
        self._side_px = network.input_shape[1]
        self._anchors_px = anchors(self._side_px).astype(np.float64) * self._side_px
        self._tensor = np.empty(
            (1, self._side_px, self._side_px, 3), np.float32
        )  # fresh pages cost 5 % of a frame

    def detect(self, frame: Frame) -> list[FaceBox]:
        """Faces in the frame, best score first; empty when there is none.

        Cost: one inference at 192x192 whatever the frame's size, so a face should fill about a tenth of the
        longer side or more.
        """
        square, scale, offset = self._letterbox(frame.pixels)
        np.multiply(square[None], np.float32(1 / 127.5), out=self._tensor)
        self._tensor -= np.float32(1)
        outputs = self._network.run(self._tensor)
        boxes = next(o for o in outputs if o.shape[-1] == _REGRESSION).reshape(-1, _REGRESSION)
        logits = next(o for o in outputs if o.shape[-1] == 1).reshape(-1)
        return self._decode(boxes, logits, scale, offset)

    def _letterbox(self, pixels: Pixels) -> tuple[Pixels, float, tuple[int, int]]:
        """Shrink into the middle of a black square: (square, source pixels per its pixel, offset in it)."""
        height, width = pixels.shape[:2]
        scale = max(height, width) / self._side_px
        inner_w, inner_h = max(1, round(width / scale)), max(1, round(height / scale))
        left, top = (self._side_px - inner_w) // 2, (self._side_px - inner_h) // 2
        square = np.zeros((self._side_px, self._side_px, 3), np.uint8)
        square[top : top + inner_h, left : left + inner_w] = self._optics.resize(pixels, inner_w, inner_h)
        return square, scale, (left, top)

    def _decode(self, raw: Floats, logits: Floats, scale: float, offset: tuple[int, int]) -> list[FaceBox]:
        # 1. Only anchors that saw a face. 2. Offsets are in square pixels from the anchor. 3. Overlaps are
        # merged.
        hits = np.flatnonzero(logits >= _LOGIT_MIN)
        if hits.size == 0:
            return []
        scores = 1 / (1 + np.exp(-logits[hits].astype(np.float64)))
        pairs = raw[hits].astype(np.float64).reshape(-1, 2 + KEYPOINTS, 2)  # centre, size, keypoints
        anchor = self._anchors_px[hits]
        centre, half = pairs[:, 0] + anchor, pairs[:, 1] / 2
        keypoints = pairs[:, 2:] + anchor[:, None]
        corners = np.concatenate([centre - half, centre + half], axis=1)
        merged = merge_overlapping(corners, keypoints, scores)
        shift = np.array((*offset, *offset), np.float64)
        faces = []
        for box, points, score in merged:
            left, top, right, bottom = ((box - shift) * scale).tolist()
            in_frame = ((points - shift[:2]) * scale).astype(np.float32)
            faces.append(FaceBox(left, top, right, bottom, score, in_frame))
        return faces


def anchors(side_px: int) -> Floats:
    """Anchor centres of the full-range network, float32 (N, 2), x and y in 0..1, row by row."""
    cells = side_px // STRIDE_PX
    ticks = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
    x, y = np.meshgrid(ticks, ticks)
    return np.stack([x.ravel(), y.ravel()], axis=1)


Doubles = npt.NDArray[np.float64]


def merge_overlapping(
    corners: Doubles, keypoints: Doubles, scores: Doubles
) -> list[tuple[Doubles, Doubles, float]]:
    """Weighted non-maximum suppression: each cluster becomes the score-weighted mean of its members.

    Shapes: corners (N, 4), keypoints (N, 6, 2), scores (N,) in 0..1. Keeps the best score of each cluster.
    Why weighted: the keypoints of single anchors jitter by a pixel or two; the mean is steadier (BlazeFace
    paper).
    """
    left = np.argsort(-scores, kind="stable")
    faces = []
    while left.size:
        near = overlap(corners[left[0]], corners[left]) > OVERLAP_MAX
        near[0] = True  # a box of no area overlaps nothing, itself included
        cluster = left[near]
        weight = scores[cluster] / scores[cluster].sum()
        box = (corners[cluster] * weight[:, None]).sum(axis=0)
        points = (keypoints[cluster] * weight[:, None, None]).sum(axis=0)
        faces.append((box, points, float(scores[left[0]])))
        left = left[~near]
    return faces


def overlap(box: Doubles, others: Doubles) -> Doubles:
    """Intersection over union of one box (4,) with many (N, 4); 0 for boxes without area."""
    shared = np.clip(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None).prod(
        axis=1
    )
    areas = np.clip(others[:, 2:] - others[:, :2], 0, None).prod(axis=1)
    area = np.clip(box[2:] - box[:2], 0, None).prod()
    union = areas + area - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def subject(faces: list[FaceBox], frame: Frame) -> FaceBox | None:
    """The person the gate looks at: large and near the middle. None when nobody is there."""
    middle_x, middle_y = frame.width_px / 2, frame.height_px / 2

    def prominence(face: FaceBox) -> float:
        x, y = face.centre
        return face.side_px**2 - 2 * ((x - middle_x) ** 2 + (y - middle_y) ** 2)

    return max(faces, key=prominence, default=None)
