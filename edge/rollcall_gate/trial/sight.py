"""What a self-test says about the camera: does it give frames, is it sharp, is there light, is nobody seen
where nobody is. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.device.findings import Finding
from edge.rollcall_gate.frames import Frame, Pixels

FRAMES: Final = 5
"""How many are looked at."""
FRAMES_WITHIN_MS: Final = 20_000
"""A camera's process loads its libraries first (WatchedCamera.FIRST_MS)."""
SHARPNESS_SIDE_PX: Final = 640
SHARP_MIN: Final = 60.0
BLURRED_MAX: Final = 20.0
CONTRAST_MIN: Final = 25.0
"""Measured on ten press photographs: sharp ones have 264 to 1,207, the same ones blurred with a sigma of 4
pixels 0 to 8; all have a contrast of 49 and more. A wall that is darker at its edges has 20, and what looks
sharp in it is the sensor's noise."""
LUMA_DARK: Final = 25.0
LUMA_DIM: Final = 60.0
LUMA_BRIGHT: Final = 200.0
LUMA_GLARING: Final = 235.0
CLIPPED_MAX_PERMILLE: Final = 150
_DARK_LEVEL: Final = 5
_BRIGHT_LEVEL: Final = 250
PAD_MS_MAX: Final = 300
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame in numbers. sharpness: variance of the Laplacian; contrast: standard deviation of the luma,
    0..255, both at SHARPNESS_SIDE_PX; shares in thousandths of the pixels."""

    sharpness: float
    contrast: float
    luma_mean: float
    dark_permille: int
    bright_permille: int


def picture_of(frame: Frame) -> Picture:
    luma = np.asarray(frame.pixels.astype(np.float32) @ _LUMA)
    # averaged down first: the sensor's noise would look sharp, and every camera is measured at one size
    step = max(1, round(max(luma.shape) / SHARPNESS_SIDE_PX))
    height, width = luma.shape[0] // step * step, luma.shape[1] // step * step
    small = luma[:height, :width].reshape(height // step, step, width // step, step).mean((1, 3))
    edges = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:] - 4 * small[1:-1, 1:-1]
    return Picture(
        sharpness=float(edges.var()) if edges.size else 0.0,
        contrast=float(small.std()),
        luma_mean=float(luma.mean()),
        dark_permille=round(1000 * float((luma <= _DARK_LEVEL).mean())),
        bright_permille=round(1000 * float((luma >= _BRIGHT_LEVEL).mean())),
    )


def camera_gives(frames: list[Frame], took_ms: int, fault: str | None, *, simulated: bool) -> Finding:
    """took_ms: for all of them. fault: words of the camera's error, if it had one."""
    measured = {"frames": len(frames), "took-ms": took_ms}
    name = "camera"
    if fault is not None:
        return Finding(name, False, fault, "seat the camera's cable at both ends, then start again", measured)
    if not frames and simulated:
        return Finding(name, None, "simulated, and nobody stands before it", "", measured)
    if not frames:
        advice = "is it named right in device.toml, is its cable seated, does another program hold it?"
        return Finding(name, False, f"no frame in {took_ms} ms", advice, measured)
    words = f"{len(frames)} frames of {frames[0].width_px} x {frames[0].height_px} in {took_ms} ms"
    if len(frames) < FRAMES:
        return Finding(name, False, words, f"fewer than {FRAMES}: use another cable or camera", measured)
    if not simulated and _all_alike([frame.pixels for frame in frames]):
        words += ", all the same to the last bit"
        return Finding(name, False, words, "the camera hangs: take its power away and give it back", measured)
    return Finding(name, True, words + (", simulated" if simulated else ""), "", measured)


def _all_alike(pictures: list[Pixels]) -> bool:
    return all(np.array_equal(picture, pictures[0]) for picture in pictures[1:])


def is_sharp(picture: Picture) -> Finding:
    """Of a view with things in it; an empty wall is sharp for nobody."""
    measured = {"sharpness": round(picture.sharpness), "contrast": round(picture.contrast)}
    words = f"{picture.sharpness:.0f} (at least {SHARP_MIN:.0f}), contrast {picture.contrast:.0f}"
    if picture.contrast < CONTRAST_MIN:
        advice = "too little in view to judge: hold a printed page 1 m before the camera and check again"
        return Finding("sharpness", None, words, advice, measured)
    if picture.sharpness < BLURRED_MAX:
        advice = "blurred: take the foil off, wipe the lens, turn it to focus at 1 m"
        return Finding("sharpness", False, words, advice, measured)
    if picture.sharpness < SHARP_MIN:
        return Finding("sharpness", None, words, "soft: wipe the lens, turn it to focus at 1 m", measured)
    return Finding("sharpness", True, words, "", measured)


def is_lit(picture: Picture) -> Finding:
    mean, dark, bright = picture.luma_mean, picture.dark_permille, picture.bright_permille
    measured = {"luma-mean": round(mean), "dark-permille": dark, "bright-permille": bright}
    words = f"mean {mean:.0f} of 255, {dark / 10:.1f} % black, {bright / 10:.1f} % burnt out"
    name = "light"
    if mean < LUMA_DARK:
        return Finding(name, False, words, "too dark: take the lens cap off, switch the light on", measured)
    if mean > LUMA_GLARING:
        return Finding(name, False, words, "glaring: turn the camera from the window or lamp", measured)
    if mean < LUMA_DIM:
        return Finding(name, None, words, "dim: one more lamp, before the faces and not behind", measured)
    if mean > LUMA_BRIGHT or bright > CLIPPED_MAX_PERMILLE:
        advice = "a window or lamp is in view: turn the camera, or hang a blind"
        return Finding(name, None, words, advice, measured)
    return Finding(name, True, words, "", measured)


@dataclass(frozen=True, slots=True)
class Look:
    """What the networks made of one frame. faces: found in it. pad_score: 0..1; None without a PAD network.
    pad_ms: of one run of it."""

    faces: int
    took_ms: int
    pad_score: float | None
    pad_ms: int


def empty_scene(look: Look) -> Finding:
    """A gate that sees somebody where nobody is would ask the wall for its badge all day."""
    measured = {"faces": look.faces, "look-ms": look.took_ms}
    if look.faces:
        advice = "if nobody stands there: cover the poster in view; else step aside and check again"
        return Finding("empty scene", None, f"{look.faces} face(s) in view", advice, measured)
    return Finding("empty scene", True, f"no face, {look.took_ms} ms for a look", "", measured)


def pad_runs(look: Look) -> Finding:
    if look.pad_score is None:
        advice = "copy pad.tflite into the models folder; until then a photograph of a member may pass"
        return Finding("attack detector", None, "none is loaded", advice)
    measured = {"pad-ms": look.pad_ms, "pad-permille": round(1000 * look.pad_score)}
    words = f"{look.pad_score:.2f} on the middle of this scene, {look.pad_ms} ms"
    if look.pad_ms > PAD_MS_MAX:
        return Finding("attack detector", None, words, f"slower than {PAD_MS_MAX} ms: is it hot?", measured)
    return Finding("attack detector", True, words, "", measured)


def pad_thresholds(attack_below: float, bona_fide_from: float, *, calibrated: bool) -> Finding:
    words = f"attack below {attack_below:.2f}, a person from {bona_fide_from:.2f}"
    if calibrated:
        return Finding("attack thresholds", True, f"{words}, calibrated with this camera")
    advice = "the vendor's default: run `hallward gate calibrate` at this place, with this camera"
    return Finding("attack thresholds", None, words, advice)
