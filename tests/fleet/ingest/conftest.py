"""A store, empty but for its tables, on both databases; and a hall's ingest over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.db import Engine, database_url, open_engine, upgrade
from tests.fleet.ingest.simulated_hall import Hall


@pytest.fixture
def engine(empty_database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(tmp_path, {"HALLWARD_DATABASE_URL": empty_database_url}))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def hall(engine: Engine) -> Hall:
    return Hall(engine)
