"""Five push buttons between a pin and ground, with the pin's own pull-up."""

from collections.abc import Callable
from typing import Any

from edge.ballot_keypad.press import Button, Edge
from edge.device.errors import DeviceError


class GpiozeroKeys:
    """pins: BCM numbers. now_ms: monotonic. Bounces are passed on: press.py is the one place that judges
    them."""

    def __init__(
        self, pins: dict[Button, int], now_ms: Callable[[], int], pin_factory: Any | None = None
    ) -> None:
        self._pins = pins
        self._now_ms = now_ms
        self._factory = pin_factory
        self._buttons: list[Any] = []

    def start(self, on_edge: Callable[[Edge], None]) -> None:
        from gpiozero import Button as Contact
        from gpiozero import GPIOZeroError

        try:
            for button, pin in self._pins.items():
                contact = Contact(pin, pull_up=True, pin_factory=self._factory)
                contact.when_pressed = self._teller(on_edge, button, is_down=True)
                contact.when_released = self._teller(on_edge, button, is_down=False)
                self._buttons.append(contact)
        except (GPIOZeroError, OSError) as err:
            self.close()
            raise DeviceError(f"the buttons do not answer: {err}; check wiring and pins") from err

    def close(self) -> None:
        for contact in self._buttons:
            contact.close()
        self._buttons.clear()

    def _teller(
        self, on_edge: Callable[[Edge], None], button: Button, *, is_down: bool
    ) -> Callable[[], None]:
        return lambda: on_edge(Edge(button, is_down, self._now_ms()))
