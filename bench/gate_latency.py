"""Gate: time from frame to decision against the sum of its model times, and resident memory, in one run.

python -m bench.gate_latency PHOTOGRAPH [--cache DIR] [--rounds N]

Model times are taken inside the very same calls, around each inference, and all times are CPU times of
the one thread that does the work, so that a busy machine does not decide; the median of
the ratios per frame counts.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.device.adapters.system_gauges import SystemGauges
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.decide import Admitted, decide
from edge.rollcall_gate.embed import unit
from edge.rollcall_gate.frames import EMBEDDING_DIMS, Floats, Frame
from edge.rollcall_gate.gallery import Gallery, Reference
from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.ports import Inference
from models.cache import cache_folder
from models.commands import model_files
from wire.errors import HallError
from wire.ids import MemberRef

OVERHEAD_BUDGET = 0.10
RSS_BUDGET_MB = 200
ROSTER = 2_000
CAMERA_PX = (640, 480)
WARM_UP = 5


class Timed:
    """An Inference that adds up the time spent inside it."""

    def __init__(self, network: Inference) -> None:
        self._network = network
        self.model_sha256, self.runtime = network.model_sha256, network.runtime
        self.input_shape = network.input_shape
        self.spent_s = 0.0

    def run(self, tensor: Floats) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], ...]:
        began = time.thread_time()
        outputs = self._network.run(tensor)
        self.spent_s += time.thread_time() - began
        return outputs


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds, in milliseconds; `overhead` is (total - models) / models; memory in MB."""

    total_ms: float
    models_ms: float
    overhead: float
    rss_mb: float


def measure(frame: Frame, cache: Path, rounds: int) -> Measured:
    """Decide about one frame over and over, against a roster of ROSTER strangers and the person in it."""
    files = model_files(cache)
    networks = [Timed(LitertInference(file)) for file in (files.detector, files.landmarks, files.embedder)]
    pipeline = Pipeline(
        detector=networks[0], landmarks=networks[1], embedder=networks[2], optics=OpencvOptics()
    )
    probe = pipeline.sample(frame).probe
    if probe is None:
        raise SystemExit("no usable face in the photograph")
    rng = np.random.default_rng(1)
    strangers = (
        Reference(MemberRef(n.to_bytes(16, "big")), unit(vector, pipeline.embedder))
        for n, vector in enumerate(rng.normal(size=(ROSTER, EMBEDDING_DIMS)).astype(np.float32), start=1)
    )
    gallery = Gallery.of(pipeline.embedder, [Reference(MemberRef(bytes(16)), probe), *strangers])
    totals, models = [], []
    for _ in range(WARM_UP + rounds):
        for network in networks:
            network.spent_s = 0.0
        began = time.thread_time()
        decision = decide([pipeline.sample(frame)], gallery)
        totals.append(time.thread_time() - began)
        models.append(sum(network.spent_s for network in networks))
        assert isinstance(decision, Admitted)
    totals, models = totals[WARM_UP:], models[WARM_UP:]
    ratios = [total / model - 1 for total, model in zip(totals, models, strict=True)]
    rss_kb = SystemGauges(Path()).read().rss_kb or 0
    return Measured(
        statistics.median(totals) * 1000,
        statistics.median(models) * 1000,
        statistics.median(ratios),
        rss_kb / 1024,
    )


def camera_frame(photograph: Frame) -> Frame:
    """The photograph as a gate's camera would show it: in the middle of CAMERA_PX, on grey."""
    width, height = CAMERA_PX
    scale = min(width / photograph.width_px, height / photograph.height_px)
    size = round(photograph.width_px * scale), round(photograph.height_px * scale)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    pixels = np.full((height, width, 3), 96, np.uint8)
    pixels[top : top + size[1], left : left + size[0]] = OpencvOptics().resize(photograph.pixels, *size)
    return Frame(pixels, 0)


def rows(found: Measured) -> list[dict[str, object]]:
    """For bench/results.json."""
    return [
        {
            "name": "gate: frame to decision, beyond its model times",
            "value": round(found.overhead * 100, 1),
            "unit": "%",
            "budget": OVERHEAD_BUDGET * 100,
            "ok": found.overhead <= OVERHEAD_BUDGET,
        },
        {
            "name": "gate: resident memory, three networks and a roster",
            "value": round(found.rss_mb),
            "unit": "MB",
            "budget": RSS_BUDGET_MB,
            "ok": found.rss_mb <= RSS_BUDGET_MB,
        },
    ]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photograph", type=Path)
    parser.add_argument("--cache", type=Path, default=cache_folder(os.environ))
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args(argv)
    try:
        frame = camera_frame(load_frame(arguments.photograph, 0))
        found = measure(frame, arguments.cache, arguments.rounds)
    except HallError as err:
        print(err.diagnostics(), file=sys.stderr)
        return 1
    print(f"frame to decision {found.total_ms:.1f} ms, of that in the networks {found.models_ms:.1f} ms")
    for row in rows(found):
        verdict = "ok" if row["ok"] else "MISSED"
        print(f"{row['name']}: {row['value']} {row['unit']} (budget {row['budget']}) {verdict}")
    return 0 if all(row["ok"] for row in rows(found)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
