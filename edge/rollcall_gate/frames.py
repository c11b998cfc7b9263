"""What travels through the pipeline: every array with its dtype, shape and coordinate frame.

One coordinate frame throughout: pixels of the frame, origin top left, x to the right, y down. All of these
live in memory only; nothing in this module can be written anywhere.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FACE_SIDE_PX: Final = 112
EMBEDDING_DIMS: Final = 128


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `pixels` uint8 (H, W, 3), RGB; `captured_ms` monotonic milliseconds of the capture.

    lores: the same picture, smaller, as cameras give it beside the main one (same field of view, same form);
    faces are looked for in it. None: there is none, and `pixels` is made smaller for that.
    """

    pixels: Pixels
    captured_ms: int
    lores: Pixels | None = None

    def __post_init__(self) -> None:
        for pixels in (self.pixels, *(() if self.lores is None else (self.lores,))):
            if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
                raise ValueError(f"a frame is uint8 (H, W, 3), not {pixels.dtype} {pixels.shape}")

    @property
    def height_px(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width_px(self) -> int:
        return int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A detected face: corners in frame pixels, detector score 0..1.

    `keypoints` float32 (6, 2): the subject's right eye, left eye, nose, mouth, right ear, left ear.
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    keypoints: Floats

    @property
    def side_px(self) -> float:
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face, float32 (5, 2), frame pixels: eye, eye, nose tip, mouth corner, mouth corner.

    Left to right as seen in the frame. `presence` 0..1: how sure the landmark network is to look at a face.
    `eye_openness`: of both eyes (landmarks.py), about .26 open, under .18 shut; None when not read.
    """

    points: Floats
    presence: float
    eye_openness: float | None = None

    @property
    def eye_distance_px(self) -> float:
        (x, y), (other_x, other_y) = self.points[:2].tolist()
        return math.hypot(other_x - x, other_y - y)


@dataclass(frozen=True, slots=True)
class AlignedFace:
    """A face in the embedder's canonical pose: uint8 (112, 112, 3), RGB."""

    pixels: Pixels


@dataclass(frozen=True, slots=True)
class EmbedderId:
    """Embeddings compare only within one of these: SHA-256 of the model file, and the runtime that ran it."""

    model_sha256: bytes
    runtime: str


@dataclass(frozen=True, slots=True)
class Embedding:
    """A face as float32 (128,), of unit length; cosine similarity is then a plain dot product."""

    vector: Floats
    embedder: EmbedderId


class DegenerateLandmarks(Exception):
    """The five points do not span a face: eyes on top of one another, or not finite."""
