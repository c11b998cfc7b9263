"""The window that the PAD network looks through, what reaches it, and what its answer becomes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.pad import (
    BONA_FIDE,
    CROP_PER_BOX,
    SIDE_PX,
    AttackDetector,
    softmax,
    surroundings,
)
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import FaceBox, Floats, Frame, Pixels

SIDES = st.integers(16, 1280)
PLACES = st.floats(-0.2, 1.2)
LOGITS = arrays(np.float32, 3, elements=st.floats(-(2.0**100), 2.0**100, width=32))


def box(left: float, top: float, right: float, bottom: float) -> FaceBox:
    return FaceBox(left, top, right, bottom, 0.9, np.zeros((6, 2), np.float32))


def blank(width: int, height: int) -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), 0)


def window(face: FaceBox, frame: Frame) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels of the frame, read back from the stretch."""
    (across, skew, shift_x), (also_skew, down, shift_y) = surroundings(face, frame).astype(np.float64)
    assert skew == also_skew == 0
    # The crop's edges are at -1/2 and SIDE_PX - 1/2, the frame's at -1/2 of its own.
    left, top = (-0.5 - shift_x) / across + 0.5, (-0.5 - shift_y) / down + 0.5
    return left, top, left + SIDE_PX / across, top + SIDE_PX / down


class Asked:
    """An Inference that remembers what it was shown and answers as told."""

    model_sha256, runtime = bytes(32), "stub 1"

    def __init__(self, *logits: float) -> None:
        self.logits = np.array([logits], np.float32)
        self.pictures: list[Pixels] = []

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        self.pictures.append(picture)
        return (self.logits,)


@given(SIDES, SIDES, PLACES, PLACES, st.floats(0.02, 1.5), st.floats(0.5, 2))
def test_the_window_stays_inside_the_frame(
    width: int, height: int, x: float, y: float, size: float, stretch: float
) -> None:
    half_w, half_h = size * width / 2, size * width * stretch / 2
    face = box(x * width - half_w, y * height - half_h, x * width + half_w, y * height + half_h)
    left, top, right, bottom = window(face, blank(width, height))
    slack = 0.01 + 1e-4 * max(width, height)
    assert left >= -slack
    assert top >= -slack
    assert right <= width + slack
    assert bottom <= height + slack
    assert right - left > 0
    assert bottom - top > 0


@given(SIDES, SIDES, PLACES, PLACES, st.floats(0.05, 1.0), st.floats(0.5, 2))
def test_the_window_has_the_shape_of_the_face(
    width: int, height: int, x: float, y: float, size: float, stretch: float
) -> None:
    wide, high = size * width, size * width * stretch
    assume(wide >= 1 and high >= 1)
    face = box(x * width - wide / 2, y * height - high / 2, x * width + wide / 2, y * height + high / 2)
    left, top, right, bottom = window(face, blank(width, height))
    assert (right - left) / (bottom - top) == pytest.approx(wide / high, rel=1e-3)
    assert (right - left) / wide <= CROP_PER_BOX * 1.001


def test_in_the_middle_of_a_large_frame_it_is_the_box_enlarged() -> None:
    found = window(box(400, 300, 500, 420), blank(1280, 960))
    assert found == pytest.approx((450 - 135, 360 - 162, 450 + 135, 360 + 162), abs=0.01)


@pytest.mark.parametrize(
    ("face", "expected"),
    [
        (box(0, 300, 100, 400), (0, 215, 270, 485)),
        (box(380, -20, 480, 80), (295, 0, 565, 270)),
        (box(1180, 300, 1280, 400), (1279 - 270, 215, 1279, 485)),
        (box(380, 860, 480, 960), (295, 959 - 270, 565, 959)),
    ],
    ids=["left", "top", "right", "bottom"],
)
def test_at_an_edge_it_is_pushed_inside_without_shrinking(face: FaceBox, expected) -> None:
    assert window(face, blank(1280, 960)) == pytest.approx(expected, abs=0.01)


def test_for_a_face_that_fills_the_frame_it_shrinks_to_the_frame() -> None:
    left, top, right, bottom = window(box(20, 10, 180, 170), blank(200, 180))
    assert bottom - top == pytest.approx(179, abs=0.01)
    assert right - left == pytest.approx(179, abs=0.01)
    assert 0 <= left < right <= 200


def test_a_box_without_area_is_looked_at_and_divides_by_nothing() -> None:
    assert np.isfinite(surroundings(box(50, 50, 50, 50), blank(100, 100))).all()


def test_what_is_in_the_window_is_what_the_network_sees() -> None:
    frame = blank(400, 400)
    frame.pixels[100:300, 100:200] = 200  # the left half of the window
    network = Asked(0, 0, 0)
    side = 200 / CROP_PER_BOX
    face = box(200 - side / 2, 200 - side / 2, 200 + side / 2, 200 + side / 2)
    AttackDetector(network, OpencvOptics()).bona_fide(frame, face)
    (seen,) = network.pictures
    assert seen[:, : SIDE_PX // 2 - 1].min() == 200
    assert seen[:, SIDE_PX // 2 + 1 :].max() == 0


def test_the_network_is_given_blue_first() -> None:
    frame = blank(300, 300)
    frame.pixels[:] = (10, 20, 30)  # RGB
    network = Asked(0, 0, 0)
    AttackDetector(network, OpencvOptics()).bona_fide(frame, box(100, 100, 200, 200))
    (seen,) = network.pictures
    assert seen.shape == (SIDE_PX, SIDE_PX, 3)
    assert seen.dtype == np.uint8
    assert seen.flags.c_contiguous
    assert np.unique(seen.reshape(-1, 3), axis=0).tolist() == [[30, 20, 10]]
    assert frame.pixels[0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("logits", "expected"),
    [((50, 0, 0), 1), ((0, 50, 0), 0), ((0, 0, 50), 0), ((1, 1, 1), 1 / 3), ((np.log(2), 0, 0), 0.5)],
)
def test_the_score_is_the_probability_of_the_first_class(logits: tuple[float, ...], expected: float) -> None:
    detector = AttackDetector(Asked(*logits), OpencvOptics())
    assert detector.bona_fide(blank(300, 300), box(100, 100, 200, 200)) == pytest.approx(expected, abs=1e-9)


@given(LOGITS)
def test_probabilities_sum_to_one_and_nothing_overflows(logits: np.ndarray) -> None:
    found = softmax(logits)
    assert sum(found) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in found)
    assert found[int(np.argmax(logits))] == max(found)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_larger_first_logit_is_never_a_smaller_score(one: float, other: float) -> None:
    low, high = sorted((one, other))
    scores = [softmax(np.array([x, 0.5, -0.5], np.float32))[BONA_FIDE] for x in (low, high)]
    assert scores[0] <= scores[1]


def test_on_photographs_the_score_is_a_probability(pipeline: Pipeline, photographs: Path) -> None:
    for path in sorted(photographs.glob("*/*.jpg")):
        frame = load_frame(path, 0)
        view = pipeline.view(frame)
        assert view is not None
        score = pipeline.bona_fide(frame, view)
        assert score is not None
        assert 0 <= score <= 1
        assert pipeline.bona_fide(frame, view) == score
