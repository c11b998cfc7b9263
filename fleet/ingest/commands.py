"""`hallward fleet ingest | backup | restore`: what starts, stops, copies and brings back the hall's log."""

import json
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from durable.files import move_whole
from fleet import db
from fleet.audit import store as audit
from fleet.config import FleetConfig, load_config, load_signer
from fleet.desk import store as desk_store
from fleet.desk.clock import Clock, HallTime, SystemClock
from fleet.desk.desk import Desk
from fleet.desk.office import FLEET
from fleet.errors import ConfigError, StoreError
from fleet.ingest import life, store
from fleet.ingest.ballots.polling import Polling
from fleet.ingest.ballots.work import BALLOTS
from fleet.ingest.ledger import Ledger
from fleet.ingest.notices import Notices
from fleet.ingest.pipeline import Pipeline
from fleet.ingest.pool import SIGNATURES, ProcessPool, rest_the_collector
from fleet.ingest.subscriber import Subscriber
from fleet.ingest.tls import tls_context
from fleet.lock import only_api, only_ingest
from fleet.people.store import BADGE_SERIAL
from fleet.rollout import store as rollouts
from wire.ids import DESK, EPOCH_BYTES, STORE, Epoch

STOP_MS: Final = 2000
BADGE_SERIALS_SKIPPED: Final = 100_000
"""At a restore: more badges than the lost store can have given out since its backup. No serial comes twice,
since a badge is refused by its serial alone.
"""
TURN_S: Final = 0.05

log: Final = logging.getLogger("hallward.ingest")


def run(data: Path, environment: Mapping[str, str] = os.environ) -> int:
    """Ingest until SIGTERM or SIGINT; 0. Killing it at any moment loses nothing.

    Raises: ConfigError (another ingest runs on this store, a file or field is wrong), StoreError at the
    start.
    """
    config = load_config(data)
    signer, desk_key = load_signer(data, STORE), load_signer(data, DESK).public_key
    engine = db.open_engine(db.database_url(data, environment))
    notices = Notices()
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        stack.enter_context(only_ingest(data))
        if not stack.enter_context(db.hold_writer_lock(engine)):
            raise ConfigError("another ingest writes to this database: stop it, or give this hall its own")
        db.upgrade(engine)
        with db.reading(engine) as connection:
            clock = HallTime(SystemClock(), desk_store.latest_ms(connection))
        ledger = Ledger(
            engine, signer, desk_key, config.congress, config.hall, secrets.token_bytes, notices.say
        )
        pool = ProcessPool(config.worker_count, SIGNATURES)
        stack.callback(pool.stop)
        ballots = ProcessPool(config.worker_count, BALLOTS)
        stack.callback(ballots.stop)
        link = _subscriber(config, clock, notices)
        stack.callback(link.close)
        pipeline = Pipeline(link, pool, Polling(ballots), ledger, signer, clock, notices, _jitter)
        pipeline.open()
        rest_the_collector()
        _serve(pipeline, clock)
    return 0


def backup(data: Path, target: Path, environment: Mapping[str, str] = os.environ) -> int:
    """Copy the store to a file while the hall runs; 0. Raises ConfigError, StoreError."""
    engine = db.open_engine(db.database_url(data, environment))
    try:
        db.copy_to(engine, target)
    except OSError as err:
        raise StoreError(f"{target} cannot be written: {err.strerror}") from err
    finally:
        engine.dispose()
    print(f"The store is copied to {target}. Keep the folder keys/ as well: without it no backup can go on.")
    return 0


def restore(data: Path, source: Path | None, environment: Mapping[str, str] = os.environ) -> int:
    """Go on from a backup, as a new life of the store; 0. The hall's processes must be stopped.

    source: a file made by `backup`; None: the configured database has just been filled from a dump by its
    own tools.
    What the lost store had and the backup lacks comes back from the devices. Raises ConfigError, StoreError.
    """
    config = load_config(data)
    url = db.database_url(data, environment)
    with only_ingest(data), only_api(data):
        if source is None:
            _go_on(config, db.open_engine(url))
        elif url.get_backend_name() == "sqlite" and url.database:
            _replace_file(config, source, Path(url.database))
        else:
            raise ConfigError(
                "this store is a PostgreSQL: fill it with pg_restore, then restore without a file"
            )
    print(
        "Restored as a new store. Start the fleet: the devices will send what the backup lacks. Acts of the "
        "office made after the backup (questions opened or closed, withdrawals) are not in it: look at the "
        "page first, and make them again."
    )
    return 0


def _go_on(config: FleetConfig, engine: db.Engine) -> None:
    try:
        with db.hold_writer_lock(engine) as alone:
            if not alone:
                raise ConfigError("an ingest writes to this database: stop the hall first")
            _begin_again(config, engine)
    finally:
        engine.dispose()


def _replace_file(config: FleetConfig, source: Path, target: Path) -> None:
    """Prepare the new file beside the old one; one rename makes it the store. The old one is kept."""
    fresh = target.with_name(f"{target.name}.restoring")
    try:
        shutil.copyfile(source, fresh)
    except OSError as err:
        raise ConfigError(f"{source} cannot be copied to {fresh}: {err.strerror}") from None
    engine = db.open_engine(db.file_url(fresh))
    try:
        _begin_again(config, engine)
        prepared = target.with_name(f"{target.name}.prepared")
        db.copy_to(engine, prepared)
    finally:
        engine.dispose()
        for leftover in (fresh, *_companions(fresh)):
            leftover.unlink(missing_ok=True)
    if target.exists():
        kept = target.with_name(f"{target.name}.before-{SystemClock().wall_ms()}")
        for old, suffix in ((target, ""), *zip(_companions(target), ("-wal", "-shm"), strict=True)):
            if old.exists():
                old.replace(f"{kept}{suffix}")
    move_whole(prepared, target)


def _companions(path: Path) -> tuple[Path, Path]:
    """Files that SQLite keeps beside a database in use."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _begin_again(config: FleetConfig, engine: db.Engine) -> None:
    """New ids for the store and the desk's chain: nobody knows what the lost ones had already said."""
    signer = load_signer(config.data, DESK)
    db.upgrade(engine)
    with db.writing(engine) as connection:
        settings = store.read_settings(connection)
        if life.STORE_ID not in settings:
            raise ConfigError("the backup holds no hall log; it is not a backup of a hall")
        life.read_life(settings, config.congress, config.hall)
        store.write_settings(connection, life.next_life(settings, secrets.token_bytes))
        last_serial = int(settings.get(BADGE_SERIAL, 0)) + BADGE_SERIALS_SKIPPED
        store.write_settings(connection, {BADGE_SERIAL: str(last_serial)})
        store.forget_presence(connection)
        clock = HallTime(SystemClock(), desk_store.latest_ms(connection))
        detail = json.dumps({"from": settings[life.STORE_ID]})
        audit.append(connection, clock.wall_ms(), FLEET, "store.restored", config.hall, detail)
        rollouts.begin_again(connection, clock.wall_ms())
        desk = Desk(signer, config.congress, config.hall, 1, clock)
        desk.begin_epoch(connection, Epoch(secrets.token_bytes(EPOCH_BYTES)))


def _subscriber(config: FleetConfig, clock: Clock, notices: Notices) -> Subscriber:
    return Subscriber(
        host=config.broker_host,
        port=config.broker_port,
        hall=config.hall,
        tls=tls_context(config.ca_certificate, config.ingest_certificate, config.ingest_key),
        clock=clock,
        notices=notices,
        random=secrets.token_bytes,
        jitter=_jitter,
    )


def _serve(pipeline: Pipeline, clock: Clock) -> None:
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopping.append(got))
    log.info("Ingest is ready.")
    while not stopping:
        pipeline.turn(TURN_S)
    deadline_ms = clock.monotonic_ms() + STOP_MS
    while not pipeline.idle and clock.monotonic_ms() < deadline_ms:
        pipeline.turn(TURN_S)
    log.info("Ingest has stopped.")


def _jitter(low: int, high: int) -> int:
    return low + secrets.randbelow(high - low + 1)
