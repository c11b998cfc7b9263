"""A rollout in a hall whose devices fail, vanish, are slow or lie: it keeps to its slots and hours, it stops
when it must, and it ends."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from fleet.rollout.rules import verbs
from fleet.rollout.rules.causes import common_factor, matrix
from fleet.rollout.rules.errors import NotInThisState
from fleet.rollout.rules.follow import SILENT_AFTER_MS, follow
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import (
    Course,
    DeviceState,
    GateRules,
    Observation,
    Plan,
    RolloutState,
    Wave,
    Window,
)
from tests.fleet.rollout.rules.pretended_hall import BEGAN_MS, NEW, OLD, Hall, Unit, device
from wire.ids import DeviceId

GATE = GateRules(soak_s=60, deadline_s=600)
PLAN = Plan(
    (Wave("canary", percent=10), Wave("the rest")),
    {"ap-1": ("A",), "ap-2": ("B",)},
    per_access_point=2,
    spacing_ms=5_000,
    gate=GATE,
)


def units(count: int, fate: Callable[[int], str] = lambda _: "well") -> list[Unit]:
    return [Unit(device(f"k-{n:03}", "AB"[n % 2]), fate(n)) for n in range(count)]


def begun(plan: Plan, among: Sequence[Unit]) -> Hall:
    hall = Hall(plan, among)
    hall.start()
    return hall


def test_a_good_release_reaches_everybody_in_two_waves() -> None:
    hall = begun(PLAN, units(30))
    hall.run(7200)
    assert hall.standing.state is RolloutState.DONE, hall.words
    assert hall.states() == {"soaked": 30}
    assert len(hall.given) == 30, "one order each"
    waves = [hall.courses[order.device].planned.wave for order in hall.given]
    assert waves == sorted(waves)


def test_a_bad_release_is_stopped_in_its_first_wave_and_nobody_keeps_it() -> None:
    hall = begun(PLAN, units(30, lambda _: "hot"))
    hall.run(7200)
    assert hall.standing.state is RolloutState.ABORTED
    assert hall.on_new() == set()
    touched = {order.device for order in hall.given}
    assert {hall.courses[one].planned.wave for one in touched} == {0}
    assert all(cell.cause in ("hot", "withdrawn", "") for cell in matrix(hall.courses.values()))


def test_a_single_canary_that_fails_stops_the_rollout() -> None:
    hall = begun(
        replace(PLAN, waves=(Wave("canary", percent=5), Wave("the rest"))), units(10, lambda _: "unwell")
    )
    hall.run(7200)
    assert hall.standing.state is RolloutState.ABORTED
    assert len({order.device for order in hall.given}) == 1


def test_one_failure_in_a_hall_does_not_stop_it_and_that_device_alone_goes_back() -> None:
    among = units(60)
    among[7].fate = "hot"
    hall = begun(replace(PLAN, waves=(Wave("all"),)), among)
    hall.run(7200)
    assert hall.standing.state is RolloutState.DONE
    assert hall.states() == {"soaked": 59, "returned": 1}
    assert hall.courses[among[7].device.device].cause == "hot"
    assert len(hall.on_new()) == 59


def test_those_that_were_offline_alone_are_tried_again() -> None:
    among = units(60)
    off = among[3:10]
    for unit in off:
        unit.is_on = False
    hall = begun(PLAN, among)
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 53, "failed": 7})
    assert {one.cause for one in hall.courses.values() if one.state is DeviceState.FAILED} == {"silent"}
    given = len(hall.given)
    for unit in off:
        unit.is_on = True
    again = replace(hall.standing, next_generation=hall.standing.generation + 1)
    hall.carry_out(verbs.retry(again, list(hall.courses.values()), hall.now_ms))
    hall.pass_time(5_000)
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 60})
    assert {order.device for order in hall.given[given:]} == {unit.device.device for unit in off}


def test_a_device_that_comes_back_during_a_later_wave_is_taken_along() -> None:
    among = units(60)
    first = min(Hall(PLAN, among).courses.values(), key=lambda one: (one.planned.wave, one.planned.slot_ms))
    late = next(unit for unit in among if unit.device.device == first.planned.device)
    late.is_on = False
    hall = begun(PLAN, among)
    hall.run(250)
    assert hall.standing.wave == 1
    late.is_on = True
    hall.run(7200)
    assert hall.states() == {"soaked": 60}


def test_a_device_that_refused_is_not_tried_again() -> None:
    among = units(60)
    among[5].fate = "refuses"
    hall = begun(PLAN, among)
    hall.run(7200)
    name = among[5].device.device
    with pytest.raises(NotInThisState, match=name):
        verbs.retry(hall.standing, list(hall.courses.values()), hall.now_ms, [name])


@pytest.mark.parametrize("cause", ["unseen", "disk-full", "slow", "no-launcher"])
def test_what_somebody_can_cure_is_tried_again_without_a_new_release(cause: str) -> None:
    among = units(60)
    among[5].fate, among[5].cause = "refuses", cause
    hall = begun(PLAN, among)
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 59, "failed": 1})
    among[5].fate = "well"
    standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
    hall.carry_out(verbs.retry(standing, list(hall.courses.values()), hall.now_ms))
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 60})


def test_disk_full_counts_against_the_release_and_nobody_walking_by_does_not() -> None:
    stops = {}
    for cause in ("disk-full", "unseen"):
        among = units(60, lambda n: "refuses" if n % 2 else "well")
        for unit in among:
            unit.cause = cause
        hall = begun(replace(PLAN, waves=(Wave("all"),)), among)
        hall.run(7200)
        stops[cause] = hall.standing.state
    assert stops == {"disk-full": RolloutState.ABORTED, "unseen": RolloutState.DONE}


def test_a_candidate_that_nobody_walked_by_is_no_canary_and_does_not_stay() -> None:
    among = units(30, lambda _: "unseen")
    hall = begun(PLAN, among)
    hall.run(7200)
    assert hall.standing.state is RolloutState.PAUSED, hall.words
    assert "nobody walked by" in hall.words
    assert hall.on_new() == set()
    assert {one.planned.wave for one in hall.courses.values() if one.generation} == {0}
    for unit in among:
        unit.fate, unit.readings = "well", {}
    hall.resume()
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 30})


def test_a_first_wave_that_is_all_offline_pauses_instead_of_making_the_next_one_the_canary() -> None:
    among = units(30)
    first = {name for name, one in Hall(PLAN, among).courses.items() if one.planned.wave == 0}
    for unit in among:
        unit.is_on = unit.device.device not in first
    hall = begun(PLAN, among)
    hall.run(7200)
    assert hall.standing.state is RolloutState.PAUSED
    assert "offline" in hall.words
    hall.tick()
    assert "offline" in hall.words, "why it pauses is still said"
    assert hall.given == []


def test_nothing_is_ordered_outside_of_a_window_over_midnight_and_it_ends_in_a_later_night() -> None:
    plan = replace(PLAN, window=Window(23 * 60 + 50, 10), gate=replace(GATE, deadline_s=300))
    hall = begun(plan, units(120))
    hall.run(5 * 86_400, step_ms=20_000)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 120})
    assert hall.now_ms - BEGAN_MS > 86_400_000, "it took more than one night"


def test_a_device_that_was_given_up_holds_and_leaves_its_place_to_others() -> None:
    among = units(60)
    among[8].fate = among[9].fate = "slow"
    hall = begun(replace(PLAN, per_access_point=1), among)
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 58, "failed": 2})
    assert {order.device for order in hall.given if order.act == "hold"} == {"k-008", "k-009"}


@pytest.mark.parametrize("step", ["refused", "returned", "committed"])
def test_a_step_of_another_order_is_given_no_effect(step: str) -> None:
    hall = begun(PLAN, units(3))
    ordered = Course(hall.courses[DeviceId("k-000")].planned, DeviceState.ORDERED, 7, ordered_ms=BEGAN_MS)
    said = Observation(DeviceId("k-000"), BEGAN_MS + 1, OLD, step, "self-test")
    now_ms = BEGAN_MS + 1_000
    assert follow(ordered, replace(said, generation=6), NEW.sha256, GATE, now_ms) is ordered
    for generation in (7, None):
        now = follow(ordered, replace(said, generation=generation), NEW.sha256, GATE, now_ms)
        assert now.state is (DeviceState.COMMITTED if step == "committed" else DeviceState.FAILED)


def test_a_device_that_was_switched_off_before_its_order_came_has_not_begun_it() -> None:
    """Its last word is of the order before, which a sitting took the force from: a hall that is switched off
    when its sitting ends must not speak against the release."""
    hall = begun(PLAN, units(3))
    name, ordered_ms = DeviceId("k-000"), BEGAN_MS + 60_000
    ordered = Course(hall.courses[name].planned, DeviceState.ORDERED, 7, ordered_ms=ordered_ms)
    words = "applying: waits for the end of the sitting"
    off = Observation(name, ordered_ms - 1, OLD, status=words, status_ms=ordered_ms - 1)
    assert follow(ordered, off, NEW.sha256, GATE, ordered_ms + 1_000) is ordered
    silent = follow(ordered, off, NEW.sha256, GATE, ordered_ms + SILENT_AFTER_MS + 1)
    assert (silent.state, silent.cause) == (DeviceState.FAILED, "silent")
    for status_ms in (ordered_ms + 1, None):
        on = replace(off, seen_ms=ordered_ms + 1, status_ms=status_ms)
        assert follow(ordered, on, NEW.sha256, GATE, ordered_ms + 1_000).state is DeviceState.WORKING


@pytest.mark.parametrize("state", [DeviceState.WORKING, DeviceState.COMMITTED])
def test_a_device_that_is_revoked_under_way_speaks_against_no_release(state: DeviceState) -> None:
    hall = begun(PLAN, units(3))
    under_way = Course(
        hall.courses[DeviceId("k-000")].planned, state, 7, ordered_ms=BEGAN_MS, ended_ms=BEGAN_MS
    )
    much_later_ms = BEGAN_MS + 2 * (GATE.deadline_s + GATE.soak_s) * 1000
    for seen_ms, cause in ((None, "silent"), (BEGAN_MS + 1, "lost")):
        seen = Observation(DeviceId("k-000"), seen_ms, OLD)
        now = follow(under_way, seen, NEW.sha256, GATE, much_later_ms)
        assert (now.state, now.cause) == (DeviceState.FAILED, cause)


def test_a_freeze_stops_orders_and_is_nobodys_fault() -> None:
    hall = begun(PLAN, units(30))
    hall.run(40)
    hall.freeze_now()
    orders = len(hall.given)
    hall.run(4 * 3600, step_ms=60_000)
    assert len(hall.given) == orders
    assert "end of sitting morning" in hall.words
    hall.thaw()
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 30})


def test_an_override_frees_just_its_device() -> None:
    hall = begun(PLAN, units(30))
    free = min(hall.courses.values(), key=lambda one: (one.planned.wave, one.planned.slot_ms)).planned.device
    hall.freeze_now(free)
    hall.run(1200)
    assert {order.device for order in hall.given} == {free}


def test_a_pause_holds_who_is_under_way_and_resume_goes_on() -> None:
    hall = begun(PLAN, units(30))
    hall.run(20)
    held = [one for one in hall.courses.values() if one.state in (DeviceState.ORDERED, DeviceState.WORKING)]
    assert held
    hall.carry_out(verbs.pause(hall.standing, list(hall.courses.values()), hall.now_ms))
    assert {order.device for order in hall.given if order.act == "hold"} == {
        one.planned.device for one in held
    }
    orders = len(hall.given)
    for _ in range(100):
        hall.tick()
        hall.pass_time(60_000)
    assert len(hall.given) == orders
    hall.resume()
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.DONE, {"soaked": 30})


def test_a_finished_rollout_can_be_rolled_back() -> None:
    hall = begun(PLAN, units(30))
    hall.run(7200)
    standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
    hall.carry_out(
        verbs.roll_back(
            standing,
            hall.target,
            list(hall.courses.values()),
            hall.observations(),
            Said("by hand", "bằng tay"),
        )
    )
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.ABORTED, {"returned": 30})
    assert hall.on_new() == set()


def test_who_cannot_go_back_is_counted_and_does_not_speak_against_the_release() -> None:
    hall = begun(PLAN, units(30, lambda n: "stuck" if n < 3 else "well"))
    hall.run(7200)
    standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
    courses, why = list(hall.courses.values()), Said("by hand", "bằng tay")
    hall.carry_out(verbs.roll_back(standing, hall.target, courses, hall.observations(), why))
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.ABORTED, {"returned": 27, "failed": 3})
    assert "3 devices still have the new release" in hall.words
    assert {one.cause for one in hall.courses.values()} == {"", "no-way-back"}
    assert not common_factor(list(hall.courses.values()), hall.observations(), hall.plan).en


def test_who_says_that_it_went_back_and_reports_the_new_release_is_not_believed() -> None:
    hall = begun(PLAN, units(30, lambda n: "pretends" if n == 4 else "well"))
    hall.run(7200)
    standing = replace(hall.standing, next_generation=hall.standing.generation + 1)
    courses, why = list(hall.courses.values()), Said("by hand", "bằng tay")
    hall.carry_out(verbs.roll_back(standing, hall.target, courses, hall.observations(), why))
    hall.run(7200)
    assert (hall.standing.state, hall.states()) == (RolloutState.ABORTED, {"returned": 29, "failed": 1})
    assert "1 devices still have the new release" in hall.words


def test_a_device_that_is_switched_off_during_an_abort_goes_back_when_it_comes_again() -> None:
    hall = begun(PLAN, units(30))
    hall.run(200)
    gone = hall.units[min(hall.on_new())]
    gone.is_on = False
    stop = verbs.abort(
        replace(hall.standing, next_generation=hall.standing.generation + 1),
        hall.target,
        list(hall.courses.values()),
        hall.observations(),
        Said("by hand", "bằng tay"),
    )
    hall.carry_out(stop)
    hall.run(7200)
    assert hall.standing.state is RolloutState.ABORTED
    assert hall.on_new() == {gone.device.device}
    gone.is_on = True
    hall.pass_time(5_000)
    assert hall.on_new() == set()


def test_a_word_under_an_older_generation_ends_nothing() -> None:
    among = units(60)
    among[4].fate = "liar"
    hall = begun(replace(PLAN, waves=(Wave("all"),)), among)
    hall.run(7200)
    assert hall.courses[among[4].device.device].cause == "late"
    assert hall.states() == {"soaked": 59, "failed": 1}


def test_who_says_that_it_committed_and_reports_the_old_release_is_not_believed() -> None:
    among = units(30)
    among[4].fate = "boasts"
    hall = begun(PLAN, among)
    hall.run(7200)
    boaster = hall.courses[among[4].device.device]
    assert (boaster.state, boaster.cause) == (DeviceState.FAILED, "late")
    assert "reports another version" in boaster.detail
    assert hall.standing.state is RolloutState.DONE, "one of thirty, in the large wave"
    assert hall.states() == {"soaked": 29, "failed": 1}


def test_the_common_factor_is_named() -> None:
    among = units(60, lambda n: "refuses" if n % 10 == 0 else "well")
    for n, unit in enumerate(among):
        unit.facts = {
            "camera": "imx219" if n % 10 == 0 else "imx708",
            "runtime": "tflite" if n % 2 else "litert",
        }
    careless = replace(GATE, good_ppm=300_000, bad_ppm=900_000)
    hall = begun(replace(PLAN, waves=(Wave("all"),), gate=careless), among)
    hall.run(7200)
    said = common_factor(list(hall.courses.values()), hall.observations(), hall.plan).en
    assert said == "6 of 6 failures, and 0 of 54 that went well: camera imx219."


@pytest.mark.parametrize("verb", ["pause", "resume", "abort", "roll_back", "retry"])
def test_a_draft_can_only_be_started(verb: str) -> None:
    hall = Hall(PLAN, units(3))
    standing, courses = hall.standing, list(hall.courses.values())
    calls: dict[str, Callable[[], object]] = {
        "pause": lambda: verbs.pause(standing, courses, 0),
        "resume": lambda: verbs.resume(standing, courses, 0),
        "abort": lambda: verbs.abort(standing, hall.target, courses, {}, Said("why", "vì sao")),
        "roll_back": lambda: verbs.roll_back(standing, hall.target, courses, {}, Said("why", "vì sao")),
        "retry": lambda: verbs.retry(standing, courses, 0),
    }
    with pytest.raises(NotInThisState, match="draft"):
        calls[verb]()


def test_a_retry_of_a_stranger_is_refused() -> None:
    hall = begun(PLAN, units(20))
    hall.run(7200)
    with pytest.raises(NotInThisState, match="k-999 is in no wave of this rollout"):
        verbs.retry(hall.standing, list(hall.courses.values()), 0, [DeviceId("k-999")])
