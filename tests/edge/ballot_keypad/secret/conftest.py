"""An open secret question at a seat."""

import pytest

from tests.edge.ballot_keypad.secret.hall import Hall


@pytest.fixture
def hall() -> Hall:
    return Hall().open()
