"""A buzzer on a header pin."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from gpiozero import DigitalOutputDevice, GPIOZeroError
from gpiozero.pins import Factory

from edge.rollcall_gate.display.panel import Sound
from edge.rollcall_gate.display.sounds import PATTERNS
from edge.rollcall_gate.errors import DoorError

Rest = Callable[[threading.Event, float], bool]
"""Wait for the event, so many seconds at most; whether it came."""

_log: Final = logging.getLogger("hallward.gate")


class GpiozeroSounder:
    """Implements Sounder. The rhythm is beaten on a thread of its own; `play` only says which."""

    def __init__(
        self, *, pin_bcm: int, pin_factory: Factory | None = None, rest: Rest = threading.Event.wait
    ) -> None:
        """Raises DoorError when the pin cannot be used."""
        try:
            self._buzzer = DigitalOutputDevice(pin_bcm, initial_value=False, pin_factory=pin_factory)
        except (GPIOZeroError, OSError) as err:
            raise DoorError(
                f"buzzer pin {pin_bcm} cannot be used ({err}); check the pins of the gate"
            ) from err
        self._rest = rest
        self._wanted: Sound | None = Sound.SILENCE
        self._newer = threading.Event()
        self._fails = False
        self._thread = threading.Thread(target=self._run, name="sounder", daemon=True)
        self._thread.start()

    def play(self, sound: Sound) -> None:
        """A buzzer that fails is said once in the log; the display says the same in words."""
        self._wanted = sound
        self._newer.set()

    def close(self) -> None:
        self._wanted = None
        self._newer.set()
        self._thread.join()
        self._buzzer.close()

    def _run(self) -> None:
        while True:
            self._newer.wait()
            self._newer.clear()
            sound = self._wanted
            if sound is None:
                return
            try:
                self._beat(sound)
            except (GPIOZeroError, OSError) as err:
                if not self._fails:
                    _log.error("the buzzer does not answer (%s); check its wires", err)
                self._fails = True
            else:
                self._fails = False

    def _beat(self, sound: Sound) -> None:
        try:
            for on_ms, off_ms in PATTERNS[sound]:
                self._buzzer.on()
                if self._rest(self._newer, on_ms / 1_000):
                    return
                self._buzzer.off()
                if self._rest(self._newer, off_ms / 1_000):
                    return
        finally:
            self._buzzer.off()
