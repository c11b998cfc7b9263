"""Probe x gallery -> the two nearest members. Exact: a congress is small enough for a matrix product."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.who.gallery import Gallery
from wire.ids import MemberRef


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member and the comparison score, cosine -1..1."""

    member: MemberRef
    score: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """The nearest member and the runner-up; None where the gallery has none."""

    best: Candidate | None
    runner_up: Candidate | None


def compare(probe: Embedding, gallery: Gallery) -> Candidates:
    """The two best members. Raises ValueError when probe and gallery come from different embedders."""
    if probe.embedder != gallery.embedder:
        raise ValueError("probe and gallery come from different models or runtimes")
    if not len(gallery):
        return Candidates(None, None)
    # Not `@`: BLAS shares so large a product among its threads, and while other programs hold the processors
    # it waits a whole slice of the scheduler's for them, 8 ms instead of 0.2. einsum stays in this thread.
    scores = np.einsum("ij,j->i", gallery.matrix, probe.vector)
    best = int(scores.argmax())
    winner = Candidate(gallery.members[best], float(scores[best]))
    if len(gallery) == 1:
        return Candidates(winner, None)
    scores[best] = -np.inf
    second = int(scores.argmax())
    return Candidates(winner, Candidate(gallery.members[second], float(scores[second])))


def least_similarity(embeddings: Sequence[Embedding]) -> float:
    """Lowest cosine between any two of them; 1 for a single one.

    Not against their mean: of two orthogonal vectors each is .71 similar to the mean, so two strangers would
    agree.
    """
    if len(embeddings) == 1:
        return 1.0
    vectors = np.stack([embedding.vector for embedding in embeddings])
    return min(1.0, float((vectors @ vectors.T).min()))


def similarity(one: Embedding, other: Embedding) -> float:
    """Cosine of two embeddings of the same embedder, -1..1. Raises ValueError for different ones."""
    if one.embedder != other.embedder:
        raise ValueError("embeddings of different models or runtimes cannot be compared")
    return float(one.vector @ other.vector)
