"""The four networks: where each comes from, how it becomes float TFLite, and the bytes that must come out."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from edge.rollcall_gate.eyes import detect, embed, landmarks, pad
from edge.rollcall_gate.ports import NetworkForm
from models.graph.fold import fold, without_input_normalisation
from models.graph.onnx_layers import read_layers
from models.graph.tflite_writer import write_network
from models.sources import load_sources

FLOAT: Final = "float"
INT8: Final = "int8"
RANGES: Final = Path(__file__).with_name("ranges")


@dataclass(frozen=True, slots=True)
class Network:
    """One network. The hashes (hex) are those of CACHE/float/NAME.tflite, models/ranges/NAME.json and
    CACHE/int8/NAME.tflite.

    source: place in the cache. to_float: source -> the float file's bytes, the same on every machine.
    extremes: which of the calibration pictures' extremes makes a tensor's range. Geometry and attacks need
    the largest; the embedder keeps more of its resolution with the mean (ADR-0009).
    judges_walls: it must be able to say that nobody is there, so its outputs are calibrated on walls too.
    """

    form: NetworkForm
    source: str
    to_float: Callable[[Path], bytes]
    float_sha256: str
    ranges_sha256: str
    int8_sha256: str
    extremes: Literal["largest", "mean"]
    judges_walls: bool = False

    @property
    def name(self) -> str:
        return self.form.name

    @property
    def source_sha256(self) -> str:
        """As pinned in sources.toml."""
        files = (file for package in load_sources() for file in package.files)
        return next(file.sha256 for file in files if str(file.to) == self.source)

    @property
    def ranges(self) -> Path:
        """Where the range of every tensor is committed."""
        return RANGES / f"{self.name}.json"

    @property
    def input_range(self) -> tuple[float, float]:
        """What pixels 0 and 255 become, moved by half a step where zero would fall between two steps.

        An int8 input is then pixel - 128 for every network; half a step of brightness changes nothing.
        """
        scale = self.form.scale
        lowest = math.floor(self.form.shift / scale + 1e-9) * scale
        return lowest, lowest + 255 * scale


def convert_sface(source: Path) -> bytes:
    """ONNX -> float TFLite. Input RGB, (pixel - 127.5) / 128; output `embedding` (1, 128), not normalised."""
    return write_network(
        fold(without_input_normalisation(read_layers(source))),
        description="SFace, float32",
        input_shape=(1, embed.FORM.side_px, embed.FORM.side_px, 3),
        output="embedding",
    )


def convert_minifasnet(source: Path) -> bytes:
    """ONNX -> float TFLite. Input BGR, 0..255; output `logits` (1, 3), without the softmax."""
    return write_network(
        fold(read_layers(source)),
        description="MiniFASNet-SE, float32",
        input_shape=(1, pad.SIDE_PX, pad.SIDE_PX, 3),
        output="logits",
    )


DETECTOR: Final = Network(
    detect.FORM,
    "sources/blazeface_full_range.tflite",
    Path.read_bytes,
    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    "612b615377dd1f001fa148753b8109d68b95c180d9e69e7cf8dabf723a48e184",
    "9b62b65f99db4942a052ec136188f4a3162351fc72342c01e02b697c2674dd7a",
    "largest",
)
LANDMARKS: Final = Network(
    landmarks.FORM,
    "sources/face_landmark.tflite",
    Path.read_bytes,
    "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    "720214b3f18210767965c89e4d4d6a61919a9e70fd8135b073b383e6a51c6110",
    "846ddcdd8bf5891a5860807b98541dea8804f4ac93b03c60f4352f0b25fcbe8e",
    "largest",
    judges_walls=True,
)
EMBEDDER: Final = Network(
    embed.FORM,
    "sources/sface_2021dec_int8bq.onnx",
    convert_sface,
    "977f1f4479e8527a747cd115324ec66745861663dedf4b6adf21f7b8b3033e88",
    "3c2c4c7023636bc416806cdeef81d6416a8dbfb5e96dcdb9bcb074d3b75b3e02",
    "d13e0ba25bc0f3b95edd950a7b59d002112e93e00c316df5dc5f903b38bdea1e",
    "mean",
)
PAD: Final = Network(
    pad.FORM,
    "sources/minifasnet_se.onnx",
    convert_minifasnet,
    "34c52ca3415cc9423cece7292fb0ffeef846bcc6dc6f2edb07d3ec4b1772f2ad",
    "3e1c0b2a1ed013f821703051f366e7b58060aa02dfc891fb302c3d2e4577d0cf",
    "945dce89d006ca44bb021af9eb1648a422d4aa2bc8a3cf4a41f8855c10f29756",
    "largest",
)
NETWORKS: Final = (DETECTOR, LANDMARKS, EMBEDDER, PAD)
