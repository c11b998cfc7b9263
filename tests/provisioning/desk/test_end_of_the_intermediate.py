"""The root's word for a hall ends: it is said long before; a claim outlasts a clock that is only wrong."""

from datetime import datetime, timedelta

import pytest

from provisioning.__main__ import main
from provisioning.desk.errors import Refused
from provisioning.verbs import asked
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.servers.waiting import wait_until


def test_a_clock_far_ahead_costs_no_claim_and_no_second_press(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    right = desk.world.time
    desk.world.time = desk.authority.intermediate.not_valid_after_utc
    device.press()
    book = desk.opened.book
    wait_until(lambda: book.waits_for(desk.claim(device)) is not None, "it is said what the claim waits for")
    assert device.poll().state == "pressed"
    assert "past the end of the hall's intermediate" in device.status.en
    desk.world.time = right
    desk.open()
    desk.opened.tick()
    desk.until(device, "granted")


def test_a_renewal_behind_the_end_stands_in_the_log_of_the_desk(
    desk: DeskUnderTest, fleet: FleetUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    end = desk.authority.intermediate.not_valid_after_utc
    desk.world.time = end - timedelta(days=30)
    desk.granted(device, "seat-1")
    grant = device.grant()
    desk.world.time = end
    with pytest.raises(Refused, match="past the end of the hall's intermediate"):
        desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert f"{grant.device} is not renewed: the clock of this machine" in caplog.text
    assert "restart the desk" in caplog.text


@pytest.mark.parametrize(("days_left", "is_said"), [(179, True), (181, False)])
def test_status_and_the_desk_at_its_start_name_the_end_while_there_is_time(
    desk: DeskUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    days_left: int,
    is_said: bool,
) -> None:
    end = desk.authority.intermediate.not_valid_after_utc

    class Late(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
            return end - timedelta(days=days_left)

    monkeypatch.setattr(asked, "datetime", Late)
    folder = ("--authority", str(desk.authority.path))
    words = f"the root's word for this hall ends on {end:%Y-%m-%d}"
    assert main(["status", *folder]) == 0
    assert (words in capsys.readouterr().out) is is_said
    fleet = ("--fleet", "http://127.0.0.1:1", "--account", "desk")
    assert main(["desk", *folder, *fleet, "--host", "../x"]) == 78  # which is said after it
    assert (words in capsys.readouterr().err) is is_said
