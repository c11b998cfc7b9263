"""Who may use the page: technicians of the fleet, who do not guess passwords through the desk."""

import pytest

from provisioning.desk.errors import Refused
from provisioning.desk.technicians import FAILURES
from tests.provisioning.desk.conftest import ADDRESS, DeskUnderTest
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest, place


def test_a_technician_is_let_in_and_known_by_the_cookie(desk: DeskUnderTest) -> None:
    technicians = desk.opened.technicians
    begun, token = technicians.sign_in("lan", PASSWORD, ADDRESS)
    assert technicians.find(token) is begun
    assert len(token) == 64
    for wrong in (None, "", token[:-1], token + "0"):
        with pytest.raises(Refused) as refused:
            technicians.find(wrong)
        assert refused.value.status == 401


def test_an_usher_is_told_that_the_role_is_missing(desk: DeskUnderTest) -> None:
    with pytest.raises(Refused) as refused:
        desk.opened.technicians.sign_in("usher", PASSWORD, ADDRESS)
    assert refused.value.reason == "not-a-technician"


def test_whoever_guesses_waits_before_the_fleet_would_lock_the_desk_out(desk: DeskUnderTest) -> None:
    technicians = desk.opened.technicians
    for _ in range(FAILURES[0]):
        with pytest.raises(Refused, match="Wrong account"):
            technicians.sign_in("lan", "guess", ADDRESS)
    with pytest.raises(Refused) as refused:
        technicians.sign_in("lan", PASSWORD, ADDRESS)
    assert refused.value.reason == "too-many-tries"
    technicians.sign_in("lan", PASSWORD, "192.0.2.99")
    desk.world.days_pass(2 / (24 * 60))
    technicians.sign_in("lan", PASSWORD, ADDRESS)


def test_a_sign_in_ends_when_nobody_uses_it(desk: DeskUnderTest) -> None:
    technicians = desk.opened.technicians
    _, token = technicians.sign_in("lan", PASSWORD, ADDRESS)
    desk.world.days_pass(25 / (24 * 60))
    technicians.find(token)
    desk.world.days_pass(31 / (24 * 60))
    with pytest.raises(Refused):
        technicians.find(token)


def test_whoever_lost_the_role_meanwhile_changes_nothing(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    technicians = desk.opened.technicians
    begun, token = technicians.sign_in("lan", PASSWORD, ADDRESS)
    fleet.roles["lan"] = ["usher"]
    with pytest.raises(Refused) as refused:
        technicians.check(begun)
    assert refused.value.status == 403
    fleet.over.add("lan")
    with pytest.raises(Refused) as refused:
        technicians.check(begun)
    assert refused.value.status == 401
    with pytest.raises(Refused):
        technicians.find(token)
