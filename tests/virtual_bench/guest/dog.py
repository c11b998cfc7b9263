"""The kernel's watchdog, and a supervisor that feeds it for a service: what systemd does with WatchdogSec=
and RuntimeWatchdogSec=.

Device file: Linux, `Documentation/watchdog/watchdog-api.rst`, `include/uapi/linux/watchdog.h`. Words of the
service: sd_notify(3).
"""

import fcntl
import os
import socket
import struct
from pathlib import Path
from typing import Final

DEVICE: Final = Path("/dev/watchdog0")
KERNEL: Final = Path("/sys/class/watchdog/watchdog0")
_KEEPALIVE: Final = 0x80045705  # _IOR('W', 5, int)
_SET_TIMEOUT: Final = 0xC0045706  # _IOWR('W', 6, int)
_GET_TIMEOUT: Final = 0x80045707  # _IOR('W', 7, int)
_MAGIC: Final = b"V"


class Dog:
    """Opened, it counts down; feeding begins the count anew."""

    def __init__(self, timeout_s: int) -> None:
        self._file = os.open(DEVICE, os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(self._file, _SET_TIMEOUT, struct.pack("=i", timeout_s))

    @property
    def timeout_s(self) -> int:
        (seconds,) = struct.unpack("=i", fcntl.ioctl(self._file, _GET_TIMEOUT, bytes(4)))
        return int(seconds)

    def feed(self) -> None:
        fcntl.ioctl(self._file, _KEEPALIVE, bytes(4))

    def put_to_sleep(self) -> None:
        """The magic close: it counts no longer."""
        os.write(self._file, _MAGIC)
        os.close(self._file)

    def abandon(self) -> None:
        """As a process that is killed: it goes on counting."""
        os.close(self._file)


class Supervisor:
    """Hears a service at a datagram socket, and feeds the dog for each of its beats."""

    def __init__(self, dog: Dog, address: Path) -> None:
        self._dog = dog
        self._pipe = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._pipe.bind(str(address))
        self._pipe.settimeout(0.2)
        self.address = address
        self.beats = 0
        self.words: list[str] = []

    def listen(self) -> None:
        """To what has been said by now."""
        while True:
            try:
                said = self._pipe.recv(4096).decode("utf-8")
            except TimeoutError:
                return
            self.words += said.splitlines()
            if "WATCHDOG=1" in said.splitlines():
                self.beats += 1
                self._dog.feed()

    def close(self) -> None:
        self._pipe.close()
        self.address.unlink()
