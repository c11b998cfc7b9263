"""A USB number pad, made as the kernel lets one be made: Linux, `Documentation/input/uinput.rst`."""

import fcntl
import os
import struct
from pathlib import Path
from typing import Final

_UINPUT: Final = Path("/dev/uinput")
_EV_SYN, _EV_KEY = 0, 1
_SET_EVBIT: Final = 0x40045564  # _IOW('U', 100, int)
_SET_KEYBIT: Final = 0x40045565  # _IOW('U', 101, int)
_DEV_SETUP: Final = 0x405C5503  # _IOW('U', 3, struct uinput_setup)
_DEV_CREATE: Final = 0x5501  # _IO('U', 1)
_GET_SYSNAME: Final = 0x8040552C  # _IOC(_IOC_READ, 'U', 44, 64)
_SETUP: Final = struct.Struct("=HHHH80sI")
_EVENT: Final = struct.Struct("@llHHi")
_BUS_USB: Final = 0x03
KEY_1, KEY_KP7, KEY_ENTER = 2, 71, 28
"""include/uapi/linux/input-event-codes.h"""


class Pad:
    """Plugged in: its device file is named `link`, as udev would."""

    def __init__(self, link: Path) -> None:
        self._file = os.open(_UINPUT, os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(self._file, _SET_EVBIT, _EV_KEY)
        for key in (KEY_1, KEY_KP7, KEY_ENTER):
            fcntl.ioctl(self._file, _SET_KEYBIT, key)
        fcntl.ioctl(self._file, _DEV_SETUP, _SETUP.pack(_BUS_USB, 1, 1, 1, b"usb-pad", 0))
        fcntl.ioctl(self._file, _DEV_CREATE)
        name = fcntl.ioctl(self._file, _GET_SYSNAME, bytes(64)).rstrip(b"\0").decode("ascii")
        event = next(Path("/sys/devices/virtual/input", name).glob("event*")).name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path("/dev/input", event))
        self._link = link

    def type(self, *keys: int) -> None:
        for key in keys:
            for value in (1, 0):
                os.write(self._file, _EVENT.pack(0, 0, _EV_KEY, key, value))
                os.write(self._file, _EVENT.pack(0, 0, _EV_SYN, 0, 0))

    def unplug(self) -> None:
        self._link.unlink()
        os.close(self._file)
