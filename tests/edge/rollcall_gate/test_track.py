"""Who in this frame is who in the frame before, and whom the gate attends to."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.eyes.track import (
    AS_NEAR,
    EVERYWHERE,
    GROWS_MAX,
    LOST_AFTER_MS,
    MOVES_MAX,
    NEARER,
    Lane,
    Tracks,
    attend,
    follow,
)
from edge.rollcall_gate.frames import FaceBox

SIZE = (1_000, 800)
FRAME_MS = 100


def face(x: float, side: float = 200.0, y: float = 400.0) -> FaceBox:
    half = side / 2
    return FaceBox(x - half, y - half, x + half, y + half, 0.9, np.zeros((6, 2), np.float32))


def numbers(tracks: Tracks) -> dict[float, int]:
    """Where everybody's centre is -> their number."""
    return {track.face.centre[0]: track.number for track in tracks.people}


def after(*frames: Sequence[FaceBox], every_ms: int = FRAME_MS) -> Tracks:
    tracks = Tracks()
    for number, faces in enumerate(frames):
        tracks = follow(tracks, faces, number * every_ms)
    return tracks


def test_three_people_who_move_a_little_keep_their_numbers_in_whatever_order_they_are_found() -> None:
    first = [face(200), face(500), face(800)]
    moved = [face(830), face(180), face(540)]
    assert numbers(after(first, moved)) == {830: 3, 180: 1, 540: 2}


def test_a_face_goes_to_the_nearest_track_and_not_to_the_first_that_could_have_it() -> None:
    assert numbers(after([face(400), face(500)], [face(480), face(390)])) == {480: 2, 390: 1}


def test_one_face_belongs_to_one_person_alone() -> None:
    tracks = after([face(400), face(460)], [face(430)])
    assert sorted(track.seen_ms for track in tracks.people) == [0, FRAME_MS]


@pytest.mark.parametrize(
    ("then", "same"),
    [
        (face(400 + MOVES_MAX * 200 - 1), True),
        (face(400 + MOVES_MAX * 200 + 1), False),
        (face(400, 200 * GROWS_MAX - 1), True),
        (face(400, 200 * GROWS_MAX + 1), False),
        (face(400, 200 / GROWS_MAX + 1), True),
        (face(400, 200 / GROWS_MAX - 1), False),
    ],
)
def test_a_face_that_leaps_is_somebody_else(then: FaceBox, same: bool) -> None:
    tracks = after([face(400)], [then])
    assert (tracks.people[0].number == 1) is same


def test_who_was_out_of_view_for_half_a_second_is_somebody_new() -> None:
    gone = after([face(400)])
    back = follow(follow(gone, [], 100), [face(400)], LOST_AFTER_MS)
    assert numbers(back) == {400: 1}
    late = follow(follow(gone, [], 100), [face(400)], LOST_AFTER_MS + 1)
    assert numbers(late) == {400: 2}


def test_a_number_is_never_given_twice() -> None:
    tracks, given_to = Tracks(), set()
    for step in range(20):
        tracks = follow(tracks, [face(500)], step * (LOST_AFTER_MS + 1))
        given_to.add(tracks.people[0].number)
    assert given_to == set(range(1, 21))


BOXES = st.builds(face, st.floats(0, 1_000), st.floats(1, 600), st.floats(0, 800))


@given(st.lists(st.tuples(st.lists(BOXES, max_size=5), st.integers(0, 700)), max_size=12))
def test_whatever_comes_nobody_is_two_people_and_numbers_only_rise(frames) -> None:
    tracks, now_ms, ended = Tracks(), 0, set()
    for faces, later_ms in frames:
        now_ms += later_ms
        before = {track.number for track in tracks.people}
        tracks_after = follow(tracks, faces, now_ms)
        here = [track.number for track in tracks_after.people]
        seen_now = [track for track in tracks_after.people if track.seen_ms == now_ms]
        assert len(here) == len(set(here))
        assert len(seen_now) >= len(faces)
        assert all(any(track.face is box for box in faces) or later_ms == 0 for track in seen_now)
        assert tracks_after.last >= tracks.last
        assert set(here).isdisjoint(ended)
        assert all(number > tracks.last for number in set(here) - before)
        ended |= before - set(here)
        tracks = tracks_after


def test_the_nearest_within_the_lane_is_attended_to() -> None:
    faces = [face(500, 200), face(300, 300), face(60, 500), face(960, 600)]
    attended = attend(after(faces), Lane(), SIZE, 0)
    assert attended is not None
    assert attended.track.face.centre[0] == 300


def test_who_is_far_away_is_not_here_yet() -> None:
    least = Lane().face_min * SIZE[1]
    assert attend(after([face(500, least - 1)]), Lane(), SIZE, 0) is None
    assert attend(after([face(500, least + 1)]), Lane(), SIZE, 0) is not None


def test_who_was_seen_before_and_is_not_now_is_not_attended_to() -> None:
    tracks = after([face(300, 300), face(700, 200)], [face(700, 200)])
    attended = attend(tracks, EVERYWHERE, SIZE, FRAME_MS, before=1)
    assert attended is not None
    assert attended.track.number == 2
    assert attend(after([face(300)], []), EVERYWHERE, SIZE, FRAME_MS) is None


def test_two_side_by_side_do_not_take_turns() -> None:
    tracks, kept, seen = Tracks(), None, set()
    for step in range(20):
        wobble = 15 if step % 2 else -15
        tracks = follow(tracks, [face(350, 200 + wobble), face(650, 200 - wobble)], step * FRAME_MS)
        attended = attend(tracks, Lane(), SIZE, step * FRAME_MS, kept)
        assert attended is not None
        assert attended.company == 1
        kept = attended.track.number
        seen.add(kept)
    assert len(seen) == 1


def test_who_steps_clearly_nearer_is_attended_to_instead() -> None:
    for side, number in ((200 * NEARER - 1, 1), (200 * NEARER, 2)):
        tracks = after([face(300, 200)], [face(300, 200), face(700, side)])
        attended = attend(tracks, Lane(), SIZE, FRAME_MS, before=1)
        assert attended is not None
        assert attended.track.number == number


def test_company_is_whoever_stands_as_near_within_the_lane() -> None:
    behind, beside, outside = face(700, 200 * AS_NEAR - 1), face(250, 200 * AS_NEAR), face(30, 200)
    attended = attend(after([face(500, 200), behind, beside, outside]), Lane(), SIZE, 0)
    assert attended is not None
    assert (attended.track.face.centre[0], attended.company) == (500, 1)
    alone = attend(after([face(500, 200), behind]), Lane(), SIZE, 0)
    assert alone is not None
    assert alone.company == 0
