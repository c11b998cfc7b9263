"""A report names every device that failed or did not answer, and passes no hall that has one."""

import itertools

import pytest

from provisioning.acceptance.acceptance import ASK_AGAIN_S, BUSY_AGAIN_S, BUSY_TIMES
from provisioning.acceptance.report import Outcome
from provisioning.errors import AuthorityError, ConfigError, FleetRefused
from tests.provisioning.acceptance.conftest import BUSY, GOOD, Acceptance, planned

BAD = ("clock", False, "90.0 s behind the hall")


def outcomes(acceptance: Acceptance, **how: object) -> dict[str, Outcome]:
    report = acceptance.run(**how)  # type: ignore[arg-type]  # passed on as it came
    return {each.paper.device: each.outcome for each in report.tested}


def test_a_hall_in_which_every_device_is_in_order_passes(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1")
    acceptance.unit("keypad-2", after_s=7.0)
    report = acceptance.run()
    assert report.is_passed
    assert [(each.paper.device, each.result.leaf) for each in report.tested if each.result] == [
        ("keypad-1", 100), ("keypad-2", 101),
    ]  # fmt: skip
    assert acceptance.fleet.since_s == 7.0, "nobody waits longer than the last answer"
    assert acceptance.said[-1] == "2 have answered, 0 of them with a fault"


def test_failures_come_first_then_who_is_silent(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1")
    acceptance.unit("keypad-2", after_s=None)
    acceptance.unit("keypad-3", rows=[*GOOD[:1], BAD])
    report = acceptance.run(wait_s=30)
    assert [(each.paper.device, each.outcome) for each in report.tested] == [
        ("keypad-3", Outcome.FAILED), ("keypad-2", Outcome.SILENT), ("keypad-1", Outcome.PASSED),
    ]  # fmt: skip
    assert not report.is_passed
    assert [row.part for row in report.tested[0].faults] == ["clock"]
    assert acceptance.fleet.since_s == 30.0
    assert "1 left: keypad-2" in acceptance.said[-1]


def test_a_device_that_is_not_heard_of_is_asked_once_more_and_then_named(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1", silent_until_s=ASK_AGAIN_S)
    lost = acceptance.unit("keypad-2", silent_until_s=10_000)
    report = acceptance.run(wait_s=60)
    by_name = {each.paper.device: each for each in report.tested}
    assert by_name["keypad-1"].outcome is Outcome.PASSED
    assert by_name["keypad-1"].why == ""
    assert by_name["keypad-2"].outcome is Outcome.SILENT
    assert "look at its power" in by_name["keypad-2"].why
    assert lost.told == []


def test_a_device_in_the_middle_of_another_test_is_asked_again_and_has_not_failed(
    acceptance: Acceptance,
) -> None:
    acceptance.unit("keypad-1")
    acceptance.unit("keypad-2", busy_until_s=15.0)
    report = acceptance.run(wait_s=60)
    assert report.is_passed
    assert acceptance.said[1:] == [
        "0 have answered, 0 of them with a fault; 2 left: keypad-1, keypad-2",
        "1 have answered, 0 of them with a fault; 1 left: keypad-2",
        "2 have answered, 0 of them with a fault",
    ]


def test_a_device_that_stays_busy_fails_with_what_it_said_and_is_not_asked_all_the_time(
    acceptance: Acceptance,
) -> None:
    busy = acceptance.unit("keypad-1", busy_until_s=10_000)
    report = acceptance.run(wait_s=60)
    assert [row.detail for row in report.tested[0].faults] == [BUSY[0][2]]
    assert not report.is_passed
    asked_s = [at_s for _, at_s in busy.told]
    assert min(later - sooner for sooner, later in itertools.pairwise(asked_s)) >= BUSY_AGAIN_S
    assert len(asked_s) == 1 + BUSY_TIMES
    assert acceptance.fleet.since_s < 60, "a device without parts to test does not hold up the report"


def test_a_device_that_takes_long_for_its_own_test_is_not_asked_in_the_middle_of_it(
    acceptance: Acceptance,
) -> None:
    slow = acceptance.unit("keypad-1", after_s=BUSY_AGAIN_S + 4, busy_until_s=5.0)
    assert acceptance.run(wait_s=60).is_passed
    assert len(slow.told) == 2


def test_a_sitting_that_is_opened_meanwhile_takes_no_answer_away(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1")
    acceptance.unit("keypad-2", busy_until_s=15.0)
    acceptance.unit("keypad-3", silent_until_s=ASK_AGAIN_S)
    acceptance.fleet.sitting_from_s = 5.0
    by_name = {each.paper.device: each for each in acceptance.run(wait_s=60).tested}
    assert by_name["keypad-1"].outcome is Outcome.PASSED
    assert [row.detail for row in by_name["keypad-2"].faults] == [BUSY[0][2]]
    assert (by_name["keypad-3"].outcome, by_name["keypad-3"].why) == (
        Outcome.SILENT, "a sitting is open: wait for its end",
    )  # fmt: skip


def test_an_answer_to_somebody_elses_command_is_not_taken_for_this_one(acceptance: Acceptance) -> None:
    unit = acceptance.unit("keypad-1", after_s=5.0)
    acceptance.fleet.units["keypad-1"].told.append(("ff" * 16, -100.0))
    acceptance.run()
    assert acceptance.fleet.since_s == 5.0
    assert len(unit.told) == 2


def test_while_a_sitting_is_open_nobody_is_asked_at_all(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1")
    acceptance.fleet.sitting_from_s = 0
    with pytest.raises(FleetRefused, match="a sitting is open"):
        acceptance.run()


def test_revoked_devices_are_left_out_and_a_hall_without_active_ones_is_no_hall(
    acceptance: Acceptance,
) -> None:
    acceptance.unit("keypad-1", state="revoked")
    with pytest.raises(ConfigError, match="claim its devices first"):
        acceptance.run()
    acceptance.unit("keypad-2")
    assert outcomes(acceptance) == {"keypad-2": Outcome.PASSED}


def test_some_devices_by_name_make_a_report_that_says_it_is_not_the_whole_hall(
    acceptance: Acceptance,
) -> None:
    acceptance.unit("keypad-1")
    other = acceptance.unit("keypad-2")
    acceptance.fleet.places = [planned("a-1", "A1", "keypad", None)]
    report = acceptance.run(only=("keypad-1",))
    assert (report.whole, report.empty, other.told) == (False, (), [])
    with pytest.raises(ConfigError, match="no active device is named keypad-9"):
        acceptance.run(only=("keypad-9",))


def test_a_place_where_no_active_device_stands_fails_the_hall(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1", place_id="a-1")
    acceptance.unit("keypad-2", state="revoked")
    acceptance.fleet.places = [
        planned("a-1", "Hàng 1, ghế 1", "keypad", "keypad-1"),
        planned("a-2", "Hàng 1, ghế 2", "keypad", "keypad-2"),
        planned("gate-1", "Cửa chính", "gate", None),
    ]
    report = acceptance.run()
    assert [place.place for place in report.empty] == ["a-2", "gate-1"]
    assert not report.is_passed


def test_a_log_that_does_not_hold_what_was_answered_is_not_accepted(acceptance: Acceptance) -> None:
    acceptance.unit("keypad-1")
    acceptance.fleet.log_size = 100
    with pytest.raises(AuthorityError, match="shorter than the answers of keypad-1"):
        acceptance.run()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/devices", {"devices": []}),
        ("/api/devices", [{"device": 1, "state": "active"}]),
        ("/api/self-tests", [{"device": "keypad-1", "passed": True, "results": []}]),
        ("/api/self-tests", [{
            "device": "keypad-1", "passed": True, "leaf_index": 1, "wall_ms": 1, "command": None,
            "results": [{"part": "disk", "passed": False, "detail": ""}],
        }]),
        ("/api/devices/keypad-1/commands", None),
        ("/api/devices/keypad-1", []),
        ("/api/devices/keypad-1", {
            "device": "keypad-1", "role": "keypad", "place": "", "software": "", "certificate": "none",
        }),
        ("/api/log/head", []),
        ("/api/places", [{"place": "a-1"}]),
    ],
)  # fmt: skip
def test_a_fleet_of_another_release_is_said_and_is_no_fault_of_a_device(
    acceptance: Acceptance, path: str, answer: object
) -> None:
    acceptance.unit("keypad-1")
    acceptance.fleet.strange[path] = answer
    with pytest.raises(FleetRefused, match="bring both to one release"):
        acceptance.run()
