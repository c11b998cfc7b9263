"""Does the converted embedder compute what its source computes, on this machine, in this runtime?

The pinned hash says that the bytes are right; this says that the runtime is. golden_embedding.json was
computed from the ONNX source by ONNX Runtime 1.31, on reference_pattern(), scaled to unit length, in
millionths.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np

from edge.rollcall_gate.embed import Embedder
from edge.rollcall_gate.frames import FACE_SIDE_PX, AlignedFace, Floats
from edge.rollcall_gate.ports import Inference
from models.errors import ModelsUntrusted

COSINE_MIN: Final = 0.9999
_GOLDEN: Final = Path(__file__).with_name("golden_embedding.json")


def reference_pattern() -> AlignedFace:
    """A 112x112 picture made of integer arithmetic alone, with gradients at every scale."""
    y, x, channel = np.mgrid[0:FACE_SIDE_PX, 0:FACE_SIDE_PX, 0:3]
    return AlignedFace(((y * y // 16 + x * (channel + 2) + y * x // 64) % 256).astype(np.uint8))


def golden_vector() -> Floats:
    """Expected embedding of the pattern, float32 (128,), unit length to six digits."""
    return np.array(json.loads(_GOLDEN.read_text("utf-8")), np.float32) / np.float32(1e6)


def check_embedder(network: Inference) -> float:
    """Cosine of the network's embedding to the golden one. Raises ModelsUntrusted below COSINE_MIN."""
    embedding = Embedder(network).embed(reference_pattern())
    cosine = float(embedding.vector @ golden_vector())
    if cosine < COSINE_MIN:
        raise ModelsUntrusted(
            f"the embedder computes something else here (cosine {cosine:.4f}, {network.runtime}); "
            "do not enrol on this machine; run `make setup` to get the pinned runtime"
        )
    return cosine
