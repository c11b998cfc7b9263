"""One frame -> one sample: the calls in order, on one screen."""

from edge.rollcall_gate.align import align
from edge.rollcall_gate.decide import Sample
from edge.rollcall_gate.detect import Detector, subject
from edge.rollcall_gate.embed import Embedder
from edge.rollcall_gate.frames import DegenerateLandmarks, EmbedderId, Frame
from edge.rollcall_gate.landmarks import Landmarker
from edge.rollcall_gate.ports import Inference, Optics
from edge.rollcall_gate.quality import PORTRAIT, Fault, QualityLimits, faults


class Pipeline:
    """Gate, enrolment station and evaluation all look at faces through this very class."""

    def __init__(
        self,
        *,
        detector: Inference,
        landmarks: Inference,
        embedder: Inference,
        optics: Optics,
        limits: QualityLimits = PORTRAIT,
    ) -> None:
        self._detector = Detector(detector, optics)
        self._landmarker = Landmarker(landmarks, optics)
        self._embedder = Embedder(embedder)
        self._optics = optics
        self._limits = limits

    @property
    def embedder(self) -> EmbedderId:
        return self._embedder.id

    def sample(self, frame: Frame) -> Sample:
        """The most prominent person of the frame: an embedding, a fault, or neither when nobody is there."""
        face = subject(self._detector.detect(frame), frame)
        if face is None:
            return Sample()
        marks = self._landmarker.locate(frame, face)
        try:
            aligned = align(frame, marks, self._optics)
        except DegenerateLandmarks:
            return Sample(fault=Fault.TOO_FAR)
        wrong = faults(marks, aligned, self._limits)
        if wrong:
            return Sample(fault=wrong[0])
        try:
            return Sample(probe=self._embedder.embed(aligned))
        except ValueError:  # an embedding without direction: nothing that the network takes for a face
            return Sample(fault=Fault.NOT_A_FACE)
