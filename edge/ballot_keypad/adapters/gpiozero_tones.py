"""A passive buzzer on a header pin."""

import threading
from collections.abc import Iterator

from gpiozero import PWMOutputDevice
from gpiozero.pins import Factory

from edge.ballot_keypad.errors import TonesError
from edge.ballot_keypad.sound.tones import NOTES, Tone
from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.device.adapters.player import Player, Rest


class GpiozeroTones:
    """Implements Tones."""

    def __init__(
        self, *, pin_bcm: int, pin_factory: Factory | None = None, rest: Rest = threading.Event.wait
    ) -> None:
        """Raises TonesError when the pin cannot be used."""
        try:
            self._buzzer = PWMOutputDevice(
                pin_bcm, frequency=NOTES[Tone.PRESSED][0][0], pin_factory=pin_factory
            )
        except pin_faults() as err:
            raise TonesError(
                f"tone_pin {pin_bcm} cannot be used ({err}); check the pins of the keypad"
            ) from err
        self._player = Player("tones", self._notes, self._buzzer.off, rest)

    def play(self, tone: Tone) -> None:
        self._player.play(tone)

    def close(self) -> None:
        self._player.close()
        give_back(self._buzzer)

    def _notes(self, tone: Tone) -> Iterator[int]:
        for hertz, duration_ms in NOTES[tone]:
            if hertz:
                self._buzzer.frequency = hertz
            self._buzzer.value = 0.5 if hertz else 0
            yield duration_ms
