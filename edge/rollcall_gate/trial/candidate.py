"""The self-test of candidate networks, beside those in force: form, golden outputs, time, memory.

Runs in a process of its own (adapters/apart.py): a runtime that dies of a file takes nobody with it, and its
memory is counted by itself.
"""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from edge.device.adapters.system_gauges import SystemGauges
from edge.device.errors import UpdateRefused
from edge.rollcall_gate.errors import ModelError, WrongShape
from edge.rollcall_gate.eyes import detect, embed, landmarks, pad
from edge.rollcall_gate.eyes.vision import ModelFiles, Runtime, models_in, open_pipeline
from edge.rollcall_gate.ports import Inference
from edge.rollcall_gate.trial.golden import GOLDEN_FILE, PPM, compared, read_golden, reference_picture

SIDES_PX: Final = {form.name: form.side_px for form in (detect.FORM, landmarks.FORM, embed.FORM, pad.FORM)}
ROUNDS_MIN: Final = 10
_NICE: Final = 10
_MEGABYTE_KB: Final = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """rounds: of each network, the 95th percentile counts; fewer, but ROUNDS_MIN, when they take longer than
    round_s for one network. latency_permille: of what the present ones take. looks: so often may a busy
    machine make it look slower, up to hopeless_permille. memory_kb: that the candidates take. available_kb:
    that must be left on the machine."""

    rounds: int = 40
    round_s: float = 2.0
    latency_permille: int = 1500
    hopeless_permille: int = 2000
    looks: int = 3
    memory_kb: int = 96 * _MEGABYTE_KB
    available_kb: int = 80 * _MEGABYTE_KB


@dataclass(frozen=True, slots=True)
class Loaded:
    """Networks by name, and what memory they took, KiB; None: not to be read."""

    networks: Mapping[str, Inference]
    memory_kb: int | None = None


def load(files: ModelFiles, runtime: Runtime) -> Loaded:
    """All of them, run once, so that they stand in memory as they will. Raises ModelError."""
    networks: dict[str, Inference] = {}

    def keep(name: str, network: Inference) -> Inference:
        networks[name] = network
        return network

    before_kb = _rss_kb()
    open_pipeline(files, runtime, around=keep)
    for name, network in networks.items():
        network.run(reference_picture(SIDES_PX[name]))
    after_kb = _rss_kb()
    taken_kb = None if before_kb is None or after_kb is None else max(0, after_kb - before_kb)
    return Loaded(networks, taken_kb)


def examine(
    present: ModelFiles, folder: Path, runtime: Runtime, limits: Limits, available_kb: int | None
) -> dict[str, int]:
    """Readings of the candidates in this folder. available_kb: of the machine's memory now. Raises
    UpdateRefused, its readings as far as it came; ModelError when those in force cannot be loaded."""
    began_s = time.monotonic()
    readings: dict[str, int] = {}
    beside = load(present, runtime)
    candidates = _candidates(folder, runtime, beside.networks)
    readings["golden-distance-ppm"] = _as_golden(candidates.networks, folder)
    if candidates.memory_kb is not None:
        readings["memory-kb"] = candidates.memory_kb
        left_kb = None if available_kb is None else available_kb - candidates.memory_kb
        if candidates.memory_kb > limits.memory_kb or (left_kb is not None and left_kb < limits.available_kb):
            left = "" if left_kb is None else f", and would leave {left_kb // _MEGABYTE_KB} MB"
            raise UpdateRefused(
                "memory",
                f"the networks take {candidates.memory_kb // _MEGABYTE_KB} MB of at most "
                f"{limits.memory_kb // _MEGABYTE_KB}{left}; make smaller ones",
                readings,
            )
    timed = _faster_enough(beside.networks, candidates.networks, limits)
    readings |= {"latency-before-us": timed.before_us, "latency-after-us": timed.after_us}
    readings["self-test-ms"] = round((time.monotonic() - began_s) * 1000)
    if not timed.within(limits.latency_permille):
        raise UpdateRefused(
            "latency",
            f"the networks take {timed.after_us} us for a face, those in force {timed.before_us} us; at most "
            f"{limits.latency_permille / 1000:g} times as long is allowed",
            readings,
        )
    return readings


def _candidates(folder: Path, runtime: Runtime, present: Mapping[str, Inference]) -> Loaded:
    try:
        found = load(models_in(folder), runtime)
    except WrongShape as err:
        raise UpdateRefused("wrong-shape", err.what) from err
    except ModelError as err:
        raise UpdateRefused("self-test", err.what) from err
    missing = sorted(present.keys() - found.networks.keys())
    if missing:
        raise UpdateRefused("wrong-shape", f"there is no {missing[0]} among the networks; one is in force")
    return found


def _as_golden(networks: Mapping[str, Inference], folder: Path) -> int:
    """Distance to the golden outputs in ppm. Raises UpdateRefused."""
    try:
        table = read_golden(folder / GOLDEN_FILE)
        found = [compared(network, name, SIDES_PX[name], table) for name, network in networks.items()]
    except ModelError as err:
        raise UpdateRefused("golden-outputs", err.what) from err
    return round(max(found) * PPM)


@dataclass(frozen=True, slots=True)
class Timed:
    """Processor time of all networks for one face, 95th percentile of each, microseconds."""

    before_us: int
    after_us: int

    def within(self, permille: int) -> bool:
        return self.after_us * 1000 <= self.before_us * permille


def _faster_enough(
    present: Mapping[str, Inference], candidates: Mapping[str, Inference], limits: Limits
) -> Timed:
    """The first look that is within the limit, or so far off that no busy machine explains it; or the
    last one."""
    timed = Timed(0, 1)
    for _ in range(limits.looks):
        timed = _time(present, candidates, limits)
        if timed.within(limits.latency_permille) or not timed.within(limits.hopeless_permille):
            break
    return timed


def _time(present: Mapping[str, Inference], candidates: Mapping[str, Inference], limits: Limits) -> Timed:
    """In turns, so that a machine that is busy for a while slows both."""
    spent = _Spent()
    for name, candidate in candidates.items():
        shown = reference_picture(SIDES_PX[name])
        until_s = time.thread_time() + limits.round_s
        for done in range(limits.rounds):
            if done >= ROUNDS_MIN and time.thread_time() > until_s:
                break
            for where, network in ((spent.before, present.get(name)), (spent.after, candidate)):
                if network is None:
                    continue
                began_s = time.thread_time()
                network.run(shown)
                where.setdefault(name, []).append(time.thread_time() - began_s)
    return Timed(_sum_us(spent.before), _sum_us(spent.after))


@dataclass(frozen=True, slots=True)
class _Spent:
    before: dict[str, list[float]] = field(default_factory=dict)
    after: dict[str, list[float]] = field(default_factory=dict)


def _sum_us(spent: Mapping[str, Sequence[float]]) -> int:
    return round(sum(sorted(each)[len(each) * 95 // 100] for each in spent.values()) * 1e6)


def _rss_kb() -> int | None:
    return SystemGauges(Path("/")).read().rss_kb


# -- as a process ------------------------------------------------------------------------------------------


def main(words: Sequence[str]) -> int:
    """PRESENT CANDIDATE litert|tflite AVAILABLE_KB (0: not known): one JSON object on standard output."""
    present, folder, runtime, available_kb = words
    with suppress(OSError):
        os.nice(_NICE)  # the lane goes first
    answer: dict[str, object]
    try:
        files, left_kb = models_in(Path(present)), int(available_kb) or None
        readings = examine(files, Path(folder), cast("Runtime", runtime), Limits(), left_kb)
        answer = {"readings": readings}
    except UpdateRefused as err:
        answer = {"cause": err.cause, "what": err.what, "readings": dict(err.readings)}
    except ModelError as err:
        what = f"those in force cannot be loaded beside them: {err.what}"
        answer = {"cause": "self-test", "what": what, "readings": {}}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
