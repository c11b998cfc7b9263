"""How far do the int8 networks see otherwise than the float ones they were made from, on the same frames?

Each network gets the very picture that the float pipeline gave to its float twin, so that one network's
difference does not hide in another's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.eyes import detect, embed, landmarks, pad
from edge.rollcall_gate.eyes.detect import Detector, subject
from edge.rollcall_gate.eyes.embed import Embedder
from edge.rollcall_gate.eyes.landmarks import Landmarker
from edge.rollcall_gate.eyes.pad import AttackDetector
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import FaceBox, Frame
from models.errors import ModelsMissing

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 99th percentile of a difference."""

    median: float
    p99: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """frames: in which the float detector found a face; missed: those in which the int8 one found none.

    keypoints, points: shift of the detector's eye and nose keypoints and of the five landmarks, in distances
    between the eyes. cosine_loss: 1 - cosine of the embeddings. bona_fide: difference of the scores, 0..1.
    """

    frames: int
    missed: int
    keypoints: Spread
    points: Spread
    cosine_loss: Spread
    bona_fide: Spread | None


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of the pipeline over one set of files."""

    detector: Detector
    landmarker: Landmarker
    embedder: Embedder
    attacks: AttackDetector | None


def stages_of(folder: Path) -> Stages:
    """folder: of four files, the last of which may be missing. Raises ModelError."""
    optics, attacks = OpencvOptics(), folder / "pad.tflite"
    return Stages(
        Detector(LitertInference(folder / "detector.tflite", detect.FORM), optics),
        Landmarker(LitertInference(folder / "landmarks.tflite", landmarks.FORM), optics),
        Embedder(LitertInference(folder / "embedder.tflite", embed.FORM)),
        AttackDetector(LitertInference(attacks, pad.FORM), optics) if attacks.is_file() else None,
    )


def agreement(full: Pipeline, float_stages: Stages, int8: Stages, frames: Iterable[Frame]) -> Agreement:
    """full: the float pipeline, whose views the stages are compared on.

    Raises ModelsMissing when it sees no face that both can be shown.
    """
    shifts: dict[str, list[float]] = {"keypoints": [], "points": [], "cosine": [], "bona_fide": []}
    seen = missed = 0
    for frame in frames:
        view = full.view(frame)
        if view is None or view.aligned is None:
            continue
        seen += 1
        apart = view.marks.eye_distance_px
        other = subject(int8.detector.detect(frame), frame)
        if other is None:
            missed += 1
        else:
            shifts["keypoints"] += _shifts(view.face, other, apart)
        points = int8.landmarker.locate(frame, view.face).points - view.marks.points
        shifts["points"] += (np.hypot(*points.T) / apart).tolist()
        one, two = (stages.embedder.embed(view.aligned).vector for stages in (float_stages, int8))
        shifts["cosine"].append(1 - float(one @ two))
        if float_stages.attacks is not None and int8.attacks is not None:
            scores = [s.bona_fide(frame, view.face) for s in (float_stages.attacks, int8.attacks)]
            shifts["bona_fide"].append(abs(scores[0] - scores[1]))
    if not shifts["keypoints"]:
        raise ModelsMissing("int8 and float cannot be compared: no frame in which both find a face")
    found = {name: _spread(values) for name, values in shifts.items() if values}
    return Agreement(
        seen, missed, found["keypoints"], found["points"], found["cosine"], found.get("bona_fide")
    )


def _shifts(one: FaceBox, other: FaceBox, apart: float) -> list[float]:
    """Of both eyes and the nose, which is what the landmark stage uses and what a person can check."""
    return [float(s) / apart for s in np.hypot(*(one.keypoints[:3] - other.keypoints[:3]).T)]


def _spread(values: list[float]) -> Spread:
    found: Doubles = np.percentile(np.array(values), [50, 99])
    return Spread(float(found[0]), float(found[1]))
