"""The kernel's virtual camera, and what one does before its lens.

Linux, `Documentation/admin-guide/media/vivid.rst`.
Its controls are found by name (`include/uapi/linux/videodev2.h`), so that no number of theirs is ours.
"""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.v4l2_camera import Mode, V4l2Camera, open_device
from edge.rollcall_gate.frames import Frame

DEVICE: Final = Path("/dev/video0")
WIDTH_PX: Final = 640
HEIGHT_PX: Final = 360
FPS: Final = 15
BUFFERS: Final = 4
"""Frames that may wait between the driver and its reader; OpenCV asks for no more."""
_QUERY: Final = struct.Struct("=II32siiiiI8s")  # struct v4l2_queryctrl
_QUERYCTRL: Final = 0xC0445624  # _IOWR('V', 36, struct v4l2_queryctrl)
_MENU: Final = struct.Struct("=II32sI")  # struct v4l2_querymenu
_QUERYMENU: Final = 0xC02C5625  # _IOWR('V', 37, struct v4l2_querymenu)
_SET: Final = struct.Struct("=Ii")  # struct v4l2_control
_S_CTRL: Final = 0xC008561C  # _IOWR('V', 28, struct v4l2_control)
_NEXT: Final = 0x80000000  # V4L2_CTRL_FLAG_NEXT_CTRL


@contextmanager
def _opened() -> Iterator[int]:
    file = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield file
    finally:
        os.close(file)


def _control(file: int, name: str) -> tuple[int, int]:
    """Its number and its largest value."""
    number = _NEXT
    while True:
        asked = bytearray(_QUERY.pack(number, 0, b"", 0, 0, 0, 0, 0, b""))
        fcntl.ioctl(file, _QUERYCTRL, asked)  # OSError after the last one
        found, _, text, _, largest, *_ = _QUERY.unpack(asked)
        if text.rstrip(b"\0").decode("ascii") == name:
            return found, largest
        number = found | _NEXT


def _entry(file: int, control: int, largest: int, name: str) -> int:
    """Which entry of a menu is called that."""
    for index in range(largest + 1):
        asked = bytearray(_MENU.pack(control, index, b"", 0))
        fcntl.ioctl(file, _QUERYMENU, asked)
        if _MENU.unpack(asked)[2].rstrip(b"\0").decode("ascii") == name:
            return index
    raise LookupError(f"vivid has no {name}")


def choose(control: str, entry: str) -> None:
    """Turn a menu of the camera to an entry, both by their names."""
    with _opened() as file:
        number, largest = _control(file, control)
        fcntl.ioctl(file, _S_CTRL, _SET.pack(number, _entry(file, number, largest, entry)))


def show(colour: str) -> None:
    """One colour over the whole picture: Red, Green, Blue, Black or White."""
    choose("OSD Text Mode", "None")
    choose("Test Pattern", f"100% {colour}")


def show_bars() -> None:
    """Colour bars with a running clock, as at power-on."""
    choose("OSD Text Mode", "All")
    choose("Test Pattern", "75% Colorbar")


def open_camera(now_ms: Callable[[], int]) -> V4l2Camera:
    """The firmware's adapter on it."""
    return V4l2Camera(open_device(str(DEVICE), Mode(WIDTH_PX, HEIGHT_PX, FPS)), str(DEVICE), now_ms)


class RedThenBlue:
    """Implements Camera: the adapter, before which somebody holds red, and blue once it has been seen."""

    def __init__(self, camera: V4l2Camera) -> None:
        self._camera = camera
        self._seen = 0

    @classmethod
    def open(cls, now_ms: Callable[[], int]) -> "RedThenBlue":
        show("Red")
        return cls(open_camera(now_ms))

    def read(self) -> Frame | None:
        if self._seen == 1:
            show("Blue")
            for _ in range(BUFFERS):  # what was taken before
                self._camera.read()
        self._seen += 1
        return self._camera.read()

    def close(self) -> None:
        self._camera.close()


def pull_the_plug() -> None:
    """Unplugged, until everybody has closed the device."""
    with _opened() as file:
        number, _ = _control(file, "Disconnect")
        fcntl.ioctl(file, _S_CTRL, _SET.pack(number, 1))
