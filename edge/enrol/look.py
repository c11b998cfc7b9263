"""One photograph or frame -> one look at a person, or the reason why it is none. Nothing of it is kept but
numbers, in memory."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

import numpy as np

from edge.rollcall_gate.adapters.opencv_optics import decode_photograph
from edge.rollcall_gate.adapters.recorded_camera import PIXELS_MAX, SIDE_PX_MAX
from edge.rollcall_gate.eyes.detect import subject
from edge.rollcall_gate.eyes.photograph import pixels_in
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import (
    EYE_DISTANCE_PX_GOOD,
    LUMA_GOOD,
    POSE_GOOD,
    PRESENCE_GOOD,
    SHARPNESS_GOOD,
    Fault,
    Measured,
)
from edge.rollcall_gate.eyes.quality import PORTRAIT as LIMITS
from edge.rollcall_gate.frames import FACE_SIDE_PX, AlignedFace, Embedding, FaceBox, Floats, Frame

COMPANION_SIDE_MIN: Final = 0.5
"""A second face of at least this share of the first one's side: whose photograph it is, nobody can tell."""
SAME_PICTURE_MIN: Final = 0.95
"""Correlation of two `thumb`s from which they are one picture. Eleven portraits packed again, shrunk to
two fifths, cut at the edge or made brighter: .96 to 1 with themselves; two photographs of one person: at
most .5."""
_CELL_PX: Final = 4


class Refusal(StrEnum):
    """Why a photograph, or a person, cannot be enrolled. The value stands for a sentence (words.SAY)."""

    NOT_A_PHOTOGRAPH = "not-a-photograph"
    TOO_MANY_PIXELS = "too-many-pixels"
    NO_FACE = "no-face"
    TWO_PEOPLE = "two-people"
    NOT_A_FACE = "not-a-face"
    TOO_FAR = "too-far"
    TURNED_AWAY = "turned-away"
    TILTED = "tilted"
    TOO_DARK = "too-dark"
    TOO_BRIGHT = "too-bright"
    BLURRED = "blurred"
    SAME_PHOTOGRAPH = "same-photograph"
    OTHER_PERSON = "other-person"
    LOOKS_FULL = "looks-full"
    NO_CONSENT = "no-consent"
    NO_LOOK = "no-look"
    DUPLICATE = "duplicate"


class Advice(StrEnum):
    """What would make a look that serves a better one (words.SAY)."""

    CLOSER = "advice-closer"
    SHARPER = "advice-sharper"
    STRAIGHTER = "advice-straighter"
    LIGHTER = "advice-lighter"
    DARKER = "advice-darker"
    FREER = "advice-freer"


@dataclass(frozen=True, slots=True)
class Look:
    """A look that serves. quality: 0..1. thumb: float32, the face very small, for telling pictures apart."""

    embedding: Embedding
    quality: float
    advice: tuple[Advice, ...]
    thumb: Floats


def look_at(pipeline: Pipeline, frame: Frame) -> Look | Refusal:
    """The one person of this frame. Raises ModelError."""
    faces = pipeline.faces(frame)
    if are_two(faces):
        return Refusal.TWO_PEOPLE
    face = subject(faces, frame)
    if face is None:
        return Refusal.NO_FACE
    view = pipeline.view_of(frame, face)
    if view.faults:
        return of_fault(view.faults[0])
    embedding = pipeline.embed(view)
    if embedding is None or view.aligned is None or view.seen is None:
        return Refusal.NOT_A_FACE
    return Look(embedding, pipeline.quality(view), advice_on(view.seen), _thumb(view.aligned))


def frame_of(data: bytes | bytearray) -> Frame | Refusal:
    """Unpack a JPEG or PNG, upright, at most SIDE_PX_MAX on the longer side. Copies nothing of it."""
    packed = cast("bytes", data)  # what is asked of it, a bytearray does as well
    size = pixels_in(packed)
    if size is not None and size > PIXELS_MAX:
        return Refusal.TOO_MANY_PIXELS
    pixels = None if size is None else decode_photograph(packed, SIDE_PX_MAX)
    return Refusal.NOT_A_PHOTOGRAPH if pixels is None else Frame(pixels, 0)


def forget(frame: Frame) -> None:
    """Overwrite the pixels, where they may be written."""
    for pixels in (frame.pixels, frame.lores):
        if pixels is not None and pixels.flags.writeable:
            pixels.fill(0)


def are_two(faces: list[FaceBox]) -> bool:
    """Whether a second person stands about as near as the first."""
    sides = sorted((face.side_px for face in faces), reverse=True)
    return len(sides) > 1 and sides[1] >= COMPANION_SIDE_MIN * sides[0]


def same_picture(one: Look, other: Look) -> bool:
    """Whether they are one picture, be it packed again, cut or made brighter."""
    return float(one.thumb @ other.thumb) / one.thumb.size >= SAME_PICTURE_MIN


def of_fault(fault: Fault) -> Refusal:
    """The refusal of the same name."""
    return Refusal[fault.name]


def advice_on(seen: Measured) -> tuple[Advice, ...]:
    """What is short of good, in the order of what helps most; empty when nothing is."""
    centre = (LIMITS.pitch_min + LIMITS.pitch_max) / 2
    turned = max(
        abs(seen.pose.yaw) / LIMITS.yaw_max,
        abs(seen.pose.roll_deg) / LIMITS.roll_deg_max,
        abs(seen.pose.pitch - centre) / (LIMITS.pitch_max - centre),
    )
    short = {
        Advice.FREER: seen.presence < PRESENCE_GOOD,
        Advice.CLOSER: seen.eye_distance_px < EYE_DISTANCE_PX_GOOD,
        Advice.LIGHTER: seen.luma_mean < LUMA_GOOD[0],
        Advice.DARKER: seen.luma_mean > LUMA_GOOD[1],
        Advice.SHARPER: seen.sharpness < SHARPNESS_GOOD,
        Advice.STRAIGHTER: turned > 2 * POSE_GOOD,  # a little is good: it makes the looks different
    }
    return tuple(advice for advice, is_short in short.items() if is_short)


def _thumb(face: AlignedFace) -> Floats:
    """Means of cells, float32, of mean 0 and deviation 1: their mean product is their correlation."""
    cells = FACE_SIDE_PX // _CELL_PX
    grid = face.pixels.reshape(cells, _CELL_PX, cells, _CELL_PX, 3).mean((1, 3, 4), dtype=np.float32).ravel()
    grid -= grid.mean()
    return np.asarray(grid / max(float(grid.std()), 1e-6), np.float32)
