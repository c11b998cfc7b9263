"""The lamp over the gate, on header pins: three lamps, or one that mixes red and green."""

import logging
from typing import Final

from gpiozero import DigitalOutputDevice
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.rollcall_gate.display.panel import Colour
from edge.rollcall_gate.errors import DoorError

_log: Final = logging.getLogger("hallward.gate")


class GpiozeroIndicator:
    """Implements Indicator: steady light, and a lamp that stays lit is not switched in between.

    amber_pin_bcm: None for a lamp whose amber is red and green together.
    """

    def __init__(
        self,
        *,
        red_pin_bcm: int,
        green_pin_bcm: int,
        amber_pin_bcm: int | None = None,
        pin_factory: Factory | None = None,
    ) -> None:
        """Raises DoorError when a pin cannot be used."""
        self._lamps: dict[int, DigitalOutputDevice] = {}
        amber = {red_pin_bcm, green_pin_bcm} if amber_pin_bcm is None else {amber_pin_bcm}
        self._pins: dict[Colour, set[int]] = {
            Colour.OFF: set(),
            Colour.RED: {red_pin_bcm},
            Colour.AMBER: amber,
            Colour.GREEN: {green_pin_bcm},
        }
        self._fails = False
        try:
            for pin in sorted({red_pin_bcm, green_pin_bcm} | amber):
                self._lamps[pin] = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        except pin_faults() as err:
            self.close()
            raise DoorError(
                f"lamp pins {sorted(self._pins[Colour.RED] | self._pins[Colour.GREEN] | amber)} "
                f"cannot be used ({err}); check the pins of the gate"
            ) from err

    def show(self, colour: Colour) -> None:
        """A lamp that fails is said once in the log; the display says the same in words."""
        try:
            for pin, lamp in self._lamps.items():
                lamp.value = pin in self._pins[colour]
        except pin_faults() as err:
            if not self._fails:
                _log.error("the lamp over the gate does not answer (%s); check its wires", err)
            self._fails = True
        else:
            self._fails = False

    def close(self) -> None:
        give_back(*self._lamps.values())
