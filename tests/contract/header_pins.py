"""A Raspberry Pi's header pins, and what stands at the other end of their wires.

The contract suites say what a contact does and look at what a pin drives; they never ask which pins these
are. Here they are gpiozero's mock pins. On the virtual bench (docs/runbooks/virtual-bench.md) the very same
suites meet lgpio, the kernel's GPIO character device and a simulated chip.
"""

import os
from collections.abc import Callable
from typing import Any, Final, Protocol

from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory, MockPin, MockPWMPin

IS_BENCH: Final = os.environ.get("HALLWARD_PINS") == "gpio-sim"
"""Set inside the virtual machine, and nowhere else."""


class Header(Protocol):
    """factory: what the adapters are given. Pins are BCM numbers."""

    factory: Factory

    def drive(self, pin: int, *, high: bool, told: bool = True) -> None:
        """What lies on the wire of an input from now on.

        told: return only when whoever listens to that pin has been told of the edge.
        """
        ...

    def drives(self, pin: int) -> bool | None:
        """The level that the board drives; None: it drives nothing, as with an input."""
        ...

    def when_moved(self, move: Callable[[int], None]) -> None:
        """Call `move` with the number of a pin after every call that may change what it does."""
        ...


class ToldPin(MockPin):
    """Tells its header after each change."""

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        self.factory.moved(self._number)

    def _set_state(self, value: bool) -> None:
        super()._set_state(value)
        self.factory.moved(self._number)

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.factory.moved(self._number)


class ToldPwmPin(ToldPin, MockPWMPin):
    """The same for a pin that makes a tone."""


class ToldFactory(MockFactory):
    """moved: called by its pins."""

    @staticmethod
    def moved(pin: int) -> None:
        """Nobody is interested until somebody says so."""


class MockHeader:
    """Implements Header. A mock pin calls whoever listens before `drive` returns."""

    def __init__(self, pin_class: type[Any] = ToldPin) -> None:
        self.factory: Any = ToldFactory(pin_class=pin_class)

    def drive(self, pin: int, *, high: bool, told: bool = True) -> None:
        wire = self.factory.pin(pin)
        wire.drive_high() if high else wire.drive_low()

    def drives(self, pin: int) -> bool | None:
        wire = self.factory.pin(pin)
        return bool(wire.state) if wire.function == "output" else None

    def when_moved(self, move: Callable[[int], None]) -> None:
        self.factory.moved = move


def open_header() -> Header:
    """All pins are inputs, with nothing on their wires."""
    if not IS_BENCH:
        return MockHeader()
    from tests.virtual_bench.guest.header import ChipHeader

    return ChipHeader.open()
