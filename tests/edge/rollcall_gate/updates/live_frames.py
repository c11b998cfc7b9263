"""People walking past a gate's camera: the shipped photographs, small, with a sensor's noise on them."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.frames import Frame, Pixels

LONGER_PX = 480
PER_PERSON = 4
EVERY_MS = 100


def walking_past(photographs: list[Path], count: int) -> Iterator[Frame]:
    """So many frames: of each photograph a few, one after the other, again and again."""
    noise, views = SensorNoise(seed=5), [_small(path) for path in photographs]
    shown = (view for view in cycle(views) for _ in range(PER_PERSON))
    for at, view in enumerate(islice(shown, count)):
        yield Frame(noise.on(view), at * EVERY_MS)


def _small(path: Path) -> Pixels:
    pixels = load_frame(path, 0).pixels
    height, width = pixels.shape[:2]
    scale = LONGER_PX / max(height, width)
    return OpencvOptics().resize(pixels, round(width * scale), round(height * scale))
