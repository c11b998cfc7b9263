"""The fire panel's loop on a header pin."""

from gpiozero import DigitalInputDevice
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.rollcall_gate.errors import DoorError


class GpiozeroFireContact:
    """Implements FireContact. Normally closed, between pin and ground: the panel or a cut wire opens it."""

    def __init__(self, *, fire_pin_bcm: int, pin_factory: Factory | None = None) -> None:
        """Raises DoorError when the pin cannot be used."""
        try:
            self._loop = DigitalInputDevice(fire_pin_bcm, pull_up=True, pin_factory=pin_factory)
        except pin_faults() as err:
            raise DoorError(
                f"fire pin {fire_pin_bcm} cannot be used ({err}); check the pins of the gate"
            ) from err

    @property
    def is_active(self) -> bool:
        try:
            return not self._loop.is_active
        except pin_faults() as err:
            raise DoorError(f"the fire contact does not answer ({err}); check its wire") from err

    def close(self) -> None:
        give_back(self._loop)
