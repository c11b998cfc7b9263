"""Fixtures: `hall` on SQLite, `any_hall` on SQLite and PostgreSQL, each with an empty database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from fleet.db import database_url, open_engine
from tests.fleet.hall_under_test import HallUnderTest, hasty, made


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[HallUnderTest]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        yield hall


@pytest.fixture
def any_hall(empty_database_url: str) -> Iterator[HallUnderTest]:
    with made(hasty(open_engine(make_url(empty_database_url)))) as hall:
        yield hall
