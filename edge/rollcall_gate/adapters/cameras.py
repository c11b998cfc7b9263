"""Which camera a gate has: by name, for the composition root. Libraries are loaded when they are chosen."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.ports import Camera
from edge.rollcall_gate.trial.recording import RECORDING_FILE

WATCHED: Final = ("picamera2", "v4l2")
KINDS: Final = (*WATCHED, "recorded", "simulated")


def open_camera(kind: str, *, device: str, folder: Path, now_ms: Callable[[], int]) -> Camera:
    """kind: one of KINDS. Raises CameraError for another; ConfigError for a recording with mistakes.

    device: number of the camera for picamera2 ("0"), device file for v4l2 ("/dev/video0").
    folder: for recorded: a folder with recording.toml, a folder of photographs, or a video file.
    now_ms: CLOCK_MONOTONIC. Hardware is held by a process of its own: that it is missing shows in `read`.
    """
    if kind in WATCHED:
        from edge.rollcall_gate.adapters.watched_camera import WatchedCamera

        return WatchedCamera(partial(capture_command, kind, device, folder), now_ms)
    return open_unwatched(kind, device=device, folder=folder, now_ms=now_ms)


def capture_command(kind: str, device: str, folder: Path, fd: int) -> list[str]:
    """What starts the process that holds the camera (capture_process.py); `fd` must be inherited."""
    module = "edge.rollcall_gate.adapters.capture_process"
    return [sys.executable, "-m", module, f"{fd}", kind, device, f"{folder}"]


def open_unwatched(kind: str, *, device: str, folder: Path, now_ms: Callable[[], int]) -> Camera:
    """The same, in this very process: for the process that is watched. Raises CameraError, ConfigError."""
    if kind == "picamera2":
        from edge.rollcall_gate.adapters.picamera2_camera import Picamera2Camera

        if not device.isdecimal():
            raise CameraError(f"camera {device!r:.40} must be a number, 0 for the first")
        return Picamera2Camera(int(device), now_ms=now_ms)
    if kind == "v4l2":
        from edge.rollcall_gate.adapters.v4l2_camera import Mode, V4l2Camera, open_device

        return V4l2Camera(open_device(device, Mode()), device, now_ms)
    if kind == "recorded":
        return open_recording(folder, now_ms)
    if kind == "simulated":
        from edge.rollcall_gate.adapters.simulated_camera import SimulatedCamera

        return SimulatedCamera(now_ms)
    raise CameraError(f"camera {kind!r:.40}: known are {', '.join(KINDS)}")


def open_recording(place: Path, now_ms: Callable[[], int]) -> Camera:
    """A folder with recording.toml, that file itself, a video, or a folder of photographs; told apart so.

    Raises CameraError, ConfigError.
    """
    from edge.rollcall_gate.adapters.recorded_camera import RecordedCamera
    from edge.rollcall_gate.adapters.scripted_camera import ScriptedCamera

    if place.name == RECORDING_FILE or (place / RECORDING_FILE).exists():
        file = place if place.name == RECORDING_FILE else place / RECORDING_FILE
        return ScriptedCamera.of_file(file, now_ms)
    if place.is_file():
        from edge.rollcall_gate.adapters.opencv_video import VideoFile

        return VideoFile(place, now_ms)
    return RecordedCamera.of_folder(place, now_ms)
