"""Who had agreed before there was a ledger stands in it after the upgrade, and goes on as before."""

from alembic import command
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url

from fleet.db import migration_config, open_engine, reading, upgrade, writing
from fleet.people.consent import store
from fleet.people.consent.store import IMPORTED, Consent
from fleet.tables import members, wrapped_keys
from wire.ids import MemberRef

LAN, MINH = MemberRef(b"l" * 16), MemberRef(b"m" * 16)


def test_an_older_stores_consents_become_rows_of_the_ledger(empty_database_url: str) -> None:
    engine = open_engine(make_url(empty_database_url))
    with writing(engine) as connection:
        command.upgrade(migration_config(connection), "0002")
        for member, consent_ms in ((LAN, 5000), (MINH, None)):
            row = {"member": member, "name": "x", "party": "", "enrolled_ms": 1, "consent_ms": consent_ms}
            connection.execute(insert(members).values(**row))
        connection.execute(
            text("INSERT INTO wrapped_keys (device, wrapped) VALUES ('gate-1', :key)"), {"key": b"k"}
        )
    upgrade(engine)
    with writing(engine) as connection:
        assert store.of_member(connection, LAN) == [Consent(1, LAN, IMPORTED, 5000, "", None, None, None)]
        assert store.of_member(connection, MINH) == []
        store.give(connection, [MINH], IMPORTED, "lan", 6000)
    with reading(engine) as connection:
        assert [row.id for row in store.of_member(connection, MINH)] == [2]
        assert connection.execute(select(wrapped_keys.c.based_ms)).scalars().all() == [None]
    engine.dispose()


def test_the_step_back_and_forth_loses_no_member(empty_database_url: str) -> None:
    engine = open_engine(make_url(empty_database_url))
    upgrade(engine)
    with writing(engine) as connection:
        row = {"member": LAN, "name": "x", "party": "", "enrolled_ms": 1, "consent_ms": 5000}
        connection.execute(insert(members).values(**row))
    with writing(engine) as connection:
        command.downgrade(migration_config(connection), "0002")
    upgrade(engine)
    with reading(engine) as connection:
        assert [row.given_ms for row in store.of_member(connection, LAN)] == [5000]
    engine.dispose()
