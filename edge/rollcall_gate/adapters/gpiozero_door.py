"""A magnetic lock, a reed contact and a turnstile's fault contact on the gate's header pins."""

from contextlib import ExitStack, suppress

from gpiozero import DigitalInputDevice, DigitalOutputDevice
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.rollcall_gate.errors import DoorError


class GpiozeroDoor:
    """Implements Door. The coil has current while secured: a dead board releases it. Whether a killed process
    does is the kernel's matter, and a pin given back is an input without a pull: the driver stage needs a
    pull-down (docs/runbooks/gate.md).

    Contacts lie between pin and ground. Reed: made while shut. Jam (optional): made while it cannot turn. All
    are of the class without a thread for held buttons, on which closing would wait a second.
    """

    def __init__(
        self,
        *,
        lock_pin_bcm: int,
        reed_pin_bcm: int,
        jam_pin_bcm: int | None = None,
        pin_factory: Factory | None = None,
    ) -> None:
        """Raises DoorError when a pin cannot be used; those claimed by then are given back, released."""
        try:
            with ExitStack() as claimed:
                self._lock = claimed.enter_context(
                    DigitalOutputDevice(lock_pin_bcm, initial_value=False, pin_factory=pin_factory)
                )
                self._reed = claimed.enter_context(
                    DigitalInputDevice(reed_pin_bcm, pull_up=True, pin_factory=pin_factory)
                )
                self._jam = None
                if jam_pin_bcm is not None:
                    self._jam = claimed.enter_context(
                        DigitalInputDevice(jam_pin_bcm, pull_up=True, pin_factory=pin_factory)
                    )
                claimed.pop_all()
        except pin_faults() as err:
            pins = ", ".join(str(pin) for pin in (lock_pin_bcm, reed_pin_bcm, jam_pin_bcm) if pin is not None)
            raise DoorError(f"door pins {pins} cannot be used ({err}); check the pins of the gate") from err

    def release(self) -> None:
        self._drive(current=False)

    def secure(self) -> bool:
        if self.is_open:
            return False
        self._drive(current=True)
        return True

    @property
    def is_open(self) -> bool:
        return not self._is_made(self._reed, "reed")

    @property
    def is_jammed(self) -> bool:
        return self._jam is not None and self._is_made(self._jam, "jam")

    def close(self) -> None:
        """As Door. The lock lets go before anything is given back, which can fail."""
        with suppress(DoorError):
            self.release()
        give_back(*(part for part in (self._lock, self._reed, self._jam) if part is not None))

    def _is_made(self, contact: DigitalInputDevice, name: str) -> bool:
        try:
            return bool(contact.is_active)
        except pin_faults() as err:
            raise DoorError(f"the {name} contact does not answer ({err}); check its wire") from err

    def _drive(self, *, current: bool) -> None:
        try:
            self._lock.value = current
        except pin_faults() as err:
            raise DoorError(f"the lock does not answer ({err}); open by hand and check its wires") from err
