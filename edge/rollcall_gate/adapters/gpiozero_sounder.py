"""A buzzer on a header pin."""

import threading
from collections.abc import Iterator

from gpiozero import DigitalOutputDevice
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.device.adapters.player import Player, Rest
from edge.rollcall_gate.display.panel import Sound
from edge.rollcall_gate.display.sounds import PATTERNS
from edge.rollcall_gate.errors import DoorError


class GpiozeroSounder:
    """Implements Sounder."""

    def __init__(
        self, *, pin_bcm: int, pin_factory: Factory | None = None, rest: Rest = threading.Event.wait
    ) -> None:
        """Raises DoorError when the pin cannot be used."""
        try:
            self._buzzer = DigitalOutputDevice(pin_bcm, initial_value=False, pin_factory=pin_factory)
        except pin_faults() as err:
            raise DoorError(
                f"buzzer pin {pin_bcm} cannot be used ({err}); check the pins of the gate"
            ) from err
        self._player = Player("sounder", self._beats, self._buzzer.off, rest)

    def play(self, sound: Sound) -> None:
        self._player.play(sound)

    def close(self) -> None:
        self._player.close()
        give_back(self._buzzer)

    def _beats(self, sound: Sound) -> Iterator[int]:
        for on_ms, off_ms in PATTERNS[sound]:
            self._buzzer.on()
            yield on_ms
            self._buzzer.off()
            yield off_ms
