"""The networks themselves, on the registry's photographs: each probe is another one than those enrolled."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.eyes import detect
from edge.rollcall_gate.eyes.detect import Detector, subject
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import Embedding, Frame
from edge.rollcall_gate.who.compare import similarity
from edge.rollcall_gate.who.decide import DEFAULT, Admitted, LowQuality, NoFace, NoMatch, Sample, decide
from edge.rollcall_gate.who.gallery import Gallery, Reference
from wire.ids import MemberRef

People = dict[str, list[Sample]]


@pytest.fixture(scope="module")
def people(pipeline: Pipeline, photographs: Path) -> People:
    return {
        folder.name: [pipeline.sample(load_frame(p, 0)) for p in photographs_in(folder)]
        for folder in sorted(photographs.iterdir())
        if folder.is_dir()
    }


def probe(sample: Sample) -> Embedding:
    assert sample.probe is not None, sample.fault
    return sample.probe


def test_every_portrait_gives_a_sample(people: People) -> None:
    assert sum(len(samples) for samples in people.values()) == 11
    assert [name for name, samples in people.items() if any(s.probe is None for s in samples)] == []


def test_photographs_of_one_person_are_above_the_threshold(people: People) -> None:
    scores = [similarity(probe(a), probe(b)) for s in people.values() for a, b in combinations(s, 2)]
    assert len(scores) == 8
    assert min(scores) > DEFAULT.match_min + 0.1


def test_photographs_of_two_people_are_far_below_it(people: People) -> None:
    scores = [
        similarity(probe(a), probe(b))
        for one, other in combinations(people.values(), 2)
        for a in one
        for b in other
    ]
    assert len(scores) == 47
    assert max(scores) < DEFAULT.match_min - 0.15


def test_whoever_is_enrolled_is_admitted_by_another_photograph_and_nobody_else_is(people: People) -> None:
    embedder = probe(people["obama"][0]).embedder
    enrolled = {name: samples for name, samples in people.items() if len(samples) > 1}
    refs = {name: MemberRef(name.encode().ljust(16, b"-")) for name in enrolled}
    for name, samples in enrolled.items():
        for held_out in samples:
            references = [
                Reference(refs[who], probe(s))
                for who, theirs in enrolled.items()
                for s in theirs
                if s is not held_out
            ]
            decision = decide([held_out], Gallery.of(embedder, references))
            assert isinstance(decision, Admitted), name
            assert decision.member == refs[name]
    full = Gallery.of(embedder, [Reference(refs[who], probe(s)) for who, ss in enrolled.items() for s in ss])
    strangers = [samples[0] for samples in people.values() if len(samples) == 1]
    assert len(strangers) == 3
    assert all(isinstance(decide([stranger], full), NoMatch) for stranger in strangers)


def test_the_same_photograph_upside_down_sideways_and_small_is_still_the_same_person(
    pipeline: Pipeline, photographs: Path, people: People
) -> None:
    frame = load_frame(photographs / "ardern" / "ardern_2018.jpg", 0)
    flipped = pipeline.sample(Frame(np.ascontiguousarray(frame.pixels[:, ::-1]), 0))
    small = pipeline.sample(Frame(np.ascontiguousarray(frame.pixels[::3, ::3]), 0))
    for variant in (flipped, small):
        assert similarity(probe(variant), probe(people["ardern"][0])) > 0.8


def test_the_box_is_around_the_face(gate_models, photographs: Path) -> None:
    from edge.rollcall_gate.adapters.litert_inference import LitertInference
    from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics

    frame = load_frame(photographs / "collins" / "collins.png", 0)
    detector = Detector(LitertInference(gate_models.detector, detect.FORM), OpencvOptics())
    face = subject(detector.detect(frame), frame)
    assert face is not None
    assert face.left < 225 < face.right  # her nose, read off the picture by hand
    assert face.top < 120 < face.bottom
    assert 60 < face.side_px < 160


def test_an_empty_wall_is_nobody(pipeline: Pipeline) -> None:
    rng = np.random.default_rng(1)
    wall = Frame(rng.integers(90, 110, (480, 640, 3)).astype(np.uint8), 0)
    black = Frame(np.zeros((480, 640, 3), np.uint8), 0)
    assert [pipeline.sample(wall), pipeline.sample(black)] == [Sample(), Sample()]
    assert decide([pipeline.sample(wall)], Gallery.of(pipeline.embedder, [])) == NoFace()


def test_a_face_too_dark_to_compare_is_told_so(pipeline: Pipeline, photographs: Path) -> None:
    frame = load_frame(photographs / "ardern" / "ardern_2022.jpg", 0)
    dark = Frame((frame.pixels // 5).astype(np.uint8), 0)
    sample = pipeline.sample(dark)
    assert sample == Sample(fault=Fault.TOO_DARK)
    assert decide([sample], Gallery.of(pipeline.embedder, [])) == LowQuality(Fault.TOO_DARK)
