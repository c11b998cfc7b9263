"""The lock of this seat over the device's runtime: reads the twin, keeps tries, reports what does not fit."""

import logging
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.unlock import lock
from edge.ballot_keypad.unlock.asked import FAULT, Reader
from edge.ballot_keypad.unlock.lock import TRIES, Unlock
from edge.ballot_keypad.unlock.tries import kept_tries
from edge.ballot_keypad.unlock.view import page
from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.twin import UNLOCK, rejected
from wire.ids import MemberRef

_log: Final = logging.getLogger("hallward.keypad")


class SeatLock:
    """key: None for a unit that was provisioned before keypads had sealing keys."""

    def __init__(
        self, runtime: DeviceRuntime, key: X25519PrivateKey | None = None, *, has_digits: bool
    ) -> None:
        self._runtime = runtime
        config = runtime.identity.config
        self._reader = Reader(config.congress, config.device, key, has_digits)
        self._unlock = Unlock(tries=kept_tries(runtime.outbox.value(TRIES), self._now_ms()))

    @property
    def asks(self) -> bool:
        """A vote could be chosen now, if only the PIN were typed."""
        return bool(self._unlock.question) and not self._unlock.is_open

    @property
    def is_empty(self) -> bool:
        """Nothing is typed."""
        return not self._unlock.typed

    def obey(self, member: MemberRef | None) -> None:
        """The twin has spoken. member: who sits here by it."""
        asked = self._reader.read(self._runtime.twin.get(UNLOCK.name), member)
        self._unlock = lock.told(self._unlock, asked)
        if asked.ask in FAULT:
            self._runtime.report(UNLOCK.name, rejected(FAULT[asked.ask]))

    def stand(self, question: str) -> None:
        """This may be voted on now; empty: nothing may. Called as often as one likes."""
        self._unlock = lock.aged(lock.questioned(self._unlock, question), self._now_ms())

    def press(self, button: Button) -> None:
        """A try is on the disk before it is compared."""
        self._unlock, must_keep = lock.pressed(self._unlock, button, self._now_ms())
        while must_keep:
            try:
                self._runtime.outbox.keep({TRIES: self._unlock.kept(self._now_ms())})
            except StoreError as err:
                _log.error("%s", err.diagnostics())
                self._unlock = lock.not_saved(self._unlock)
                return
            self._unlock, must_keep = lock.saved(self._unlock)

    def page(self, seat: str) -> Page:
        return page(self._unlock, self._now_ms(), seat, self._runtime.identity.config.language)

    def _now_ms(self) -> int:
        return self._runtime.clock.monotonic_ms()
