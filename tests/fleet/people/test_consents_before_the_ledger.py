"""Who had agreed before there was a ledger stands in it after the upgrade, and goes on as before."""

from alembic import command
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url

from fleet.db import migration_config, open_engine, reading, upgrade, writing
from fleet.people.consent import store
from fleet.people.consent.store import IMPORTED, Consent
from fleet.tables import devices, downlink, gates_told, members, wrapped_keys
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
        assert store.of_member(connection, LAN) == [
            Consent(1, LAN, IMPORTED, 5000, "", None, None, None, None, None)
        ]
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


def test_gates_that_were_told_before_it_was_remembered_are_asked_and_so_are_revoked_ones(
    empty_database_url: str,
) -> None:
    engine = open_engine(make_url(empty_database_url))
    with writing(engine) as connection:
        command.upgrade(migration_config(connection), "0002")
        for number, (name, state) in enumerate([("gate-1", "active"), ("gate-2", "revoked")], start=1):
            connection.execute(
                insert(devices).values(
                    device=name, role="gate", alg=-8, public_key=b"k", certificate="", place="", state=state,
                    registered_ms=1, generation=number,
                )
            )  # fmt: skip
        for page in range(2):
            connection.execute(
                insert(downlink).values(
                    id=page + 1, audience="gate-1", kind="references/1", page=page, generation=77,
                    expires_ms=1, after_desk_seq=0, topic="t", envelope=b"e",
                )
            )  # fmt: skip
    upgrade(engine)
    with reading(engine) as connection:
        rows = connection.execute(select(gates_told).order_by(gates_told.c.device)).all()
    assert [tuple(row) for row in rows] == [("gate-1", 1, 77, 77, None), ("gate-2", 1, 0, 0, None)]
    engine.dispose()
