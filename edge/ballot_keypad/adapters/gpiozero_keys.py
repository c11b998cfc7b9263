"""Push buttons, each between a pin and ground, with the pin's own pull-up."""

from collections.abc import Callable, Mapping
from typing import Any

from gpiozero import DigitalInputDevice
from gpiozero.pins import Factory

from edge.ballot_keypad.adapters.scanned_keys import Rest, ScannedKeys
from edge.ballot_keypad.errors import KeysError
from edge.ballot_keypad.keys.press import TIMES, Button, Sample, Times
from edge.device.adapters.pin_faults import give_back, pin_faults


class SingleWires:
    """Implements Contactor. pins: BCM numbers. now_ms: monotonic. There are no ghosts: no wire is shared."""

    def __init__(
        self, pins: Mapping[Button, int], now_ms: Callable[[], int], pin_factory: Factory | None = None
    ) -> None:
        """Raises KeysError when a pin cannot be used."""
        self._now_ms = now_ms
        self._contacts: dict[Button, Any] = {}
        try:
            for button, pin in pins.items():
                self._contacts[button] = DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)
        except pin_faults() as err:
            self.close()
            raise KeysError(f"the keys do not answer: {err}; check wiring and pins") from err

    def sample(self) -> Sample:
        try:
            closed = frozenset(button for button, contact in self._contacts.items() if contact.is_active)
        except pin_faults() as err:
            raise KeysError(f"the keys do not answer: {err}; check their cable") from err
        return Sample(closed, self._now_ms())

    def listen(self, wake: Callable[[], None]) -> None:
        for contact in self._contacts.values():
            contact.when_activated = wake

    def arm(self) -> bool:
        try:
            return any(contact.is_active for contact in self._contacts.values())
        except pin_faults() as err:
            raise KeysError(f"the keys do not answer: {err}; check their cable") from err

    def close(self) -> None:
        give_back(*self._contacts.values())
        self._contacts.clear()


class GpiozeroKeys(ScannedKeys):
    """Implements Keys over SingleWires. Raises KeysError when a pin cannot be used."""

    def __init__(
        self,
        pins: Mapping[Button, int],
        now_ms: Callable[[], int],
        times: Times = TIMES,
        pin_factory: Factory | None = None,
        **how: Rest,
    ) -> None:
        super().__init__(SingleWires(pins, now_ms, pin_factory), times, **how)
