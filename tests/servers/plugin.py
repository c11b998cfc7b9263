"""Fixtures: `hall_keys`, `start_broker`, `postgres`, `postgres_url`, `empty_database_url`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.brokers import BrokerFactory, RunningBroker, require
from tests.servers.credentials import HallKeys
from tests.servers.postgres import PostgresCluster


@pytest.fixture(scope="session")
def hall_keys(tmp_path_factory: pytest.TempPathFactory) -> HallKeys:
    """One authority for the whole run; ask it for whatever credentials a test needs."""
    return HallKeys(tmp_path_factory.mktemp("hall-keys"))


@pytest.fixture
def start_broker(tmp_path: Path, hall_keys: HallKeys) -> Iterator[BrokerFactory]:
    """Factory of brokers, not yet started: `start_broker("nats").start(["keypad-1"])`. All stopped at the
    end."""
    made: list[RunningBroker] = []

    def make(kind: str) -> RunningBroker:
        require(kind)
        made.append(RunningBroker(kind, tmp_path / f"{kind}-{len(made)}", hall_keys))
        return made[-1]

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """One private PostgreSQL for the whole run, started when the first test asks."""
    cluster = PostgresCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def postgres_url(postgres: PostgresCluster) -> Iterator[str]:
    """URL of an empty PostgreSQL database (postgresql+psycopg://…), dropped at the end."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same test on an empty SQLite file and on an empty PostgreSQL database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hall.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
