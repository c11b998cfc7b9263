"""One frame -> one sample: the calls in order, on one screen."""

from dataclasses import dataclass

from edge.rollcall_gate.eyes.align import align
from edge.rollcall_gate.eyes.detect import Detector, subject
from edge.rollcall_gate.eyes.embed import Embedder
from edge.rollcall_gate.eyes.landmarks import Landmarker
from edge.rollcall_gate.eyes.pad import AttackDetector
from edge.rollcall_gate.eyes.quality import (
    PORTRAIT,
    Fault,
    Measured,
    QualityLimits,
    faults_of,
    measure,
    quality,
)
from edge.rollcall_gate.frames import (
    AlignedFace,
    DegenerateLandmarks,
    EmbedderId,
    Embedding,
    FaceBox,
    Frame,
    Landmarks,
)
from edge.rollcall_gate.ports import Inference, Optics
from edge.rollcall_gate.who.decide import Sample


@dataclass(frozen=True, slots=True)
class View:
    """One person of one frame. `faults`, gravest first: why it should not be compared.

    `aligned` and `seen` are None when the landmarks span no face; `faults` then says so.
    """

    face: FaceBox
    marks: Landmarks
    aligned: AlignedFace | None
    faults: tuple[Fault, ...]
    seen: Measured | None = None


class Pipeline:
    """Gate, enrolment station and evaluation all look at faces through this very class."""

    def __init__(
        self,
        *,
        detector: Inference,
        landmarks: Inference,
        embedder: Inference,
        optics: Optics,
        pad: Inference | None = None,
        limits: QualityLimits = PORTRAIT,
    ) -> None:
        self._detector = Detector(detector, optics)
        self._landmarker = Landmarker(landmarks, optics)
        self._embedder = Embedder(embedder)
        self._pad = AttackDetector(pad, optics) if pad else None
        self._optics = optics
        self._limits = limits
        loaded = {"detector": detector, "landmarks": landmarks, "embedder": embedder, "pad": pad}
        self._networks = {name: network.model_sha256 for name, network in loaded.items() if network}

    @property
    def networks(self) -> dict[str, bytes]:
        """SHA-256 of each network that was loaded, by name; no `pad` when there is none."""
        return dict(self._networks)

    @property
    def embedder(self) -> EmbedderId:
        return self._embedder.id

    def sample(self, frame: Frame) -> Sample:
        """The most prominent person of the frame: an embedding, a fault, or neither when nobody is there."""
        view = self.view(frame)
        if view is None:
            return Sample()
        if view.faults:
            return Sample(fault=view.faults[0])
        probe = self.embed(view)
        return Sample(probe=probe) if probe else Sample(fault=Fault.NOT_A_FACE)

    def faces(self, frame: Frame) -> list[FaceBox]:
        """Everybody in the frame, best detector score first."""
        return self._detector.detect(frame)

    def view(self, frame: Frame) -> View | None:
        """Find, align and judge the most prominent person; None when nobody is there."""
        face = subject(self.faces(frame), frame)
        return None if face is None else self.view_of(frame, face)

    def view_of(self, frame: Frame, face: FaceBox) -> View:
        """Align and judge this person."""
        marks = self._landmarker.locate(frame, face)
        try:
            aligned = align(frame, marks, self._optics)
        except DegenerateLandmarks:
            return View(face, marks, None, (Fault.TOO_FAR,))
        seen = measure(marks, aligned)
        return View(face, marks, aligned, faults_of(seen, self._limits), seen)

    def quality(self, view: View) -> float:
        """0..1; 0 for a view without a face."""
        return 0.0 if view.seen is None else quality(view.seen, self._limits)

    def embed(self, view: View) -> Embedding | None:
        """Embed a view whatever its faults; None when there is nothing that the network takes for a face."""
        if view.aligned is None:
            return None
        try:
            return self._embedder.embed(view.aligned)
        except ValueError:  # an embedding without direction
            return None

    def bona_fide(self, frame: Frame, view: View) -> float | None:
        """How surely the view shows a person and no print or screen, 0..1; None without a PAD network."""
        return self._pad.bona_fide(frame, view.face) if self._pad else None
