"""How long each stage of a gate takes: its parts, wrapped so that the time spent inside them is added up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from edge.rollcall_gate.frames import Floats, Frame, Pixels
from edge.rollcall_gate.ports import Camera, CodeReader, Inference

CAPTURE: Final = "capture"
CODES: Final = "codes"


class Stages:
    """now_s: a clock of seconds; processor time of the thread where machines are shared, else the wall's."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.now_s = now_s
        self.spent_s: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        began_s = self.now_s()
        try:
            yield
        finally:
            self.add(stage, self.now_s() - began_s)

    def add(self, stage: str, spent_s: float) -> None:
        """One more call."""
        self.spent_s[stage] += spent_s
        self.calls[stage] += 1

    def network(self, name: str, network: Inference) -> Inference:
        return TimedNetwork(name, network, self)

    def clear(self) -> None:
        self.spent_s.clear()
        self.calls.clear()


class TimedNetwork:
    """Implements Inference."""

    def __init__(self, name: str, network: Inference, stages: Stages) -> None:
        self._name = name
        self._network = network
        self._stages = stages

    @property
    def model_sha256(self) -> bytes:
        return self._network.model_sha256

    @property
    def runtime(self) -> str:
        return self._network.runtime

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        began_s = self._stages.now_s()
        outputs = self._network.run(picture)
        self._stages.add(self._name, self._stages.now_s() - began_s)
        return outputs


class TimedCamera:
    """Implements Camera."""

    def __init__(self, camera: Camera, stages: Stages) -> None:
        self._camera = camera
        self._stages = stages

    def read(self) -> Frame | None:
        with self._stages.timed(CAPTURE):
            return self._camera.read()

    def close(self) -> None:
        self._camera.close()


class TimedCodes:
    """Implements CodeReader."""

    def __init__(self, codes: CodeReader, stages: Stages) -> None:
        self._codes = codes
        self._stages = stages

    def read(self, frame: Frame) -> str | None:
        with self._stages.timed(CODES):
            return self._codes.read(frame)
