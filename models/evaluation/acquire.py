"""Photographs -> embeddings, through the pipeline of the gate. What gives none is kept and counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import EMBEDDING_DIMS, Floats

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Acquired:
    """`embeddings` float32 (N, 128), unit rows; zeros where `acquired`, bool (N,), is False.

    `faults[i]`: why the gate would have asked for another look, gravest first; empty when it would not.
    """

    names: tuple[str, ...]
    embeddings: Floats
    acquired: Bools
    faults: tuple[tuple[Fault, ...], ...]

    @property
    def failures(self) -> int:
        """Failures to acquire: photographs without a face, or without an embedding."""
        return int((~self.acquired).sum())

    @property
    def refused(self) -> Bools:
        """bool (N,): embedded here, and refused by the gate's quality limits."""
        return self.acquired & np.array([bool(wrong) for wrong in self.faults], np.bool_)

    def refusals(self) -> dict[Fault, int]:
        """How many photographs the gate would refuse for each fault, by their gravest one."""
        found = Counter(wrong[0] for wrong, no in zip(self.faults, self.refused, strict=True) if no)
        return {fault: found[fault] for fault in Fault if found[fault]}

    def within_limits(self) -> Self:
        """The same photographs, where a quality refusal is a failure to acquire: one look at a gate."""
        acquired = self.acquired & ~self.refused
        embeddings = np.where(acquired[:, None], self.embeddings, np.float32(0))
        return type(self)(self.names, embeddings, acquired, self.faults)


def acquire(pipeline: Pipeline, folder: Path, names: Iterable[str]) -> Acquired:
    """Look at each photograph once, embedding whatever can be embedded.

    `names` may be wrapped in a progress bar. Raises CameraError naming a file that is no photograph.
    """
    seen: list[str] = []
    rows: list[Floats] = []
    acquired: list[bool] = []
    faults: list[tuple[Fault, ...]] = []
    for name in names:
        view = pipeline.view(load_frame(folder / name, 0))
        found = pipeline.embed(view) if view else None
        seen.append(name)
        rows.append(found.vector if found else np.zeros(EMBEDDING_DIMS, np.float32))
        acquired.append(found is not None)
        faults.append(view.faults if view else ())
    embeddings = np.stack(rows) if rows else np.zeros((0, EMBEDDING_DIMS), np.float32)
    return Acquired(tuple(seen), embeddings, np.array(acquired, np.bool_), tuple(faults))
