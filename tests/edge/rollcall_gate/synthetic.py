"""Embeddings and members made of numbers, for tests of what happens after the networks."""

import numpy as np

from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId, Embedding
from wire.ids import MemberRef

EMBEDDER = EmbedderId(bytes(range(32)), "test-runtime 1")


def member(number: int) -> MemberRef:
    return MemberRef(bytes([number]) * 16)


def at_angle(degrees: float, axis: int = 1, embedder: EmbedderId = EMBEDDER) -> Embedding:
    """`degrees` from the first axis towards another; two on one axis have the cosine of their difference."""
    vector = np.zeros(EMBEDDING_DIMS, np.float32)
    vector[0], vector[axis] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return unit(vector, embedder)
