"""What an auditor needs of an election goes with the log: the charter, and what enough witnesses cosigned."""

from pathlib import Path
from typing import Any

from ballot.hall_log.format import Closing, Header, parse_closing, parse_header
from fleet.db import writing
from fleet.desk import store as desk_store
from fleet.recount import recount
from fleet.secret.store import keep_note
from tests.fleet.log.conftest import Sitting
from wire import cbor


def ends_of(data: bytes) -> tuple[Header, Closing]:
    items: list[Any] = [value for _, value in cbor.decode_sequence(data)]
    return parse_header(items[0]), parse_closing(items[-1])


def test_charter_and_complete_cosigned_notes_are_exported_ascending(sitting: Sitting, tmp_path: Path) -> None:
    with writing(sitting.hall.engine) as connection:
        desk_store.set_setting(connection, desk_store.CHARTER, b"the charter".hex())
        for size, complete in ((9, True), (3, True), (11, False)):
            keep_note(connection, size, f"note of {size}", complete=complete)
    header, closing = ends_of(sitting.export(tmp_path / "hall.log"))
    assert header.charter == b"the charter"
    assert closing.cosigned == ("note of 3", "note of 9")


def test_a_hall_without_an_election_exports_none(sitting: Sitting, tmp_path: Path) -> None:
    header, closing = ends_of(sitting.export(tmp_path / "hall.log"))
    assert (header.charter, closing.cosigned) == (None, ())
    assert recount(tmp_path / "hall.log", sitting.pins).exit_code == 0
