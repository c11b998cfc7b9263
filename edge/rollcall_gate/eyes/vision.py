"""Composition root of the eyes: the one place that chooses a runtime and loads the networks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes import detect, embed, landmarks, pad
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import PORTRAIT, QualityLimits
from edge.rollcall_gate.ports import Inference, NetworkForm

Runtime = Literal["litert", "tflite"]
SUMS: Final = "SHA256SUMS"
SUMS_BYTES_MAX: Final = 64 * 1024
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([a-z0-9_.-]+)")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files a gate loads (models/cards says what they are). pad: None where none was made.

    sha256: file name -> hex, as SHA256SUMS beside them says; no other bytes are given to a runtime.
    """

    detector: Path
    landmarks: Path
    embedder: Path
    pad: Path | None = None
    sha256: Mapping[str, str] = field(default_factory=dict)


def models_in(folder: Path) -> ModelFiles:
    """The files by the names that the models commands give them; `pad` only when it is named or there."""
    attacks, sums = folder / "pad.tflite", read_sums(folder / SUMS)
    return ModelFiles(
        folder / "detector.tflite",
        folder / "landmarks.tflite",
        folder / "embedder.tflite",
        attacks if attacks.name in sums or attacks.exists() else None,
        sums,
    )


def read_sums(path: Path) -> dict[str, str]:
    """File name -> SHA-256 in hex, of a file as sha256sum(1) writes it; empty when there is none.

    Raises ModelError for anything else in its place.
    """
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as stream:
            lines = stream.read(SUMS_BYTES_MAX).decode("ascii").splitlines()
        matches = [_SUM.fullmatch(line) for line in lines]
    except (OSError, UnicodeDecodeError) as err:
        raise ModelError(f"{path}: not a list of SHA-256 sums") from err
    if not all(matches):
        raise ModelError(f"{path}: not a list of SHA-256 sums; copy the folder of networks again")
    return {match[2]: match[1] for match in matches if match}


Around = Callable[[str, Inference], Inference]
"""Puts something around a network of this name: a clock (stages.py)."""


def open_pipeline(
    files: ModelFiles,
    runtime: Runtime = "litert",
    limits: QualityLimits = PORTRAIT,
    around: Around = lambda _, network: network,
) -> Pipeline:
    """Load the networks. Raises ModelError when one is missing or is not the file that SHA256SUMS names."""

    def load(file: Path, form: NetworkForm) -> Inference:
        sha256 = files.sha256.get(file.name)
        if sha256 is None:
            raise ModelError(
                f"{file.with_name(SUMS)} does not name {file.name}: copy the whole folder int8 that "
                "`hallward models all` makes"
            )
        adapter = LitertInference if runtime == "litert" else TfliteInference
        return around(form.name, adapter(file, form, sha256=sha256))

    return Pipeline(
        detector=load(files.detector, detect.FORM),
        landmarks=load(files.landmarks, landmarks.FORM),
        embedder=load(files.embedder, embed.FORM),
        pad=load(files.pad, pad.FORM) if files.pad else None,
        optics=OpencvOptics(),
        limits=limits,
    )
