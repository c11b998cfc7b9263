"""What a self-test reads off the computer behind a device: disk, memory, temperature."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.device.errors import StoreError
from edge.device.health import parse_temperature_mc

TRIAL_BYTES: Final = 64 * 1024


class Machine:
    """Implements measuring.Computer. state: the device's state folder; it must exist. statvfs: os.statvfs."""

    def __init__(
        self, state: Path, statvfs: Callable[[Path], os.statvfs_result] = os.statvfs, system: Path = Path("/")
    ) -> None:
        self._state = state
        self._statvfs = statvfs
        self._system = system

    def free_kb(self) -> int | None:
        try:
            found = self._statvfs(self._state)
        except OSError:
            return None
        return found.f_bavail * found.f_frsize // 1024

    def write_ms(self) -> int:
        """Until TRIAL_BYTES are durable; the file is gone afterwards. Raises StoreError."""
        trial = self._state / "self-test.trial"
        began_s = time.monotonic()
        try:
            with trial.open("wb") as file:
                file.write(os.urandom(TRIAL_BYTES))
                file.flush()
                os.fsync(file.fileno())
            return round(1000 * (time.monotonic() - began_s))
        except OSError as err:
            raise StoreError(f"{self._state} cannot be written: {err.strerror}") from err
        finally:
            with suppress(OSError):
                trial.unlink(missing_ok=True)

    def memory_available_kb(self) -> int | None:
        """proc(5): what a new program can have without anything else being swapped."""
        for line in self._text("proc/meminfo").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1])
        return None

    def memory_kb(self) -> int | None:
        """proc(5): all that the machine has."""
        for line in self._text("proc/meminfo").splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1])
        return None

    def temperature_mc(self) -> int | None:
        return parse_temperature_mc(self._text("sys/class/thermal/thermal_zone0/temp"))

    def _text(self, path: str) -> str:
        try:
            return (self._system / path).read_text(encoding="ascii", errors="replace")
        except OSError:
            return ""
