"""Fetched networks -> the three files a gate loads, checked by hash and by what they compute."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.cache import sha256_of, write_whole
from models.errors import ModelsMissing, ModelsUntrusted
from models.fold import fold
from models.onnx_layers import Convolution, Layer, Slope, read_layers
from models.tflite_graph import TfliteGraph

INPUT_SHAPE: Final = (1, 112, 112, 3)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One output file, the SHA-256 it must have (hex), and how its bytes are made from the source file."""

    source: str
    output: str
    sha256: str
    make: Callable[[Path], bytes]


def convert_sface(source: Path) -> bytes:
    """De-quantise, fold, and write SFace as float32 TFLite; the same bytes on every machine."""
    return write_embedder(read_layers(source))


def write_embedder(layers: list[Layer]) -> bytes:
    """Layers of the ONNX file -> TFLite.

    Input float32 (1, 112, 112, 3), RGB, (pixel - 127.5) / 128; output `embedding` (1, 128), not normalised.
    """
    graph = TfliteGraph("SFace, float32", INPUT_SHAPE)
    for layer in fold(layers):
        if isinstance(layer, Convolution):
            if any(layer.pads):
                graph.pad(*layer.pads)
            depthwise = layer.groups > 1
            convolve = graph.convolve_depthwise if depthwise else graph.convolve
            convolve(layer.weight, layer.bias, layer.stride)
        elif isinstance(layer, Slope):
            graph.slope(layer.alpha)
        else:
            # The source flattened channels first; here they are last.
            _, height, width, channels = graph.shape
            outputs = layer.weight.shape[0]
            weight = layer.weight.reshape(outputs, channels, height, width).transpose(0, 2, 3, 1)
            graph.dense(weight.reshape(outputs, -1), layer.bias)
    return graph.finish("embedding")


DETECTOR: Final = Conversion(
    "sources/blazeface_full_range.tflite",
    "blazeface_full_range.tflite",
    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    Path.read_bytes,
)
LANDMARKS: Final = Conversion(
    "sources/face_landmark.tflite",
    "face_landmark.tflite",
    "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    Path.read_bytes,
)
EMBEDDER: Final = Conversion(
    "sources/sface_2021dec_int8bq.onnx",
    "sface_float32.tflite",
    "75e4214ef5a3221e28464fd990714925f79c8f93e5296f91c7ee3abee8f3e760",
    convert_sface,
)
CONVERSIONS: Final = (DETECTOR, LANDMARKS, EMBEDDER)


def convert_one(conversion: Conversion, cache: Path) -> bool:
    """Make one output unless it is there already; True when it was made.

    Raises: ModelsMissing when its source was not fetched; ModelsUntrusted when the bytes are not the pinned
    ones.
    """
    output = cache / conversion.output
    if sha256_of(output) == conversion.sha256:
        return False
    source = cache / conversion.source
    if not source.is_file():
        raise ModelsMissing(f"{source} is not there; run `hallward models fetch` first")
    write_pinned(output, conversion.make(source), conversion.sha256)
    return True


def write_pinned(path: Path, content: bytes, sha256: str) -> None:
    """Write only the bytes that were pinned. Raises ModelsUntrusted for others, and leaves what was there."""
    made = hashlib.sha256(content).hexdigest()
    if made != sha256:
        raise ModelsUntrusted(
            f"{path.name}: the conversion gave SHA-256 {made}, not {sha256} as pinned in models/convert.py; "
            "a library is not the pinned one: run `make setup`, then `hallward models convert` again"
        )
    write_whole(path, content)
