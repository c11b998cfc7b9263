"""A hall that mirrors the centre by itself: every ten minutes, and not all halls at once.

On a thread of its own that is left behind when the process ends: a mirror that is cut off anywhere goes on
from there, and nothing of it is seen before all of it is here.
"""

import logging
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fleet.config import FleetConfig
from fleet.updates import catalogue
from fleet.updates.mirror import Credentials, mirror
from fleet.updates.shelf import Shelf
from wire.errors import HallError

log: Final = logging.getLogger(__name__)
EVERY_S: Final = 600.0
APART_S: Final = 60.0
"""Halls that were switched on together ask so far apart from each other."""
_FIRST_S: Final = 5.0
Rest = Callable[[], float]
"""Seconds until the next try."""


class Upstream:
    """source: an https URL of the centre's listener, or a folder."""

    def __init__(
        self, shelf: Shelf, source: str, credentials: Credentials | None, wall_ms: Callable[[], int]
    ) -> None:
        self._shelf = shelf
        self._source = source
        self._credentials = credentials
        self._wall_ms = wall_ms
        self._trouble = ""

    @classmethod
    def configured(cls, config: FleetConfig, wall_ms: Callable[[], int]) -> "Upstream | None":
        """Of fleet.toml, with the hall's certificate of the centre in DATA/tls; None: it names none."""
        if not config.upstream:
            return None
        return cls(Shelf(config.data), config.upstream, credentials_of(config.data), wall_ms)

    def tick(self) -> None:
        """One try. What fails is said once, and what was served before is served still."""
        try:
            before = catalogue.targets(self._shelf.data)
            mirror(self._shelf, self._source, self._wall_ms(), credentials=self._credentials)
            after = catalogue.targets(self._shelf.data)
        except HallError as err:
            words = f"{self._source} was not mirrored: {err.diagnostics()}"
            if words != self._trouble:
                log.error("%s", words)
            self._trouble = words
            return
        if self._trouble:
            log.warning("The trouble is over: %s", self._trouble)
        self._trouble = ""
        if after != before:
            log.info("%s has other releases now; devices of this hall see them.", self._source)


def credentials_of(data: Path) -> Credentials:
    """Those of this hall's server as a device of the centre."""
    tls = data / "tls"
    return Credentials(tls / "upstream.crt", tls / "upstream.key", tls / "upstream-ca.crt")


def rest() -> float:
    return EVERY_S + random.uniform(-APART_S, APART_S)  # noqa: S311  # spreads load, guards nothing


@contextmanager
def following(upstream: Upstream | None, *, first_s: float = _FIRST_S, rest: Rest = rest) -> Iterator[None]:
    """As long as this lasts. None: nothing is done."""
    if upstream is None:
        yield
        return
    stopped = threading.Event()

    def run() -> None:
        wait_s = first_s
        try:
            while not stopped.wait(wait_s):
                upstream.tick()
                wait_s = rest()
        finally:
            if not stopped.is_set():  # it died of our own mistake: be started again
                os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run, name="upstream", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
