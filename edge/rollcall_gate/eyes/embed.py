"""Aligned face -> embedding, with SFace (models/cards/embedder.md)."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import EMBEDDING_DIMS, FACE_SIDE_PX, AlignedFace, EmbedderId, Embedding
from edge.rollcall_gate.ports import Inference, NetworkForm

FORM: Final = NetworkForm("embedder", FACE_SIDE_PX, (EMBEDDING_DIMS,), 1 / 128, -127.5 / 128)
NORM_MIN: Final = 1e-6


class Embedder:
    """The one network whose outputs are compared; its identity travels with every embedding."""

    def __init__(self, network: Inference) -> None:
        self._network = network
        self.id = EmbedderId(network.model_sha256, network.runtime)

    def embed(self, face: AlignedFace) -> Embedding:
        """Unit-length embedding of one face, RGB. Raises ValueError when it has no direction."""
        vector = self._network.run(face.pixels)[0].reshape(EMBEDDING_DIMS)
        return unit(vector, self.id)


def unit(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]], embedder: EmbedderId) -> Embedding:
    """Scale to unit length. Raises ValueError for a vector that has no direction (zero or not finite)."""
    norm = math.sqrt(float(vector @ vector))
    if not math.isfinite(norm) or norm < NORM_MIN:
        raise ValueError("an embedding without direction cannot be compared")
    return Embedding(vector / np.float32(norm), embedder)


def fuse(embeddings: Sequence[Embedding]) -> Embedding:
    """Mean direction of several embeddings of one person. Raises ValueError for different embedders."""
    if len({e.embedder for e in embeddings}) != 1:
        raise ValueError("only embeddings of one model and runtime can be fused")
    if len(embeddings) == 1:
        return embeddings[0]
    return unit(np.mean([e.vector for e in embeddings], axis=0, dtype=np.float32), embeddings[0].embedder)
