"""A hall with an open sitting."""

import pytest

from tests.fleet.freeze.frozen import FrozenHall
from tests.fleet.hall_under_test import HallUnderTest


@pytest.fixture
def frozen(hall: HallUnderTest) -> FrozenHall:
    return FrozenHall(hall).open()
