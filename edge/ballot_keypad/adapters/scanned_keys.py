"""Keys that are looked at again and again, on a thread of their own: what a matrix and single wires share."""

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from edge.ballot_keypad.errors import KeysError
from edge.ballot_keypad.keys.press import Contacts, KeyEvent, Sample, Times, step

SCAN_S: Final = 0.005
"""Between two samples while a key moves: six of them make up the shortest time a contact must be still."""
REST_S: Final = 1.0
"""Longest rest without a look. A contact that closes ends it at once."""

Rest = Callable[[threading.Event, float], bool]
"""Wait for the event, so many seconds at most; whether it came."""
_log: Final = logging.getLogger("hallward.keypad")


class Contactor(Protocol):
    """The wires. Its methods raise KeysError when they do not answer."""

    def sample(self) -> Sample:
        """What is closed now."""
        ...

    def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake`, from any thread, when a contact closes. It may be called for no reason, too."""
        ...

    def arm(self) -> bool:
        """From now until the next sample any contact that closes wakes. Whether one is closed already."""
        ...

    def close(self) -> None: ...


class ScannedKeys:
    """Implements Keys. Nothing is scanned while nothing is closed, so a keypad at rest costs no time.

    Wires that fail are said once in the log and tried again at every rest; what they had begun is forgotten.
    """

    def __init__(self, wires: Contactor, times: Times, rest: Rest = threading.Event.wait) -> None:
        self._wires = wires
        self._times = times
        self._rest = rest
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._failed = False
        self._thread: threading.Thread | None = None

    def start(self, on_key: Callable[[KeyEvent], None], beat: Callable[[], None]) -> None:
        self._wires.sample()  # what does not answer is said to whoever starts it
        self._wires.listen(self._wake.set)
        self._thread = threading.Thread(target=self._run, args=(on_key, beat), name="keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._wires.close()

    def _run(self, on_key: Callable[[KeyEvent], None], beat: Callable[[], None]) -> None:
        contacts = Contacts()
        while not self._ended.is_set():
            beat()
            try:
                if contacts.is_at_rest:
                    self._wake.clear()
                    if not (self._wires.arm() or self._ended.is_set()):
                        self._rest(self._wake, REST_S)
                contacts, events = step(contacts, self._wires.sample(), self._times)
                self._failed = False
            except KeysError as err:
                if not self._failed:
                    _log.error("%s", err.diagnostics())
                self._failed = True
                contacts, events = Contacts(), ()
            for event in events:
                if not self._ended.is_set():
                    on_key(event)
            if not contacts.is_at_rest:
                # scanning itself lets rows fall, so a pause is ended by the end alone
                self._rest(self._ended, REST_S if self._failed else SCAN_S)
