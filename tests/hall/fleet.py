"""A simulated fleet: the product's ingest pipeline, desk and acts over a database in memory."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import event, select
from sqlalchemy.engine import URL

from fleet.db import Engine, open_engine, reading, upgrade, writing
from fleet.desk import store as desk_store
from fleet.desk.clock import HallTime
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.errors import StoreError
from fleet.ingest import store as ingest_store
from fleet.ingest.ballots.polling import Polling
from fleet.ingest.ballots.work import BALLOTS
from fleet.ingest.ledger import Ledger
from fleet.ingest.life import next_life
from fleet.ingest.notices import Notices
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.pool import SIGNATURES, InlineVerifier
from fleet.tables import settings
from tests.hall.device import CONGRESS, HALL
from tests.hall.network import HostileBroker, IngestLink
from tests.hall.world import Fuse, PowerCut, SteppableClock, World
from wire.errors import HallError
from wire.ids import Epoch, StoreId
from wire.signers import Ed25519Signer

IDLE_TURN_MS = 1000.0
BUSY_TURN_MS = 20.0
PAGES_MAX = 1_000_000
START_MS = (300.0, 5000.0)
_names = count()
Answer = TypeVar("Answer")


class Fleet:
    """done: called after every turn of ingest, dead or alive."""

    def __init__(self, world: World, broker: HostileBroker, done: Callable[[], None]) -> None:
        self.world, self.broker, self._done = world, broker, done
        self.desk_signer = _signer(world, "desk")
        self.store_signer = _signer(world, "store")
        self.clock = SteppableClock(world)
        self.fuse = Fuse()
        self.pipeline: Pipeline | None = None
        self.ledger: Ledger | None = None
        self.link: IngestLink | None = None
        self.starts = 0
        self._turn_due_ms: float | None = None
        self._pages_max = PAGES_MAX
        self._backups = ExitStack()
        self._begin_store(None)
        upgrade(self.engine)
        with writing(self.engine) as connection:
            desk_store.set_setting(connection, desk_store.DESK_EPOCH, world.rng.randbytes(8).hex())
        self.open_office()

    # -- the store ---------------------------------------------------------------------------------------

    def _begin_store(self, backup: sqlite3.Connection | None) -> None:
        name = f"hall-{next(_names)}"
        self._keep = sqlite3.connect(f"file:/{name}?vfs=memdb", uri=True, isolation_level=None)
        if backup is not None:
            backup.backup(self._keep)
        url = URL.create("sqlite", database=f"file:/{name}", query={"vfs": "memdb", "uri": "true"})
        self.engine: Engine = open_engine(url)
        event.listen(self.engine, "connect", self._limit)
        # a process may be killed before any statement and before and after any commit
        event.listen(self.engine, "before_cursor_execute", self._burn)
        event.listen(self.engine, "commit", self._burn)

    def _burn(self, *_: Any) -> None:
        self.fuse.burn()

    def _limit(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {self._pages_max}").close()

    def fill_disk(self) -> None:
        self._pages_max = self._keep.execute("PRAGMA page_count").fetchone()[0]
        self.engine.dispose()

    def free_disk(self) -> None:
        self._pages_max = PAGES_MAX
        self.engine.dispose()

    def backup(self) -> sqlite3.Connection:
        taken = self._backups.enter_context(closing(sqlite3.connect(":memory:")))
        self._keep.backup(taken)
        return taken

    def restore(self, backup: sqlite3.Connection) -> None:
        """As `hallward fleet restore` does: another life of the store, another chain of the desk."""
        self.kill()
        self.engine.dispose()
        self._keep.close()
        self._begin_store(backup)
        rng = self.world.rng
        with writing(self.engine) as connection:
            found = {row.name: row.value for row in connection.execute(select(settings))}
            ingest_store.write_settings(connection, next_life(found, rng.randbytes))
            ingest_store.forget_presence(connection)
        self.open_office()
        with self.office.keep() as connection:
            self.office.desk.begin_epoch(connection, Epoch(rng.randbytes(8)))

    def close(self) -> None:
        self.pipeline = None
        self.engine.dispose()
        self._keep.close()
        self._backups.close()

    # -- the API process -----------------------------------------------------------------------------------

    def open_office(self) -> None:
        with writing(self.engine) as connection:
            boot = desk_store.next_boot(connection)
            time_of_hall = HallTime(self.clock, desk_store.latest_ms(connection))
        desk = Desk(self.desk_signer, CONGRESS, HALL, boot, time_of_hall)
        self.office = Office(self.engine, desk, time_of_hall, self.world.rng.randbytes)

    def do(self, what: str, act: Callable[[Office], object]) -> bool:
        """An officer's act; False when it is refused or the process is killed in it: then nothing of it is
        there."""
        try:
            act(self.office)
        except HallError as err:
            self.world.say(f"officer: {what} is refused: {err.what}")
            return False
        except PowerCut:
            self.world.say(f"officer: {what}: the API dies in it")
            self.fuse.left = 0
            self.engine.dispose()
            self.open_office()
            return False
        self.world.say(f"officer: {what}")
        self.wake()
        return True

    def quietly(self, act: Callable[[Office], Answer]) -> Answer | None:
        """What the API does by itself; None when it failed or was killed in it: it is tried again later."""
        try:
            return act(self.office)
        except StoreError:
            return None
        except PowerCut:
            self.fuse.left = 0
            self.engine.dispose()
            self.open_office()
            return None
        finally:
            self.wake()

    # -- the ingest process --------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self.pipeline is not None

    @property
    def store_id(self) -> StoreId:
        value = self._keep.execute("SELECT value FROM settings WHERE name = 'store_id'").fetchone()
        return StoreId(bytes.fromhex(value[0]) if value else b"")

    def boot(self) -> None:
        if self.pipeline is not None:
            return
        self.starts += 1
        try:
            self.pipeline = self._opened()
        except (PowerCut, StoreError):
            self.kill()
            return
        if self.link is not None:
            self.link.start()
        self.wake()

    def _opened(self) -> Pipeline:
        rng = self.world.rng
        with reading(self.engine) as connection:
            time_of_hall = HallTime(self.clock, desk_store.latest_ms(connection))
        self.ledger = Ledger(
            self.engine, self.store_signer, self.desk_signer.public_key, CONGRESS, HALL, rng.randbytes,
            lambda _, sentence: self.world.say(f"ingest: {sentence}"),
        )  # fmt: skip
        self.link = IngestLink(self.broker, HALL, self.fuse, self.wake)
        pipeline = Pipeline(
            self.link, InlineVerifier(SIGNATURES),
            Polling(InlineVerifier(BALLOTS)), self.ledger, self.store_signer, time_of_hall, Notices(),
            rng.randint,
        )  # fmt: skip
        pipeline.open()
        return pipeline

    def kill(self) -> None:
        """kill -9; it is started again a little later."""
        self.world.say("ingest is killed")
        if self.link is not None:
            self.link.cable.close()
        self.pipeline = self.link = self.ledger = None
        self.fuse.left = 0
        self._turn_due_ms = None
        self.engine.dispose()
        self.world.after(self.world.between(*START_MS), self.boot)

    def wake(self) -> None:
        """Something is there to be done: ingest takes its turn soon."""
        self._turn_in(self.world.between(0.1, 40.0))

    def _turn_in(self, delay_ms: float) -> None:
        due = self.world.now_ms + delay_ms
        if self._turn_due_ms is None or due < self._turn_due_ms:
            self._turn_due_ms = due
            self.world.after(delay_ms, lambda: self._turn(due))

    def _turn(self, due: float) -> None:
        if due != self._turn_due_ms:
            return
        self._turn_due_ms = None
        link = self.link
        if self.pipeline is None or link is None:
            return
        try:
            self.pipeline.turn(0.0)
        except PowerCut:
            link.flush()  # what had left the process before it died
            self.kill()
        else:
            link.flush()
            self._turn_in(IDLE_TURN_MS if self.pipeline.idle else BUSY_TURN_MS)
        self._done()

    # -- looking into the store ----------------------------------------------------------------------------

    def leaves(self, from_index: int) -> list[tuple[Any, ...]]:
        """(leaf index, device, epoch, seq, kind, verdict, subject, envelope), past the product's own eyes."""
        return self._keep.execute(
            "SELECT leaf_index, device, epoch, seq, kind, verdict, subject, envelope FROM records"
            " WHERE leaf_index >= ? ORDER BY leaf_index",
            (from_index,),
        ).fetchall()

    def tamper(self, sql: str) -> None:
        """Another hand in the database: for tests of the examiners."""
        self._keep.execute(sql)

    def log_size(self) -> int:
        found = self._keep.execute("SELECT size FROM log_head").fetchone()
        return int(found[0]) if found else 0


def _signer(world: World, kid: str) -> Ed25519Signer:
    return Ed25519Signer(kid, ed25519.Ed25519PrivateKey.from_private_bytes(world.rng.randbytes(32)))
