"""An outbox's store in one SQLite file: WAL, synchronous=FULL, one transaction per change.

The file is held exclusively: two processes that sign for one device would give one seq two contents.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.device.errors import StoreError
from edge.device.ports import Change

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, envelope BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""
_LOCK_WAIT_S: Final = 2.0
"""A killed predecessor's lock is gone at once; a living one is not going to leave."""
_ADVICE: Final = {
    "SQLITE_FULL": "the storage of this device is full; call a technician",
    "SQLITE_READONLY": "the storage of this device is read-only; call a technician",
    "SQLITE_BUSY": "another process uses this device's folder; stop it",
    "SQLITE_CANTOPEN": "the device's state folder cannot be written",
    "SQLITE_IOERR": "the storage of this device does not work; replace it",
}

Connect = Callable[[Path], sqlite3.Connection]


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose transactions are begun and ended by hand."""
    return sqlite3.connect(path, isolation_level=None, timeout=_LOCK_WAIT_S, check_same_thread=False)


class SqliteOutboxStore:
    """OutboxStore over `path`. A file that is damaged is put aside under another name, never deleted.

    Raises: StoreError when the file can neither be opened nor made, or another process holds it.
    """

    def __init__(self, path: Path, connect: Connect = connect) -> None:
        self.set_aside: str | None = None
        self._path = path
        try:
            self._db = _open(path, connect)
        except sqlite3.OperationalError as err:
            raise _translated(err, path) from err
        except sqlite3.DatabaseError as err:
            if not _is_damage(err):
                raise _translated(err, path) from err
            self.set_aside = _put_aside(path)
            try:
                self._db = _open(path, connect)
            except sqlite3.Error as again:
                raise _translated(again, path) from again

    def write(self, change: Change) -> None:
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            if change.prune_to:
                db.execute("DELETE FROM records WHERE seq <= ?", (change.prune_to,))
            for row in change.records:
                db.execute("INSERT INTO records VALUES (?, ?)", row)
            for name, value in change.values.items():
                if value is None:
                    db.execute("DELETE FROM named WHERE name = ?", (name,))
                else:
                    db.execute("INSERT OR REPLACE INTO named VALUES (?, ?)", (name, value))
            db.execute("COMMIT")
        except sqlite3.Error as err:
            self._roll_back()
            raise _translated(err, self._path) from err

    def value(self, name: str) -> bytes | None:
        found = self._query("SELECT value FROM named WHERE name = ?", (name,))
        return found[0][0] if found else None

    def values(self, prefix: str) -> dict[str, bytes]:
        found = self._query(
            "SELECT name, value FROM named WHERE substr(name, 1, ?) = ?", (len(prefix), prefix)
        )
        return dict(found)

    def records(self, from_seq: int, count: int) -> list[tuple[int, bytes]]:
        return self._query(
            "SELECT seq, envelope FROM records WHERE seq >= ? ORDER BY seq LIMIT ?", (from_seq, count)
        )

    def close(self) -> None:
        self._db.close()

    def _query(self, sql: str, values: tuple) -> list:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as err:
            raise _translated(err, self._path) from err

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            self._db.close()  # what follows fails in words; the next start reads what is durable


def _open(path: Path, connect: Connect) -> sqlite3.Connection:
    db = connect(path)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA cache_size = -512")  # KiB: a keypad has little memory
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"malformed: {verdict}")
        db.executescript(_SCHEMA)
        db.execute("BEGIN IMMEDIATE")  # takes the lock now, not at the first vote
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _is_damage(err: sqlite3.DatabaseError) -> bool:
    name = getattr(err, "sqlite_errorname", "SQLITE_CORRUPT")  # our own verdict above carries no code
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _put_aside(path: Path) -> str:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        for tail in (
            "-wal",
            "-shm",
            "",
        ):  # the main file last: until it is gone, the next start does this again
            part = path.with_name(path.name + tail)
            if part.exists():
                part.rename(aside.with_name(aside.name + tail))
    except OSError as err:
        raise StoreError(
            f"{path.name} is damaged and cannot be put aside: {err.strerror}; call a technician"
        ) from err
    return aside.name


def _translated(err: sqlite3.Error, path: Path) -> StoreError:
    name = getattr(err, "sqlite_errorname", "")
    for begin, advice in _ADVICE.items():
        if name.startswith(begin):
            return StoreError(f"not stored: {advice} ({path.name})")
    return StoreError(f"not stored: {err} ({path.name}); call a technician")
