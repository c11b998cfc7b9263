"""A USB numeric pad, read from its event device as the kernel gives it (linux/input.h)."""

import errno
import fcntl
import logging
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

_EVENT: Final = struct.Struct("@llHHi")
"""struct input_event: seconds, microseconds, type, code, value; native sizes."""
_EVENTS_AT_ONCE: Final = 64
_EV_SYN, _EV_KEY = 0, 1
_SYN_DROPPED: Final = 3
_PRESSED: Final = 1
"""Of a key's value; 0 is let go, 2 the repetition of a key that is held."""
_EVIOCGRAB: Final = 0x40044590
"""_IOW('E', 0x90, int): from now on the keys are ours alone."""
_KEYS: Final = {
    **{code: str(code - 1) for code in range(2, 11)},  # KEY_1 … KEY_9
    11: "0",
    **dict(zip((79, 80, 81, 75, 76, 77, 71, 72, 73, 82), "1234567890", strict=True)),  # KEY_KP1 … KEY_KP0
    28: "E",  # KEY_ENTER
    96: "E",  # KEY_KPENTER
    14: "C",  # KEY_BACKSPACE
    83: "C",  # KEY_KPDOT
}
RETRY_MS: Final = 2_000
"""Between two tries of a pad that is not there."""
_log: Final = logging.getLogger("hallward.gate")


class EvdevPinPad:
    """Implements PinPad. A pad that is not there gives no keys and is said once; it is looked for again.

    device: as in /dev/input/by-id/…-event-kbd. now_ms: monotonic. It is grabbed, so that a code typed here
    appears on no console.
    """

    def __init__(self, device: Path, now_ms: Callable[[], int]) -> None:
        self._device = device
        self._now_ms = now_ms
        self._fd: int | None = None
        self._closed = False
        self._rest = b""
        self._retry_at_ms = now_ms()
        self._said = False

    def read(self) -> str:
        if self._fd is None and not self._closed and self._now_ms() >= self._retry_at_ms:
            self._open()
        if self._fd is None:
            return ""
        try:
            data = os.read(self._fd, _EVENT.size * _EVENTS_AT_ONCE)
        except BlockingIOError:
            return ""
        except OSError as err:
            self._lose(err.strerror)
            return ""
        if not data:
            self._lose("it is gone")
            return ""
        data = self._rest + data
        whole = len(data) - len(data) % _EVENT.size
        self._rest = data[whole:]
        return "".join(_key(*event) for event in _EVENT.iter_unpack(data[:whole]))

    def close(self) -> None:
        self._closed = True
        self._give_back()

    def _give_back(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd, self._rest = None, b""

    def _open(self) -> None:
        try:
            self._fd = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            _grab(self._fd)
        except OSError as err:
            self._lose(err.strerror)
            return
        if self._said:
            _log.info("the PIN pad %s is back", self._device)
        self._said = False

    def _lose(self, why: str | None) -> None:
        self._give_back()
        self._retry_at_ms = self._now_ms() + RETRY_MS
        if not self._said:
            _log.error("the PIN pad %s does not answer (%s); plug it in again", self._device, why)
        self._said = True


def _key(_seconds: int, _microseconds: int, kind: int, code: int, value: int) -> str:
    if kind == _EV_SYN and code == _SYN_DROPPED:
        return "C"  # the kernel lost keys: what was typed so far is not what was meant
    return _KEYS.get(code, "") if kind == _EV_KEY and value == _PRESSED else ""


def _grab(fd: int) -> None:
    try:
        fcntl.ioctl(fd, _EVIOCGRAB, 1)
    except OSError as err:
        if err.errno != errno.ENOTTY:  # a pipe that plays a pad has nothing to grab
            raise
