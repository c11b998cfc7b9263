"""Embeddings made up for tests: persons are directions, photographs scatter around them."""

from collections.abc import Sequence

import numpy as np

from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import EMBEDDING_DIMS, Floats
from models.evaluation.acquire import Acquired
from models.evaluation.persons import Persons, persons_of


def unit_rows(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def acquired_of(
    names: Sequence[str], rows: Floats, failed: Sequence[str] = (), blurred: Sequence[str] = ()
) -> Acquired:
    """Every named photograph with its row; the failed ones without."""
    got = np.array([name not in failed for name in names], np.bool_)
    faults = tuple((Fault.BLURRED,) if name in blurred else () for name in names)
    return Acquired(tuple(names), np.where(got[:, None], rows, np.float32(0)), got, faults)


def crowd(
    seed: int, photographs: Sequence[int], *, scatter: float = 0.06, failed: int = 0
) -> tuple[Acquired, Persons]:
    """photographs[i] of person i, shuffled; `failed` of them, by lot, were not acquired."""
    rng = np.random.default_rng(seed)
    names = [f"p{i:03d}_{n:04d}.jpg" for i, count in enumerate(photographs) for n in range(count)]
    centres = unit_rows(rng.normal(size=(len(photographs), EMBEDDING_DIMS)).astype(np.float32))
    owner = np.repeat(np.arange(len(photographs)), photographs)
    rows = unit_rows(
        (centres[owner] + scatter * rng.normal(size=(len(names), EMBEDDING_DIMS))).astype(np.float32)
    )
    order = rng.permutation(len(names))
    shuffled = [names[i] for i in order]
    found = acquired_of(shuffled, rows[order], failed=shuffled[:failed])
    return found, persons_of(found.names)


def at_angles(**radians: float) -> tuple[list[str], Floats]:
    """Photographs in one plane: the cosine of two is that of the difference of their angles."""
    rows = np.zeros((len(radians), EMBEDDING_DIMS), np.float32)
    for i, angle in enumerate(radians.values()):
        rows[i, :2] = np.cos(angle), np.sin(angle)
    return [f"{name}.jpg" for name in radians], rows
