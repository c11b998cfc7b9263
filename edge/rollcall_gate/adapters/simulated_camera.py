"""A camera before which somebody can be made to stand: shows the photographs given to it as frames."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SIGMA, SensorNoise
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels

FRAME_INTERVAL_MS: Final = 100
FRAMES_PER_WALK: Final = 6
IMPATIENCE_MS: Final = 2_000
STEPPING_UP_MS: Final = 600
"""Nobody is seen for so long between two people, as where one goes on before the next one comes: a face at
the same place within half a second is the same person (track.py)."""


class SimulatedCamera:
    """Implements Camera: ten frames a second while somebody stands there, none while nobody does.

    A photograph shown again is another frame, as before a real sensor: it carries fresh noise from `seed`.
    """

    def __init__(self, now_ms: Callable[[], int], *, seed: int = 0, noise: float = SIGMA) -> None:
        self._now_ms = now_ms
        self._noise = SensorNoise(seed, noise)
        self._due_ms = now_ms()
        self._looked_ms = now_ms()
        self._seen_ms: int | None = None
        self._plugged = True
        self._standing: deque[Pixels] = deque()

    def read(self) -> Frame | None:
        if not self._plugged:
            raise CameraError("the camera gives no picture; plug it in again (simulated)")
        now_ms = self._now_ms()
        if now_ms - self._looked_ms > IMPATIENCE_MS:
            self.step_aside()
        self._looked_ms = now_ms
        if now_ms < self._due_ms:
            return None
        self._due_ms = now_ms + FRAME_INTERVAL_MS
        if self._standing:
            self._seen_ms = now_ms
            return Frame(self._noise.on(self._standing.popleft()), now_ms)
        return None

    def close(self) -> None:
        self.step_aside()

    def step_aside(self) -> None:
        """Nobody stands before the camera any more."""
        self._standing = deque()

    def walk(self, photographs: Sequence[Path]) -> None:
        """Somebody steps before the camera and looks at it for FRAMES_PER_WALK frames, then steps aside;
        earlier when nobody has looked for IMPATIENCE_MS. Whoever stood there until STEPPING_UP_MS ago has
        gone on before.

        Several photographs follow one another, again and again. Raises CameraError for one that cannot be
        read.
        """
        views = [load_frame(photograph, 0).pixels for photograph in photographs]
        self._looked_ms = self._now_ms()
        if self._seen_ms is not None:
            self._due_ms = max(self._due_ms, self._seen_ms + STEPPING_UP_MS)
        frames = max(FRAMES_PER_WALK, len(views))
        self._standing = deque(views[n % len(views)] for n in range(frames))

    def unplug(self) -> None:
        """From now on it gives no picture."""
        self._plugged = False

    def plug_in(self) -> None:
        self._plugged = True
