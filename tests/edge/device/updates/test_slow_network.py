"""How slowly bytes may come, by a clock that the test turns."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.device.adapters.update_delta import PATCH_PPM_MAX
from edge.device.adapters.update_https import (
    RATE_BYTES_S,
    RATE_WINDOW_S,
    SILENCE_S,
    HttpsSource,
    Missing,
    Pace,
    Slow,
)
from edge.device.updating.ports import Wanted
from tests.edge.device.updating.unit import about


class Turned:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def drip(pace: Pace, clock: Turned, count: int) -> None:
    """So many bytes each second, for a quarter of an hour."""
    for _ in range(900):
        clock.now_s += 1.0
        pace.took(count)


def test_the_least_rate_is_enough_for_as_long_as_there_is_time() -> None:
    clock = Turned()
    pace = Pace(clock, limit_s=3600.0)
    drip(pace, clock, RATE_BYTES_S)
    assert pace.left_s() == SILENCE_S


def test_a_little_less_is_left_within_two_windows() -> None:
    clock = Turned()
    pace = Pace(clock, limit_s=3600.0)
    with pytest.raises(Slow, match="bytes a second"):
        drip(pace, clock, RATE_BYTES_S * 9 // 10)
    assert clock.now_s - 100 <= 2 * RATE_WINDOW_S


def test_a_rest_within_the_window_is_made_up_for() -> None:
    clock = Turned()
    pace = Pace(clock, limit_s=3600.0)
    for _ in range(20):
        clock.now_s += 14.0
        pace.took(15 * RATE_BYTES_S)


def test_a_first_burst_does_not_pay_for_what_drips_after_it() -> None:
    clock = Turned()
    pace = Pace(clock, limit_s=3600.0)
    clock.now_s += 1.0
    pace.took(100_000_000)
    with pytest.raises(Slow):
        drip(pace, clock, 1)
    assert clock.now_s - 100 <= 3 * RATE_WINDOW_S


def test_the_wait_for_a_byte_ends_with_the_time_that_is_left() -> None:
    clock = Turned()
    pace = Pace(clock, limit_s=20.0)
    assert pace.left_s() == SILENCE_S
    clock.now_s += 18.0
    assert pace.left_s() == 2.0
    clock.now_s += 2.0
    with pytest.raises(Slow, match="within the time"):
        pace.left_s()


class Noting:
    """A listener that has nothing, and notes how long it is given."""

    def __init__(self) -> None:
        self.limit_s = 0.0

    def pieces(self, path: str, limit_s: float) -> Iterator[bytes]:
        self.limit_s = limit_s
        raise Missing(404)

    def rest(self, path: str, begin: int, length: int, limit_s: float) -> Iterator[bytes | int]:
        raise Missing(404)

    def close(self) -> None: ...


def test_a_patch_has_the_time_that_the_least_rate_needs_for_the_longest_one(tmp_path: Path) -> None:
    """Else a patch of some MB is given up over a busy access point each time, and the whole target comes."""
    listener, length = Noting(), 20_000_000
    wanted = Wanted("firmware/x.tar", length, bytes(32), about("firmware", 1), {})
    assert not HttpsSource(listener).delta(bytes(32), tmp_path / "base", wanted, tmp_path / "into")
    assert listener.limit_s >= length * PATCH_PPM_MAX / 1_000_000 / RATE_BYTES_S
    assert listener.limit_s < 2 * 3600
