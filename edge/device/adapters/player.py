"""Sequences in time on a thread of their own: what a buzzer plays. Whoever wants one only says which."""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

from edge.device.adapters.pin_faults import pin_faults

Rest = Callable[[threading.Event, float], bool]
"""Wait for the event, so many seconds at most; whether it came."""
W = TypeVar("W")

_log: Final = logging.getLogger("hallward.device")


class Player(Generic[W]):
    """steps: drives the pin for one wish, and yields how many milliseconds to leave it so. silence: ends it.

    A newer wish cuts off the one that is played. A pin that fails is said once in the log: the screen says
    the same in words.
    """

    def __init__(
        self,
        name: str,
        steps: Callable[[W], Iterator[int]],
        silence: Callable[[], None],
        rest: Rest = threading.Event.wait,
    ) -> None:
        self._steps, self._silence, self._rest = steps, silence, rest
        self._wanted: W | None = None
        self._newer = threading.Event()
        self._ends = False
        self._fails = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def play(self, wish: W) -> None:
        self._wanted = wish
        self._newer.set()

    def close(self) -> None:
        self._ends = True
        self._newer.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._newer.wait()
            self._newer.clear()
            wish = self._wanted
            if self._ends:
                return
            try:
                if wish is not None:
                    self._sound(wish)
                self._fails = False
            except pin_faults() as err:
                if not self._fails:
                    _log.error("the buzzer does not answer (%s); check its wires", err)
                self._fails = True

    def _sound(self, wish: W) -> None:
        try:
            for duration_ms in self._steps(wish):
                if self._rest(self._newer, duration_ms / 1_000):
                    return
        finally:
            self._silence()
