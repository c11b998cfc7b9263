"""A store goes on from a backup: as another life of it, and with everything that the devices still hold."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from fleet import db
from fleet.audit import store as audit
from fleet.config import load_config
from fleet.errors import ConfigError, StoreError
from fleet.export import export
from fleet.ingest.commands import backup, restore
from fleet.lock import only_api, only_ingest
from fleet.recount import recount_bytes
from fleet.tables import births, settings
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL, Hall, ballot
from tests.fleet.log.conftest import write_keys
from wire import topics
from wire.down import NO_EPOCH
from wire.envelope import Purpose, verify
from wire.ids import Epoch
from wire.records import Alarm, StoreBegun, parse_record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    write_keys(data)
    (data / "fleet.toml").write_text(f'hall = "{HALL}"\ncongress = "{CONGRESS}"\n')
    return data


def opened(data: Path) -> Hall:
    engine = db.open_engine(db.database_url(data, {}))
    db.upgrade(engine)
    return Hall(engine)


def test_after_a_restore_the_devices_bring_back_what_the_backup_lacks(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(3)])
    hall.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
    hall.act(Alarm("kept", "appended before the backup"))
    hall.turns(8)
    assert backup(data, tmp_path / "backup.db", {}) == 0
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(2)])
    hall.turns()
    old_id, old_desk = hall.ledger.life.store_id, hall.ledger.desk_epoch
    hall.engine.dispose()

    assert restore(data, tmp_path / "backup.db", {}) == 0
    again = opened(data)
    assert again.ledger.life.store_id != old_id
    assert again.ledger.desk_epoch != old_desk
    begun = again.leaves()[-1]
    body = parse_record(verify(begun.envelope, Purpose.RECORD, "store", again.store.public_key)).body
    assert body == StoreBegun(again.ledger.life.store_id, old_id)
    with db.reading(again.engine) as connection:
        assert connection.execute(select(births)).all() == []
    again.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
    again.turns(100)
    assert [resend.from_seq for resend in again.resends(keypad)][:1] == [4]
    again.link.deliver("keypad-1", *keypad.said[3:])
    again.act(Alarm("next", "first of the desk's new chain"))
    again.turns()
    assert again.of(keypad) == [(seq, "ok") for seq in range(1, 6)]
    assert {receipt.store_id for receipt in again.receipts(keypad)} == {again.ledger.life.store_id}
    export(again.engine, load_config(data), tmp_path / "hall.log")
    report = recount_bytes(
        (tmp_path / "hall.log").read_bytes(), (again.desk_signer.public_key, again.store.public_key)
    )
    assert [str(fault) for fault in report.faults] == []
    again.engine.dispose()


def test_after_a_restore_a_device_that_is_still_connected_is_asked_who_it_is(
    data: Path, tmp_path: Path
) -> None:
    hall = opened(data)
    keypad = hall.register("keypad-1")
    hall.turns()
    backup(data, tmp_path / "backup.db", {})
    hall.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
    hall.turns(8)
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    again = opened(data)
    again.link.deliver("keypad-1", keypad.health(1), kind=topics.Up.HEALTH)
    again.turns(8)
    (question,) = again.resends(keypad)
    assert (question.epoch, question.store_id) == (NO_EPOCH, again.ledger.life.store_id)
    again.link.deliver("keypad-1", keypad.birth(), kind=topics.Up.BIRTH)
    again.turns(8)
    with db.reading(again.engine) as connection:
        assert [row.device for row in connection.execute(select(births))] == ["keypad-1"]
    again.engine.dispose()


def test_a_desk_act_that_waited_in_the_backup_is_not_lost(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    hall.act(Alarm("waiting", "not a leaf yet"))
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    again = opened(data)
    again.turns()
    assert [row.kind for row in again.leaves()] == ["store/1", "store/1", "alarm/1"]
    again.engine.dispose()


def test_an_old_file_copied_back_by_hand_gets_everything_again(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.say(ballot()))
    hall.turns()
    backup(data, tmp_path / "old.db", {})
    hall.link.deliver("keypad-1", *[keypad.say(ballot()) for _ in range(4)])
    hall.turns()
    hall.engine.dispose()
    for leftover in data.glob("hall.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "old.db", data / "hall.db")
    again = opened(data)
    again.link.deliver("keypad-1", keypad.say(ballot()))
    again.turns()
    assert [resend.from_seq for resend in again.resends(keypad)] == [2]
    again.link.deliver("keypad-1", *keypad.said[1:])
    again.turns()
    assert again.of(keypad) == [(seq, "ok") for seq in range(1, 7)]
    again.engine.dispose()


def test_the_replaced_store_is_kept(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    assert list(data.glob("hall.db.before-*"))
    assert not list(data.glob("hall.db.restoring*"))


def test_what_is_no_backup_of_this_hall_is_refused_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    leaves = len(hall.leaves())
    hall.engine.dispose()
    empty = tmp_path / "empty.db"
    opened_once = db.open_engine(db.file_url(empty))
    db.upgrade(opened_once)
    opened_once.dispose()
    (tmp_path / "nonsense.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(ConfigError, match="not a backup of a hall"):
        restore(data, empty, {})
    with pytest.raises(StoreError, match="damaged"):
        restore(data, tmp_path / "nonsense.db", {})
    with pytest.raises(ConfigError, match="cannot be copied"):
        restore(data, tmp_path / "nowhere.db", {})
    again = opened(data)
    assert len(again.leaves()) == leaves
    again.engine.dispose()


def test_another_halls_backup_is_refused(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    (data / "fleet.toml").write_text(f'hall = "hall-b"\ncongress = "{CONGRESS}"\n')
    with pytest.raises(ConfigError, match="belongs to 'hall-a'"):
        restore(data, tmp_path / "backup.db", {})


def test_while_ingest_runs_nobody_restores(data: Path, tmp_path: Path) -> None:
    with only_ingest(data), pytest.raises(ConfigError, match="an ingest already runs on this data folder"):
        restore(data, tmp_path / "backup.db", {})


def test_while_the_api_runs_nobody_restores_since_its_acts_would_go_into_the_old_file(
    data: Path, tmp_path: Path
) -> None:
    with only_api(data), pytest.raises(ConfigError, match="an API already runs on this data folder"):
        restore(data, tmp_path / "backup.db", {})


def test_a_restore_is_a_line_of_the_audit_log(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    old_id = hall.ledger.life.store_id
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    engine = db.open_engine(db.database_url(data, {}))
    with db.reading(engine) as connection:
        (line,) = audit.page(connection, 0, 10)
        assert audit.verify(connection) is None
    assert (line.action, line.account) == ("store.restored", "fleet")
    assert old_id.hex() in line.detail
    engine.dispose()


def test_a_restored_desk_begins_its_own_chain(data: Path, tmp_path: Path) -> None:
    hall = opened(data)
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    engine = db.open_engine(db.database_url(data, {}))
    with db.reading(engine) as connection:
        values = {row.name: row.value for row in connection.execute(select(settings))}
    engine.dispose()
    assert Epoch(bytes.fromhex(values["desk_epoch"])) != hall.ledger.desk_epoch


@pytest.mark.postgres
def test_a_postgresql_says_how_it_is_backed_up_and_goes_on_without_a_file(
    data: Path, tmp_path: Path, postgres_url: str
) -> None:
    environment = {"HALLWARD_DATABASE_URL": postgres_url}
    engine = db.open_engine(db.database_url(data, environment))
    db.upgrade(engine)
    hall = Hall(engine)
    with pytest.raises(ConfigError, match="pg_dump"):
        backup(data, tmp_path / "backup.db", environment)
    with pytest.raises(ConfigError, match="pg_restore"):
        restore(data, tmp_path / "backup.db", environment)
    old = hall.ledger.life.store_id
    assert restore(data, None, environment) == 0
    hall.desk = None
    hall.start()
    assert hall.ledger.life.restored_from == old
    engine.dispose()


@pytest.mark.parametrize("given", [(), ("7",)])
def test_after_a_restore_no_badge_gets_a_serial_that_the_lost_store_may_have_given(
    data: Path, tmp_path: Path, given: tuple[str, ...]
) -> None:
    hall = opened(data)
    with db.writing(hall.engine) as connection:
        for value in given:
            connection.execute(insert(settings).values(name="badge_serial", value=value))
    backup(data, tmp_path / "backup.db", {})
    hall.engine.dispose()
    restore(data, tmp_path / "backup.db", {})
    engine = db.open_engine(db.database_url(data, {}))
    with db.reading(engine) as connection:
        query = select(settings.c.value).where(settings.c.name == "badge_serial")
        assert int(connection.execute(query).scalar_one()) > 2007
    engine.dispose()
