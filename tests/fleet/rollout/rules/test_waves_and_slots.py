"""The same devices come into the same waves and slots each time; a percent is a percent; windows open and
shut."""

from hypothesis import example, given
from hypothesis import strategies as st

from edge.device.update import Job, State
from edge.device.updating.saying import line
from fleet.rollout.rules.shape import Course, DeviceState, Observation, Plan, Planned, Wave, Window
from fleet.rollout.rules.slots import (
    DAY_MIN,
    OFF_THE_AIR,
    Air,
    access_point_of,
    ends_ms,
    is_open,
    left_ms,
    minute_of_day,
)
from fleet.rollout.rules.waves import assign
from tests.fleet.rollout.rules.pretended_hall import BEGAN_MS, device

PLAN = Plan((Wave("few", percent=5), Wave("rest")), {"ap-1": ("r0", "r1"), "ap-2": ("r2",)}, 2, 1_000)
DEVICES = [device(f"k-{n:03}", f"r{n // 40}") for n in range(200)]


def test_the_plan_does_not_depend_on_the_order_in_which_devices_are_read() -> None:
    assert assign(PLAN, "night", DEVICES) == assign(PLAN, "night", DEVICES[::-1])


def test_another_rollout_begins_with_other_devices_and_not_with_one_row() -> None:
    firsts = []
    for name in ("one", "two"):
        planned, _ = assign(PLAN, name, DEVICES)
        firsts.append({one.device for one in planned if one.wave == 0})
        rows = {one.row for one in DEVICES if one.device in firsts[-1]}
        assert len(rows) > 2
    assert firsts[0] != firsts[1]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.integers(1, 400))
@example([1, 48, 50], 1)
def test_percents_are_kept_and_everybody_is_in_one_wave(percents: list[int], count: int) -> None:
    waves = tuple(Wave(f"w{n}", percent=percent) for n, percent in enumerate(percents) if sum(percents) < 100)
    devices = [device(f"k-{n}") for n in range(max(count, 20 * (len(waves) + 1)))]
    planned, left = assign(Plan((*waves, Wave("rest"))), "night", devices)
    assert left == ()
    assert len({one.device for one in planned}) == len(planned) == len(devices)
    until = 0
    for number, wave in enumerate(waves):
        until += wave.percent or 0
        taken = sum(one.wave <= number for one in planned)
        assert abs(taken - len(devices) * until / 100) <= number + 1


def test_behind_one_access_point_estimated_slots_are_apart() -> None:
    planned, _ = assign(PLAN, "night", DEVICES, each_ms=10_000)
    rows = {one.device: one.row for one in DEVICES}
    for place in ("ap-1", "ap-2", ""):
        slots = [
            one.slot_ms
            for one in planned
            if one.wave == 1 and access_point_of(PLAN, rows[one.device]) == place
        ]
        assert slots == [n * 5_000 for n in range(len(slots))]


def test_air_is_given_to_so_many_and_one_after_the_other() -> None:
    air, now_ms = Air(PLAN), BEGAN_MS
    assert air.begins("r0", now_ms)
    assert not air.begins("r1", now_ms), "one second apart"
    assert air.begins("r2", now_ms), "behind another one"
    assert air.begins("r1", now_ms + 1_000)
    assert not air.begins("r0", now_ms + 9_000), "two at a time"


def test_a_device_that_has_fetched_leaves_its_place() -> None:
    planned = Planned(DEVICES[0].device, 0, 0, DEVICES[0].backend)
    course = Course(planned, DeviceState.WORKING, 1, ordered_ms=BEGAN_MS)
    for status, busy in (
        ("applying: fetches", 1),
        ("applying: something new", 1),
        ("applying: is on trial", 0),
    ):
        air = Air(PLAN)
        for _ in range(2):
            air.saw(course, Observation(planned.device, BEGAN_MS, None, status=status, facts={"row": "r0"}))
        assert air.begins("r0", BEGAN_MS + 5_000) is not bool(busy)


def test_the_words_are_those_of_the_device() -> None:
    states = list(State)
    for state in states[1:]:
        has_fetched = states.index(state) > states.index(State.FETCHING)
        assert line(Job(state), "").startswith(OFF_THE_AIR) is has_fetched, state


@given(st.integers(0, DAY_MIN - 1), st.integers(1, DAY_MIN - 1), st.integers(0, DAY_MIN - 1))
def test_a_window_is_open_just_between_its_ends(begins: int, lasts: int, minute: int) -> None:
    window = Window(begins, (begins + lasts) % DAY_MIN)
    assert is_open(window, minute) is (minute in {(begins + n) % DAY_MIN for n in range(lasts)})
    if is_open(window, minute):
        now_ms = BEGAN_MS + minute * 60_000 + 17_000
        left = ends_ms(window, now_ms, minute) - now_ms
        assert 0 < left <= lasts * 60_000
        assert minute_of_day(window, ends_ms(window, now_ms, minute)) == window.ends_min


def test_minutes_are_those_of_the_hall() -> None:
    assert minute_of_day(Window(0, 1, 7 * 60), BEGAN_MS + 20 * 3_600_000) == 3 * 60


def test_the_time_left_is_that_of_the_waves_that_are_left() -> None:
    planned, _ = assign(PLAN, "night", DEVICES, each_ms=10_000)
    states = [(one, DeviceState.SOAKED if one.wave == 0 else DeviceState.WAITING) for one in planned]
    last = max(one.slot_ms for one in planned if one.wave == 1)
    assert left_ms(states, 10_000, 60_000) == last + 70_000
    assert left_ms([(one, DeviceState.SOAKED) for one in planned], 10_000, 60_000) == 0
