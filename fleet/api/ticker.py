"""What the API process does by itself, twice a second: freeze results, keep messages in force, end freezes
that were lifted, let the lane lists follow badges that expire and keys that gates replace, hold questions
when units vanish, carry rollouts on, feed the page."""

import asyncio
import logging
from typing import Final

from fleet.dashboard.live import Live
from fleet.desk.office import Office
from fleet.freeze import override
from fleet.lane.lists import follow
from fleet.rollout.execute import Executor, Targets
from fleet.secret.watch import SecretWatch
from fleet.votes import acts
from fleet.votes.watch import Watch
from wire.errors import HallError

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
RENEW_MS: Final = 60_000
FOLLOW_MS: Final = 30_000
"""A PIN outlives its badge by this long at most, and a gate waits so long for a list under its new key."""


class Ticker:
    """One per process."""

    def __init__(self, office: Office, live: Live, targets: Targets = tuple) -> None:
        self._office = office
        self._live = live
        self._watch = Watch(office)
        self._secret = SecretWatch(office)
        self._rollouts = Executor(office, targets)
        self._renewed_ms = -RENEW_MS
        self._followed_ms = -FOLLOW_MS
        self._trouble = ""

    async def run(self) -> None:
        """Until cancelled. A failing store is said once, and tried again."""
        while True:
            await asyncio.to_thread(self.tick)
            self._live.announce()
            await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """One round; may take as long as the store takes."""
        try:
            acts.complete(self._office)
            self._watch.tick()
            self._secret.tick()
            override.follow(self._office)
            now_ms = self._office.clock.monotonic_ms()
            if now_ms - self._renewed_ms >= RENEW_MS:
                with self._office.keep() as connection:
                    self._office.desk.renew(connection)
                self._renewed_ms = now_ms
            if now_ms - self._followed_ms >= FOLLOW_MS:
                follow(self._office)
                self._followed_ms = now_ms
            self._rollouts.tick()
        except HallError as err:
            if err.diagnostics() != self._trouble:
                self._trouble = err.diagnostics()
                log.error("%s", self._trouble)
        else:
            if self._trouble:
                log.warning("The trouble is over: %s", self._trouble)
            self._trouble = ""
        if self._live.watchers:
            self._live.refresh()
