"""What a follower does for one device, told by where it stands: the whole table, without anybody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.backends.errors import BadAnswer
from provisioning.backends.following import (
    AWAY_AFTER_MS,
    BEFORE_TAG,
    Act,
    Course,
    Frozen,
    Pin,
    Report,
    Sight,
    asked,
    before_of,
    courses_of,
    decide,
    frozen_of,
    tag_of,
)
from provisioning.backends.ports import SupervisorState, UnitState
from wire.ids import DeviceId

SEAT = DeviceId("keypad-1")
OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
LONG_AGO = NOW - timedelta(hours=1)
NOT_FROZEN, FROZEN, FREED = Frozen(), Frozen("s1"), Frozen("s1", frozenset({SEAT}))
INSTALL, BACK = Pin(SEAT, Act.INSTALL, NEW), Pin(SEAT, Act.BACK, OLD)


def course(state: str, **more: Any) -> Course:
    fields = {"generation": 4, "ordered_ms": NOW_MS - 1000, "ended_ms": None}
    return Course(SEAT, state, **{**fields, **more})


def unit(runs: str | None = OLD, pinned: str | None = OLD, **more: Any) -> UnitState:
    fields: dict[str, Any] = {"online": True, "word": "operational", "progress": None, "seen": NOW}
    return UnitState(SEAT, "uuid", release=runs, pinned=pinned, **{**fields, **more})


def sight(frozen: Frozen = NOT_FROZEN, before: str | None = OLD) -> Sight:
    return Sight(NEW, frozen, {} if before is None else {SEAT: before}, NOW_MS)


def said(found: object) -> tuple[str, str]:
    assert isinstance(found, Report)
    assert found.generation == 4
    return found.state, found.cause


@pytest.mark.parametrize(
    ("state", "at", "wanted"),
    [
        ("ordered", unit(), INSTALL),
        ("ordered", unit(pinned=None), INSTALL),
        ("working", unit(pinned=OTHER), INSTALL),
        ("ordered", unit(runs=NEW, pinned=None), INSTALL),  # it follows its fleet: that is not staying
        ("working", unit(pinned=NEW, progress=40), None),
        ("working", unit(runs=NEW, pinned=NEW, progress=90), None),
        ("ordered", unit(online=False), None),  # it would take it whenever it comes back
        ("returning", unit(NEW, NEW), BACK),
        ("returning", unit(NEW, None), BACK),
        ("returning", unit(NEW, OLD), None),
        ("returning", unit(OLD, NEW), Pin(SEAT, Act.HOLD, OLD)),
        ("committed", unit(NEW, NEW), None),
        ("soaked", unit(NEW, NEW), None),
        ("waiting", unit(), None),
        ("waiting", unit(OLD, NEW), Pin(SEAT, Act.HOLD, OLD)),  # paused while it was on its way
        ("failed", unit(OLD, NEW), Pin(SEAT, Act.HOLD, OLD)),  # given up by the fleet
        ("failed", unit(NEW, OLD), None),  # told to go back, and late: it may
        ("failed", unit(OLD, OTHER), None),  # pinned by a hand: no affair of ours
        ("not-eligible", unit(None, NEW), None),
    ],
)
def test_the_next_step_is_the_one_that_its_course_asks_for(state: str, at: UnitState, wanted: object) -> None:
    assert decide(course(state), at, sight()) == wanted


@pytest.mark.parametrize(
    ("state", "at", "wanted"),
    [
        ("ordered", unit(pinned=NEW), ("working", "")),
        ("ordered", unit(NEW, NEW), ("committed", "")),
        ("working", unit(NEW, NEW), ("committed", "")),
        ("ordered", unit(online=False, seen=LONG_AGO), None),  # its order is a second old
        ("returning", unit(OLD, OLD), ("returned", "")),
        ("returning", unit(OTHER, None), ("returned", "")),
        ("committed", unit(OLD, NEW), ("failed", "trial-unwell")),
    ],
)
def test_the_fleet_is_told_what_has_come_of_it(state: str, at: UnitState, wanted: object) -> None:
    found = decide(course(state), at, sight())
    assert (None if found is None else said(found)) == wanted


@pytest.mark.parametrize(
    ("state", "cause"), [("ordered", "silent"), ("working", "lost"), ("committed", "lost")]
)
def test_a_device_that_is_away_too_long_is_told_as_offline_and_never_pinned(state: str, cause: str) -> None:
    gone = unit(NEW if state == "committed" else OLD, NEW, online=False, seen=LONG_AGO)
    long_ago = course(state, ordered_ms=NOW_MS - AWAY_AFTER_MS - 1, ended_ms=NOW_MS - AWAY_AFTER_MS - 1)
    assert said(decide(long_ago, gone, sight())) == ("failed", cause)
    just_now = course(state, ordered_ms=NOW_MS - AWAY_AFTER_MS, ended_ms=NOW_MS - AWAY_AFTER_MS)
    assert decide(just_now, gone, sight()) is None


@pytest.mark.parametrize("before", [None, NEW])
def test_without_a_release_before_nobody_guesses_one(before: str | None) -> None:
    assert said(decide(course("returning"), unit(NEW, NEW), sight(before=before))) == (
        "failed",
        "nothing-before",
    )


def test_an_order_back_that_is_not_given_yet_is_not_obeyed() -> None:
    assert decide(course("returning", ordered_ms=None), unit(NEW, NEW), sight()) is None


@pytest.mark.parametrize("state", ["waiting", "ordered", "working", "returning", "failed", "soaked"])
def test_in_a_sitting_whoever_is_on_its_way_stands_and_nobody_sets_out(state: str) -> None:
    frozen = sight(FROZEN)
    assert decide(course(state), unit(), frozen) is None
    assert decide(course(state), unit(NEW, NEW), frozen) is None
    assert decide(course(state), unit(OLD, NEW), frozen) == Pin(SEAT, Act.HOLD, OLD)
    assert decide(course(state), unit(NEW, OLD), frozen) == Pin(SEAT, Act.HOLD, NEW)


def test_who_was_freed_by_two_people_goes_on() -> None:
    for frozen in (FREED, Frozen("s1", None), Frozen()):
        assert decide(course("ordered"), unit(), sight(frozen)) == INSTALL
        assert decide(course("returning"), unit(NEW, NEW), sight(frozen)) == BACK


def test_a_device_whose_turn_has_not_come_is_left_to_whoever_pinned_it() -> None:
    waiting = course("waiting", generation=0, ordered_ms=None)
    assert decide(waiting, unit(OLD, NEW), sight(before=None)) is None
    assert decide(waiting, unit(OLD, NEW), sight()) == Pin(SEAT, Act.HOLD, OLD), "ours, from before a retry"


def test_every_decision_is_followed_by_rest() -> None:
    """What was pinned is not pinned again: no two steps undo each other."""
    states = ("waiting", "ordered", "working", "committed", "soaked", "failed", "returning", "returned")
    for state in states:
        for runs in (None, OLD, NEW, OTHER):
            for pinned in (None, OLD, NEW, OTHER):
                for frozen in (Frozen(), FROZEN):
                    for before in (None, OLD):
                        at, seen = unit(runs, pinned), sight(frozen, before)
                        first = decide(course(state), at, seen)
                        if isinstance(first, Pin):
                            after = decide(course(state), unit(runs, first.commit), seen)
                            assert not isinstance(after, Pin), (state, at, seen)


def test_a_supervisor_that_gave_up_is_heard_and_one_that_tries_is_let() -> None:
    def word(**more: Any) -> SupervisorState:
        fields: dict[str, Any] = {"progress": None, "pending": False, "failed": True, "facts": {}}
        return SupervisorState(SEAT, "Idle", OLD, **{**fields, **more})

    at = unit(OLD, NEW)
    assert said(asked(course("working"), at, word())) == ("failed", "update-failed")
    assert asked(course("working"), at, word(failed=False)) is None
    assert asked(course("working"), at, word(progress=12)) is None
    assert asked(course("ordered"), at, word()) is None


def test_what_ran_before_is_read_from_tags_of_this_rollout_alone() -> None:
    tags = {
        SEAT: {BEFORE_TAG: tag_of("fw-4", OLD)},
        DeviceId("keypad-2"): {BEFORE_TAG: tag_of("fw-3", OTHER)},
        DeviceId("keypad-3"): {BEFORE_TAG: "fw-4"},
        DeviceId("keypad-4"): {"row": "1"},
    }
    assert before_of("fw-4", tags) == {SEAT: OLD}


def test_only_devices_under_balena_are_followed() -> None:
    row = {"device": SEAT, "state": "ordered", "generation": 4, "ordered_ms": 1, "ended_ms": None}
    rows = [{**row, "backend": "balena"}, {**row, "device": "keypad-2", "backend": "native"}]
    assert [one.device for one in courses_of(rows)] == [SEAT]


@pytest.mark.parametrize("answer", [None, {}, [{"device": "keypad-1"}], "no"])
def test_an_answer_that_is_none_of_ours_is_not_believed(answer: object) -> None:
    for read in (courses_of, lambda value: frozen_of(value, 0)):
        if answer == {} and read is courses_of:
            continue  # no rows
        with pytest.raises(BadAnswer):
            read(answer)


def test_a_freeze_ends_for_whom_an_override_lifts_it_and_for_as_long() -> None:
    lifted = {"device": SEAT, "state": "lifted", "until_ms": 100}
    body = {"sitting": "s1", "overrides": [lifted, {**lifted, "device": "keypad-2", "state": "asked"}]}
    assert not frozen_of(body, 99).holds(SEAT)
    assert frozen_of(body, 100).holds(SEAT)
    assert frozen_of(body, 99).holds(DeviceId("keypad-2"))
    assert not frozen_of({"sitting": None, "overrides": []}, 0).holds(SEAT)
    assert not frozen_of({"sitting": "s1", "overrides": [{**lifted, "device": None}]}, 1).holds(SEAT)
