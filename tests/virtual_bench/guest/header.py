"""The virtual machine's header: gpiozero and lgpio as on a Raspberry Pi, over the kernel's simulated chip.

What a wire carries is written to the chip's `pull` files in sysfs, as one would hold a contact to a pin. What
the board drives is read by asking the kernel, not the library: Linux, `include/uapi/linux/gpio.h` and
`Documentation/admin-guide/gpio/gpio-sim.rst`.
"""

import fcntl
import os
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, Final, Optional

import lgpio  # type: ignore[import-not-found]
from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

BOARD_REVISION: Final = 0xC04170
"""Of a Raspberry Pi 5 with 4 GB: a PC has none, and gpiozero wants to know which header it is."""
LINES: Final = 28
PATIENCE_S: Final = 60.0
CLAIMS_MAX: Final = 50
_CHIPS: Final = Path("/sys/devices/platform/gpio-sim.0")
_LINE_INFO: Final = struct.Struct("=32s32sIIQ160s16s")  # struct gpio_v2_line_info
_GET_LINE_INFO: Final = 0xC100B405  # _IOWR(0xB4, 5, struct gpio_v2_line_info)
_IS_OUTPUT: Final = 1 << 3  # GPIO_V2_LINE_FLAG_OUTPUT


def when_free(claim: Callable[[], None]) -> None:
    """Claim a line again that lgpio's own thread has just let go of.

    While that thread still polls the line's old file, the kernel says `GPIO busy` (seen about once in a
    run). lgpio raises that as an error of its own, which is none of gpiozero's and no OSError.
    """
    for _ in range(CLAIMS_MAX - 1):
        try:
            claim()
        except lgpio.error as err:
            if "busy" not in str(err):
                raise
            ChipFactory.busy += 1
            time.sleep(0.01)
        else:
            return
    claim()


class ChipPin(LGPIOPin):  # type: ignore[misc]
    """lgpio's pin. Its header hears of each call, as a wire feels what happens to its pin."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.told = 0
        self.is_told = threading.Condition()
        super().__init__(factory, info)
        ChipFactory.claims += 1
        factory.moved(self._number)

    def close(self) -> None:
        when_free(super().close)
        self.factory.moved(self._number)

    def _set_function(self, value: str) -> None:
        when_free(partial(super()._set_function, value))
        self.factory.moved(self._number)

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        self.factory.moved(self._number)

    def _set_pull(self, value: str) -> None:
        when_free(partial(super()._set_pull, value))
        self.factory.moved(self._number)

    def _enable_event_detect(self) -> None:
        when_free(super()._enable_event_detect)
        self.factory.moved(self._number)

    def _disable_event_detect(self) -> None:
        when_free(super()._disable_event_detect)
        self.factory.moved(self._number)

    def _call_when_changed(self, chip: int, gpio: int, level: int, ticks: int) -> None:
        try:
            super()._call_when_changed(chip, gpio, level, ticks)
        finally:
            with self.is_told:
                self.told += 1
                self.is_told.notify_all()


class ChipFactory(LGPIOFactory):  # type: ignore[misc]
    """gpiozero's factory over lgpio, with the revision of a board. moved: called by its pins.

    claims, busy: of all factories together; how many pins were claimed, how many claims had to wait.
    """

    claims: ClassVar[int] = 0
    busy: ClassVar[int] = 0

    def __init__(self, chip: int, moved: Callable[[int], None]) -> None:
        super().__init__(chip=chip)
        # gpiozero keeps these for the whole process; each test has a header of its own
        self.pins: dict[Any, Any] = {}
        self._reservations: Any = defaultdict(list)
        self.moved = moved
        self.pin_class = ChipPin

    def _get_revision(self) -> int:
        return BOARD_REVISION


@cache
def _chip() -> tuple[int, int, list[int], list[int]]:
    """Its number, and the open files: its own, and `value` and `pull` of each line. For all headers of this
    process: they take longer to open than most tests to run."""
    folder = next(_CHIPS.glob("gpiochip*"))
    lines = [folder / f"sim_gpio{line}" for line in range(LINES)]
    return (
        int(folder.name.removeprefix("gpiochip")),
        os.open(Path("/dev", folder.name), os.O_RDONLY | os.O_CLOEXEC),
        [os.open(line / "value", os.O_RDONLY | os.O_CLOEXEC) for line in lines],
        [os.open(line / "pull", os.O_WRONLY | os.O_CLOEXEC) for line in lines],
    )


class ChipHeader:
    """Implements Header over the simulated chip. One is open at a time: opening the next closes the last."""

    opened: ClassVar[int] = 0
    _last: ClassVar[Optional["ChipHeader"]] = None

    def __init__(self) -> None:
        self.number, self._chip, self._values, self._pulls = _chip()
        self._wires: dict[int, bool] = {}
        self._move: Callable[[int], None] = lambda _: None
        self.factory: Any = ChipFactory(self.number, self._moved)

    @classmethod
    def open(cls) -> "ChipHeader":
        """With nothing on any wire: the bench's pull-downs alone, as on the board of the lock's driver."""
        if cls._last is not None:
            cls._last.close()
        cls._last = made = cls()
        for line in range(LINES):
            made._pull(line, high=False)
        cls.opened += 1
        return made

    def drive(self, pin: int, *, high: bool, told: bool = True) -> None:
        self._wires[pin] = high
        before = self._value(pin)
        listening = self._listening(pin) if told and before != high else None
        told_before = listening.told if listening else 0
        self._pull(pin, high=high)
        if listening:
            with listening.is_told:
                if not listening.is_told.wait_for(lambda: listening.told > told_before, PATIENCE_S):
                    raise AssertionError(f"an edge of GPIO{pin} was not told within {PATIENCE_S:g} s")

    def drives(self, pin: int) -> bool | None:
        asked = bytearray(_LINE_INFO.pack(b"", b"", pin, 0, 0, b"", b""))
        fcntl.ioctl(self._chip, _GET_LINE_INFO, asked)
        flags = _LINE_INFO.unpack(asked)[4]
        return self._value(pin) if flags & _IS_OUTPUT else None

    def when_moved(self, move: Callable[[int], None]) -> None:
        self._move = move

    def close(self) -> None:
        """gpiozero leaves lgpio's callbacks in place, which would hear the edges of the next header."""
        for pin in self.factory.pins.values():
            if pin._callback is not None:
                pin._callback.cancel()
                pin._callback = None
        self.factory.moved = lambda _: None
        self.factory.close()

    def _moved(self, pin: int) -> None:
        """A pin that is claimed anew takes its own pull; whatever lies on the wire is stronger."""
        if pin in self._wires and self.drives(pin) is None:
            self._pull(pin, high=self._wires[pin])
        self._move(pin)

    def _listening(self, pin: int) -> ChipPin | None:
        pins: Iterable[ChipPin] = self.factory.pins.values()
        return next((each for each in pins if each._number == pin and each._callback is not None), None)

    def _value(self, pin: int) -> bool:
        return os.pread(self._values[pin], 1, 0) == b"1"

    def _pull(self, pin: int, *, high: bool) -> None:
        os.pwrite(self._pulls[pin], b"pull-up" if high else b"pull-down", 0)
