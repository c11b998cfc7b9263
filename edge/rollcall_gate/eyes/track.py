"""Faces of one frame after another -> people: who in this frame is the one of the frame before. Pure.

Several people may be in view; the nearest one within the lane is attended to. Distances are measured in
faces: a face moves less than itself between two frames, or it is somebody else's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.rollcall_gate.frames import FaceBox

LOST_AFTER_MS: Final = 500
"""A track that no face belonged to for so long has ended; who steps up then is somebody new."""
MOVES_MAX: Final = 0.7
"""How far a face's centre may move between two frames, in sides of the face."""
GROWS_MAX: Final = 1.5
"""How much larger or smaller it may become."""
AS_NEAR: Final = 0.75
"""Faces of at least this share of the nearest one's size stand as near as that."""
NEARER: Final = 1.25
"""So much larger than the attended one's must a face be to be attended to instead."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The part of the picture that people come through: shares of its width, 0..1.

    face_min: the least side of a face, as a share of the frame's height: who is farther is not yet here.
    """

    left: float = 0.15
    right: float = 0.85
    face_min: float = 0.12


EVERYWHERE: Final = Lane(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Track:
    """One person as long as they are in view. number: from 1, never used again."""

    number: int
    face: FaceBox
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Tracks:
    """The people in view. last: the highest number given so far."""

    people: tuple[Track, ...] = ()
    last: int = 0


@dataclass(frozen=True, slots=True)
class Attended:
    """Whom the gate attends to in this frame, and how many others stand as near."""

    track: Track
    company: int = field(default=0)


def follow(tracks: Tracks, faces: Sequence[FaceBox], now_ms: int) -> Tracks:
    """Give each face to the nearest track that it can belong to, best pairs first; others are new people."""
    alive = [track for track in tracks.people if now_ms - track.seen_ms <= LOST_AFTER_MS]
    pairs = sorted(
        (moved, at, which)
        for at, track in enumerate(alive)
        for which, face in enumerate(faces)
        if (moved := _moved(track.face, face)) is not None
    )
    person_of: dict[int, int] = {}
    for _, at, which in pairs:
        if which not in person_of and at not in person_of.values():
            person_of[which] = at
    people, last = [], tracks.last
    for which, face in enumerate(faces):
        if which in person_of:
            people.append(Track(alive[person_of[which]].number, face, now_ms))
        else:
            last += 1
            people.append(Track(last, face, now_ms))
    unseen = (track for at, track in enumerate(alive) if at not in person_of.values())
    return Tracks((*people, *unseen), last)


def attend(
    tracks: Tracks,
    lane: Lane,
    size_px: tuple[int, int],
    now_ms: int,
    before: int | None = None,
    resting: int | None = None,
) -> Attended | None:
    """The nearest person within the lane who is in view now; None when nobody is.

    size_px: width and height of the frame. before: whom the gate attended to so far; they stay it until
    somebody stands clearly nearer, or two side by side would take turns and neither be decided. resting: of
    whom nothing is asked just now; whoever stands as near as they do comes first.
    """
    width_px, height_px = size_px
    here = [
        track
        for track in tracks.people
        if track.seen_ms == now_ms
        and lane.left * width_px <= track.face.centre[0] <= lane.right * width_px
        and track.face.side_px >= lane.face_min * height_px
    ]
    nearest = max(here, key=lambda track: track.face.side_px, default=None)
    if nearest is None:
        return None
    others = [t for t in here if t.number != resting and t.face.side_px >= AS_NEAR * nearest.face.side_px]
    if nearest.number == resting and others:
        nearest = max(others, key=lambda track: track.face.side_px)
    kept = next((track for track in here if track.number == before != resting), None)
    if kept is not None and nearest.face.side_px < NEARER * kept.face.side_px:
        nearest = kept
    near = sum(track.face.side_px >= AS_NEAR * nearest.face.side_px for track in here)
    return Attended(nearest, max(0, near - 1))


def _moved(before: FaceBox, after: FaceBox) -> float | None:
    """How far it moved, in sides of the larger; None when it cannot be the same face."""
    small, large = sorted((before.side_px, after.side_px))
    if large <= 0 or large > GROWS_MAX * max(small, 1e-6):
        return None
    (x, y), (other_x, other_y) = before.centre, after.centre
    moved = math.hypot(other_x - x, other_y - y) / large
    return moved if moved <= MOVES_MAX else None
