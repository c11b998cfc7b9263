"""Bad models, made of the real TFLite files, before a gate: at which step each is stopped, and for what.

Self-test in a process of its own, then beside the networks in force on recorded frames, as a gate does it. In
the same run: what the lane's own work takes with and without a shadow run beside it.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Final

from bench.rows import Row, at_least, median, told
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.errors import UpdateRefused
from edge.rollcall_gate.adapters.apart import Apart
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.track import EVERYWHERE
from edge.rollcall_gate.eyes.vision import models_in, open_pipeline
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial.agreement import Rules
from edge.rollcall_gate.trial.shadow import Eyes, ShadowRun, Sides
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from models.places import package_folder, shipped_photographs
from tests.edge.rollcall_gate.updates import bad_models
from tests.edge.rollcall_gate.updates.live_frames import walking_past

GOOD: Final = (bad_models.good, bad_models.other_embedder)
BAD: Final = (
    bad_models.slower,
    bad_models.disagreeing,
    bad_models.blind,
    bad_models.another_embedder_of_noise,
    bad_models.everybody_is_one,
    bad_models.wrong_shape,
    bad_models.wrong_golden,
    bad_models.damaged,
)
IN_FORCE: Final = "-"


@dataclass(frozen=True, slots=True)
class Verdict:
    """step: where it was stopped, IN_FORCE when nowhere. readings: of that step, or of the last one."""

    name: str
    step: str
    cause: str
    readings: Mapping[str, int] = field(default_factory=dict)

    def line(self) -> str:
        told_of = ", ".join(f"{name} {value}" for name, value in self.readings.items())
        return f"{self.name:<26} {self.step:<10} {self.cause:<15} {told_of}".rstrip()


def measure(cache: Path, frames_count: int) -> list[Row]:
    """Every model through every step. frames_count: of a whole shadow run."""
    present = package_folder(cache)
    frames = list(walking_past(shipped_photographs(cache), frames_count))
    rules = Rules(frames=frames_count, every=1)
    with tempfile.TemporaryDirectory() as scratch:
        verdicts = [
            _verdict(make, Path(scratch) / make.__name__, present, frames, rules) for make in (*GOOD, *BAD)
        ]
        print(f"{'models':<26} {'stopped at':<10} {'cause':<15} readings")
        for verdict in verdicts:
            print(verdict.line())
        alone, beside = _lane_ms(present, Path(scratch) / bad_models.good.__name__, frames)
    stopped = sum(verdict.step != IN_FORCE for verdict in verdicts[len(GOOD) :])
    passed = sum(verdict.step == IN_FORCE for verdict in verdicts[: len(GOOD)])
    return [
        at_least("bad models stopped before they are in force", stopped, f"of {len(BAD)}", len(BAD)),
        at_least("good models that pass", passed, f"of {len(GOOD)}", len(GOOD)),
        told("frames until an attack detector that disagrees is stopped", _frames(verdicts, 3), ""),
        told("gate: a frame in the lane, no shadow run", alone, "ms"),
        told("gate: a frame in the lane, a shadow run beside it", beside, "ms"),
    ]


def _frames(verdicts: Sequence[Verdict], place: int) -> int:
    return verdicts[place].readings.get("frames", 0)


def _verdict(
    make: Callable[[Path], Path], folder: Path, present: Path, frames: Sequence[Frame], rules: Rules
) -> Verdict:
    make(folder)
    step, name = "self-test", make.__name__.replace("_", " ")
    try:
        Apart().examine(present, folder, "litert", None)
        step = "shadow"
        run = _shadow(present, folder, rules)
        for frame in frames:
            run.look(frame)
            run.readings()
        return Verdict(name, IN_FORCE, IN_FORCE, run.readings() or {})
    except UpdateRefused as err:
        return Verdict(name, step, err.cause, err.readings)


def _shadow(present: Path, folder: Path, rules: Rules) -> ShadowRun:
    sides = Sides(*(Eyes(open_pipeline(models_in(each)), UNCALIBRATED) for each in (present, folder)))
    return ShadowRun(sides, rules, SystemGauges(Path("/")), lambda: time.monotonic_ns() // 1_000_000)


def _lane_ms(present: Path, folder: Path, frames: Sequence[Frame]) -> tuple[float, float]:
    """Wall time of the lane's look at a frame: median alone, and with a shadow run that has all it can do."""
    lookout = Lookout(open_pipeline(models_in(present)), EVERYWHERE)
    alone = [_look_ms(lookout, frame) for frame in frames]
    run = _shadow(present, folder, replace(Rules(), frames=10**9))
    run.start()
    ended = threading.Event()
    feeding = threading.Thread(target=_feed, args=(run, frames, ended), daemon=True)
    feeding.start()
    beside = [_look_ms(lookout, frame) for frame in _later(frames)]
    ended.set()
    feeding.join()
    run.close()
    return median(alone), median(beside)


def _feed(run: ShadowRun, frames: Sequence[Frame], ended: threading.Event) -> None:
    """A frame each 33 ms, as a camera gives them."""
    for frame in cycle(frames):
        if ended.wait(0.033):
            return
        run.offer(frame)


def _later(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The same pictures, after all that was shown before."""
    for place, frame in enumerate(frames):
        yield replace(frame, captured_ms=frames[-1].captured_ms + (place + 1) * 100)


def _look_ms(lookout: Lookout, frame: Frame) -> float:
    began_s = time.perf_counter()
    lookout.look(frame)
    return (time.perf_counter() - began_s) * 1000
