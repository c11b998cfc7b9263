"""`hallward fleet updates …`: plain functions with explicit arguments."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from tuf.api.metadata import Signed

from fleet.api.listener import listen_for_updates
from fleet.config import FILE_NAME, load_config
from fleet.db import database_url, open_engine, reading, upgrade
from fleet.desk import store as desk_store
from fleet.desk.clock import HallTime, SystemClock
from fleet.errors import ConfigError
from fleet.lock import only_one
from fleet.updates import catalogue, importing, keys, online, trust
from fleet.updates.errors import NothingPublished
from fleet.updates.importing import Incoming
from fleet.updates.keeper import Keeper
from fleet.updates.listener import create_listener, server_config
from fleet.updates.mirror import Credentials, mirror
from fleet.updates.shelf import Shelf
from fleet.updates.upstream import Upstream, following

Say = Callable[[str], None]


def make_keys(data: Path, *, say: Say) -> int:
    """Exit code. Raises ConfigError."""
    load_config(data)
    keys.make_keys(data, say)
    say("Give both .pub.json files to the officers: `hallward release init` puts them into the roots.")
    return 0


def run_import(data: Path, folder: Path, *, root_sha256: str | None, days: int | None, say: Say) -> int:
    """Exit code. Raises ReleaseRefused, ConfigError, StoreError."""
    load_config(data)
    if importing.is_director_alone(folder):
        version = importing.import_director(Shelf(data), folder, SystemClock().wall_ms())
        say(f"The director's root is version {version}.")
        return 0
    found = importing.import_release(
        Shelf(data), folder, SystemClock().wall_ms(), root_sha256=root_sha256, days=days
    )
    _say_release(found, say)
    return 0


def run_mirror(
    data: Path, source: str, credentials: Credentials | None, *, root_sha256: str | None, say: Say
) -> int:
    """Exit code. Raises ReleaseRefused, ConfigError, StoreError."""
    load_config(data)
    found = mirror(
        Shelf(data), source, SystemClock().wall_ms(), root_sha256=root_sha256, credentials=credentials
    )
    _say_release(found, say)
    return 0


def run_extend(data: Path, hours: int, *, say: Say) -> int:
    """Exit code. Raises ReleaseRefused, ConfigError, StoreError, NothingPublished."""
    load_config(data)
    if not 1 <= hours <= online.TIMESTAMP_DAYS_MAX * 24:
        raise ConfigError(f"hours from now: 1 to {online.TIMESTAMP_DAYS_MAX * 24}, got {hours}")
    now_ms = SystemClock().wall_ms()
    until = online.extend(Shelf(data), now_ms + hours * 3_600_000, now_ms)
    say(f"What is published stays in force until {until:%Y-%m-%d %H:%M} UTC, without anybody doing anything.")
    return 0


def status(data: Path, *, say: Say) -> int:
    """What is published, and when what expires. Exit code: 1 when something has expired or nothing is there.
    Raises ReleaseRefused."""
    load_config(data)
    shelf, now = Shelf(data), online.moment(SystemClock().wall_ms())
    try:
        root = online.root_of(shelf)
        stamp, snapshot, release = trust.published(
            root, online.timestamp_of(shelf), online.reader(shelf), str(shelf.image)
        )
    except NothingPublished as err:
        say(err.diagnostics())
        return 1
    for target in catalogue.targets(data):
        about = target.about
        say(
            f"{target.path}  version {about.version}, counter {about.counter}, "
            f"for {', '.join(about.hardware)}, {target.length} bytes, {target.sha256.hex()[:16]}…"
        )
    is_ours = online.is_ours(shelf)
    signed: list[tuple[str, Signed]] = [("root", root), ("timestamp", stamp), ("snapshot", snapshot)]
    signed += [(document.role, document.signed) for document in release.documents]
    for role, part in signed:
        urgency = _urgency(role, part, now, is_ours)
        say(f"{role} {part.version}: until {part.expires:%Y-%m-%d %H:%M} UTC{urgency}")
    return 1 if any(part.is_expired(now) for _, part in signed) else 0


def serve(data: Path, *, say: Say, environment: Mapping[str, str]) -> int:
    """Serve devices until SIGTERM. Exit code. Raises ConfigError (exit 78), StoreError."""
    config = load_config(data)
    if not config.updates_host:
        raise ConfigError(
            f"{data / FILE_NAME}: set host (and port) in [updates]: the address at which devices fetch"
        )
    engine = open_engine(database_url(data, environment))
    try:
        with listen_for_updates(config) as listener:
            upgrade(engine)
            with reading(engine) as connection:
                said_ms = desk_store.latest_ms(connection)
            time = HallTime(SystemClock(), said_ms)
            keeper = Keeper(data, engine, time.wall_ms, time.monotonic_ms)
            app = create_listener(
                config, engine, wall_ms=time.wall_ms, monotonic_ms=time.monotonic_ms, keeper=keeper
            )
            server = uvicorn.Server(server_config(config, app))
            upstream = following(Upstream.configured(config, time.wall_ms))
            with only_one(data / "updates.lock", "an update listener"), upstream:
                say(f"updates are served at {config.updates_host}:{config.updates_port}")
                server.run(sockets=[listener])
    finally:
        engine.dispose()
    return 0


def _urgency(role: str, part: Signed, now: datetime, is_ours: bool) -> str:
    """What to do about it, empty while nothing."""
    if role in ("timestamp", "snapshot"):
        remedy = "`hallward fleet updates serve` signs it anew" if is_ours else "mirror again"
        soon = timedelta(hours=12)
    else:
        remedy, soon = "have the officers sign a newer one", timedelta(days=14)
    if part.is_expired(now):
        return f": EXPIRED, devices take nothing; {remedy}"
    return f": soon; {remedy}" if part.expires - now < soon else ""


def _say_release(found: Incoming, say: Say) -> None:
    count = len(found.release.entries)
    say(f"{count} {'file is' if count == 1 else 'files are'} published:")
    for entry in found.release.entries:
        say(f"  {entry.target.path}  {entry.target.about.version}")
    waiting = sorted(
        path.name.removesuffix(".json") for path in (found.folder / "drafts/image").glob("*.json")
    )
    if waiting:
        say(
            f"Not published, since officers must sign it first: {', '.join(waiting)} "
            f"(`hallward release status {found.folder}`)"
        )
