"""What header pins raise when they fail, and how they are given back.

gpiozero hands on whatever the library below it raises. lgpio's own error is a plain Exception: `GPIO busy`
when another process holds the line, also while a pin is closed (gpiozero issue 1057; lgpio 0.2.2, lgpio.py).
"""

import logging
import sys
from typing import Any, Final

from gpiozero import GPIOZeroError

_log: Final = logging.getLogger("hallward.device")


def pin_faults() -> tuple[type[Exception], ...]:
    """For an `except`, which asks for it when something was raised.

    lgpio is looked up, never imported: its import starts a thread and leaves a pipe in the working folder
    (lgpio.py, `_callback_thread`), and while nobody has loaded it, it raises nothing.
    """
    return GPIOZeroError, OSError, getattr(sys.modules.get("lgpio"), "error", OSError)


def give_back(*parts: Any) -> None:
    """Close gpiozero's devices, in this order and each whatever the others do. Raises nothing.

    A pin that is not given back is said in the log: the end of this process gives it back. Doing it twice is
    harmless.
    """
    for part in parts:
        try:
            part.close()
        except Exception as err:  # noqa: BLE001  # pin faults, and threads of the library that do not end
            _log.error("a pin cannot be given back (%s); the end of this process does it", err)
