"""What of a frame is looked at, and what is remembered of it."""

from dataclasses import replace

import numpy as np
import pytest

from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.pipeline import Pipeline, View
from edge.rollcall_gate.eyes.quality import PORTRAIT, Fault, measure
from edge.rollcall_gate.eyes.track import EVERYWHERE, LOST_AFTER_MS, Lane
from edge.rollcall_gate.frames import AlignedFace, EmbedderId, Embedding, FaceBox, Frame, Landmarks
from tests.edge.rollcall_gate.synthetic import EMBEDDER
from tests.edge.rollcall_gate.test_track import face

RNG = np.random.default_rng(3)
GREY = Frame(np.full((800, 1_000, 3), 128, np.uint8), 0)
PICTURE = RNG.integers(60, 200, (112, 112, 3)).astype(np.uint8)
POINTS = np.array([[37, 53], [73, 53], [55, 76], [40, 91], [71, 91]], np.float32)


class Eyes(Pipeline):
    """The pipeline, with faces and pictures given by hand; counts which networks would have run."""

    def __init__(self) -> None:
        self.boxes: list[FaceBox] = [face(500)]
        self.portrait = PICTURE
        self.faults: tuple[Fault, ...] = ()
        self.direction: Embedding | None = unit(np.ones(128, np.float32), EMBEDDER)
        self.ran: list[str] = []
        self._limits = PORTRAIT

    @property
    def embedder(self) -> EmbedderId:
        return EMBEDDER

    def faces(self, frame: Frame) -> list[FaceBox]:
        self.ran.append("detector")
        return self.boxes

    def view_of(self, frame: Frame, face: FaceBox) -> View:
        self.ran.append("landmarks")
        marks, aligned = Landmarks(POINTS, 0.99, 0.26), AlignedFace(self.portrait)
        return View(face, marks, aligned, self.faults, measure(marks, aligned))

    def embed(self, view: View) -> Embedding | None:
        self.ran.append("embedder")
        return self.direction

    def bona_fide(self, frame: Frame, view: View) -> float | None:
        self.ran.append("pad")
        return 0.9


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def lookout(eyes: Eyes) -> Lookout:
    return Lookout(eyes, EVERYWHERE)


def frame(at_ms: int) -> Frame:
    return replace(GREY, captured_ms=at_ms)


def moved(portrait: np.ndarray, by: int = 2) -> np.ndarray:
    return np.clip(portrait.astype(np.int16) + RNG.normal(0, by, portrait.shape), 0, 255).astype(np.uint8)


def test_a_good_look_has_everything_that_is_decided_by(eyes: Eyes, lookout: Lookout) -> None:
    sample = lookout.look(frame(0))
    assert sample.probe is eyes.direction
    assert (sample.fault, sample.track, sample.bona_fide, sample.company) == (None, 1, 0.9, 0)
    assert sample.eye_openness == 0.26
    assert sample.yaw == pytest.approx(0, abs=0.02)
    assert 0 < sample.quality <= 1


def test_the_same_picture_again_is_not_a_second_look(eyes: Eyes, lookout: Lookout) -> None:
    lookout.look(frame(0))
    for at_ms in (100, 200, 300):
        again = lookout.look(frame(at_ms))
        assert (again.probe, again.fault, again.bona_fide, again.track) == (None, None, None, 1)
    assert eyes.ran.count("embedder") == eyes.ran.count("pad") == 1


def test_a_sensors_noise_alone_makes_a_picture_new(eyes: Eyes, lookout: Lookout) -> None:
    for at_ms in (0, 100, 200):
        eyes.portrait = moved(PICTURE)
        assert lookout.look(frame(at_ms)).probe is not None


def test_who_is_resting_costs_the_detector_and_nothing_else(eyes: Eyes, lookout: Lookout) -> None:
    lookout.look(frame(0))
    eyes.ran.clear()
    eyes.portrait = moved(PICTURE)
    sample = lookout.look(frame(100), resting=1)
    assert (sample.track, sample.probe, sample.fault, sample.eye_openness) == (1, None, None, None)
    assert eyes.ran == ["detector"]


def test_who_steps_up_beside_the_resting_one_is_looked_at(eyes: Eyes, lookout: Lookout) -> None:
    lookout.look(frame(0))
    eyes.boxes = [face(500), face(250, 300)]
    sample = lookout.look(frame(100), resting=1)
    assert sample.track == 2
    assert sample.probe is not None


def test_a_bad_look_costs_neither_embedder_nor_attack_detector(eyes: Eyes, lookout: Lookout) -> None:
    eyes.faults = (Fault.BLURRED, Fault.TOO_DARK)
    sample = lookout.look(frame(0))
    assert (sample.fault, sample.probe) == (Fault.BLURRED, None)
    assert eyes.ran == ["detector", "landmarks"]


def test_a_bad_look_does_not_make_the_next_good_one_old(eyes: Eyes, lookout: Lookout) -> None:
    eyes.faults = (Fault.TOO_DARK,)
    lookout.look(frame(0))
    eyes.faults = ()
    assert lookout.look(frame(100)).probe is not None


def test_what_the_embedder_takes_for_no_face_is_none(eyes: Eyes, lookout: Lookout) -> None:
    eyes.direction = None
    assert lookout.look(frame(0)).fault is Fault.NOT_A_FACE


def test_nobody_in_the_lane_is_nobody(eyes: Eyes) -> None:
    sample = Lookout(eyes, Lane(left=0.6)).look(frame(0))
    assert not sample.somebody
    assert eyes.ran == ["detector"]


def test_after_forgetting_the_same_face_is_a_new_person_and_a_new_look(eyes: Eyes, lookout: Lookout) -> None:
    assert lookout.look(frame(0)).track == 1
    lookout.forget()
    sample = lookout.look(frame(100))
    assert sample.track == 2
    assert sample.probe is not None


def test_of_whom_is_out_of_view_no_picture_is_kept(eyes: Eyes, lookout: Lookout) -> None:
    eyes.boxes = [face(200), face(700, 300)]
    lookout.look(frame(0))
    assert set(lookout._last) == {2}
    eyes.boxes = []
    lookout.look(frame(LOST_AFTER_MS + 1))
    assert lookout._last == {}
    eyes.boxes = [face(500)]
    lookout.look(frame(2 * LOST_AFTER_MS))
    lookout.forget()
    assert lookout._last == {}


def test_real_optics_and_networks_see_a_repeated_frame_as_one_look(pipeline: Pipeline, photographs) -> None:
    from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in

    still = load_frame(photographs_in(photographs / "obama")[0], 0)
    lookout = Lookout(pipeline, EVERYWHERE)
    looks = [lookout.look(replace(still, captured_ms=at_ms)) for at_ms in (0, 100, 200)]
    assert [look.probe is not None for look in looks] == [True, False, False]
    assert {look.track for look in looks} == {1}
    noisy = replace(still, pixels=moved(still.pixels), captured_ms=300)
    assert lookout.look(noisy).probe is not None
