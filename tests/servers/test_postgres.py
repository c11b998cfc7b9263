"""The private PostgreSQL that store and system tests lean on."""

import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgres import PostgresCluster
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.postgres


def test_every_database_is_empty_and_its_own(postgres: PostgresCluster) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    try:
        engine = create_engine(first)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE leaf (hash bytea)"))
        engine.dispose()
        engine = create_engine(second)
        with engine.begin() as connection:
            found = connection.execute(text("SELECT to_regclass('leaf')")).scalar()
        engine.dispose()
        assert found is None
    finally:
        postgres.drop_database(first)
        postgres.drop_database(second)


def test_it_survives_a_kill_and_leaves_nothing_behind() -> None:
    cluster = PostgresCluster()
    try:
        cluster.start()
        url = cluster.new_database()
        cluster.kill()
        cluster.start()
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
        engine.dispose()
    finally:
        folder = cluster.folder
        cluster.remove()
    wait_until(lambda: not folder.exists(), "the cluster's folder is gone")
