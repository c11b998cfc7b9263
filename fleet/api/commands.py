"""`hallward fleet init` and `hallward fleet api`: plain functions with explicit arguments."""

import gc
import json
import logging
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from fastapi import FastAPI

from durable.files import PUBLIC, SECRET, write_whole
from fleet.accounts.passwords import Passwords
from fleet.accounts.sign_in import issue_first_admin_code
from fleet.api.listener import listen
from fleet.api.tls import Certified, certified
from fleet.app import create_app
from fleet.config import FILE_NAME, FleetConfig, load_config, load_signer
from fleet.dashboard.live import Live
from fleet.db import Connection, Engine, database_url, open_engine, take_turn, upgrade, writing
from fleet.desk import store as desk_store
from fleet.desk.clock import Clock, HallTime, SystemClock
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.errors import ConfigError
from fleet.lock import only_api
from fleet.updates import catalogue
from wire.ids import DESK, EPOCH_BYTES, STORE, DeviceId, Epoch, is_name
from wire.keys import Signer
from wire.signers import signer_from_pem

log = logging.getLogger(__name__)
Say = Callable[[str], None]
REGISTRAR: Final = DeviceId("registrar")
_GRACE_S: Final = 2


def init(wanted: FleetConfig, *, say: Say, environment: Mapping[str, str]) -> int:
    """Make the data folder: fleet.toml, keys of desk and store, database; say the first admin's code. Exit
    code 0.

    May be repeated: what is there stays, the schema is brought up to date, and while there is no admin the
    code is a new one. Raises ConfigError, StoreError.
    """
    for name, text in (("hall", wanted.hall), ("congress", wanted.congress)):
        if not is_name(text):
            raise ConfigError(f"{name} must be 1 to 32 of a-z, 0-9 and '-', got {text!r:.60}")
    data, known = wanted.data, (wanted.data / FILE_NAME).exists()
    try:
        (data / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(data / FILE_NAME, _toml(wanted).encode(), PUBLIC)
        for who in (DESK, STORE):
            _write_once(data / "keys" / f"{who}.key", _fresh_key(), SECRET)
    except OSError as err:
        where = err.filename or data
        raise ConfigError(f"{where} cannot be written: {err.strerror}; choose another data folder") from None
    try:
        config = load_config(data)
    except ConfigError:
        if (
            not known
        ):  # what was asked for is not allowed: leave no file that would stand in the way of a better one
            (data / FILE_NAME).unlink()
        raise
    if (config.hall, config.congress) != (wanted.hall, wanted.congress):
        raise ConfigError(
            f"{data / FILE_NAME} is of hall {config.hall}, congress {config.congress}: "
            "choose another data folder, or the names it has"
        )
    engine = open_engine(database_url(data, environment))
    try:
        upgrade(engine)
        office, code = _open_office(config, engine, SystemClock())
    finally:
        engine.dispose()
    say(f"The fleet of hall {office.desk.hall} is in {data}.")
    _say_code(code, say)
    return 0


def serve_api(data: Path, *, say: Say, environment: Mapping[str, str]) -> int:
    """Serve the API and the pages until SIGTERM. Exit code. Raises ConfigError (exit 78), StoreError."""
    config = load_config(data)
    own = certified(config)
    with ExitStack() as stack:
        listener = stack.enter_context(listen(config))
        stack.enter_context(only_api(data))
        engine = open_engine(database_url(data, environment))
        stack.callback(engine.dispose)
        upgrade(engine)
        office, code = _open_office(config, engine, SystemClock())
        _say_code(code, say)
        app = create_app(
            office,
            registrar=_registrar(config),
            passwords=Passwords(),
            wait=time.sleep,
            authority=_authority(config),
            secure=own is not None,
            targets=partial(catalogue.targets, data),
        )
        # What was loaded stays: a collection that looks through all of it takes longer than a tick may.
        gc.collect()
        gc.freeze()
        _Server(app.state.services.live, server_config(app, own)).run(sockets=[listener])
    return 0


def server_config(app: FastAPI, own: Certified | None = None) -> uvicorn.Config:
    """How the API is served. No proxy is believed: whoever could claim another address could guess on.

    own: to speak https; None: http.
    """
    return uvicorn.Config(
        app,
        workers=1,
        access_log=False,
        log_level="warning",
        log_config=None,  # its own ends the handlers of whoever else logs in this process
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
        h11_max_incomplete_event_size=65536,
        proxy_headers=False,
        ssl_certfile=None if own is None else own.certificate,
        ssl_keyfile=None if own is None else own.key,
    )


class _Server(uvicorn.Server):
    """Ends the streams of the page before it waits for its connections to end."""

    def __init__(self, live: Live, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.close()
        await super().shutdown(sockets)


def _open_office(config: FleetConfig, engine: Engine, clock: Clock) -> tuple[Office, str | None]:
    """The office of this start, and a first admin's code while there is none."""
    signer = load_signer(config.data, DESK)
    with writing(engine) as connection:
        take_turn(connection)
        _check_keys(config, connection)
        boot = desk_store.next_boot(connection)
        time_of_hall = HallTime(clock, desk_store.latest_ms(connection))
        desk = Desk(signer, config.congress, config.hall, boot, time_of_hall)
        if desk_store.epoch(connection) is None:
            desk.begin_epoch(connection, Epoch(secrets.token_bytes(EPOCH_BYTES)))
        office = Office(engine, desk, time_of_hall, secrets.token_bytes)
        code = issue_first_admin_code(office, connection)
    return office, code


def _check_keys(config: FleetConfig, connection: Connection) -> None:
    """A log signed by one key cannot go on with another: nobody could verify it. Raises ConfigError."""
    for who in (DESK, STORE):
        key = load_signer(config.data, who).public_key.raw.hex()
        known = desk_store.setting(connection, f"{who}_key")
        if known is None:
            desk_store.set_setting(connection, f"{who}_key", key)
        elif known != key:
            raise ConfigError(
                f"the store holds a hall log signed by another key than {config.data / 'keys' / who}.key: "
                "give this hall a store of its own, or bring back the folder keys/ that belongs to it"
            )


def _say_code(code: str | None, say: Say) -> None:
    if code is not None:
        say(f"First admin: sign in page, one-time code {code} (one hour, one use).")


def _registrar(config: FleetConfig) -> Signer:
    """Who signs badges: keys/registrar.key, else the desk's key under the registrar's name, as devices
    expect."""
    if (config.data / "keys" / f"{REGISTRAR}.key").exists():
        return load_signer(config.data, REGISTRAR)
    return signer_from_pem(REGISTRAR, (config.data / "keys" / f"{DESK}.key").read_bytes())


def _authority(config: FleetConfig) -> bytes | None:
    try:
        return config.ca_certificate.read_bytes()
    except FileNotFoundError:
        log.warning(
            "%s is missing: devices are registered without checking who issued them", config.ca_certificate
        )
        return None
    except OSError as err:
        raise ConfigError(f"{config.ca_certificate} cannot be read: {err.strerror}") from None


def _toml(config: FleetConfig) -> str:
    """fleet.toml of this configuration. A JSON string is a TOML string, and so are true and false."""
    text = json.dumps
    return f"""\
# One hall's fleet. Made by `hallward fleet init`; what every field means and allows: docs of fleet/config.py.
hall = {text(config.hall)}
congress = {text(config.congress)}

[api]
host = {text(config.api_host)}
port = {config.api_port}
tls = {text(config.api_tls)}

[broker]
kind = {text(config.broker_kind)}
host = {text(config.broker_host)}
port = {config.broker_port}
{_updates_toml(config)}"""


def _updates_toml(config: FleetConfig) -> str:
    if not config.updates_host:
        return ""
    return f"\n[updates]\nhost = {json.dumps(config.updates_host)}\nport = {config.updates_port}\n"


def _fresh_key() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_once(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, whole or not at all, readable as `mode` says from its first byte
    on."""
    if path.exists():
        return
    write_whole(path, content, mode)
