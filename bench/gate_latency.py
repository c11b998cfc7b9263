"""Gate: from frame to decision, part by part, and what int8 gains over float; all in one run.

All times are processor times of the one thread that does the work, so that a busy machine does not decide. A
network's time is taken around each inference, inside the very same calls.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.errors import BenchError
from bench.processes import resident_mb
from bench.rows import Row, at_least, at_most, median, told
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_codes import OpencvCodes
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.eyes import detect, embed, landmarks, pad
from edge.rollcall_gate.eyes.align import align
from edge.rollcall_gate.eyes.detect import Detector, subject
from edge.rollcall_gate.eyes.embed import Embedder, unit
from edge.rollcall_gate.eyes.landmarks import Landmarker
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.pad import AttackDetector
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import faults
from edge.rollcall_gate.eyes.track import Lane
from edge.rollcall_gate.eyes.vision import ModelFiles
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId, Embedding, Frame, Pixels
from edge.rollcall_gate.trial.stages import Stages
from edge.rollcall_gate.who.decide import Admitted, Sample, Thresholds, decide
from edge.rollcall_gate.who.gallery import Gallery, Reference
from edge.rollcall_gate.who.presentation import PadThresholds
from edge.rollcall_gate.who.walkup import IDLE, Rules, observe
from models import guard
from models.places import model_files
from wire.ids import MEMBER_REF_BYTES, MemberRef

OVERHEAD_PERCENT: Final = 10.0
FASTER_THAN_FLOAT: Final = 2.0
PACKAGE_MB: Final = 13.0
RESIDENT_MB: Final = 200.0
ROSTER: Final = 2_000
CAMERA_PX: Final = (640, 480)
LORES_PX: Final = detect.SIDE_PX
"""Width of the small picture that a camera gives beside the large one."""
LOOKS: Final = Thresholds().probes_min
FRAME_MS: Final = 100
ANY_PICTURE: Final = PadThresholds(0, 0)
"""A photograph stands for a person here: what PAD says of it costs its time and decides nothing."""
PORTRAIT_PX: Final = 250
GREY: Final = 96
WARM_UP: Final = 5
PER_BLOCK: Final = 10
FORMS: Final = (detect.FORM, landmarks.FORM, embed.FORM, pad.FORM)
ALIGN: Final = "align and quality"


class Eyes:
    """What a gate sees with, each network timed: its pipeline, and the pipeline's stages by themselves."""

    def __init__(self, files: ModelFiles) -> None:
        self.networks: Final = {
            form.name: LitertInference(file, form) for file, form in zip(_all(files), FORMS, strict=True)
        }
        self._stages: Final = Stages(time.thread_time)
        detector, mesh, embedder, attacks = (
            self._stages.network(name, network) for name, network in self.networks.items()
        )
        self.optics: Final = OpencvOptics()
        self.pipeline: Final = Pipeline(
            detector=detector, landmarks=mesh, embedder=embedder, pad=attacks, optics=self.optics
        )
        self._detector: Final = Detector(detector, self.optics)
        self._landmarker: Final = Landmarker(mesh, self.optics)
        self._embedder: Final = Embedder(embedder)
        self._attacks: Final = AttackDetector(attacks, self.optics)

    def overhead(self, frames: Sequence[Frame], gallery: Gallery) -> float:
        """Time from the first frame to the decision beyond the networks' time, as a share of that: all that a
        gate does with LOOKS frames of a person who steps up.
        """
        lookout, rules = Lookout(self.pipeline, Lane()), Rules(gallery, pad=ANY_PICTURE)
        began = self._begin()
        walkup, decision = IDLE, None
        for frame in frames:
            stepped = observe(walkup, lookout.look(frame), frame.captured_ms, rules)
            walkup, decision = stepped.walkup, stepped.decision
        whole_s = time.thread_time() - began
        assert isinstance(decision, Admitted)
        assert all(self._stages.calls[name] == len(frames) for name in self.networks)
        return whole_s / sum(self._stages.spent_s.values()) - 1

    def parts_ms(self, frame: Frame, gallery: Gallery) -> dict[str, float]:
        """The stages as the pipeline calls them, and PAD: time in each network, and around them."""
        began = self._begin()
        face = subject(self._detector.detect(frame), frame)
        assert face is not None
        marks = self._landmarker.locate(frame, face)
        with self._stages.timed(ALIGN):
            aligned = align(frame, marks, self.optics)
            wrong = faults(marks, aligned)
        self._attacks.bona_fide(frame, face)
        decision = decide([Sample(probe=self._embedder.embed(aligned))], gallery)
        whole_s = time.thread_time() - began
        assert not wrong
        assert isinstance(decision, Admitted)
        spent_s = {name: self._stages.spent_s[name] for name in (*self.networks, ALIGN)}
        spent_s["rest"] = whole_s - sum(spent_s.values())
        spent_s["whole"] = whole_s
        return {part: seconds * 1000 for part, seconds in spent_s.items()}

    def _begin(self) -> float:
        self._stages.clear()
        return time.thread_time()


def measure(photograph: Frame, cache: Path, rounds: int) -> list[Row]:
    """One person before the gate over and over, against a roster of ROSTER strangers and that person."""
    files = model_files(cache)
    eyes = Eyes(files)
    camera, portrait = camera_frame(photograph), portrait_frame(photograph)
    roster = gallery_of(eyes, camera)
    with_lores, without = looks(camera, lores=True), looks(camera, lores=False)
    turns = range(WARM_UP + rounds)
    overheads = [(eyes.overhead(with_lores, roster), eyes.overhead(without, roster)) for _ in turns]
    paired = list(zip(*overheads[WARM_UP:], strict=True))
    parts = [eyes.parts_ms(portrait, roster) for _ in turns][WARM_UP:]
    codes = [code_ms(frame) for _ in range(-(-rounds // LOOKS)) for frame in without]
    resident = resident_mb(os.getpid())  # before the float networks, which no gate has
    return [
        at_most(
            f"gate: {LOOKS} frames to a decision, beyond its model times, camera with a {LORES_PX}-px lores",
            median(paired[0]) * 100,
            "%",
            OVERHEAD_PERCENT,
        ),
        told("gate: the same, camera without lores", median(paired[1]) * 100, "%"),
        told("gate: looking for a badge in a frame", median(codes), "CPU-ms"),
        at_most("gate: resident memory, four networks and a roster", resident, "MB", RESIDENT_MB),
        at_most("gate: models in its package", sum(map(_size_mb, _all(files))), "MB", PACKAGE_MB),
        *(
            told(f"gate, {PORTRAIT_PX}-px frame: {part}", median([p[part] for p in parts]), "CPU-ms")
            for part in parts[0]
        ),
        *_gains(eyes, Eyes(model_files(cache, "float")), portrait, rounds),
    ]


def _gains(int8: Eyes, full: Eyes, frame: Frame, rounds: int) -> Iterator[Row]:
    """How many times as fast int8 is as float: each network, then the whole pipeline, in blocks in turns."""
    for form in FORMS:
        networks = int8.networks[form.name], full.networks[form.name]
        gain = guard.speed(*networks, form.side_px, min(rounds, guard.BLOCKS)).ratio
        name = f"int8 against float: {form.name}"
        yield at_least(name, gain, "×", FASTER_THAN_FLOAT) if form is embed.FORM else told(name, gain, "×")
    rosters = gallery_of(int8, frame), gallery_of(full, frame)
    gains = []
    for _ in range(-(-rounds // PER_BLOCK)):
        fast, slow = (
            median([eyes.parts_ms(frame, roster)["whole"] for _ in range(PER_BLOCK)])
            for eyes, roster in zip((int8, full), rosters, strict=True)
        )
        gains.append(slow / fast)
    yield told("int8 against float: whole pipeline", median(gains), "×")


def gallery_of(eyes: Eyes, frame: Frame) -> Gallery:
    """ROSTER strangers, and whoever is in the frame."""
    probe = eyes.pipeline.sample(frame).probe
    if probe is None:
        raise BenchError("there is no usable face in the photograph")
    references = [Reference(_member(0), probe)]
    references += [Reference(_member(n), face) for n, face in enumerate(strangers(ROSTER, probe.embedder), 1)]
    return Gallery.of(probe.embedder, references)


def strangers(count: int, embedder: EmbedderId) -> Iterator[Embedding]:
    """Random directions, the same ones every time."""
    random = np.random.default_rng(7)
    for vector in random.standard_normal((count, EMBEDDING_DIMS), dtype=np.float32):
        yield unit(vector, embedder)


def camera_frame(photograph: Frame) -> Frame:
    """The photograph as a gate's camera would show it: in the middle of CAMERA_PX, on grey."""
    width, height = CAMERA_PX
    scale = min(width / photograph.width_px, height / photograph.height_px)
    inner_w, inner_h = round(photograph.width_px * scale), round(photograph.height_px * scale)
    left, top = (width - inner_w) // 2, (height - inner_h) // 2
    pixels = np.full((height, width, 3), GREY, np.uint8)
    inner = OpencvOptics().resize(photograph.pixels, inner_w, inner_h)
    pixels[top : top + inner_h, left : left + inner_w] = inner
    return Frame(pixels, 0)


def looks(camera: Frame, *, lores: bool) -> tuple[Frame, ...]:
    """LOOKS different frames of the same scene. lores: with the small picture that a camera gives beside."""
    noise, optics = SensorNoise(seed=4), OpencvOptics()
    height_px = round(LORES_PX * camera.height_px / camera.width_px)

    def small(pixels: Pixels) -> Pixels | None:
        return optics.resize(pixels, LORES_PX, height_px) if lores else None

    grained = [noise.on(camera.pixels) for _ in range(LOOKS)]
    return tuple(Frame(pixels, at * FRAME_MS, small(pixels)) for at, pixels in enumerate(grained))


def code_ms(frame: Frame) -> float:
    """Time of one search for a badge in a frame that holds none."""
    codes = OpencvCodes()
    began = time.thread_time()
    found = codes.read(frame)
    spent_s = time.thread_time() - began
    assert found is None
    return spent_s * 1000


def portrait_frame(photograph: Frame) -> Frame:
    """Its upper square, as small as a press portrait."""
    side = min(photograph.width_px, photograph.height_px)
    left = (photograph.width_px - side) // 2
    square = photograph.pixels[:side, left : left + side]
    return Frame(OpencvOptics().resize(square, PORTRAIT_PX, PORTRAIT_PX), 0)


def _all(files: ModelFiles) -> tuple[Path, ...]:
    """In the order of FORMS."""
    if files.pad is None:
        raise BenchError(f"no PAD network beside {files.embedder}; run `make models`")
    return files.detector, files.landmarks, files.embedder, files.pad


def _size_mb(file: Path) -> float:
    return file.stat().st_size / 1e6


def _member(number: int) -> MemberRef:
    return MemberRef(number.to_bytes(MEMBER_REF_BYTES, "big"))
