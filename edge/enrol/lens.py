"""The station's camera: open only while somebody is being photographed, and no frame of it is kept."""

from collections.abc import Callable, Iterator
from typing import Final

from edge.enrol.look import forget
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels
from edge.rollcall_gate.ports import Camera

UNWATCHED_MS: Final = 20_000
"""A page that is open asks for a preview twice a second; one that is not has been closed."""
BURST_FRAMES: Final = 6
BURST_MS: Final = 2_500
PREVIEW_SIDE_PX: Final = 480

Encode = Callable[[Pixels, int], bytes]
"""Pixels, and the longest side -> a JPEG."""


class Lens:
    """open_camera: None where no camera was named. wait_ms: lets that many milliseconds pass."""

    def __init__(
        self,
        open_camera: Callable[[], Camera] | None,
        encode: Encode,
        now_ms: Callable[[], int],
        wait_ms: Callable[[int], None],
    ) -> None:
        self._open_camera = open_camera
        self._encode = encode
        self._now_ms = now_ms
        self._wait_ms = wait_ms
        self._camera: Camera | None = None
        self._looked_ms = 0

    @property
    def is_there(self) -> bool:
        return self._open_camera is not None

    @property
    def is_open(self) -> bool:
        return self._camera is not None

    def open(self) -> None:
        """Raises CameraError."""
        if self._open_camera is None:
            raise CameraError(
                "this station was started without a camera; upload photographs, or use --camera"
            )
        if self._camera is None:
            self._camera = self._open_camera()
        self._looked_ms = self._now_ms()

    def close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def tick(self) -> None:
        """Close it when nobody looks."""
        if self._camera is not None and self._now_ms() - self._looked_ms > UNWATCHED_MS:
            self.close()

    def preview(self) -> bytes | None:
        """A frame of this moment as a small JPEG. Raises CameraError, and the camera is then closed."""
        if self._camera is None:
            return None
        self._looked_ms = self._now_ms()
        frame = self._read(self._camera)
        if frame is None:
            return None
        try:
            return self._encode(frame.pixels if frame.lores is None else frame.lores, PREVIEW_SIDE_PX)
        finally:
            forget(frame)

    def burst(self) -> Iterator[Frame]:
        """Up to BURST_FRAMES frames from now on, within BURST_MS. Raises CameraError."""
        if self._camera is None:
            raise CameraError("the camera is closed; open it first")
        self._looked_ms = started_ms = self._now_ms()
        left = BURST_FRAMES
        while left and self._now_ms() - started_ms <= BURST_MS:
            frame = self._read(self._camera)
            if frame is None:
                self._wait_ms(20)
                continue
            left -= 1
            yield frame

    def _read(self, camera: Camera) -> Frame | None:
        try:
            return camera.read()
        except CameraError:
            self.close()
            raise
