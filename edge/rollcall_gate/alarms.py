"""The gate's alarms on their way into the log: each is a record; a contact that flutters fills no disk."""

import logging
from collections.abc import Callable, Collection
from typing import Final

from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from wire.records import Alarm

EVERY_MS: Final = 10_000
_log: Final = logging.getLogger("hallward.gate")


class Alarms:
    """Called by the loop only. each: codes of which every occurrence is a record."""

    def __init__(self, runtime: DeviceRuntime, now_ms: Callable[[], int], each: Collection[str]) -> None:
        self._runtime = runtime
        self._now_ms = now_ms
        self._each = frozenset(each)
        self._said_ms: dict[str, int] = {}

    def say(self, alarm: Alarm) -> None:
        """One record; of any other code one in EVERY_MS. A full disk is logged."""
        last_ms = self._said_ms.get(alarm.code)
        if alarm.code not in self._each and last_ms is not None and self._now_ms() - last_ms < EVERY_MS:
            return
        _log.error("%s: %s", alarm.code, alarm.detail)
        try:
            self._runtime.append(alarm)
        except StoreError as err:
            _log.error("an alarm was not stored: %s", err.diagnostics())
        else:
            self._said_ms[alarm.code] = self._now_ms()
