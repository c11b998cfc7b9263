"""A display's serial wires: the kernel's SPI device file, and two header pins for data/command and reset.

The usual Python binding to SPI is a C extension without a wheel for every Raspberry Pi OS; all that a
display needs of it is to set a speed and to write, which the kernel's file does itself (Linux,
`Documentation/spi/spidev.rst`).
"""

import fcntl
import os
import struct
import time
from collections.abc import Sequence
from typing import Any, Final

from gpiozero import DigitalOutputDevice
from gpiozero.pins import Factory

from edge.ballot_keypad.errors import ScreenError
from edge.device.adapters.pin_faults import give_back, pin_faults

SPI_IOC_WR_MODE: Final = 0x40016B01
SPI_IOC_WR_MAX_SPEED_HZ: Final = 0x40046B04
_TRANSFER_BYTES_MAX: Final = 4096
"""The kernel module's default buffer."""
_RESET_S: Final = 0.01


class SpiWires:
    """What luma.core calls a serial interface: `command`, `data`, `cleanup`. Raises ScreenError."""

    def __init__(
        self, path: str, *, speed_hz: int, dc_pin: int, reset_pin: int, pin_factory: Factory | None = None
    ) -> None:
        self._path = path
        self._pins: list[Any] = []
        self._file = -1
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(self._file, SPI_IOC_WR_MODE, struct.pack("=B", 0))
            fcntl.ioctl(self._file, SPI_IOC_WR_MAX_SPEED_HZ, struct.pack("=I", speed_hz))
            for pin in (dc_pin, reset_pin):
                self._pins.append(DigitalOutputDevice(pin, initial_value=True, pin_factory=pin_factory))
            self._dc, reset = self._pins
            reset.off()
            time.sleep(_RESET_S)  # datasheets ask for microseconds
            reset.on()
            time.sleep(_RESET_S)
        except pin_faults() as err:
            self.cleanup()
            raise ScreenError(
                f"{path}: {err}; is SPI switched on (dtparam=spi=on), and the display plugged in?"
            ) from err

    def command(self, *words: int) -> None:
        self._write(words, is_data=False)

    def data(self, words: Sequence[int]) -> None:
        self._write(words, is_data=True)

    def cleanup(self) -> None:
        give_back(*self._pins)
        self._pins.clear()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, words: Sequence[int], *, is_data: bool) -> None:
        try:
            self._dc.value = is_data
            for start in range(0, len(words), _TRANSFER_BYTES_MAX):
                os.write(self._file, bytes(words[start : start + _TRANSFER_BYTES_MAX]))
        except pin_faults() as err:
            raise ScreenError(f"{self._path}: {err}; check the display's cable") from err
