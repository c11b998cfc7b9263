"""What the pipeline says of a frame: a view with faults, an embedding in spite of them, a sample without."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes import landmarks
from edge.rollcall_gate.eyes.detect import SIDE_PX, STRIDE_PX
from edge.rollcall_gate.eyes.landmarks import MESH_POINTS
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import PORTRAIT, Fault
from edge.rollcall_gate.eyes.vision import ModelFiles, open_pipeline
from edge.rollcall_gate.frames import EMBEDDING_DIMS, Floats, Frame, Pixels
from edge.rollcall_gate.who.decide import Sample

CELLS = (SIDE_PX // STRIDE_PX) ** 2


class Answers:
    """An Inference that gives the same numbers whatever it is shown."""

    model_sha256, runtime = bytes(range(32)), "stub 1"

    def __init__(self, *outputs: Floats) -> None:
        self.outputs = outputs
        self.asked = 0

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        self.asked += 1
        return tuple(output.copy() for output in self.outputs)


def sees(*, face: bool = True) -> Answers:
    """A detector: one face of half the frame in its middle, or nobody."""
    boxes, logits = np.zeros((1, CELLS, 16), np.float32), np.full((1, CELLS, 1), -9, np.float32)
    if face:
        middle = CELLS // 2 + SIDE_PX // STRIDE_PX // 2
        boxes[0, middle, 2:4] = SIDE_PX / 2
        boxes[0, middle, 4:8] = (-20, 0, 20, 0)  # the eyes, level
        logits[0, middle] = 9
    return Answers(boxes, logits)


def mesh(eyes_px: float = 60.0, presence: float = 9.0) -> Answers:
    points = np.full((MESH_POINTS, 3), 96, np.float32)
    middle = np.array([96, 96], np.float32)
    half = np.array([eyes_px / 2, 0], np.float32)
    points[[33, 133], :2], points[[362, 263], :2] = middle - half, middle + half
    down = np.array([0, eyes_px], np.float32)
    points[1, :2] = middle + down * 0.6
    points[61, :2], points[291, :2] = middle - half * 0.9 + down, middle + half * 0.9 + down
    return Answers(points.reshape(1, 1, 1, -1), np.full((1, 1), presence, np.float32))


def direction() -> Answers:
    return Answers(np.arange(1, EMBEDDING_DIMS + 1, dtype=np.float32)[None])


def made(**networks: Answers) -> tuple[Pipeline, dict[str, Answers]]:
    used = {"detector": sees(), "landmarks": mesh(), "embedder": direction(), **networks}
    return Pipeline(**used, optics=OpencvOptics()), used


def noise() -> Frame:
    return Frame(np.random.default_rng(2).integers(60, 200, (384, 384, 3)).astype(np.uint8), 0)


def test_a_good_frame_is_a_view_without_faults_and_a_sample() -> None:
    pipeline, _ = made()
    view = pipeline.view(noise())
    assert view is not None
    assert view.faults == ()
    assert view.aligned is not None
    assert view.aligned.pixels.shape == (112, 112, 3)
    probe = pipeline.embed(view)
    assert probe is not None
    assert probe.embedder == pipeline.embedder
    assert np.linalg.norm(probe.vector) == pytest.approx(1)
    sample = pipeline.sample(noise())
    assert sample.fault is None
    assert sample.probe is not None
    np.testing.assert_array_equal(sample.probe.vector, probe.vector)


def test_faults_do_not_prevent_an_embedding_and_a_sample_refuses_them() -> None:
    for networks, fault in (
        ({"landmarks": mesh(presence=-9)}, Fault.NOT_A_FACE),
        ({"landmarks": mesh(eyes_px=9)}, Fault.TOO_FAR),
    ):
        pipeline, used = made(**networks)
        view = pipeline.view(noise())
        assert view is not None
        assert view.faults[0] == fault
        assert used["embedder"].asked == 0, "looking costs no embedding"
        assert pipeline.sample(noise()) == Sample(fault=fault)
        assert used["embedder"].asked == 0, "nor does refusing"
        assert pipeline.embed(view) is not None


def test_landmarks_that_span_no_face_give_a_view_that_cannot_be_embedded() -> None:
    for eyes_px in (0.0, 1.0, np.nan):
        pipeline, used = made(landmarks=mesh(eyes_px=eyes_px))
        view = pipeline.view(noise())
        assert view is not None
        assert view.aligned is None
        assert view.faults == (Fault.TOO_FAR,)
        assert pipeline.embed(view) is None
        assert used["embedder"].asked == 0
        assert pipeline.sample(noise()) == Sample(fault=Fault.TOO_FAR)


def test_an_embedding_without_direction_is_no_embedding() -> None:
    for values in (0.0, np.nan, np.inf):
        pipeline, _ = made(embedder=Answers(np.full((1, EMBEDDING_DIMS), values, np.float32)))
        view = pipeline.view(noise())
        assert view is not None
        assert view.faults == ()
        assert pipeline.embed(view) is None
        assert pipeline.sample(noise()) == Sample(fault=Fault.NOT_A_FACE)


def test_where_nobody_is_there_is_no_view_and_an_empty_sample() -> None:
    pipeline, used = made(detector=sees(face=False))
    assert pipeline.view(noise()) is None
    assert pipeline.sample(noise()) == Sample()
    assert used["landmarks"].asked == used["embedder"].asked == 0


def test_without_a_pad_network_nothing_is_said_of_attacks() -> None:
    pipeline, _ = made()
    view = pipeline.view(noise())
    assert view is not None
    assert pipeline.bona_fide(noise(), view) is None
    pipeline, used = made(pad=Answers(np.array([[3, 0, 0]], np.float32)))
    view = pipeline.view(noise())
    assert view is not None
    assert used["pad"].asked == 0, "the PAD network is asked only when somebody asks"
    score = pipeline.bona_fide(noise(), view)
    assert score is not None
    assert score > 0.9


def test_a_view_of_whatever_faults_can_be_asked_for_attacks() -> None:
    pipeline, _ = made(landmarks=mesh(eyes_px=0), pad=Answers(np.array([[0, 3, 0]], np.float32)))
    view = pipeline.view(noise())
    assert view is not None
    score = pipeline.bona_fide(noise(), view)
    assert score is not None
    assert score < 0.1


def test_the_files_of_a_gate_may_lack_the_pad_network(gate_models: ModelFiles, photographs: Path) -> None:
    frame = load_frame(photographs / "ardern" / "ardern_2018.jpg", 0)
    without = open_pipeline(replace(gate_models, pad=None))
    view = without.view(frame)
    assert view is not None
    assert without.bona_fide(frame, view) is None
    assert gate_models.pad is not None
    score = open_pipeline(gate_models).bona_fide(frame, view)
    assert score is not None


@pytest.mark.parametrize("folder", ["float", "int8"])
def test_what_is_no_face_has_a_presence_below_the_limit(folder: str, gate_models: ModelFiles) -> None:
    network = LitertInference(gate_models.landmarks.parents[1] / folder / "landmarks.tflite", landmarks.FORM)
    for pixels in (np.zeros((192, 192, 3), np.uint8), noise().pixels[:192, :192].copy()):
        (logit,) = [float(o.ravel()[0]) for o in network.run(pixels) if o.size == 1]
        assert 1 / (1 + np.exp(-logit)) < PORTRAIT.presence_min
