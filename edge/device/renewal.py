"""When a device asks for its next certificate, and what it says when it gets none.

A certificate lasts 90 days and is renewed when two thirds of them are over. All are valid from 2000 on, since
a device has no clock battery (DESIGN §11), so the end is all that tells when it was issued. Renewal goes on
while a sitting is frozen: it changes no software and no question (DESIGN §9). It is due at once, too, when
the broker has for minutes shown a certificate that `ca.crt` does not vouch for: then the hall's key has been
replaced (ADR-0018), and only the desk, known by the root, can say which one holds now.

`verdict` and `after` are pure; Renewing is the thread over them. Nothing here ever stops a device: it goes on
with the certificate that it has, and asks again.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol

from edge.device.backoff import decorrelated
from edge.device.clock import HallClock
from edge.device.errors import DeskUnreachable
from edge.device.ports import Random
from wire.errors import HallError

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
BEFORE_END_MS: Final = 30 * DAY_MS
"""A third of 90 days."""
URGENT_MS: Final = 7 * DAY_MS
SHUT_OUT_MS: Final = 2 * MINUTE_MS
"""A broker that is not believed for so long; then up to START_SPREAD_MS more, each device its own."""
LOOK_MS: Final = MINUTE_MS
"""How often the certificate and the clock are looked at."""
DUE_SPREAD_MS: Final = DAY_MS
"""Devices that were claimed in one hour are not due in one hour."""
START_SPREAD_MS: Final = 10 * MINUTE_MS
"""A hall of 2,000 that is switched on in the morning asks three or four times a second, not at once."""
CLOCK_SET_FROM_MS: Final = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1000
"""No device of this release ran before: an earlier clock was never set."""
NO_ANSWER_MS: Final = (MINUTE_MS, 60 * MINUTE_MS)
"""Base and cap of the wait after a desk that does not answer (backoff.py)."""
A_NO_MS: Final = (10 * MINUTE_MS, 6 * 60 * MINUTE_MS)
"""The same after one that says no, or is not ours: asking often does not change its mind."""
URGENT_CAP_MS: Final = 10 * MINUTE_MS
_log: Final = logging.getLogger("hallward.renewal")


class Renewer(Protocol):
    """The way to a new certificate."""

    def ends_ms(self) -> int | None:
        """When the present one ends, Unix time; of two, the one that ends first. None: not to be read."""
        ...

    def renew(self) -> None:
        """Have another one issued and put in its place. Raises DeskUnreachable, DeskNotTrusted, DeskRefused,
        ConfigError, StoreError, DeviceError; the old one is then as it was."""
        ...


class Verdict(StrEnum):
    GOOD = "good"
    DUE = "due"
    SHUT_OUT = "shut-out"
    URGENT = "urgent"
    ENDED = "ended"
    NO_CLOCK = "no-clock"


@dataclass(frozen=True, slots=True)
class Plan:
    """next_ms: not before this moment (monotonic). wait_ms: the latest wait after a failure, 0 without.
    spread_ms: how long after two thirds this device is due."""

    next_ms: int
    spread_ms: int
    wait_ms: int = 0


def begin(monotonic_ms: int, fraction: float) -> Plan:
    """At a start. fraction: uniform in [0, 1)."""
    return Plan(monotonic_ms + int(fraction * START_SPREAD_MS), int(fraction * DUE_SPREAD_MS))


def verdict(ends_ms: int, now_ms: int, spread_ms: int = 0) -> Verdict:
    """now_ms: Unix time as the device believes it."""
    if now_ms < CLOCK_SET_FROM_MS:
        return Verdict.NO_CLOCK
    left_ms = ends_ms - now_ms
    if left_ms <= 0:
        return Verdict.ENDED
    if left_ms < URGENT_MS:
        return Verdict.URGENT
    return Verdict.DUE if left_ms <= BEFORE_END_MS - spread_ms else Verdict.GOOD


def is_shut_out(plan: Plan, shut_out_ms: int) -> bool:
    """Whether the broker has been a stranger for long enough."""
    return shut_out_ms >= SHUT_OUT_MS + plan.spread_ms * START_SPREAD_MS // DUE_SPREAD_MS


def after(plan: Plan, failure: HallError, is_urgent: bool, monotonic_ms: int, fraction: float) -> Plan:
    """When to ask again."""
    base_ms, cap_ms = NO_ANSWER_MS if isinstance(failure, DeskUnreachable) else A_NO_MS
    if is_urgent:
        base_ms, cap_ms = min(base_ms, URGENT_CAP_MS), URGENT_CAP_MS
    wait_ms = decorrelated(plan.wait_ms, base_ms, cap_ms, fraction)
    return replace(plan, next_ms=monotonic_ms + wait_ms, wait_ms=wait_ms)


def days_left(ends_ms: int, now_ms: int) -> int:
    """Whole days; negative once it is over."""
    return (ends_ms - now_ms) // DAY_MS


class Renewing:
    """Looks after one device's certificate, on a thread of its own.

    report: told how many days are left, whenever that changes. warn: told once in each certificate's last
    week, in words of at most 200 bytes. shut_out_ms: for how long the broker has been one that ca.crt does
    not vouch for, 0: it is not. All are called on that thread.
    """

    def __init__(
        self,
        renewer: Renewer,
        clock: HallClock,
        jitter: Random,
        report: Callable[[int], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
        shut_out_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        self._renewer = renewer
        self._clock = clock
        self._jitter = jitter
        self._report = report
        self._warn = warn
        self._shut_out_ms = shut_out_ms
        self._plan = begin(clock.monotonic_ms(), jitter())
        self._reported: int | None = None
        self._warned_of: int | None = None
        self._said = ""
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Does not wait: the thread is a daemon, and what it writes is whole or absent."""
        self._closing.set()

    def turn(self) -> int:
        """Look, and ask if it is time. Returns how many ms to wait before the next turn."""
        ends_ms = self._renewer.ends_ms()
        if ends_ms is None:
            self._say("this device's certificate cannot be read: provision this device again")
            return LOOK_MS
        now_ms = self._clock.wall_ms()
        found = verdict(ends_ms, now_ms, self._plan.spread_ms)
        if found is Verdict.NO_CLOCK:
            day = datetime.fromtimestamp(now_ms / 1000, UTC).date()
            self._say(f"the clock says {day}: nothing is renewed before the hall has told the time")
            return LOOK_MS
        self._tell(days_left(ends_ms, now_ms))
        if found is Verdict.GOOD and is_shut_out(self._plan, self._shut_out_ms()):
            found = Verdict.SHUT_OUT
        if found is not Verdict.GOOD and self._clock.monotonic_ms() >= self._plan.next_ms:
            self._renew(ends_ms, found)
        return LOOK_MS

    def _run(self) -> None:
        wait_ms = 0
        while not self._closing.wait(wait_ms / 1000):
            try:
                wait_ms = self.turn()
            except Exception:  # noqa: BLE001  # whatever it is, the thread must be there in the last week
                _log.exception("the renewal failed in an unforeseen way; it goes on")
                wait_ms = LOOK_MS

    def _renew(self, ends_ms: int, found: Verdict) -> None:
        is_urgent = found in (Verdict.URGENT, Verdict.ENDED)
        monotonic_ms = self._clock.monotonic_ms
        try:
            self._renewer.renew()
        except HallError as err:
            self._plan = after(self._plan, err, is_urgent, monotonic_ms(), self._jitter())
            self._failed(err, ends_ms, found)
            return
        self._plan = begin(monotonic_ms(), self._jitter())
        if found is Verdict.SHUT_OUT:
            # a stranger that stays one is an impostor, whom no certificate of ours makes genuine
            self._plan = replace(self._plan, next_ms=monotonic_ms() + NO_ANSWER_MS[1])
        self._said = ""
        renewed_ms = self._renewer.ends_ms()
        if renewed_ms is not None:
            _log.info("the certificate is renewed and lasts until %s", _day(renewed_ms))
            self._tell(days_left(renewed_ms, self._clock.wall_ms()))

    def _failed(self, err: HallError, ends_ms: int, found: Verdict) -> None:
        day = _day(ends_ms)
        if found is Verdict.SHUT_OUT:
            self._say(
                f"the broker is not one that this device believes, and the desk cannot help: {err.what}"
            )
            return
        if found is Verdict.DUE:
            self._say(f"the certificate, good until {day}, is not renewed yet: {err.diagnostics()}")
            return
        ends = "has ended on" if found is Verdict.ENDED else "ends on"
        _log.error("this device's certificate %s %s and is not renewed: %s", ends, day, err.diagnostics())
        if self._warned_of != ends_ms:
            self._warned_of = ends_ms
            self._warn(f"{ends} {day}, not renewed ({err.code}): start the desk, or provision it again")

    def _tell(self, days: int) -> None:
        if days != self._reported:
            self._reported = days
            self._report(days)

    def _say(self, words: str) -> None:
        """Once, until something else is to be said."""
        if words != self._said:
            self._said = words
            _log.warning("%s", words)


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
