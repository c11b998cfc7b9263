"""An update that cannot go on: it says in one line what it waits for, keeps what it has, and ends."""

import time
from datetime import datetime

import pytest

from edge.device.update import SLOW_MAX, State, Work
from edge.device.updating import saying, works
from edge.device.updating.works import Outcome
from tests.edge.device.updating.test_frozen_in_an_update import until
from tests.edge.device.updating.unit import about, release
from wire.fields import TIME_MS_MAX
from wire.updates import Order, Update, encode_order


def test_no_network_is_waited_for_and_said(unit) -> None:
    unit.start()
    unit.release.away = True
    unit.says("install", 1)
    unit.device.pass_ms(60_000)
    assert unit.status == "applying: waits for the network"
    assert unit.release.asked < 10
    unit.release.away = False
    unit.run()
    assert unit.counter == 1


def test_its_turn_is_waited_for_and_said(unit) -> None:
    unit.start()
    at_ms = unit.fleet.clock.wall + 3_600_000
    unit.says("install", 1, begin=at_ms)
    unit.device.pass_ms(3_500_000, 60_000)
    assert unit.release.asked == 0
    at = datetime.fromtimestamp(at_ms / 1000).astimezone()
    assert unit.status == f"applying: waits for its turn at {at:%H:%M} on {at:%Y-%m-%d}"
    unit.run()
    assert unit.counter == 1


def test_a_turn_that_no_calendar_knows_does_not_end_the_process(unit) -> None:
    """A device that ends over an order which it has kept would end at every start."""
    unit.start()
    unit.says("install", 1, begin=TIME_MS_MAX, end=TIME_MS_MAX)
    unit.device.pass_ms(1_000)
    assert unit.status == "applying: waits for its turn after the year 9999"
    unit.says("install", 2)
    unit.run()
    assert unit.counter == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_last_day_of_the_calendar_can_be_said_everywhere(zone, monkeypatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert "on 9999-12-" in saying.for_its_turn(saying.LAST_DAY_MS)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_time_from_the_hall_is_waited_for_and_said(unit, clock) -> None:
    """Without it nobody can tell whether metadata are fresh, or whose turn it is."""
    unit.start()
    unit.says("install", 1, begin=unit.fleet.clock.wall + 10_000)
    unit.device.kill()
    unit.repeat = lambda: None
    clock.wall = 0
    unit.start()
    unit.device.pass_ms(60_000)
    assert unit.release.asked == 0
    assert unit.status == "applying: waits for the time from the hall"


def test_an_update_that_is_late_is_left_and_said(unit) -> None:
    unit.start()
    unit.release.away = True
    unit.says("install", 1, end=unit.fleet.clock.wall + 60_000)
    unit.run()
    assert unit.said == [("refused", "late")]
    assert unit.status == "rejected: late"


def test_a_fetch_goes_on_where_it_was_cut_off(unit) -> None:
    unit.start()
    unit.release.breaks_at = 1
    unit.says("install", 1)
    unit.run()
    assert unit.counter == 1
    assert unit.release.fetched == len(unit.release.data)


def test_a_slow_network_is_tried_again_from_where_it_stopped(unit) -> None:
    unit.start()
    unit.release.slow = SLOW_MAX - 1
    unit.says("install", 1)
    unit.device.pass_ms(3_000)
    assert unit.status == "applying: waits: by hand"
    unit.run(ms=3_600_000)
    assert unit.counter == 1
    assert unit.release.fetched == len(unit.release.data)


def test_a_network_that_stays_slow_is_left_within_the_hour_and_by_then_only(unit) -> None:
    """Retries are counted across restarts, too: whoever drips must not be waited for without end."""
    unit.start()
    unit.release.slow = 10**6
    unit.says("install", 1)
    began_ms = unit.fleet.clock.monotonic
    unit.run(ms=120_000)
    unit.restart()
    unit.run(ms=3_600_000)
    assert unit.said == [("refused", "slow")]
    assert unit.release.slow == 10**6 - SLOW_MAX
    assert unit.fleet.clock.monotonic - began_ms < 3_600_000
    assert unit.counter == 0


def test_a_freeze_that_comes_and_goes_every_few_seconds_ends_no_fetch_and_starts_no_other(unit) -> None:
    unit.one_by_one = True
    unit.start()
    unit.says("install", 1)
    for _ in range(100):
        unit.freeze(True)
        unit.run(ms=2_000)
        assert (unit.counter, unit.starts) == (0, ["golden"])
        unit.freeze(False)
        unit.run(ms=1_000)
        if unit.updating.job.state is State.TRIAL:
            break
    unit.run()
    assert unit.said[-1] == ("committed", "")
    assert unit.release.fetched == len(unit.release.data)


def test_of_two_orders_in_a_row_the_second_is_obeyed_and_the_first_is_said_to_be_left(unit) -> None:
    unit.one_by_one = True
    unit.start()
    unit.says("install", 1)
    unit.run(ms=2_000)
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.says("install", 2, rollout="r2")
    unit.run()
    assert unit.said[0] == ("refused", "withdrawn")
    assert unit.said[-1] == ("committed", "")
    assert unit.counter == 2


def test_an_order_for_what_this_device_has_not_is_refused_and_asks_nobody(keypad) -> None:
    keypad.start()
    keypad.desire(encode_order(Order("r1", 1, "models", "install", 0, 2**50)))
    keypad.device.pass_ms(5_000)
    assert keypad.said == [("refused", "wrong-hardware")]
    assert keypad.release.asked == 0


@pytest.mark.parametrize("jump_ms", [-(10**10), 10**10])
def test_a_clock_that_jumps_neither_ends_an_update_nor_lets_one_begin(unit, jump_ms: int) -> None:
    """Of the operating system: the hall's word counts, and time as it passes."""
    unit.one_by_one = True
    unit.start()
    unit.says("install", 1, end=unit.fleet.clock.wall + 600_000)
    unit.run(ms=2_000)
    unit.device.clock.wall += jump_ms
    unit.run(ms=60_000)
    assert unit.counter == 1
    assert unit.said[-1] == ("committed", "")


def test_other_bytes_than_the_signed_ones_are_fetched_once_more_and_no_more(unit) -> None:
    unit.start()
    unit.release.spoils = 1
    unit.says("install", 1)
    unit.run()
    assert unit.counter == 1
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.release.spoils = 99
    unit.says("install", 2, rollout="r2")
    unit.run()
    assert unit.said[-1] == ("refused", "wrong-hash")
    assert unit.counter == 1
    assert not list((unit.update / "parts").iterdir())


def test_a_delta_spares_the_fetch_and_one_of_no_use_costs_nothing_but_time(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    fetched = unit.release.fetched
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.release.patch = unit.release.data
    unit.says("install", 2, rollout="r2")
    unit.run()
    assert (unit.counter, unit.release.fetched) == (2, fetched)
    assert last_readings(unit)["delta"] == 1
    unit.release.data, unit.release.about = release(unit.component, 3), about(unit.component, 3)
    unit.release.patch = bytes(len(unit.release.data))
    unit.says("install", 3, rollout="r3")
    unit.run()
    assert unit.counter == 3
    assert last_readings(unit)["delta"] == 0


def last_readings(unit) -> dict[str, int]:
    return dict([r.body for r in unit.fleet.records if isinstance(r.body, Update)][-1].readings)


def test_a_disk_without_room_is_said_before_a_byte_is_fetched(unit, monkeypatch) -> None:
    monkeypatch.setattr(works, "MARGIN_BYTES", 2**60)
    unit.start()
    unit.says("install", 1)
    unit.run()
    assert unit.said == [("refused", "disk-full")]
    assert unit.release.fetched == 0


def test_an_outbox_that_is_full_holds_the_update_where_it_is_until_there_is_room(unit) -> None:
    unit.start()
    unit.device.disk.full = True
    unit.says("install", 1)
    unit.device.pass_ms(30_000)
    assert unit.counter == 0
    unit.device.disk.full = False
    unit.repeat()
    unit.run()
    assert unit.counter == 1


@pytest.mark.parametrize("cause", ["unsigned", "wrong-hardware", "older", "requires-memory"])
def test_what_the_catalogue_refuses_is_refused_in_its_word_and_changes_nothing(unit, cause: str) -> None:
    unit.start()
    unit.release.refuses = cause
    unit.says("install", 1)
    unit.run()
    assert unit.said == [("refused", cause)]
    assert unit.status == f"rejected: {cause}"
    assert not (unit.update / "slots").exists()


def test_the_fleets_word_holds_it_and_lets_it_go_on(unit) -> None:
    unit.start()
    unit.release.away = True
    unit.says("install", 1)
    unit.device.pass_ms(2_000)
    unit.says("hold", 2)
    unit.release.away = False
    unit.device.pass_ms(600_000, 5_000)
    assert unit.counter == 0
    assert unit.status == "applying: waits: the fleet holds it"
    unit.says("install", 3)
    unit.run()
    assert unit.counter == 1


def test_an_order_that_is_taken_back_before_the_switch_changes_nothing(unit) -> None:
    unit.start()
    unit.release.away = True
    unit.says("install", 1)
    unit.device.pass_ms(2_000)
    unit.says("back", 2)
    unit.run()
    assert (unit.said, unit.counter) == ([("returned", "withdrawn")], 0)
    assert unit.status == "ok"


def test_an_older_order_of_the_same_rollout_is_not_taken_up(unit) -> None:
    unit.start()
    unit.says("install", 5)
    unit.run()
    unit.says("back", 4)
    unit.device.pass_ms(60_000)
    assert unit.counter == 1


def test_what_is_no_order_is_said_to_be_none(unit) -> None:
    unit.start()
    unit.desire(b"\x01")
    unit.device.pass_ms(1_000)
    assert unit.status == "rejected: not an order that this release can read"


def test_going_back_below_a_committed_minimum_is_refused(unit) -> None:
    unit.start()
    unit.release.about = about(unit.component, 1, minimum=1)
    unit.says("install", 1)
    unit.run()
    unit.says("back", 2)
    unit.run()
    assert unit.said[-1] == ("refused", "older")
    assert unit.counter == 1


def test_a_trial_that_does_not_reach_the_hall_goes_back_by_itself(unit) -> None:
    unit.start()
    unit.faults.silent = 1
    unit.says("install", 1)
    unit.run(ms=2_000_000, step_ms=5_000)
    assert unit.said[-1] == ("returned", "trial-unwell")
    assert unit.counter == 0
    unit.device.pass_ms(1_000)
    assert unit.status == "rejected: trial-unwell"


def test_a_shadow_that_disagrees_leaves_the_present_one_and_tells_its_readings(gate) -> None:
    gate.start()
    gate.faults.shadow = "disagrees"
    gate.says("install", 1)
    gate.run()
    assert gate.said == [("refused", "disagrees")]
    assert last_readings(gate)["agree-ppm"] == 500_000
    assert gate.counter == 0


def test_a_process_that_the_launcher_did_not_start_keeps_its_firmware(keypad, monkeypatch) -> None:
    keypad.start()
    object.__setattr__(keypad.updating._tools, "can_launch", False)
    keypad.says("install", 1)
    keypad.run()
    assert keypad.said == [("refused", "no-launcher")]


def test_a_work_that_never_comes_back_does_not_hold_up_what_follows(unit) -> None:
    unit.start()
    hanging = []
    unit.updating._aside = hanging.append
    unit.says("install", 1)
    unit.device.pass_ms(26 * 3_600_000, 600_000)
    assert unit.said == [("refused", "expired")]
    assert unit.updating.job.state is State.IDLE
    unit.updating._aside = lambda work: work()
    unit.says("install", 2)
    unit.run()
    assert unit.counter == 1
    hanging[0]()  # it comes at last, and nobody waits for it
    unit.device.settle()
    assert unit.said[-1] == ("committed", "")


@pytest.mark.parametrize("frozen", [False, True])
def test_an_update_of_what_this_device_has_no_more_is_refused_and_leaves_no_paper(gate, frozen: bool) -> None:
    """It was rebuilt as another kind while its state lay on the disk."""
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    gate.updating._works._works[Work.SWITCH] = lambda _: Outcome(None, what="waits for the disk")
    until(gate, State.SWITCHING)
    gate.component = "firmware"
    if frozen:
        gate.freeze(True)
    gate.restart()
    gate.device.pass_ms(2_000)
    gate.freeze(False)
    gate.device.pass_ms(2_000)
    assert gate.said[-1] == ("refused", "wrong-hardware")
    assert not (gate.update / "launch.json").exists()


def test_an_unforeseen_fault_of_the_candidate_is_a_refusal_and_not_the_end_of_the_process(unit) -> None:
    unit.start()

    def fails(component, folder):
        raise ZeroDivisionError

    unit.updating._tools.subject.self_test = fails
    unit.says("install", 1)
    unit.run()
    assert unit.said == [("refused", "self-test")]


def test_every_work_has_a_state_and_every_state_that_lasts_a_limit() -> None:
    from edge.device.update import TIMEOUT_CAUSE, TIMEOUT_S, UNDECIDED, WORK

    assert set(WORK.values()) == set(Work)
    assert set(TIMEOUT_S) == set(TIMEOUT_CAUSE)
    assert set(UNDECIDED) - {State.WAITING} | {State.TRIAL} == set(TIMEOUT_S)
