"""The fleet's database: one engine, made here, and its errors in words.

SQLite (write-ahead log, synchronous=FULL: a commit survives a power cut; secure_delete: what is deleted is
overwritten) unless HALLWARD_DATABASE_URL names a PostgreSQL. Everything that reads goes through `reading`,
everything that changes through `writing`; both translate the driver's errors to StoreError: a store that
fails stops acknowledging, never loses.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from durable.files import move_whole
from fleet.errors import ConfigError, StoreError

__all__ = [
    "Connection",
    "Engine",
    "copy_to",
    "database_url",
    "hold_writer_lock",
    "open_engine",
    "reading",
    "take_turn",
    "upgrade",
    "writing",
]

FILE_NAME: Final = "hall.db"
URL_VARIABLE: Final = "HALLWARD_DATABASE_URL"
BUSY_TIMEOUT_MS: Final = 5000
CONNECT_TIMEOUT_S: Final = 3
_UPGRADE_LOCK: Final = 0x4841_4C4C_0001
_WRITER_LOCK: Final = 0x4841_4C4C_0002
_DESK_LOCK: Final = 0x4841_4C4C_0003
_WRITE: Final = "hallward_write"
_POSTGRES_READER: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def database_url(data: Path, environment: Mapping[str, str]) -> URL:
    """HALLWARD_DATABASE_URL, else `hall.db` in the data folder. Raises ConfigError."""
    given = environment.get(URL_VARIABLE)
    if not given:
        return file_url(data / FILE_NAME)
    try:
        url = make_url(given)
    except ArgumentError:
        raise ConfigError(
            f"{URL_VARIABLE} is no URL; write postgresql://user:password@host:port/name"
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(f"{URL_VARIABLE} names {url.get_backend_name()}; allowed are sqlite and postgresql")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def file_url(path: Path) -> URL:
    """A SQLite store in this file."""
    return URL.create("sqlite", database=str(path))


def open_engine(url: URL, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Engine:
    """An engine for this URL; nothing is opened yet. busy_timeout_ms: how long SQLite waits for its lock."""
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": "-c synchronous_commit=on"},
        )
    engine = create_engine(url, connect_args={"timeout": busy_timeout_ms / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # else the driver begins when it thinks fit: deferred, or not at all
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a deferred one could fail in the middle with no way to wait."""
    immediate = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes something: committed at the end, rolled back on any exception.

    Raises: StoreError. When it comes from the commit itself, the transaction may or may not have happened.
    """
    options = {_WRITE: True}
    with _translated(engine), engine.connect() as connection, connection.execution_options(**options).begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: a consistent view. Raises StoreError."""
    options = _POSTGRES_READER if engine.dialect.name == "postgresql" else {}
    with _translated(engine), engine.connect() as connection, connection.execution_options(**options).begin():
        yield connection


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as err:
        raise StoreError(in_words(engine, str(err.orig))) from err
    except SQLAlchemyError as err:
        raise StoreError(in_words(engine, str(err))) from err


_UNREACHABLE: Final = (
    "connection failed",
    "connection refused",
    "connection is bad",
    "connection is closed",
    "connection is lost",
    "server closed",
    "terminating connection",
    "timeout expired",
    "starting up",
    "shutting down",
)
_SENTENCES: Final = (
    (("disk is full", "no space left"), "its disk is full: free some space, nothing is lost meanwhile"),
    (("readonly", "read-only"), "it is read-only: give this user the right to write to it"),
    (("unable to open", "permission denied"), "it cannot be opened: check the folder and its permissions"),
    (("database is locked",), "another process has held it for 5 s: find out which program has it open"),
    (
        ("malformed", "not a database", "disk i/o error"),
        "it is damaged or its disk fails: restore a backup with `hallward fleet restore`",
    ),
    (_UNREACHABLE, f"it cannot be reached: start it, or correct {URL_VARIABLE}"),
    (("no such table", "does not exist"), "it lacks tables or columns: run `hallward fleet init`"),
)


def in_words(engine: Engine, detail: str) -> str:
    """One sentence about a driver's error: which store, what is wrong, what to do. Holds no password."""
    where = f"the store {engine.url.render_as_string(hide_password=True)}"
    for marks, sentence in _SENTENCES:
        if any(mark in detail.lower() for mark in marks):
            return f"{where}: {sentence}"
    first_line = detail.splitlines()[0] if detail else "no detail given"
    return f"{where} refuses: {first_line}"


def migration_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; migrations run on the given connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring an empty or older store to the schema of fleet/tables. May be repeated. Raises StoreError."""
    with writing(engine) as connection:
        if (
            engine.dialect.name == "postgresql"
        ):  # two processes that start together must not both make a table
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        command.upgrade(migration_config(connection), "head")


def copy_to(engine: Engine, target: Path) -> None:
    """A consistent copy of a SQLite store while it is in use: a file that needs no other beside it.

    Written beside `target` first, so that `target` is whole or not there. Raises StoreError, ConfigError.
    """
    if engine.dialect.name != "sqlite":
        raise ConfigError("this store is a PostgreSQL: back it up with pg_dump, which copies it while in use")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with _translated(engine), engine.connect() as connection, closing(sqlite3.connect(part)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)  # noqa: S101  # the dialect is sqlite
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").close()
    move_whole(part, target)


def hold_writer_lock(engine: Engine) -> AbstractContextManager[bool]:
    """Whether this process is the only ingest of a PostgreSQL store, for as long as the context lasts. A
    SQLite store has its lock beside its file (ingest/commands.py); here it is always True."""
    return _postgres_lock(engine) if engine.dialect.name == "postgresql" else nullcontext(True)


def take_turn(connection: Connection) -> None:
    """From here to the end of its transaction no other process acts for the desk: the chains of the desk and
    of the audit log have one next link each. SQLite lets in one writer at a time by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_DESK_LOCK})")


@contextmanager
def _postgres_lock(engine: Engine) -> Iterator[bool]:
    with _translated(engine):
        connection = engine.connect()
        held = bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_WRITER_LOCK})").scalar())
        connection.commit()
    try:
        yield held
    finally:
        connection.invalidate()  # closes it, and with it the lock, even when the server has gone away
        connection.close()
