"""A magnetic lock and a reed contact on the gate's header pins."""

from collections.abc import Callable

from gpiozero import Button, DigitalOutputDevice, GPIOZeroError
from gpiozero.pins import Factory

from edge.rollcall_gate.errors import DoorError


class GpiozeroDoor:
    """Implements Door. The coil has current while secured: a dead board releases it."""

    def __init__(self, *, lock_pin_bcm: int, reed_pin_bcm: int, pin_factory: Factory | None = None) -> None:
        try:
            self._lock = DigitalOutputDevice(lock_pin_bcm, initial_value=False, pin_factory=pin_factory)
            self._reed = Button(reed_pin_bcm, pull_up=True, pin_factory=pin_factory)  # shut = contact made
        except GPIOZeroError as err:
            raise DoorError(f"door pins {lock_pin_bcm} and {reed_pin_bcm} cannot be used ({err})") from err

    def release(self) -> None:
        self._do(self._lock.off)

    def secure(self) -> bool:
        if self.is_open:
            return False
        self._do(self._lock.on)
        return True

    @property
    def is_open(self) -> bool:
        try:
            return not self._reed.is_pressed
        except GPIOZeroError as err:
            raise DoorError(f"the reed contact does not answer ({err})") from err

    def close(self) -> None:
        self._lock.close()
        self._reed.close()

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except GPIOZeroError as err:
            raise DoorError(f"the lock does not answer ({err})") from err
