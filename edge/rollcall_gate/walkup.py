"""One walk-up to the camera, from the first face to a decision, as a pure step function.

idle ------ a face --------> looking
looking --- enough probes --> decided
looking --- 3 s -----------> decided with what there is; nobody waits for a machine
looking --- nobody for 1 s -> idle again, or decided when no sample was good: they turn to the display
"""

from dataclasses import dataclass, replace
from typing import Final

from edge.rollcall_gate.decide import DEFAULT, Decision, Sample, Thresholds, decide, enough
from edge.rollcall_gate.gallery import Gallery

GONE_AFTER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class WalkUp:
    """began_ms: when the first face was seen, None while idle; seen_ms: the last one. Monotonic."""

    samples: tuple[Sample, ...] = ()
    began_ms: int | None = None
    seen_ms: int = 0


IDLE: Final = WalkUp()


@dataclass(frozen=True, slots=True)
class WalkUpStep:
    """decision is None while there is nothing to say; with one, the walk-up is idle again."""

    walkup: WalkUp
    decision: Decision | None = None


def observe(
    walkup: WalkUp, sample: Sample | None, now_ms: int, gallery: Gallery, thresholds: Thresholds = DEFAULT
) -> WalkUpStep:
    """Take one frame's sample, or None when time has merely passed."""
    if sample is not None and (sample.probe is not None or sample.fault is not None):
        began_ms = now_ms if walkup.began_ms is None else walkup.began_ms
        walkup = replace(walkup, samples=(*walkup.samples, sample), began_ms=began_ms, seen_ms=now_ms)
    if walkup.began_ms is None:
        return WalkUpStep(IDLE)
    time_is_up = now_ms - walkup.began_ms >= thresholds.decide_within_ms
    if enough(walkup.samples, thresholds) or time_is_up:
        return WalkUpStep(IDLE, decide(walkup.samples, gallery, thresholds))
    if now_ms - walkup.seen_ms < GONE_AFTER_MS:
        return WalkUpStep(walkup)
    unfit = all(sample.probe is None for sample in walkup.samples)
    return WalkUpStep(IDLE, decide(walkup.samples, gallery, thresholds) if unfit else None)
