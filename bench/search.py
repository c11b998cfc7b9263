"""One probe against every enrolled reference of a congress: exact, in the gate's own code (DESIGN §12)."""

import time
from typing import Final

import numpy as np

from bench.crowd import no_collection
from bench.rows import Row, at_most, median
from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId
from edge.rollcall_gate.who.compare import compare
from edge.rollcall_gate.who.gallery import Gallery, Reference
from wire.ids import MEMBER_REF_BYTES, MemberRef

BUDGET_MS: Final = 0.3
REFERENCES: Final = 20_000


def measure(rounds: int, references: int = REFERENCES) -> list[Row]:
    """One reference a member, the dearest case: several of one member are fused into one row."""
    random = np.random.default_rng(7)
    embedder = EmbedderId(bytes(32), "bench")
    vectors = random.standard_normal((references + 1, EMBEDDING_DIMS), dtype=np.float32)
    gallery = Gallery.of(
        embedder,
        (
            Reference(MemberRef(number.to_bytes(MEMBER_REF_BYTES, "big")), unit(vector, embedder))
            for number, vector in enumerate(vectors[1:])
        ),
    )
    probe = unit(vectors[0], embedder)
    spent_ms = []
    with no_collection():
        for _ in range(rounds):
            before = time.perf_counter_ns()
            compare(probe, gallery)
            spent_ms.append((time.perf_counter_ns() - before) / 1e6)
    return [at_most(f"1:N over {references:,} references", median(spent_ms), "ms", BUDGET_MS)]
