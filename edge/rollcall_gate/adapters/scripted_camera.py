"""A camera, and the pin pad beside it, that play a recording by the clock."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from edge.rollcall_gate.adapters.opencv_qr import badge_view
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.frames import Frame, Pixels
from edge.rollcall_gate.trial.recording import Recording, read_recording

VIEWS_KEPT: Final = 4
"""Unpacked photographs in memory, the last ones used: 3 to 5 MB each."""


class ScriptedCamera:
    """Implements Camera. Time begins with the first read; a frame is due every `every_ms`, one that was
    missed is gone, as with a real camera. After the end: None.

    seed: of the sensor noise that the recording asks for.
    """

    def __init__(self, recording: Recording, now_ms: Callable[[], int], *, seed: int = 0) -> None:
        self._recording = recording
        self._now_ms = now_ms
        self._views = _Views(recording, seed)
        self._start_ms: int | None = None
        self._shown_ms = -1
        self._keys_since_ms = 0
        self._closed = False

    @classmethod
    def of_file(cls, file: Path, now_ms: Callable[[], int], *, seed: int = 0) -> Self:
        """Raises ConfigError when the recording is not what it must be."""
        return cls(read_recording(file), now_ms, seed=seed)

    @property
    def is_over(self) -> bool:
        return self._closed or self._elapsed_ms(self._now_ms()) >= self._recording.ends_ms

    @property
    def pin_pad(self) -> "ScriptedPinPad":
        """The keys of the same recording, on the same clock. Implements PinPad."""
        return ScriptedPinPad(self)

    def read(self) -> Frame | None:
        now_ms = self._now_ms()
        elapsed_ms = self._elapsed_ms(now_ms)
        late_ms = elapsed_ms % self._recording.every_ms
        if self._closed or elapsed_ms - late_ms == self._shown_ms:
            return None
        self._shown_ms = elapsed_ms - late_ms
        shows = self._recording.shown_at(self._shown_ms)
        return None if shows is None else self._views.frame(shows, now_ms - late_ms)

    def close(self) -> None:
        self._closed = True
        self._views.clear()

    def keys(self) -> str:
        """Keys pressed since the last call, by the clock."""
        if self._closed:
            return ""
        until_ms = self._elapsed_ms(self._now_ms()) + 1
        keys = self._recording.keys_between(self._keys_since_ms, until_ms)
        self._keys_since_ms = until_ms
        return keys

    def _elapsed_ms(self, now_ms: int) -> int:
        if self._start_ms is None:
            self._start_ms = now_ms
        return now_ms - self._start_ms


class ScriptedPinPad:
    """Implements PinPad over the camera's clock."""

    def __init__(self, camera: ScriptedCamera) -> None:
        self._camera = camera

    def read(self) -> str:
        return self._camera.keys()

    def close(self) -> None:
        """Nothing is held."""


class _Views:
    """Pictures of a recording, unpacked when they are due, a few at a time."""

    def __init__(self, recording: Recording, seed: int) -> None:
        self._noise = SensorNoise(seed, recording.noise)
        self._kept: OrderedDict[Path | str, Pixels] = OrderedDict()

    def frame(self, shows: Path | str, captured_ms: int) -> Frame:
        return Frame(self._noise.on(self._view(shows)), captured_ms)

    def clear(self) -> None:
        self._kept.clear()

    def _view(self, shows: Path | str) -> Pixels:
        if shows not in self._kept:
            self._kept[shows] = badge_view(shows) if isinstance(shows, str) else load_frame(shows, 0).pixels
            if len(self._kept) > VIEWS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(shows)
        return self._kept[shows]
