"""What a bystander sees of a device of the demo, and waiting for it."""

from collections.abc import Callable
from typing import Any, Final

from hallward.demo.hall import Hall
from hallward.demo.hands import NoAnswer
from hallward.demo.narrator import Narrator, TooSlow

STEP_S: Final = 30.0
Look = dict[str, Any]


def look(hall: Hall, device: str) -> Look:
    """What a bystander sees; nothing while the device is still starting."""
    try:
        return hall.hands(device).do("look")
    except NoAnswer:
        return {}


def until(hall: Hall, device: str, true: Callable[[Look], bool], narrator: Narrator, what: str) -> Look:
    """Wait until this is true of the device; what it showed then. Raises TooSlow, saying what it shows."""
    seen: Look = {}

    def found() -> int:
        nonlocal seen
        seen = look(hall, device)
        return int(true(seen))

    try:
        narrator.until(what, found, 1, STEP_S, hall.children.check)
    except TooSlow as err:
        raise TooSlow(f"{err.what}; {device} shows {seen}") from err
    return seen
