"""A camera before which somebody can be made to stand: shows the photographs given to it as frames."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SIGMA, SensorNoise
from edge.rollcall_gate.frames import Frame, Pixels

FRAME_INTERVAL_MS: Final = 100
FRAMES_PER_WALK: Final = 6
IMPATIENCE_MS: Final = 2_000


class SimulatedCamera:
    """Implements Camera: ten frames a second while somebody stands there, none while nobody does.

    A photograph shown again is another frame, as before a real sensor: it carries fresh noise from `seed`.
    """

    def __init__(self, now_ms: Callable[[], int], *, seed: int = 0, noise: float = SIGMA) -> None:
        self._now_ms = now_ms
        self._noise = SensorNoise(seed, noise)
        self._due_ms = now_ms()
        self._looked_ms = now_ms()
        self._standing: deque[Pixels] = deque()

    def read(self) -> Frame | None:
        now_ms = self._now_ms()
        if now_ms - self._looked_ms > IMPATIENCE_MS:
            self.step_aside()
        self._looked_ms = now_ms
        if now_ms < self._due_ms:
            return None
        self._due_ms = now_ms + FRAME_INTERVAL_MS
        if self._standing:
            return Frame(self._noise.on(self._standing.popleft()), now_ms)
        return None

    def close(self) -> None:
        self.step_aside()

    def step_aside(self) -> None:
        """Nobody stands before the camera any more."""
        self._standing = deque()

    def walk(self, photographs: Sequence[Path]) -> None:
        """Somebody steps before the camera and looks at it for FRAMES_PER_WALK frames, then steps aside;
        earlier when nobody has looked for IMPATIENCE_MS.

        Several photographs follow one another, again and again. Raises CameraError for one that cannot be
        read.
        """
        views = [load_frame(photograph, 0).pixels for photograph in photographs]
        self._looked_ms = self._now_ms()
        frames = max(FRAMES_PER_WALK, len(views))
        self._standing = deque(views[n % len(views)] for n in range(frames))
