"""[keypad] of device.toml -> KeypadConfig.

bounce_ms                                       5 to 200, default 30: how long a contact may bounce
yes_pin, no_pin, abstain_pin, ok_pin, clear_pin BCM numbers 0 to 27, all different; needed unless hands
are simulated
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.ballot_keypad.press import BOUNCE_MS, Button
from edge.device.config import Section

BCM_MAX: Final = 27


@dataclass(frozen=True, slots=True)
class KeypadConfig:
    bounce_ms: int
    pins: dict[Button, int]
    """BCM numbers; empty when the hardware is simulated."""


def keypad_config(values: dict[str, Any], source: str, *, simulated: bool) -> KeypadConfig:
    """Raises ConfigError naming file, field and range."""
    section = Section(source, "keypad", values)
    names = {button: f"{button}_pin" for button in Button}
    section.only("bounce_ms", *names.values())
    pins: dict[Button, int] = {}
    if not simulated:
        for button, name in names.items():
            pin = section.integer(name, 0, BCM_MAX)
            if pin in pins.values():
                raise section.wrong(name, "a pin that no other button uses")
            pins[button] = pin
    return KeypadConfig(section.integer("bounce_ms", 5, 200, BOUNCE_MS), pins)
