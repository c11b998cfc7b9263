"""The store says in words what is wrong, and its schema is what fleet/tables says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, insert, select, text

from fleet.db import (
    Engine,
    database_url,
    in_words,
    migration_config,
    open_engine,
    reading,
    upgrade,
    writing,
)
from fleet.errors import ConfigError, StoreError
from fleet.tables import devices, metadata, places, questions, self_tests, settings, sittings


def assert_schema_is_that_of_the_tables(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(tmp_path, {}))
    upgrade(engine)
    yield engine
    engine.dispose()


def test_migrations_on_sqlite_lead_to_the_tables(engine: Engine) -> None:
    assert_schema_is_that_of_the_tables(engine)


@pytest.mark.postgres
def test_migrations_on_postgresql_lead_to_the_tables(postgres_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url(tmp_path, {"HALLWARD_DATABASE_URL": postgres_url}))
    upgrade(engine)
    upgrade(engine)
    assert_schema_is_that_of_the_tables(engine)
    engine.dispose()


def test_the_votes_of_this_release_can_be_taken_back_and_brought_again_on_sqlite(engine: Engine) -> None:
    assert_goes_both_ways(engine)


@pytest.mark.postgres
def test_the_votes_of_this_release_can_be_taken_back_and_brought_again_on_postgresql(
    postgres_url: str, tmp_path: Path
) -> None:
    engine = open_engine(database_url(tmp_path, {"HALLWARD_DATABASE_URL": postgres_url}))
    upgrade(engine)
    assert_goes_both_ways(engine)
    engine.dispose()


def assert_goes_both_ways(engine: Engine) -> None:
    """To the release before secret questions and back, with a question in the store all the while."""
    with writing(engine) as connection:
        connection.execute(insert(sittings).values(**_row(sittings, sitting="s1")))
        connection.execute(insert(questions).values(**_row(questions, question="q1", sitting="s1")))
    with writing(engine) as connection:
        command.downgrade(migration_config(connection), "0003")
    upgrade(engine)
    assert_schema_is_that_of_the_tables(engine)
    with reading(engine) as connection:
        assert connection.execute(select(questions.c.question)).scalars().all() == ["q1"]


def test_a_hall_from_before_the_plan_keeps_its_devices_on_the_way_up_and_down(
    empty_database_url: str,
) -> None:
    engine = open_engine(database_url(Path(), {"HALLWARD_DATABASE_URL": empty_database_url}))
    upgrade(engine)
    with writing(engine) as connection:
        command.downgrade(migration_config(connection), "0005")
    later = ("serial", "backend")
    old = [column for column in devices.c if column.name not in later]
    rows = [
        _row(devices, device="keypad-1", public_key=b"\1", sealing_key=b"\2", place="Hàng A", state="active"),
        _row(devices, device="keypad-2", public_key=b"\3", revoked_ms=9, state="revoked", generation=7),
    ]
    with writing(engine) as connection:
        connection.execute(
            insert(devices), [{"sealing_key": None, "revoked_ms": None, **row} for row in rows]
        )
        before = connection.execute(select(*old).order_by(devices.c.device)).all()
    upgrade(engine)
    assert_schema_is_that_of_the_tables(engine)
    with writing(engine) as connection:
        assert connection.execute(select(*old).order_by(devices.c.device)).all() == before
        assert connection.execute(select(devices.c.serial)).scalars().all() == [None, None]
        connection.execute(devices.update().values(serial="KP-1"))
        connection.execute(insert(places).values(**_row(places, place="s-1", device="keypad-1")))
        connection.execute(
            insert(self_tests).values(**_row(self_tests, device="keypad-1", command="ab" * 16))
        )
    with pytest.raises(StoreError), writing(engine) as connection:  # one device stands at one place
        connection.execute(insert(places).values(**_row(places, place="s-2", device="keypad-1")))
    with writing(engine) as connection:
        command.downgrade(migration_config(connection), "0005")
    with reading(engine) as connection:
        assert connection.execute(select(*old).order_by(devices.c.device)).all() == before
    upgrade(engine)
    assert_schema_is_that_of_the_tables(engine)
    engine.dispose()


def _row(table: Table, **known: object) -> dict[str, object]:
    """A row of any values, for whoever only wants it to be there."""
    empty = {str: "", int: 1, bytes: b"", bool: False}
    return {
        column.name: known.get(column.name, empty[column.type.python_type])
        for column in table.columns
        if column.name in known or not (column.nullable or column.server_default)
    }


def test_a_missing_table_would_be_noticed(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE twins"))
    with pytest.raises(AssertionError):
        assert_schema_is_that_of_the_tables(engine)


def test_upgrading_again_changes_nothing_and_loses_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(settings).values(name="hall", value="hall-a"))
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.execute(select(settings.c.value)).scalars().all() == ["hall-a"]


def test_sqlite_survives_a_power_cut_because_every_commit_is_synced(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail_in_the_middle() -> None:
        with writing(engine) as connection:
            connection.execute(insert(settings).values(name="hall", value="hall-a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_the_middle()
    with reading(engine) as connection:
        assert connection.execute(select(settings.c.value)).all() == []


def test_a_writer_that_finds_the_store_taken_says_so_in_words(engine: Engine) -> None:
    impatient = open_engine(engine.url, busy_timeout_ms=1)
    with writing(engine), pytest.raises(StoreError, match="another process"):
        upgrade(impatient)
    impatient.dispose()


def test_a_folder_that_does_not_exist_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: check the folder"):
        upgrade(open_engine(database_url(tmp_path / "nowhere", {})))


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("database or disk is full", "free some space"),
        ('could not extend file "base/1": No space left on device', "free some space"),
        ("attempt to write a readonly database", "right to write"),
        ("cannot execute INSERT in a read-only transaction", "right to write"),
        ("connection failed: Connection refused", "cannot be reached"),
        ("terminating connection due to administrator command", "cannot be reached"),
        ("file is not a database", "restore a backup"),
        ("something else\nLINE 1: SELECT secret", "refuses: something else"),
    ],
)
def test_a_drivers_error_becomes_a_sentence_that_says_what_to_do(
    engine: Engine, detail: str, words: str
) -> None:
    sentence = in_words(engine, detail)
    assert words in sentence
    assert "\n" not in sentence


def test_a_store_error_never_tells_the_password(tmp_path: Path) -> None:
    url = database_url(tmp_path, {"HALLWARD_DATABASE_URL": "postgresql://fleet:pssst@127.0.0.1:1/hall"})
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        upgrade(open_engine(url))
    assert "pssst" not in caught.value.diagnostics()


@pytest.mark.parametrize("given", ["no url at all", "mysql://127.0.0.1/hall"])
def test_a_wrong_database_url_is_the_operators_to_correct(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="HALLWARD_DATABASE_URL"):
        database_url(tmp_path, {"HALLWARD_DATABASE_URL": given})
