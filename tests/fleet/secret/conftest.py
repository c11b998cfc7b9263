"""Fixture: `hall`, whose congress has a charter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.db import database_url, open_engine
from tests.fleet.hall_under_test import hasty
from tests.fleet.secret.congress import SecretHall, secret_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SecretHall]:
    with secret_hall(hasty(open_engine(database_url(tmp_path, {})))) as made:
        yield made
