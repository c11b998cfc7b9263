"""Look at photographs with the gate's own eyes, and print what was seen: one JSON object a line.

The shape is that of `hallward gate replay --json`; `member` is the number of the photograph that looks most
alike among the others. Embeddings are printed, so the output is for a comparison and not for keeping.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import models_in, open_pipeline
from edge.rollcall_gate.frames import Embedding


def look(pipeline: Pipeline, photograph: Path) -> tuple[str, Embedding | None]:
    """What the gate would say of one photograph, and its embedding when a face was found."""
    frame = load_frame(photograph, captured_ms=0)
    view = pipeline.view(frame)
    if view is None:
        return "nobody", None
    probe = pipeline.embed(view)
    return " ".join(["seen", *(fault.value for fault in view.faults)]), probe


def nearest(at: int, probes: Sequence[Embedding | None]) -> tuple[int | None, float | None]:
    """Number and cosine of the other photograph that looks most alike."""
    probe = probes[at]
    if probe is None:
        return None, None
    scores = [
        (float(probe.vector @ other.vector), number)
        for number, other in enumerate(probes)
        if other is not None and number != at
    ]
    score, number = max(scores, default=(None, None))
    return number, score


def main(words: Sequence[str]) -> int:
    """Exit status 0. Raises ModelError, CameraError."""
    parser = argparse.ArgumentParser(prog="look.py", description="Look at photographs as a gate does.")
    parser.add_argument("models", type=Path)
    parser.add_argument("photographs", type=Path, nargs="+")
    wanted = parser.parse_args(words)
    pipeline = open_pipeline(models_in(wanted.models))
    seen, took_ms = [], []
    for photograph in wanted.photographs:
        start = time.perf_counter()
        seen.append(look(pipeline, photograph))
        took_ms.append((time.perf_counter() - start) * 1000)
    probes = [probe for _, probe in seen]
    for at, (said, probe) in enumerate(seen):
        member, score = nearest(at, probes)
        line = {"at_ms": at, "decision": said, "member": member, "method": "face", "score": score}
        vector = probe.vector.tolist() if probe else None
        print(json.dumps({**line, "took_ms": round(took_ms[at], 1), "embedding": vector}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
