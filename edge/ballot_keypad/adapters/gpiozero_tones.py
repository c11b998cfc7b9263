"""A passive buzzer on a header pin."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from gpiozero import GPIOZeroError, PWMOutputDevice
from gpiozero.pins import Factory

from edge.ballot_keypad.errors import TonesError
from edge.ballot_keypad.sound.tones import NOTES, Tone

Rest = Callable[[threading.Event, float], bool]
"""Wait for the event, so many seconds at most; whether it came."""

_log: Final = logging.getLogger("hallward.keypad")


class GpiozeroTones:
    """Implements Tones. The notes are played on a thread of their own; `play` only says which."""

    def __init__(
        self, *, pin_bcm: int, pin_factory: Factory | None = None, rest: Rest = threading.Event.wait
    ) -> None:
        """Raises TonesError when the pin cannot be used."""
        try:
            self._buzzer = PWMOutputDevice(
                pin_bcm, frequency=NOTES[Tone.PRESSED][0][0], pin_factory=pin_factory
            )
        except (GPIOZeroError, OSError) as err:
            raise TonesError(
                f"tone_pin {pin_bcm} cannot be used ({err}); check the pins of the keypad"
            ) from err
        self._rest = rest
        self._wanted: Tone | None = None
        self._newer = threading.Event()
        self._ends = False
        self._fails = False
        self._thread = threading.Thread(target=self._run, name="tones", daemon=True)
        self._thread.start()

    def play(self, tone: Tone) -> None:
        """A buzzer that fails is said once in the log; the screen says the same in words."""
        self._wanted = tone
        self._newer.set()

    def close(self) -> None:
        self._ends = True
        self._newer.set()
        self._thread.join()
        self._buzzer.close()

    def _run(self) -> None:
        while True:
            self._newer.wait()
            self._newer.clear()
            if self._ends:
                return
            try:
                if self._wanted is not None:
                    self._sound(self._wanted)
                self._fails = False
            except (GPIOZeroError, OSError) as err:
                if not self._fails:
                    _log.error("the buzzer does not answer (%s); check its wires", err)
                self._fails = True

    def _sound(self, tone: Tone) -> None:
        try:
            for hertz, duration_ms in NOTES[tone]:
                if hertz:
                    self._buzzer.frequency = hertz
                self._buzzer.value = 0.5 if hertz else 0
                if self._rest(self._newer, duration_ms / 1_000):
                    return
        finally:
            self._buzzer.off()
