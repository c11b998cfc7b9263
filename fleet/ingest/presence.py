"""What devices last said of themselves: births and health, the newest of each, written together now and
then.
"""

import json
from collections.abc import Mapping
from typing import Any

from wire.up import Birth, Health


class Presence:
    """Gathers rows for tables births and health until they are taken; refuses replayed health."""

    def __init__(self) -> None:
        self._births: dict[str, Mapping[str, Any]] = {}
        self._health: dict[str, Mapping[str, Any]] = {}
        self._newest: dict[str, tuple[int, int]] = {}
        self._epochs: dict[str, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self._births or self._health)

    def born(self, birth: Birth, now_ms: int) -> None:
        if self._epochs.get(birth.device) != birth.epoch:  # a new store may count its boots from 1 again
            self._epochs[birth.device] = birth.epoch
            self._newest.pop(birth.device, None)
        self._births[birth.device] = {
            "device": birth.device,
            "received_ms": now_ms,
            "epoch": birth.epoch,
            "last_seq": birth.last_seq,
            "boot": birth.boot,
            "software": birth.software.replace("\0", ""),  # PostgreSQL takes no NUL
            "twin_generation": birth.twin_generation,
            "reported": json.dumps(birth.reported, ensure_ascii=False, sort_keys=True),
        }

    def reported(self, health: Health, now_ms: int) -> bool:
        """Whether it is newer than the last: a broker that repeats an old one keeps no dead device alive."""
        age = (health.boot, health.monotonic_ms)
        if age <= self._newest.get(health.device, (0, 0)):
            return False
        self._newest[health.device] = age
        self._health[health.device] = {
            "device": health.device,
            "last_seen_ms": now_ms,
            "clock_skew_ms": health.wall_ms - now_ms,
            "readings": json.dumps(health.readings, sort_keys=True),
        }
        return True

    def rows(self) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """(births, health) to be written."""
        return list(self._births.values()), list(self._health.values())

    def written(self) -> None:
        """The rows are stored."""
        self._births.clear()
        self._health.clear()
