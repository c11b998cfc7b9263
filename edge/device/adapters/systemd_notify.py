"""The supervisor of a Linux machine: systemd, spoken to as in sd_notify(3) and sd_watchdog_enabled(3)."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Final

PERIODS: Final = 3
"""Beats within the time that systemd waits for one: two may be lost or late."""
_log: Final = logging.getLogger("hallward.device")


class SystemdNotify:
    """Implements Supervisor over $NOTIFY_SOCKET; silent where it is not set, as in a terminal."""

    def __init__(self, environment: Mapping[str, str], pid: int) -> None:
        """pid: of this process; a watchdog that was meant for another one is not ours to feed."""
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._failed = False
        wanted = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        asked_ms = int(wanted) // 1000 if wanted.isdecimal() and ours and self._address else 0
        self.watchdog_ms: Final = asked_ms // PERIODS or None

    @classmethod
    def of_this_process(cls) -> "SystemdNotify":
        return cls(os.environ, os.getpid())

    def say(self, words: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as pipe:
                pipe.setblocking(False)  # a supervisor that does not read must not stop the door
                pipe.sendto(words.encode(), self._address)
        except OSError as err:
            if not self._failed:
                self._failed = True
                _log.warning("the supervisor does not hear us: %s", err.strerror)


def _address(name: str) -> str:
    """A path, or `@` for an abstract name; nothing else is spoken here."""
    if name.startswith("@") and len(name) > 1:
        return "\0" + name[1:]
    return name if name.startswith("/") else ""
