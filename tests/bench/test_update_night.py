"""The night on a modelled Wi-Fi, small: the planner keeps its slots and stops a bad release in time."""

import pytest

from bench.rows import Row
from bench.update_night import OFF, PlannedNight, measure, place_of, planned_for
from bench.wifi import Air, Assumptions, Downloads
from fleet.rollout.rules.shape import DeviceState

KEYPADS = 200


@pytest.fixture(scope="module")
def air() -> Air:
    places = Assumptions().access_points
    return Air([place_of(n, KEYPADS, places) for n in range(KEYPADS)], 7)


def test_every_keypad_that_is_on_has_it_and_no_access_point_was_flooded(air: Air) -> None:
    plan = planned_for(KEYPADS, air.assumed.access_points)
    night = PlannedNight(air, plan).run()
    assert len(night.night.done_s) == KEYPADS - OFF
    assert night.night.busiest <= plan.per_access_point
    silent = [one for one in night.courses.values() if one.state is DeviceState.FAILED]
    assert (len(silent), {one.cause for one in silent}) == (OFF, {"silent"})


def test_a_bad_release_is_stopped_within_a_second_and_nobody_keeps_it(air: Air) -> None:
    night = PlannedNight(air, planned_for(KEYPADS, air.assumed.access_points), lambda n: n % 10 != 0).run()
    assert night.over_the_line_s > 0
    assert 0 <= night.stopped_s - night.over_the_line_s <= 1
    assert night.last_order_s <= night.stopped_s
    assert len(night.touched) < KEYPADS / 2
    assert {one.held.counter for one in night.seen.values() if one.held is not None} == {1}


def test_the_same_seed_is_the_same_night() -> None:
    def sent() -> tuple[float, int]:
        air = Air([n % 2 for n in range(40)], 3)
        downloads, now_s = Downloads(air, resumes=False), 0.0
        for client in range(40):
            downloads.begin(client, 2_000_000, 0.0)
        while not downloads.is_idle:
            now_s += 0.5
            downloads.step(now_s, 0.5)
        return downloads.bytes_sent, downloads.retries

    assert sent() == sent()


def test_a_fuller_access_point_gives_each_less_and_breaks_more() -> None:
    air = Air([0] * 100, 3)
    few, many = air.place < 1, air.place < 1
    few = few.copy()
    few[5:] = False
    assert air.rates(few)[0] > 10 * air.rates(many)[0]
    assert air.rates(many).sum() < air.assumed.usable_mbit * 1e6 / 8
    assert air.drop_chance(many, 1.0)[0] > air.drop_chance(few, 1.0)[0]
    assert air.refuse_chance(many)[0] > air.refuse_chance(few)[0] == 0


@pytest.mark.slow
def test_the_measurement_says_what_it_assumes_and_meets_its_budget(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[Row] = measure(KEYPADS)
    assert all(row.ok for row in rows)
    said = capsys.readouterr().out
    assert "usable_mbit = 25.0" in said
    assert "bad release: stopped: in wave 1" in said
