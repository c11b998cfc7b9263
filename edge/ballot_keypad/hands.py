"""The hands of a simulated keypad: `{"do": "press", "button": …}`, and `{"do": "look"}`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.keys.press import Button
from edge.device.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Hands:
    """look: what a bystander sees."""

    keys: SimulatedKeys
    look: Callable[[], dict[str, Any]]

    def answer(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Fulfil one wish; what is seen after it. Raises DeviceError when it is not understood."""
        if wish.get("do") == "press":
            if wish.get("button") not in set(Button):
                raise DeviceError("button must be one of " + ", ".join(Button))
            self.keys.push(Button(str(wish["button"])))
        elif wish.get("do") != "look":
            raise DeviceError('a keypad can {"do": "press", "button": …} and {"do": "look"}')
        return self.look()
