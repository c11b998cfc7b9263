"""The hall server's clock is set back a year: the hall's time goes on."""

import logging

import pytest

from fleet.desk.clock import HallTime

YEAR_MS = 365 * 86_400_000
NOW_MS = 1_780_000_000_000


class Machine:
    """The clocks of a machine whose wall clock somebody sets."""

    def __init__(self) -> None:
        self.monotonic, self.wall = 5_000, NOW_MS

    def monotonic_ms(self) -> int:
        return self.monotonic

    def wall_ms(self) -> int:
        return self.wall

    def passes(self, ms: int) -> None:
        self.monotonic += ms
        self.wall += ms


def test_a_step_back_is_not_followed_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    hall = HallTime(machine, said_ms=0)
    assert hall.wall_ms() == NOW_MS
    machine.wall -= YEAR_MS
    with caplog.at_level(logging.WARNING):
        for second in range(1, 4):
            machine.passes(1000)
            assert hall.wall_ms() == NOW_MS + 1000 * second
    (said,) = [record.message for record in caplog.records]
    assert said.startswith(f"This machine's clock is {YEAR_MS // 1000} s behind")
    assert said.endswith("set the clock.")


def test_a_clock_that_is_right_again_is_followed() -> None:
    machine = Machine()
    hall = HallTime(machine, said_ms=0)
    hall.wall_ms()
    machine.wall -= YEAR_MS
    machine.passes(1000)
    hall.wall_ms()
    machine.wall += YEAR_MS + 7
    assert hall.wall_ms() == NOW_MS + 1007


def test_a_start_with_a_clock_in_the_past_goes_on_from_what_was_said() -> None:
    machine = Machine()
    machine.wall -= YEAR_MS
    hall = HallTime(machine, said_ms=NOW_MS + 50)
    assert hall.wall_ms() == NOW_MS + 50
    machine.passes(25)
    assert hall.wall_ms() == NOW_MS + 75


def test_a_slew_of_some_milliseconds_is_nobodys_business(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    hall = HallTime(machine, said_ms=0)
    hall.wall_ms()
    machine.wall -= 40
    machine.passes(10)
    assert hall.wall_ms() == NOW_MS + 10
    assert caplog.records == []
