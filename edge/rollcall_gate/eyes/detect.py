"""Frame -> face boxes, with BlazeFace full range (models/cards/detector.md)."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import FaceBox, Floats, Frame, Pixels
from edge.rollcall_gate.ports import Inference, NetworkForm, Optics

SCORE_MIN: Final = 0.4  # at .5 the network misses 19 of 13,233 portraits, at .4 three of 7,701
_LOGIT_MIN: Final = math.log(SCORE_MIN / (1 - SCORE_MIN))
OVERLAP_MAX: Final = 0.3
STRIDE_PX: Final = 4
KEYPOINTS: Final = 6
SIDE_PX: Final = 192
_CELLS: Final = (SIDE_PX // STRIDE_PX) ** 2
_REGRESSION: Final = 4 + 2 * KEYPOINTS
FORM: Final = NetworkForm("detector", SIDE_PX, (_CELLS * _REGRESSION, _CELLS), 1 / 127.5, -1.0)


class Detector:
    """Holds the loaded network and its anchors; `detect` is otherwise a pure function of the frame."""

    def __init__(self, network: Inference, optics: Optics) -> None:
        self._network = network
        self._optics = optics
        centres = anchors(SIDE_PX).astype(np.float64) * SIDE_PX
        self._anchors_px = np.tile(centres, 2 + KEYPOINTS)
        self._anchors_px[:, 2:4] = 0  # a size is no place

    def detect(self, frame: Frame) -> list[FaceBox]:
        """Faces in the frame, best score first; empty when there is none.

        Cost: one inference at 192x192 whatever the frame's size, so a face should fill about a tenth of the
        longer side or more.
        """
        small = frame.pixels if frame.lores is None else frame.lores
        square, scale, offset = self._letterbox(small)
        scale *= frame.width_px / small.shape[1]
        outputs = self._network.run(square)
        boxes = next(o for o in outputs if o.shape[-1] == _REGRESSION).reshape(-1, _REGRESSION)
        logits = next(o for o in outputs if o.shape[-1] == 1).reshape(-1)
        return self._decode(boxes, logits, scale, offset)

    def _letterbox(self, pixels: Pixels) -> tuple[Pixels, float, tuple[int, int]]:
        """Shrink into the middle of a black square: (square, source pixels per its pixel, offset in it)."""
        height, width = pixels.shape[:2]
        scale = max(height, width) / SIDE_PX
        inner_w, inner_h = max(1, round(width / scale)), max(1, round(height / scale))
        left, top = (SIDE_PX - inner_w) // 2, (SIDE_PX - inner_h) // 2
        square = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
        square[top : top + inner_h, left : left + inner_w] = self._optics.resize(pixels, inner_w, inner_h)
        return square, scale, (left, top)

    def _decode(self, raw: Floats, logits: Floats, scale: float, offset: tuple[int, int]) -> list[FaceBox]:
        # 1. Only anchors that saw a face. 2. Offsets are in square pixels from the anchor. 3. Overlaps are
        # merged.
        hits = np.flatnonzero(logits >= _LOGIT_MIN)
        scores = [1 / (1 + math.exp(-logit)) for logit in logits[hits].tolist()]
        shapes = (raw[hits] + self._anchors_px[hits]).tolist()
        left, top = offset
        shift = (left, top, 0, 0, *(left, top) * KEYPOINTS)
        faces = []
        for shape, score in merge_overlapping(shapes, scores):
            in_frame = [(place - off) * scale for place, off in zip(shape, shift, strict=True)]
            x, y, width, height = in_frame[:4]
            keypoints = np.array(in_frame[4:], np.float32).reshape(KEYPOINTS, 2)
            corners = x - width / 2, y - height / 2, x + width / 2, y + height / 2
            faces.append(FaceBox(*corners, score, keypoints))
        return faces


def anchors(side_px: int) -> Floats:
    """Anchor centres of the full-range network, float32 (N, 2), x and y in 0..1, row by row."""
    cells = side_px // STRIDE_PX
    ticks = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
    x, y = np.meshgrid(ticks, ticks)
    return np.stack([x.ravel(), y.ravel()], axis=1)


Shape = Sequence[float]


def merge_overlapping(shapes: Sequence[Shape], scores: Sequence[float]) -> list[tuple[list[float], float]]:
    """Weighted non-maximum suppression: each cluster becomes the score-weighted mean of its members.

    shapes: N of 4 numbers or more, centre x and y, width, height, and what is averaged with them; scores:
    0..1 each. Best first, each with the best score of its cluster.
    Why weighted: the keypoints of single anchors jitter by a pixel or two; the mean is steadier (BlazeFace
    paper).
    Why not in numpy: a face has three hits or so, and twenty array operations on three rows cost more.
    """
    clusters: list[list[int]] = []
    for hit in sorted(range(len(shapes)), key=scores.__getitem__, reverse=True):
        for cluster in clusters:
            if overlap(shapes[cluster[0]][:4], shapes[hit][:4]) > OVERLAP_MAX:
                cluster.append(hit)
                break
        else:
            clusters.append([hit])
    merged = []
    for cluster in clusters:
        weights = [scores[hit] for hit in cluster]
        columns = zip(*(shapes[hit] for hit in cluster), strict=True)
        mean = [sum(w * place for w, place in zip(weights, column, strict=True)) for column in columns]
        merged.append(([place / sum(weights) for place in mean], scores[cluster[0]]))
    return merged


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (centre x and y, width, height); 0 when one has no area."""
    (x, y, width, height), (other_x, other_y, other_width, other_height) = one, other
    wide = min(x + width / 2, other_x + other_width / 2) - max(x - width / 2, other_x - other_width / 2)
    high = min(y + height / 2, other_y + other_height / 2) - max(y - height / 2, other_y - other_height / 2)
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / (width * height + other_width * other_height - shared)


def subject(faces: list[FaceBox], frame: Frame) -> FaceBox | None:
    """The person the gate looks at: large and near the middle. None when nobody is there."""
    middle_x, middle_y = frame.width_px / 2, frame.height_px / 2

    def prominence(face: FaceBox) -> float:
        x, y = face.centre
        return face.side_px**2 - 2 * ((x - middle_x) ** 2 + (y - middle_y) ** 2)

    return max(faces, key=prominence, default=None)
