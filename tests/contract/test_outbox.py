"""The outbox keeps its word on every store: nothing doubled or lost, nothing believed without proof."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.errors import StoreError
from edge.device.outbox import Mark, Outbox, Speaker
from edge.device.ports import OutboxStore
from tests.edge.power_cut import PowerCut, fuse
from wire.down import NO_EPOCH, Receipt, Resend
from wire.envelope import Purpose, verify
from wire.ids import CongressId, DeviceId, Epoch, HallId, MemberRef, QuestionId, SittingId, StoreId
from wire.records import GENESIS, Alarm, OpenBallot, Stamp, parse_record, record_hash
from wire.signers import Ed25519Signer

SIGNER = Ed25519Signer("keypad-01", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SPEAKER = Speaker(CongressId("c1"), HallId("hall-a"), DeviceId("keypad-01"))
FIRST_STORE, SECOND_STORE = StoreId(b"A" * 16), StoreId(b"B" * 16)


class Bench:
    """One kind of store, on a disk that can be cut, filled and read again."""

    def open(self) -> Outbox:
        return Outbox(self.store(), SIGNER, SPEAKER, fresh_epoch=lambda: b"epoch-01")

    def store(self) -> OutboxStore:
        raise NotImplementedError

    def cut_at(self, step: int | None) -> None:
        raise NotImplementedError

    def fill(self) -> None:
        raise NotImplementedError


class MemoryBench(Bench):
    def __init__(self) -> None:
        self.disk = MemoryDisk()

    def store(self) -> OutboxStore:
        return MemoryOutboxStore(self.disk)

    def cut_at(self, step: int | None) -> None:
        self.disk.step = fuse(step)

    def fill(self) -> None:
        self.disk.full = True


class FusedConnection(sqlite3.Connection):
    """Every statement is a moment before which, and after which, the power may go."""

    burn: Callable[[str], None] = staticmethod(lambda _: None)

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]  # fewer forms are used
        self.burn("before")
        done = super().execute(sql, *values)
        self.burn("after")
        return done


class SqliteBench(Bench):
    """After a cut the files are copied as they lie: the dead process gets no chance to tidy them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "life-0"
        self.folder.mkdir()
        self.lives = 0
        self.held: list[sqlite3.Connection] = []

    @property
    def path(self) -> Path:
        return self.folder / "outbox.db"

    def store(self) -> OutboxStore:
        if self.held:
            self.lives += 1
            after = self.folder.parent / f"life-{self.lives}"
            shutil.copytree(self.folder, after)
            for db in self.held:
                db.close()
            self.held.clear()
            self.folder = after
        return SqliteOutboxStore(self.path, self.connect)

    def connect(self, path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, timeout=0.1, factory=FusedConnection)
        self.held.append(db)
        return db

    def cut_at(self, step: int | None) -> None:
        for db in self.held:
            db.burn = fuse(step)  # type: ignore[attr-defined]  # made by the factory above

    def fill(self) -> None:
        pages = self.held[-1].execute("PRAGMA page_count").fetchone()[0]
        self.held[-1].execute(f"PRAGMA max_page_count = {pages}")


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "memory":
        yield MemoryBench()
        return
    found = SqliteBench(tmp_path)
    yield found
    for db in found.held:
        db.close()


def stamp(at_ms: int = 5) -> Stamp:
    return Stamp(boot=1, monotonic_ms=at_ms, wall_ms=1_800_000_000_000 + at_ms, clock_uncertainty_ms=1000)


def ballot(choice: str = "yes") -> OpenBallot:
    return OpenBallot(SittingId("s1"), QuestionId("q1"), MemberRef(b"m" * 16), choice)


def receipt(outbox: Outbox, seq: int, store: StoreId = FIRST_STORE, digest: bytes | None = None) -> Receipt:
    if digest is None:
        found = outbox.read(seq, 1)
        digest = record_hash(found[0][1]) if found else bytes(32)
    return Receipt(SPEAKER.hall, SPEAKER.device, store, outbox.epoch, seq, digest, seq - 1, seq, bytes(32))


def resend(outbox: Outbox, from_seq: int, store: StoreId = FIRST_STORE) -> Resend:
    return Resend(SPEAKER.hall, SPEAKER.device, store, outbox.epoch, from_seq)


def chain_is_whole(outbox: Outbox) -> None:
    """Contiguous from the first kept, each signed, each holding the hash of the one before."""
    rows = outbox.read(1, 10_000)
    assert [seq for seq, _ in rows] == list(range(outbox.first_seq, outbox.last_seq + 1))
    previous = GENESIS if outbox.first_seq == 1 else None
    for seq, envelope in rows:
        record = parse_record(verify(envelope, Purpose.RECORD, SIGNER.kid, SIGNER.public_key))
        assert record.seq == seq
        assert record.epoch == outbox.epoch
        assert previous is None or record.prev_hash == previous
        previous = record_hash(envelope)


def test_records_are_contiguous_signed_and_chained_and_survive_a_restart(bench: Bench) -> None:
    outbox = bench.open()
    assert [outbox.append(ballot(), stamp()).seq for _ in range(5)] == [1, 2, 3, 4, 5]
    again = bench.open()
    assert again.last_seq == 5
    assert again.append(ballot("no"), stamp()).seq == 6
    chain_is_whole(again)


def test_boots_are_counted_across_restarts(bench: Bench) -> None:
    assert [bench.open().begin_boot() for _ in range(3)] == [1, 2, 3]


def test_an_epoch_of_zero_bytes_is_never_begun_and_the_next_start_begins_another(bench: Bench) -> None:
    with pytest.raises(StoreError):
        Outbox(bench.store(), SIGNER, SPEAKER, fresh_epoch=lambda: bytes(NO_EPOCH))
    assert bench.open().epoch == b"epoch-01"


def test_named_values_are_kept_with_the_record_and_deleted_by_none(bench: Bench) -> None:
    outbox = bench.open()
    outbox.append(ballot(), stamp(), {"keypad/cast": b"1", "keypad/other": b"2"})
    outbox.keep({"keypad/other": None, "twin": b"t"})
    again = bench.open()
    assert again.values("keypad/") == {"keypad/cast": b"1"}
    assert again.value("twin") == b"t"
    assert again.value("keypad/other") is None


@pytest.mark.parametrize("marked", [False, True])
def test_a_power_cut_at_every_durable_step_leaves_all_or_nothing(bench: Bench, marked: bool) -> None:
    """Record, chain head and the firmware's own value move together; a record once told of is never lost."""
    told = bench.open().append(ballot(), stamp(), {"cast": b"1"}).seq
    for step in range(1, 60):
        outbox = bench.open()
        before = outbox.last_seq
        assert before >= told
        assert outbox.value("cast") == str(before).encode()
        bench.cut_at(step)
        try:
            if marked:
                outbox.mark(receipt(outbox, before), b"proof")
            told = outbox.append(ballot(), stamp(step), {"cast": str(before + 1).encode()}).seq
        except PowerCut:
            chain_is_whole(bench.open())
            continue
        finally:
            bench.cut_at(None)
        assert step > 3, "no cut happened at all"
        break
    else:
        pytest.fail("the operation never ran to its end")
    final = bench.open()
    assert final.last_seq == told
    assert not marked or final.marked_seq == before
    chain_is_whole(final)


def test_a_receipt_marks_and_proves_itself_after_a_restart(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(3):
        outbox.append(ballot(), stamp())
    assert outbox.mark(receipt(outbox, 2), b"proof") is Mark.MARKED
    assert outbox.mark(receipt(outbox, 2), b"proof") is Mark.REPEAT
    assert outbox.mark(receipt(outbox, 1), b"proof") is Mark.REPEAT
    again = bench.open()
    assert (again.marked_seq, again.store_id) == (2, FIRST_STORE)


def test_a_receipt_for_other_bytes_marks_nothing(bench: Bench) -> None:
    outbox = bench.open()
    outbox.append(ballot(), stamp())
    assert outbox.mark(receipt(outbox, 1, digest=b"x" * 32), b"proof") is Mark.OTHER_BYTES
    assert outbox.mark(receipt(outbox, 1, SECOND_STORE, b"x" * 32), b"proof") is Mark.OTHER_BYTES
    assert (outbox.marked_seq, outbox.store_id) == (0, None)


def test_a_receipt_for_a_record_never_written_marks_nothing(bench: Bench) -> None:
    outbox = bench.open()
    outbox.append(ballot(), stamp())
    assert outbox.mark(receipt(outbox, 2), b"proof") is Mark.NEVER_SAID
    assert outbox.marked_seq == 0


def test_a_receipt_of_another_life_of_this_device_marks_nothing(bench: Bench) -> None:
    outbox = bench.open()
    outbox.append(ballot(), stamp())
    foreign = replace(receipt(outbox, 1), epoch=Epoch(b"epoch-00"))
    assert outbox.mark(foreign, b"proof") is Mark.OTHER_EPOCH
    assert outbox.marked_seq == 0


def test_a_new_life_of_the_fleet_store_begins_new_marks_and_the_old_one_cannot_return(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(4):
        outbox.append(ballot(), stamp())
    outbox.mark(receipt(outbox, 4), b"proof")
    assert outbox.mark(receipt(outbox, 2, SECOND_STORE), b"proof") is Mark.MARKED
    assert outbox.marked_seq == 2
    assert outbox.mark(receipt(outbox, 4, FIRST_STORE), b"proof") is Mark.SUPERSEDED
    assert outbox.resend(resend(outbox, 1, FIRST_STORE)) is Mark.SUPERSEDED
    again = bench.open()
    assert (again.marked_seq, again.store_id) == (2, SECOND_STORE)
    assert again.mark(receipt(again, 4, FIRST_STORE), b"proof") is Mark.SUPERSEDED


def test_resend_unmarks_and_harms_nothing_when_replayed(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(4):
        outbox.append(ballot(), stamp())
    outbox.mark(receipt(outbox, 4), b"proof")
    assert outbox.resend(resend(outbox, 2)) is Mark.MARKED
    assert outbox.marked_seq == 1
    assert outbox.resend(resend(outbox, 2)) is Mark.REPEAT
    assert outbox.resend(resend(outbox, 9)) is Mark.REPEAT
    assert outbox.marked_seq == 1
    assert len(outbox.read(1, 10)) == 4


def test_a_resend_by_a_new_store_unmarks_everything_because_it_proves_nothing(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(4):
        outbox.append(ballot(), stamp())
    outbox.mark(receipt(outbox, 4), b"proof")
    assert outbox.resend(resend(outbox, 3, SECOND_STORE)) is Mark.MARKED
    assert (outbox.marked_seq, outbox.store_id) == (0, SECOND_STORE)


def test_certification_forgets_only_what_is_marked_and_only_of_this_epoch(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(5):
        outbox.append(ballot(), stamp())
    outbox.mark(receipt(outbox, 3), b"proof")
    assert outbox.certified(Epoch(b"epoch-00"), 5) == 0
    assert outbox.certified(outbox.epoch, 5) == 3
    assert outbox.certified(outbox.epoch, 5) == 0
    again = bench.open()
    assert (again.first_seq, again.last_seq) == (4, 5)
    assert again.append(ballot(), stamp()).seq == 6
    chain_is_whole(again)


def test_forgetting_everything_keeps_the_chain(bench: Bench) -> None:
    outbox = bench.open()
    last = [outbox.append(ballot(), stamp()) for _ in range(2)][-1]
    outbox.mark(receipt(outbox, 2), b"proof")
    outbox.certified(outbox.epoch, 2)
    again = bench.open()
    assert (again.first_seq, again.last_seq) == (3, 2)
    assert again.append(ballot(), stamp()).seq == 3
    envelope = again.read(3, 1)[0][1]
    record = parse_record(verify(envelope, Purpose.RECORD, SIGNER.kid, SIGNER.public_key))
    assert record.prev_hash == last.record_hash


def test_a_full_disk_is_said_in_words_and_loses_nothing_that_was_kept(bench: Bench) -> None:
    outbox = bench.open()
    kept = outbox.append(ballot(), stamp()).seq
    bench.fill()
    said = None
    for _ in range(2000):
        try:
            kept = outbox.append(ballot(), stamp(), {"cast": bytes(kept)}).seq
        except StoreError as err:
            said = err.diagnostics()
            break
    assert said is not None
    assert "full; call a technician" in said
    assert outbox.last_seq == kept
    again = bench.open()
    assert again.last_seq == kept
    chain_is_whole(again)


def test_the_same_alarm_is_raised_once_even_after_a_restart(bench: Bench) -> None:
    alarm = Alarm("receipt-other-bytes", "record 3")
    assert bench.open().alarm_once(alarm, stamp()) is not None
    again = bench.open()
    assert again.alarm_once(alarm, stamp()) is None
    assert again.alarm_once(Alarm("receipt-other-bytes", "record 4"), stamp()) is not None
    assert again.last_seq == 2
