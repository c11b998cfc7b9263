"""Boxes, landmarks and alignment against arithmetic done another way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.eyes.align import TEMPLATE, align, canonical_transform
from edge.rollcall_gate.eyes.detect import anchors, merge_overlapping, overlap, subject
from edge.rollcall_gate.eyes.landmarks import upright_crop
from edge.rollcall_gate.eyes.quality import PORTRAIT, Fault, faults, pose, sharpness
from edge.rollcall_gate.frames import AlignedFace, DegenerateLandmarks, FaceBox, Frame, Landmarks


def frame(width: int = 200, height: int = 160) -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), 0)


def box(left: float, top: float, side: float, score: float = 0.9, roll: float = 0.0) -> FaceBox:
    x, y = left + side / 2, top + side / 2
    centre, across = np.array([x, y]), np.array([math.cos(roll), math.sin(roll)]) * side / 4
    keypoints = np.array([centre - across, centre + across, *[centre] * 4], np.float32)
    return FaceBox(left, top, left + side, top + side, score, keypoints)


def portrait(scale: float = 1.0, degrees: float = 0.0, shift: complex = 0) -> Landmarks:
    turn = scale * np.exp(1j * np.radians(degrees))
    points = (TEMPLATE @ np.array([1, 1j])) * turn + shift
    return Landmarks(np.stack([points.real, points.imag], axis=1).astype(np.float32), 1.0)


@given(st.floats(0.5, 8), st.floats(-40, 40), st.floats(-50, 500), st.floats(-50, 500))
def test_any_similarity_of_the_template_is_undone(scale: float, degrees: float, x: float, y: float) -> None:
    marks = portrait(scale, degrees, complex(x, y))
    matrix = canonical_transform(marks).astype(np.float64)
    back = marks.points @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(back, TEMPLATE, atol=0.02)


def test_the_fit_is_the_least_squares_one() -> None:
    rng = np.random.default_rng(3)
    points = portrait(2, 10).points + rng.normal(0, 3, (5, 2)).astype(np.float32)
    matrix = canonical_transform(Landmarks(points, 1.0)).astype(np.float64)
    rows = [row for x, y in points for row in ((x, -y, 1, 0), (y, x, 0, 1))]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows, np.float64), TEMPLATE.ravel(), rcond=None)[0]
    np.testing.assert_allclose(matrix, [[a, -b, tx], [b, a, ty]], atol=1e-3)


def test_eyes_on_top_of_one_another_are_never_guessed_at() -> None:
    with pytest.raises(DegenerateLandmarks):
        align(frame(), portrait(0.1), OpencvOptics())
    with pytest.raises(DegenerateLandmarks):
        canonical_transform(Landmarks(np.full((5, 2), np.nan, np.float32), 1.0))


def test_a_mark_painted_on_the_nose_ends_up_on_the_templates_nose() -> None:
    marks = portrait(1.5, 20, 40 + 10j)
    x, y = marks.points[2].round().astype(int)
    picture = np.zeros((240, 240, 3), np.uint8)
    picture[y - 2 : y + 3, x - 2 : x + 3] = 255
    aligned = align(Frame(picture, 0), marks, OpencvOptics()).pixels[:, :, 0].astype(np.float64)
    rows, columns = np.mgrid[0:112, 0:112]
    centre = (columns * aligned).sum() / aligned.sum(), (rows * aligned).sum() / aligned.sum()
    np.testing.assert_allclose(centre, TEMPLATE[2], atol=1)


def test_anchors_are_the_centres_of_the_cells() -> None:
    grid = anchors(192)
    assert grid.shape == (2304, 2)
    np.testing.assert_allclose(
        grid[[0, 1, 48, -1]],
        [(0.5 / 48, 0.5 / 48), (1.5 / 48, 0.5 / 48), (0.5 / 48, 1.5 / 48), (47.5 / 48,) * 2],
        rtol=1e-6,
    )


def test_overlapping_boxes_become_their_weighted_mean_and_others_stay() -> None:
    boxes = [[5, 5, 10, 10], [6, 5, 10, 10], [55, 55, 10, 10]]  # centre, size
    shapes = np.array(
        [[*centre, *size, *centre] for *centre, size in ((*b[:2], b[2:]) for b in boxes)], float
    )
    merged = merge_overlapping(shapes, [0.9, 0.6, 0.7])
    assert [score for _, score in merged] == [0.9, 0.7]
    np.testing.assert_allclose(merged[0][0], [5.4, 5, 10, 10, 5.4, 5])
    np.testing.assert_array_equal(merged[1][0], shapes[2])


def test_a_box_without_area_overlaps_nothing_and_ends_the_merging() -> None:
    flat = [5.0, 5.0, 0.0, 0.0]
    assert overlap(flat, flat) == 0
    assert len(merge_overlapping(np.array([flat] * 3), [0.5] * 3)) == 3
    assert merge_overlapping(np.zeros((0, 16)), []) == []


@given(
    st.lists(st.integers(0, 40), min_size=4, max_size=4), st.lists(st.integers(0, 40), min_size=4, max_size=4)
)
def test_overlap_is_the_share_of_cells_that_two_boxes_have_in_common(
    one: list[int], other: list[int]
) -> None:
    def cells(box: list[int]) -> set[tuple[int, int]]:
        x, y, half_width, half_height = box
        across, down = range(x - half_width, x + half_width), range(y - half_height, y + half_height)
        return {(column, row) for column in across for row in down}

    mine, theirs = cells(one), cells(other)
    expected = len(mine & theirs) / max(1, len(mine | theirs))
    found = overlap(
        *([x, y, 2 * half_width, 2 * half_height] for x, y, half_width, half_height in (one, other))
    )
    assert found == pytest.approx(expected)


def test_the_subject_is_the_large_face_in_the_middle() -> None:
    near, far = box(70, 50, 60), box(5, 5, 20, score=0.99)
    assert subject([far, near], frame()) is near
    assert subject([], frame()) is None


def test_the_crop_is_centred_upright_and_half_as_wide_again() -> None:
    face = box(70, 50, 60, roll=0.3)
    matrix = upright_crop(face, 192).astype(np.float64)
    placed = face.keypoints[:2] @ matrix[:, :2].T + matrix[:, 2]
    assert placed[0, 1] == pytest.approx(placed[1, 1], abs=1e-3)
    assert placed[0, 0] < placed[1, 0]
    np.testing.assert_allclose(matrix[:, :2] @ face.centre + matrix[:, 2], [96, 96], atol=1e-3)
    assert np.linalg.norm(matrix[:, 0]) == pytest.approx(192 / 90)


def grey(value: int = 128, noise: int = 30) -> AlignedFace:
    rng = np.random.default_rng(0)
    return AlignedFace((value + rng.integers(-noise, noise + 1, (112, 112, 3))).clip(0, 255).astype(np.uint8))


def moved(index: int, by: tuple[float, float]) -> Landmarks:
    points = portrait(2).points
    points[index] += np.array(by, np.float32)
    return Landmarks(points, 1.0)


@pytest.mark.parametrize(
    ("marks", "face", "fault"),
    [
        (portrait(0.4), grey(), Fault.TOO_FAR),
        (portrait(2, 60), grey(), Fault.TILTED),
        (moved(2, (50, 0)), grey(), Fault.TURNED_AWAY),
        (moved(2, (-50, 0)), grey(), Fault.TURNED_AWAY),
        (moved(2, (0, 40)), grey(), Fault.TURNED_AWAY),
        (portrait(2), grey(20, 15), Fault.TOO_DARK),
        (portrait(2), grey(240, 15), Fault.TOO_BRIGHT),
        (portrait(2), grey(128, 0), Fault.BLURRED),
        (Landmarks(portrait(2).points, 0.2), grey(), Fault.NOT_A_FACE),
    ],
)
def test_each_fault_is_named(marks: Landmarks, face: AlignedFace, fault: Fault) -> None:
    assert faults(marks, face) == (fault,)


def test_a_good_sample_has_no_fault() -> None:
    assert faults(portrait(2, 10), grey()) == ()
    assert sharpness(grey()) > PORTRAIT.sharpness_min


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    luma = grey().pixels[16:-16, 16:-16] @ np.array([0.299, 0.587, 0.114])
    once = np.diff(luma, 2, axis=0)[:, 1:-1] + np.diff(luma, 2, axis=1)[1:-1]
    assert sharpness(grey()) == pytest.approx(once.var(), rel=1e-4)


def test_pose_is_the_same_from_any_distance_and_at_any_tilt() -> None:
    near, far = pose(portrait(4, 30, 100 + 50j)), pose(portrait(1))
    assert (near.yaw, near.pitch) == pytest.approx((far.yaw, far.pitch), abs=1e-5)
    assert near.roll_deg - far.roll_deg == pytest.approx(30, abs=1e-3)


def test_pose_reads_roll_from_the_eyes_and_nothing_from_a_straight_face() -> None:
    straight = pose(portrait(2, 15))
    assert straight.roll_deg == pytest.approx(15 - 0.54, abs=0.1)
    assert abs(straight.yaw) < 0.02
    assert straight.pitch == pytest.approx(0.6, abs=0.01)


def test_a_frame_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Frame(np.zeros((10, 10), np.uint8), 0)
