"""Fixture `chair`: the secretariat, in a hall with one gate that holds the congress key."""

import pytest

from tests.fleet.hall_under_test import HallUnderTest, TestClient
from tests.fleet.people.gate_view import give_key


@pytest.fixture
def chair(any_hall: HallUnderTest) -> TestClient:
    any_hall.register(any_hall.client("technician"), "gate-1", "gate")
    chair = any_hall.client("secretariat")
    give_key(chair, "gate-1")
    return chair
