"""What devices last said of themselves: births and health, the newest of each, written together now and
then.

The broker is told that a birth is done with before it is written: a session of ours ends with its
connection, so nothing would come again either way (ADR-0004). What a killed process has taken with it, or the
broker had for nobody, is asked for: a device that reports its health and whose birth of that start has not
come over this connection is asked for it, until one is here.
"""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.ingest.accept import ChainKey
from fleet.ingest.store import StoredBirth
from wire.up import BIRTH_KEY, Birth, Health

_SAID_MAX: Final = 64
"""Births of one rank that are remembered; a rank is over with the next record, twin or start."""


@dataclass(slots=True)
class _Born:
    """rank: (boot, last_seq, twin generation), none of which ever goes back within an epoch. said: the births
    of this rank that this process has heard; of their order nothing is known, since a clock may step."""

    epoch: bytes
    rank: tuple[int, int, int]
    said: deque[tuple[int, str, str]] = field(default_factory=lambda: deque(maxlen=_SAID_MAX))


class Presence:
    """Gathers rows for tables births and health until they are taken; refuses what is replayed."""

    def __init__(self) -> None:
        self._births: dict[str, Mapping[str, Any]] = {}
        self._health: dict[str, Mapping[str, Any]] = {}
        self._newest: dict[str, tuple[int, int]] = {}
        self._born: dict[str, _Born] = {}
        self._heard: set[str] = set()
        """Whose newest birth has come over this connection."""

    def __bool__(self) -> bool:
        return bool(self._births or self._health)

    def open(self, stored: Iterable[StoredBirth]) -> None:
        """Begin with the last births that were written: none older takes their place from now on."""
        for row in stored:
            self._born[row.device] = _Born(row.epoch, (row.boot, row.last_seq, row.twin_generation))

    def connected(self) -> None:
        """The link is up anew: any birth may have come while it was not."""
        self._heard.clear()

    def has_started_anew(self, birth: Birth) -> bool:
        """This process has heard an earlier start of the device. To be asked before `born`."""
        known = self._born.get(birth.device)
        if known is None or not known.said:
            return False
        return (known.epoch, known.rank[0]) != (birth.epoch, birth.boot)

    def born(self, birth: Birth, now_ms: int, leaves: Mapping[ChainKey, int]) -> bool:
        """Whether it is not older than the last. The last once more is answered and not written: a device
        that has not learned the time says the same at two connections. leaves: where each chain ends in the
        log."""
        known = self._born.get(birth.device)
        rank = (birth.boot, birth.last_seq, birth.twin_generation)
        reported = {key: value for key, value in birth.reported.items() if key != BIRTH_KEY}
        words = json.dumps(reported, ensure_ascii=False, sort_keys=True)
        if known is None or known.epoch != birth.epoch:
            if known is not None and _is_left(birth, known.epoch, leaves):
                return False
            known = self._born[birth.device] = _Born(birth.epoch, rank)
            self._newest.pop(birth.device, None)  # a new store may count its boots from 1 again
        if rank > known.rank:
            known.rank = rank
            known.said.clear()
        said = (birth.wall_ms, birth.software, words)
        if known.said and (rank, said) == (known.rank, known.said[-1]):
            self._heard.add(birth.device)
            return True
        if rank < known.rank or said in known.said:
            return False
        known.said.append(said)
        self._heard.add(birth.device)
        self._births[birth.device] = {
            "device": birth.device,
            "received_ms": now_ms,
            "epoch": birth.epoch,
            "last_seq": birth.last_seq,
            "boot": birth.boot,
            "software": birth.software.replace("\0", ""),  # PostgreSQL takes no NUL
            "twin_generation": birth.twin_generation,
            "reported": words,
        }
        return True

    def is_unborn(self, health: Health) -> bool:
        """No birth of this start of the device has come over this connection. A lower start is one too: a new
        epoch counts from 1."""
        known = self._born.get(health.device)
        return known is None or health.device not in self._heard or health.boot != known.rank[0]

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


def _is_left(birth: Birth, present: bytes, leaves: Mapping[ChainKey, int]) -> bool:
    """The device speaks in another epoch by now: a record of that one stands behind all of the birth's."""
    last = leaves.get((birth.device, birth.epoch))
    return last is not None and last < leaves.get((birth.device, present), -1)
