"""A disk that rots, is read-only or is held by somebody else: nothing is deleted, and it is said in words."""

import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore, connect
from edge.device.config import DeviceConfig, Trust
from edge.device.errors import ConfigError, StoreError
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from wire.ids import CongressId, DeviceId, HallId, MemberRef, QuestionId, SittingId
from wire.records import Alarm, OpenBallot, Stamp
from wire.signers import Ed25519Signer

pytestmark = pytest.mark.slow

SIGNER = Ed25519Signer("keypad-01", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SPEAKER = Speaker(CongressId("c1"), HallId("hall-a"), DeviceId("keypad-01"))
VOTE = OpenBallot(SittingId("s1"), QuestionId("q1"), MemberRef(b"m" * 16), "yes")
STAMP = Stamp(boot=1, monotonic_ms=5, wall_ms=1_800_000_000_000, clock_uncertainty_ms=1000)


def test_a_damaged_file_is_put_aside_with_a_new_epoch_and_an_alarm_never_deleted(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    first = Outbox(SqliteOutboxStore(path), SIGNER, SPEAKER, lambda: b"epoch-01")
    first.append(VOTE, STAMP)
    first.close()
    garbage = b"not a database " * 300
    path.write_bytes(garbage)
    store = SqliteOutboxStore(path)
    assert store.set_aside == "outbox.db.damaged-1"
    outbox = Outbox(store, SIGNER, SPEAKER, lambda: b"epoch-02")
    assert (tmp_path / "outbox.db.damaged-1").read_bytes() == garbage
    assert (outbox.epoch, outbox.last_seq) == (b"epoch-02", 0)
    outbox.close()
    reopened = Outbox(SqliteOutboxStore(path), SIGNER, SPEAKER, lambda: b"epoch-03")
    alarm = reopened.unsaid_alarm()
    assert alarm == Alarm("outbox-damaged", "kept aside as outbox.db.damaged-1")
    reopened.append(alarm, STAMP, {"unsaid-alarm": None})
    assert reopened.unsaid_alarm() is None
    assert reopened.epoch == b"epoch-02"
    reopened.close()


def test_a_page_that_rotted_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(SqliteOutboxStore(path), SIGNER, SPEAKER, lambda: b"epoch-01")
    for _ in range(200):
        outbox.append(VOTE, STAMP)
    outbox.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(b ^ 0xFF for b in data[4096:])
    path.write_bytes(data)
    store = SqliteOutboxStore(path)
    assert store.set_aside == "outbox.db.damaged-1"
    store.close()


def test_two_processes_cannot_sign_from_one_folder(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    first = SqliteOutboxStore(path)

    def impatient(p: Path) -> sqlite3.Connection:
        return sqlite3.connect(p, isolation_level=None, timeout=0)

    with pytest.raises(StoreError, match="another process"):
        SqliteOutboxStore(path, impatient)
    first.close()


def test_a_folder_that_is_missing_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        SqliteOutboxStore(tmp_path / "nowhere" / "outbox.db")


def test_a_read_only_disk_is_said_in_words_and_the_record_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    held: list[sqlite3.Connection] = []

    def watched(p: Path) -> sqlite3.Connection:
        held.append(connect(p))
        return held[-1]

    outbox = Outbox(SqliteOutboxStore(path, watched), SIGNER, SPEAKER, lambda: b"epoch-01")
    held[0].execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"not stored: .* read-only"):
        outbox.append(VOTE, STAMP)
    assert outbox.last_seq == 0
    outbox.close()


@pytest.fixture
def folder(tmp_path: Path) -> DeviceFolder:
    """A keypad's folder whose outbox holds two votes, none of them confirmed."""
    trust = Trust(SIGNER.public_key, SIGNER.public_key, SIGNER.public_key)
    names = (SPEAKER.congress, SPEAKER.hall, SPEAKER.device)
    config = DeviceConfig(*names, "keypad", "en", "localhost", 1, trust, hands=True)
    made = DeviceFolder(tmp_path, Identity(config, SIGNER))
    outbox = made.open_outbox()
    for _ in range(2):
        outbox.append(VOTE, STAMP, {"keypad/cast": b"of the old epoch"})
    outbox.close()
    return made


def test_a_new_epoch_keeps_the_former_outbox_whole_and_begins_from_nothing(folder: DeviceFolder) -> None:
    former = folder.open_outbox()
    epoch, kept = former.epoch, former.read(1, 9)
    former.close()
    done = folder.begin_epoch()
    assert done.unconfirmed == 2
    fresh = folder.open_outbox()
    assert (fresh.last_seq, fresh.value("keypad/cast")) == (0, None)
    assert fresh.epoch != epoch
    assert fresh.unsaid_alarm() == Alarm("new-epoch", f"by hand; kept aside as outbox.db.epoch-{epoch.hex()}")
    fresh.close()
    aside = SqliteOutboxStore(done.aside)
    assert aside.records(1, 9) == kept
    aside.close()


def test_a_device_that_is_running_gets_no_new_epoch(folder: DeviceFolder) -> None:
    running = folder.open_outbox()
    with pytest.raises(StoreError, match="another process"):
        folder.begin_epoch()
    assert running.last_seq == 2
    running.close()
    assert [path.name for path in folder.state.glob("*.epoch-*")] == []


def test_a_device_that_never_started_needs_no_new_epoch(folder: DeviceFolder) -> None:
    folder.outbox_file.unlink()
    with pytest.raises(ConfigError, match="no outbox yet"):
        folder.begin_epoch()
