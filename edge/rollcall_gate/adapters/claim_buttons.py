"""The button that is pressed when a gate is claimed: one of its own, or the enter key of its pad."""

import threading
from typing import Final

from gpiozero import Button
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPinPad
from edge.rollcall_gate.ports import PinPad

ENTER: Final = "E"
BOUNCE_S: Final = 0.05


class GpiozeroClaimButton:
    """Implements ClaimButton: between a pin and ground, with the pin's own pull-up. pin_bcm: BCM number."""

    def __init__(self, pin_bcm: int, pin_factory: Factory | None = None) -> None:
        """Raises DeviceError when the pin cannot be used."""
        self._pressed = threading.Event()
        try:
            self._button = Button(pin_bcm, pull_up=True, bounce_time=BOUNCE_S, pin_factory=pin_factory)
        except pin_faults() as err:
            raise DeviceError(
                f"claim_pin_bcm {pin_bcm} cannot be used ({err}); check the pins of the gate"
            ) from err
        self._button.when_pressed = self._pressed.set

    def take(self) -> bool:
        was_pressed = self._pressed.is_set()
        self._pressed.clear()
        return was_pressed

    def close(self) -> None:
        give_back(self._button)


class PadEnter:
    """Implements ClaimButton over a PinPad."""

    def __init__(self, pad: PinPad) -> None:
        self._pad = pad

    def take(self) -> bool:
        return ENTER in self._pad.read()

    def close(self) -> None:
        self._pad.close()


class SimulatedClaimButton(PadEnter):
    """The same over a pad without hardware. Hands: `push`."""

    def __init__(self) -> None:
        self._keys = SimulatedPinPad()
        super().__init__(self._keys)

    def push(self) -> None:
        self._keys.press(ENTER)
