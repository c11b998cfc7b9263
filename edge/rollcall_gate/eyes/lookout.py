"""One frame after another -> samples of the person attended to; the rest of a frame is forgotten.

Networks run for that person alone, and the two costly ones only for a frame that is good and new: the same
picture twice is not a second look.
"""

from typing import Final

import numpy as np

from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.quality import Fault, turn
from edge.rollcall_gate.eyes.track import Attended, Lane, Tracks, attend, follow
from edge.rollcall_gate.frames import AlignedFace, Frame, Pixels
from edge.rollcall_gate.who.decide import Sample

SAME_PICTURE: Final = 0.3
"""Mean difference of two aligned faces, grey levels, below which they are one picture. A sensor's noise alone
makes more, a person more again; a repeated or held frame makes none."""
_EVERY: Final = 4  # pixels of the aligned face that are compared


class Lookout:
    """Holds the people in view and, of each, the last picture looked at. In memory only."""

    def __init__(self, pipeline: Pipeline, lane: Lane) -> None:
        self._pipeline = pipeline
        self._lane = lane
        self._tracks = Tracks()
        self._attended: int | None = None
        self._last: dict[int, Pixels] = {}

    def look(self, frame: Frame, resting: int | None = None) -> Sample:
        """What this frame tells of the person attended to. resting: whom nothing more is asked of just now:
        they are followed, and no network runs for them but the detector. Raises ModelError.
        """
        now_ms = frame.captured_ms
        self._tracks = follow(self._tracks, self._pipeline.faces(frame), now_ms)
        size_px = frame.width_px, frame.height_px
        attended = attend(self._tracks, self._lane, size_px, now_ms, self._attended, resting)
        self._attended = attended.track.number if attended else None
        self._forget_lost()
        if attended is None:
            return Sample()
        if attended.track.number == resting:
            return Sample(track=resting)
        return self._sample(frame, attended)

    def forget(self) -> None:
        """Everybody in view counts as new from here on."""
        self._tracks = Tracks((), self._tracks.last)
        self._forget_lost()

    def _sample(self, frame: Frame, attended: Attended) -> Sample:
        view = self._pipeline.view_of(frame, attended.track.face)
        track, company = attended.track.number, attended.company
        openness, yaw = view.marks.eye_openness, turn(view.marks) if view.seen else None
        fault, probe, bona_fide = view.faults[0] if view.faults else None, None, None
        if view.aligned is not None and not fault and self._is_new(track, view.aligned):
            # PAD first: its crop costs half while the frame is still in the processor's cache.
            bona_fide = self._pipeline.bona_fide(frame, view)
            probe = self._pipeline.embed(view)
            fault = None if probe else Fault.NOT_A_FACE
        return Sample(probe, fault, track, self._pipeline.quality(view), bona_fide, openness, yaw, company)

    def _is_new(self, track: int, face: AlignedFace) -> bool:
        thumb = face.pixels[::_EVERY, ::_EVERY]
        last = self._last.get(track)
        if last is not None and float(np.abs(thumb.astype(np.int16) - last).mean()) < SAME_PICTURE:
            return False
        self._last[track] = thumb.copy()
        return True

    def _forget_lost(self) -> None:
        here = {track.number for track in self._tracks.people}
        self._last = {number: thumb for number, thumb in self._last.items() if number in here}
