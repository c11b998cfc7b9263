"""Is this sample worth comparing? Refuses bad ones with a reason a person can act on.

A bad probe is not a non-match: it is shown as "look at the camera", never as "you are nobody".
"""

import cmath
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from edge.rollcall_gate.frames import AlignedFace, Floats, Landmarks


class Fault(StrEnum):
    """What is wrong with a sample; the value is the sentence shown."""

    NOT_A_FACE = "Face not clear. Take off mask or glasses, look at the camera."
    TOO_FAR = "Come closer."
    BLURRED = "Hold still."
    TOO_DARK = "Too dark here. Turn to the light."
    TOO_BRIGHT = "Too bright here. Turn from the light."
    TURNED_AWAY = "Look straight at the camera."
    TILTED = "Hold your head upright."


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Limits of a good sample. Units and meaning: Pose, sharpness, Landmarks.

    The defaults pass 98.7 % of 2,319 press portraits, and what they pass scores no worse than the average:
    they refuse what cannot be compared, not what is merely unflattering.
    """

    presence_min: float = 0.5
    eye_distance_px_min: float = 20.0
    sharpness_min: float = 15.0
    luma_mean_min: float = 35.0
    luma_mean_max: float = 225.0
    yaw_max: float = 0.55
    pitch_min: float = 0.25
    pitch_max: float = 0.95
    roll_deg_max: float = 40.0


PORTRAIT: Final = QualityLimits()
EYE_DISTANCE_PX_GOOD: Final = 36.0  # of the embedder's own pose: more is made smaller anyway
SHARPNESS_GOOD: Final = 200.0
POSE_GOOD: Final = 0.3  # of the limit
LUMA_GOOD: Final = (80.0, 180.0)
PRESENCE_GOOD: Final = 0.95
FLAT: Final = 0.1
"""Height over width of eyes and mouth, below which nothing can be read off them: seen from far above."""
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_EDGE: Final = 16  # pixels of the aligned crop left out: background and hair


@dataclass(frozen=True, slots=True)
class Pose:
    """Read off five points. yaw: nose off the middle of the eyes, in eye distances, right positive.

    pitch: how far down the nose tip is between eyes (0) and mouth (1). roll_deg: tilt of the eye line, in the
    picture.
    """

    yaw: float
    pitch: float
    roll_deg: float


def pose(marks: Landmarks) -> Pose:
    """Coarse on purpose: enough to refuse a profile, not to measure an angle. Needs eyes that are apart."""
    # Complex numbers are points; dividing by the eye line turns it level, of length 1.
    eye, other_eye, nose, mouth, other_mouth = (complex(x, y) for x, y in marks.points.tolist())
    middle, across = (eye + other_eye) / 2, other_eye - eye
    across = across if abs(across) > 1e-6 else 1e-6 + 0j
    to_nose, to_mouth = (nose - middle) / across, ((mouth + other_mouth) / 2 - middle) / across
    pitch = to_nose.imag / to_mouth.imag if to_mouth.imag > 1e-6 else math.inf
    return Pose(to_nose.real, pitch, math.degrees(cmath.phase(across)))


def turn(marks: Landmarks) -> float | None:
    """How far a head is turned, for the active challenge: nose off the line from the middle of the eyes to
    that of the mouth, along the eye line, in eye distances; right positive. None when they span no face.

    Not Pose.yaw: a print held obliquely shears, and the nose leaves the upright on the eye line. This line it
    does not leave: whatever plane a picture lies in, what divides it in one place does so in all.
    """
    eye, other_eye, nose, mouth, other_mouth = (complex(x, y) for x, y in marks.points.tolist())
    middle, across = (eye + other_eye) / 2, other_eye - eye
    to_nose, to_mouth = nose - middle, (mouth + other_mouth) / 2 - middle
    area = (across.conjugate() * to_mouth).imag
    if area < FLAT * abs(across) ** 2:
        return None
    return (to_nose.conjugate() * to_mouth).imag / area


def sharpness(face: AlignedFace) -> float:
    """Variance of the Laplacian of the inner face, luma 0..255 squared. In focus: hundreds."""
    return _sharpness(_inner_luma(face))


def _sharpness(luma: Floats) -> float:
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1]
    laplacian += luma[1:-1, :-2]
    laplacian += luma[1:-1, 2:]
    laplacian -= 4 * luma[1:-1, 1:-1]
    laplacian -= laplacian.mean()
    return float(np.vdot(laplacian, laplacian)) / laplacian.size  # var() takes longer


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sample is judged by. sharpness: `sharpness`. luma_mean: 0..255. presence: 0..1."""

    pose: Pose
    eye_distance_px: float
    sharpness: float
    luma_mean: float
    presence: float


def measure(marks: Landmarks, face: AlignedFace) -> Measured:
    """Pure. Needs eyes that are apart."""
    luma = _inner_luma(face)
    return Measured(pose(marks), marks.eye_distance_px, _sharpness(luma), float(luma.mean()), marks.presence)


def faults(marks: Landmarks, face: AlignedFace, limits: QualityLimits = PORTRAIT) -> tuple[Fault, ...]:
    """Everything wrong with a sample, gravest first; empty when it is good. Pure."""
    return faults_of(measure(marks, face), limits)


def faults_of(seen: Measured, limits: QualityLimits = PORTRAIT) -> tuple[Fault, ...]:
    """The same, of what was measured."""
    turned = seen.pose
    wrong = {
        Fault.NOT_A_FACE: seen.presence < limits.presence_min,
        Fault.TOO_FAR: seen.eye_distance_px < limits.eye_distance_px_min,
        Fault.TURNED_AWAY: abs(turned.yaw) > limits.yaw_max
        or not limits.pitch_min <= turned.pitch <= limits.pitch_max,
        Fault.TILTED: abs(turned.roll_deg) > limits.roll_deg_max,
        Fault.TOO_DARK: seen.luma_mean < limits.luma_mean_min,
        Fault.TOO_BRIGHT: seen.luma_mean > limits.luma_mean_max,
        Fault.BLURRED: seen.sharpness < limits.sharpness_min,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def quality(seen: Measured, limits: QualityLimits = PORTRAIT) -> float:
    """How good a sample is, 0..1: the geometric mean of size, sharpness, pose, exposure and occlusion.

    Each is 0 at its limit and 1 where more gains nothing; one that is 0 makes the whole 0. It orders the
    looks at one person; it is not calibrated and decides nothing alone (ADR-0009).
    Occlusion is what the landmark network says of it: a mask or hand lowers its presence.
    """
    centre = (limits.pitch_min + limits.pitch_max) / 2
    off_pose = max(
        abs(seen.pose.yaw) / limits.yaw_max,
        abs(seen.pose.roll_deg) / limits.roll_deg_max,
        abs(seen.pose.pitch - centre) / (limits.pitch_max - centre),
    )
    parts = (
        _share(seen.eye_distance_px, limits.eye_distance_px_min, EYE_DISTANCE_PX_GOOD),
        _share(math.log(max(seen.sharpness, 1e-9)), math.log(limits.sharpness_min), math.log(SHARPNESS_GOOD)),
        _share(-off_pose, -1.0, -POSE_GOOD),
        min(
            _share(seen.luma_mean, limits.luma_mean_min, LUMA_GOOD[0]),
            _share(-seen.luma_mean, -limits.luma_mean_max, -LUMA_GOOD[1]),
        ),
        _share(seen.presence, limits.presence_min, PRESENCE_GOOD),
    )
    return math.prod(parts) ** (1 / len(parts))


def _share(value: float, none: float, full: float) -> float:
    """0 at `none`, 1 at `full` and beyond."""
    return min(1.0, max(0.0, (value - none) / (full - none)))


def _inner_luma(face: AlignedFace) -> Floats:
    inner = face.pixels[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return np.asarray(inner.astype(np.float32) @ _LUMA)
