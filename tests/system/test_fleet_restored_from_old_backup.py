"""The fleet's disk is gone; it goes on from a backup that is older than most of what it had receipted."""

import subprocess
from functools import partial
from pathlib import Path

from fleet.ingest.commands import backup, restore
from tests.servers.postgres import PostgresCluster, find_binaries
from tests.system.conftest import HallFactory
from tests.system.hall import SystemHall
from tests.system.talker import Talker


def test_devices_send_again_what_the_backup_lacks(private_hall: HallFactory, tmp_path: Path) -> None:
    hall = private_hall("nats")
    talker = _before(hall)
    assert backup(hall.data, tmp_path / "backup.db", hall.environment) == 0
    store, lost = _after(hall, talker)
    assert restore(hall.data, tmp_path / "backup.db", hall.environment) == 0
    _goes_on(hall, talker, store, lost)


def test_the_same_on_postgresql(private_hall: HallFactory, postgres: PostgresCluster, tmp_path: Path) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    hall = private_hall("nats", database_url=first)
    talker = _before(hall)
    _postgres("pg_dump", "-Fc", "-f", str(tmp_path / "dump"), _plain(first))
    store, lost = _after(hall, talker)
    _postgres("pg_restore", "--no-owner", "-d", _plain(second), str(tmp_path / "dump"))
    hall.use_database(second)
    assert restore(hall.data, None, hall.environment) == 0
    _goes_on(hall, talker, store, lost)


def _before(hall: SystemHall) -> Talker:
    talker = hall.talker("gate-restored")
    talker.say(40)
    hall.until_drained(talker)
    return talker


def _after(hall: SystemHall, talker: Talker) -> tuple[str, int]:
    """What the store takes with it into its grave: records, and a vote that was shown as recorded."""
    hall.vote("yes")
    talker.say(160)
    hall.until_drained(talker)
    store = hall.store_id()
    hall.stop_fleet()
    return store, len(hall.stored(hall.keypads[0]))


def _goes_on(hall: SystemHall, talker: Talker, lost_store: str, votes: int) -> None:
    hall.serve()
    talker.say(10)
    hall.until_drained(talker)
    assert hall.store_id() != lost_store
    for name in hall.keypads:
        hall.until(partial(_has_leaves, hall, name, votes), f"the vote of {name} is back")
    hall.vote("no")
    hall.until_drained(talker)
    hall.audited()


def _postgres(program: str, *words: str) -> None:
    binaries = find_binaries()
    assert binaries is not None
    subprocess.run([str(binaries / program), *words], check=True, capture_output=True)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _has_leaves(hall: SystemHall, name: str, count: int) -> bool:
    return len(hall.stored(name)) == count
