"""One presentation after another before a camera -> one score each, for calibration.

A presentation is one person (or one picture) as long as they are in view: a track. Of a folder of photographs
each is one by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.ports import Camera
from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.presentation import track_score

LOOKS_MAX: Final = 5
"""Of each presentation, as many as a gate takes before it decides."""
STEP_MS: Final = 20
QUIET_MS: Final = 60_000
"""A recording that has shown nothing for so long has ended."""


def scores(frames: Iterable[Frame], lookout: Lookout, *, stills: bool = False) -> list[float]:
    """The track score, 0..1, of each presentation that gave a good look, in order.

    stills: every frame is a presentation by itself. Raises CameraError, ModelError.
    """
    looks: dict[int, list[Sample]] = {}
    for frame in frames:
        if stills:
            lookout.forget()
        sample = lookout.look(frame)
        if sample.track is not None and sample.bona_fide is not None:
            seen = looks.setdefault(sample.track, [])
            if len(seen) < LOOKS_MAX:
                seen.append(sample)
    found = (track_score(samples) for samples in looks.values())
    return [score for score in found if score is not None]


def recorded(open_camera: Callable[[Callable[[], int]], Camera]) -> Iterator[Frame]:
    """Every frame of a recording, as fast as they can be looked at. open_camera: given the recording's
    clock.
    """
    now_ms = quiet_ms = 0
    camera = open_camera(lambda: now_ms)
    try:
        while quiet_ms <= QUIET_MS:
            frame = camera.read()
            quiet_ms = quiet_ms + STEP_MS if frame is None else 0
            now_ms += STEP_MS
            if frame is not None:
                yield frame
    finally:
        camera.close()


def live(camera: Camera, now_ms: Callable[[], int], for_ms: int, rest: Callable[[], None]) -> Iterator[Frame]:
    """What a camera shows for so long. rest: called when no frame is due."""
    until_ms = now_ms() + for_ms
    try:
        while now_ms() < until_ms:
            frame = camera.read()
            if frame is None:
                rest()
            else:
                yield frame
    finally:
        camera.close()
