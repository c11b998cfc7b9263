"""Composition root of the eyes: the one place that chooses a runtime and loads the networks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.rollcall_gate import detect, embed, landmarks, pad
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.quality import PORTRAIT, QualityLimits

Runtime = Literal["litert", "tflite"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files a gate loads (models/cards says what they are). pad: None where none was made."""

    detector: Path
    landmarks: Path
    embedder: Path
    pad: Path | None = None


def models_in(folder: Path) -> ModelFiles:
    """The files by the names that the models commands give them; `pad` only when it is there."""
    attacks = folder / "pad.tflite"
    return ModelFiles(
        folder / "detector.tflite",
        folder / "landmarks.tflite",
        folder / "embedder.tflite",
        attacks if attacks.is_file() else None,
    )


def open_pipeline(
    files: ModelFiles, runtime: Runtime = "litert", limits: QualityLimits = PORTRAIT
) -> Pipeline:
    """Load the networks. Raises ModelError when one is missing or is no model of the expected kind."""
    load = LitertInference if runtime == "litert" else TfliteInference
    return Pipeline(
        detector=load(files.detector, detect.FORM),
        landmarks=load(files.landmarks, landmarks.FORM),
        embedder=load(files.embedder, embed.FORM),
        pad=load(files.pad, pad.FORM) if files.pad else None,
        optics=OpencvOptics(),
        limits=limits,
    )
