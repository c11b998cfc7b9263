"""`hallward fleet serve`: broker, ingest, API and update listener of one hall, each its own process, tended
by this one.

registry (table devices) -> broker users, within WATCH_S; who only comes along, REST_S after the last change
a process that dies ------> started again, ever later; one that refuses its configuration ends the start
SIGTERM, Ctrl-C ----------> update listener, API, ingest, broker are stopped in this order
"""

import contextlib
import http.client
import logging
import re
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fleet.api.listener import listen, listen_for_updates
from fleet.broker.child import Child
from fleet.broker.mosquitto import Mosquitto
from fleet.broker.nats import NatsServer
from fleet.broker.ports import Broker
from fleet.broker.settings import BrokerSettings
from fleet.broker.store import Generations, generations, registered
from fleet.config import FleetConfig
from fleet.db import Engine, reading
from fleet.errors import ConfigError, StoreError
from wire.ids import DeviceId

_log = logging.getLogger(__name__)
WATCH_S: Final = 0.25
REST_S: Final = 1.0
"""Between two reloads for devices that come along: of two thousand that are registered in a row, those of a
second together, since each reload costs the broker all users once. Who is thrown out never waits for it."""
READY_S: Final = 30.0
_ANSWER_S: Final = 2.0
_NOTHING: Final = Generations(-1, -1)
_BROKERS: Final[dict[str, Callable[[BrokerSettings], Broker]]] = {"nats": NatsServer, "mosquitto": Mosquitto}


def serve(config: FleetConfig, engine: Engine, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or Ctrl-C. Raises ConfigError when a part cannot start."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    registry = Registry(config, engine)
    children: list[Child] = []
    registry.broker.start(*registry.now())
    try:
        for part in ("ingest", "api", *(["updates"] if config.updates_host else [])):
            children.append(_child(config, part))
            children[-1].end_orphan()
            # somebody else's API on our port would answer as ours does
            if part == "api":
                listen(config).close()
            elif part == "updates":
                listen_for_updates(config).close()
            children[-1].start()
        if not _until_ready(config, children, stop):
            return
        for child in children:
            child.settled()
        say(f"hall {config.hall} is up: {config.api_url}/")
        registry.watch(stop)
    finally:
        for child in reversed(children):
            child.stop()
        registry.broker.stop()


class Registry:
    """Keeps the broker's users equal to the active devices."""

    def __init__(self, config: FleetConfig, engine: Engine) -> None:
        self._engine = engine
        self._revocations = config.data / "tls" / "ca.crl"
        self._seen: tuple[Generations, bytes | None] = (_NOTHING, None)
        self.broker: Final = _BROKERS[config.broker_kind](
            BrokerSettings(
                hall=config.hall,
                folder=config.data / "broker",
                certificate=config.server_certificate,
                key=config.server_key,
                authority=config.ca_certificate,
                revocations=config.data / "broker" / "ca.crl",
                host=config.broker_host,
                port=config.broker_port,
            )
        )

    def now(self) -> tuple[Sequence[DeviceId], bytes | None]:
        """Active devices and the revocation list. Raises StoreError."""
        with reading(self._engine) as connection:
            found = registered(connection)
        self._seen = (found.generations, self._list())
        return found.active, self._seen[1]

    def watch(self, stop: threading.Event) -> None:
        """Apply every change until told to stop. A database that fails is tried again, and said once."""
        failing = False
        applied_s = -REST_S
        while not stop.wait(WATCH_S):
            try:
                with reading(self._engine) as connection:
                    found, seen = (generations(connection), self._list()), self._seen
                is_rested = time.monotonic() - applied_s >= REST_S
                takes_back = (found[0].revoked, found[1]) != (seen[0].revoked, seen[1])
                if takes_back or (is_rested and found != seen):
                    self.broker.apply(*self.now())
                    applied_s = time.monotonic()
                if failing:
                    _log.warning("the registry can be read again")
                failing = False
            except StoreError as err:
                if not failing:
                    _log.error("the broker keeps its present users: %s", err.diagnostics())
                failing = True
                self._seen = (_NOTHING, None)

    def _list(self) -> bytes | None:
        try:
            return self._revocations.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise StoreError(f"{self._revocations} cannot be read: {err.strerror}") from err


def _child(config: FleetConfig, part: str) -> Child:
    verb = ["updates", "serve"] if part == "updates" else [part]
    words = [sys.executable, "-m", "fleet", *verb, "--data", str(config.data.resolve())]
    run_folder: Path = config.data / "run"
    run_folder.mkdir(exist_ok=True)
    return Child(part, words, hear=_pass_on, pid_file=run_folder / f"{part}.pid")


def _pass_on(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


def _until_ready(config: FleetConfig, children: Sequence[Child], stop: threading.Event) -> bool:
    """True once the API answers. False when told to stop. Raises ConfigError, in the words of the part."""
    deadline_s = time.monotonic() + READY_S
    while not stop.wait(0.05):
        for child in children:
            if child.gave_up:
                words = child.last_words[-1] if child.last_words else "it said nothing"
                raise ConfigError(f"{child.name} will not start: {_bare(words)}")
        if _answers(config) and _updates_answer(config):
            return True
        if time.monotonic() > deadline_s:
            raise ConfigError(f"{_silent(config)} within {READY_S:.0f} s")
    return False


def _bare(line: str) -> str:
    """The sentence of an error line, without the program before it and the code behind it."""
    return re.sub(r" \[[a-z-]+\]$", "", line.removeprefix("fleet: "))


def _answers(config: FleetConfig) -> bool:
    try:
        with contextlib.closing(_connection(config)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def _updates_answer(config: FleetConfig) -> bool:
    """Whether somebody listens there; nobody without a device's certificate is told more."""
    if not config.updates_host:
        return True
    try:
        socket.create_connection((config.updates_host, config.updates_port), _ANSWER_S).close()
    except OSError:
        return False
    return True


def _silent(config: FleetConfig) -> str:
    if _answers(config):
        return f"the update listener does not answer at {config.updates_host}:{config.updates_port}"
    return f"the API does not answer at {config.api_url}"


def _connection(config: FleetConfig) -> http.client.HTTPConnection:
    """To our own API; over TLS under the hall's authority, by whatever name, since 0.0.0.0 is an address to
    listen on and nobody's name."""
    if not config.api_tls:
        return http.client.HTTPConnection(config.api_host, config.api_port, timeout=_ANSWER_S)
    context = ssl.create_default_context(cafile=str(config.ca_certificate))
    context.check_hostname = False
    return http.client.HTTPSConnection(config.api_host, config.api_port, timeout=_ANSWER_S, context=context)
