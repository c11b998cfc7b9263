"""Composition root of the eyes: the one place that chooses a runtime and loads the three networks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.quality import PORTRAIT, QualityLimits

Runtime = Literal["litert", "tflite"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The three files a gate loads (models/cards says what they are)."""

    detector: Path
    landmarks: Path
    embedder: Path


def models_in(folder: Path) -> ModelFiles:
    """The files by the names that the models commands give them."""
    return ModelFiles(
        folder / "blazeface_full_range.tflite",
        folder / "face_landmark.tflite",
        folder / "sface_float32.tflite",
    )


def open_pipeline(
    files: ModelFiles, runtime: Runtime = "litert", limits: QualityLimits = PORTRAIT
) -> Pipeline:
    """Load the networks. Raises ModelError when one is missing or is no model of the expected kind."""
    load = LitertInference if runtime == "litert" else TfliteInference
    return Pipeline(
        detector=load(files.detector),
        landmarks=load(files.landmarks),
        embedder=load(files.embedder),
        optics=OpencvOptics(),
        limits=limits,
    )
