"""When a certificate is renewed, and what happens when the desk is away: the device goes on, asks again, and
says so in time."""

import logging
from dataclasses import dataclass, field

import pytest

from edge.device.clock import HallClock
from edge.device.errors import DeskNotTrusted, DeskRefused, DeskUnreachable
from edge.device.renewal import (
    A_NO_MS,
    BEFORE_END_MS,
    CLOCK_SET_FROM_MS,
    DAY_MS,
    DUE_SPREAD_MS,
    LOOK_MS,
    MINUTE_MS,
    NO_ANSWER_MS,
    SHUT_OUT_MS,
    START_SPREAD_MS,
    URGENT_CAP_MS,
    URGENT_MS,
    Plan,
    Renewing,
    Verdict,
    after,
    begin,
    days_left,
    verdict,
)
from tests.servers.waiting import wait_until
from wire.errors import HallError

ISSUED_MS = CLOCK_SET_FROM_MS + 100 * DAY_MS
END_MS = ISSUED_MS + 90 * DAY_MS
AWAY = DeskUnreachable("the desk at hall.local:8444 does not answer")


@dataclass
class Time:
    """Implements edge.device.ports.Clock."""

    wall: int = ISSUED_MS
    monotonic: int = 0

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_ms(self) -> int:
        return self.monotonic

    def passes(self, ms: int) -> None:
        self.wall += ms
        self.monotonic += ms


@dataclass
class Desk:
    """Implements Renewer: refuses with `fault`, or grants 90 days more."""

    time: Time
    fault: HallError | None = None
    ends: int | None = END_MS
    asked: int = 0

    def ends_ms(self) -> int | None:
        return self.ends

    def renew(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        self.ends = self.time.wall + 90 * DAY_MS


@dataclass
class Device:
    """No jitter, unless a test wants one."""

    time: Time = field(default_factory=Time)
    fraction: float = 0.0
    days: list[int] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(self.time)
        clock = HallClock(self.time, 0, 1)
        self.stranger_ms: int | None = None
        self.renewing = Renewing(
            self.desk,
            clock,
            lambda: self.fraction,
            self.days.append,
            self.warned.append,
            lambda: 0 if self.stranger_ms is None else self.time.monotonic - self.stranger_ms,
        )

    def lives(self, ms: int) -> None:
        """Turn by turn, as the thread does."""
        until = self.time.monotonic + ms
        while self.time.monotonic < until:
            self.time.passes(min(self.renewing.turn(), until - self.time.monotonic))


@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [
        (90 * DAY_MS, Verdict.GOOD),
        (BEFORE_END_MS + 1, Verdict.GOOD),
        (BEFORE_END_MS, Verdict.DUE),
        (URGENT_MS, Verdict.DUE),
        (URGENT_MS - 1, Verdict.URGENT),
        (1, Verdict.URGENT),
        (0, Verdict.ENDED),
        (-DAY_MS, Verdict.ENDED),
    ],
)
def test_it_is_due_when_two_thirds_are_over_and_urgent_in_the_last_week(
    left_ms: int, expected: Verdict
) -> None:
    assert verdict(END_MS, END_MS - left_ms) is expected


@pytest.mark.parametrize("now_ms", [0, CLOCK_SET_FROM_MS - 1])
def test_a_clock_that_was_never_set_decides_nothing(now_ms: int) -> None:
    assert verdict(END_MS, now_ms) is Verdict.NO_CLOCK


def test_days_are_whole_and_negative_once_over() -> None:
    assert [days_left(END_MS, END_MS - ms) for ms in (DAY_MS, DAY_MS - 1, 1, -1)] == [1, 0, 0, -1]


def test_two_thousand_devices_do_not_come_at_once() -> None:
    plans = [begin(0, number / 2000) for number in range(2000)]
    per_minute = [
        sum(at <= plan.next_ms < at + MINUTE_MS for plan in plans)
        for at in range(0, START_SPREAD_MS, MINUTE_MS)
    ]
    assert max(per_minute) <= 201
    due = {verdict(END_MS, END_MS - BEFORE_END_MS + DUE_SPREAD_MS // 2, plan.spread_ms) for plan in plans}
    assert due == {Verdict.GOOD, Verdict.DUE}


@pytest.mark.parametrize(
    ("fault", "urgent", "base_ms", "cap_ms"),
    [
        (AWAY, False, *NO_ANSWER_MS),
        (DeskRefused("x", "x"), False, *A_NO_MS),
        (DeskNotTrusted("x"), False, *A_NO_MS),
        (AWAY, True, NO_ANSWER_MS[0], URGENT_CAP_MS),
        (DeskRefused("x", "x"), True, A_NO_MS[0], URGENT_CAP_MS),
    ],
)
def test_waits_grow_to_a_cap(fault: HallError, urgent: bool, base_ms: int, cap_ms: int) -> None:
    plan, waits = Plan(0, 0), []
    for _ in range(20):
        plan = after(plan, fault, urgent, 1000, 0.99)
        waits.append(plan.wait_ms)
        assert plan.next_ms == 1000 + plan.wait_ms
    assert waits == sorted(waits)
    assert waits[0] >= base_ms
    assert waits[-1] == cap_ms


def test_nothing_is_asked_before_it_is_due_and_once_after(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    device = Device()
    device.lives(60 * DAY_MS - 60 * MINUTE_MS)
    assert device.desk.asked == 0
    device.lives(61 * MINUTE_MS)
    assert device.desk.asked == 1
    device.lives(DAY_MS)
    assert device.desk.asked == 1
    assert "is renewed and lasts until" in caplog.text
    assert device.days[:2] == [90, 89]
    assert device.days[-1] == 89


def test_it_renews_for_years() -> None:
    device = Device()
    device.lives(2 * 365 * DAY_MS)
    assert device.desk.asked == 12
    assert min(device.days) == 30
    assert device.warned == []


def test_a_desk_that_comes_back_after_weeks_is_found(caplog: pytest.LogCaptureFixture) -> None:
    device = Device()
    device.desk.fault, device.fraction = AWAY, 0.99
    device.lives(70 * DAY_MS)
    assert 240 <= device.desk.asked <= 300  # once an hour
    assert caplog.text.count("is not renewed yet") == 1
    device.desk.fault = None
    device.lives(61 * MINUTE_MS)
    assert device.desk.ends != END_MS
    assert device.warned == []


def test_the_last_week_is_said_to_the_hall_once_and_to_the_log_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = Device()
    device.desk.fault = AWAY
    device.lives(84 * DAY_MS)
    assert device.warned == [
        "ends on 2026-07-10, not renewed (desk-unreachable): start the desk, or provision it again"
    ]
    assert len(device.warned[0].encode()) <= 200
    assert "ends on 2026-07-10 and is not renewed: the desk at hall.local" in caplog.text


def test_a_certificate_that_has_ended_is_still_asked_for() -> None:
    """The device lay in a cupboard between two congresses."""
    device = Device()
    device.time.wall = END_MS + 100 * DAY_MS
    device.desk.fault = DeskRefused("certificate-refused", "the desk refuses this device's certificate")
    device.lives(DAY_MS)
    assert device.desk.asked > 100
    assert device.days == [-100, -101][: len(device.days)]
    assert "has ended on 2026-07-10" in device.warned[0]
    device.desk.fault = None
    device.lives(20 * MINUTE_MS)
    assert device.desk.ends is not None
    assert device.desk.ends > device.time.wall


def test_a_clock_of_1970_waits_for_the_hall_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    device = Device()
    device.time.wall = 0
    device.lives(60 * MINUTE_MS)
    assert device.desk.asked == 0
    assert caplog.text.count("the clock says 1970-01-01: nothing is renewed before the hall has told") == 1
    device.time.wall = END_MS - 20 * DAY_MS
    device.lives(MINUTE_MS)
    assert device.desk.asked == 1


def test_a_certificate_that_cannot_be_read_is_said_once_and_breaks_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = Device()
    device.desk.ends = None
    device.lives(60 * MINUTE_MS)
    assert caplog.text.count("cannot be read: provision this device again") == 1
    assert device.days == []


def test_its_thread_looks_at_once_and_ends_when_told() -> None:
    device = Device()
    device.renewing.start()
    wait_until(lambda: device.days, "the thread has looked")
    device.renewing.close()
    thread = device.renewing._thread
    assert thread is not None
    thread.join(30.0)
    assert not thread.is_alive()


def test_its_thread_outlives_whatever_happens(caplog: pytest.LogCaptureFixture) -> None:
    device = Device()
    device.desk.ends_ms = lambda: 1 // 0  # type: ignore[method-assign]  # a fault of ours
    device.renewing.start()
    wait_until(lambda: "in an unforeseen way; it goes on" in caplog.text, "the fault is logged")
    device.renewing.close()
    thread = device.renewing._thread
    assert thread is not None
    thread.join(30.0)


def test_a_broker_that_became_a_stranger_sends_the_device_to_its_desk_within_minutes() -> None:
    """The hall's key was replaced after a theft: the desk alone, known by the root, says which holds."""
    for fraction in (0.0, 0.99):
        device = Device(fraction=fraction)
        device.lives(START_SPREAD_MS + DAY_MS)
        assert device.desk.asked == 0
        device.stranger_ms = device.time.monotonic
        device.lives(SHUT_OUT_MS - LOOK_MS)
        assert device.desk.asked == 0
        device.lives(START_SPREAD_MS + 3 * LOOK_MS)
        assert device.desk.asked == 1
        assert device.warned == []


def test_a_stranger_at_the_brokers_address_and_no_desk_is_said_once_and_asked_about_less_and_less(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = Device(fraction=0.5)
    device.lives(DAY_MS)
    device.desk.fault = AWAY
    device.stranger_ms = device.time.monotonic
    with caplog.at_level(logging.WARNING):
        device.lives(DAY_MS)
    assert 10 < device.desk.asked < 200
    assert len([line for line in caplog.messages if "not one that this device believes" in line]) == 1
    device.stranger_ms = None
    asked = device.desk.asked
    device.lives(DAY_MS)
    assert device.desk.asked == asked
