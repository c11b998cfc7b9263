"""The three servers of the house, each on a socket of its own, and somebody who speaks to it byte by byte."""

import contextlib
import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from cryptography.hazmat.primitives.asymmetric import ed25519
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.enrol.guard import Door
from edge.enrol.web import create_app
from edge.rollcall_gate.eyes.pipeline import Pipeline
from fleet.accounts.rules import Role
from fleet.api.commands import server_config
from fleet.db import database_url, open_engine
from provisioning.adapters.peer_certificates import PeerCertificateProtocol
from provisioning.authority.folder import create_authority_folder
from provisioning.commands import root_request
from provisioning.desk.web.app import claim_app
from provisioning.hall import HallCard, Trust
from tests.edge.enrol.desk_under_test import DeskUnderTest as Station
from tests.fleet.hall_under_test import hasty, made
from tests.provisioning.authority.roots import file_root
from tests.provisioning.conftest import World
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest
from tests.servers.waiting import wait_until
from wire.ids import CongressId, HallId

SERVERS: Final = ("fleet", "desk", "station")
GUARD_S: Final = 60.0


@dataclass
class Server:
    """changing: a path that takes JSON; bytes_max: how much of it. reached: the bodies that came past the
    front, as the app behind it got them."""

    app: FastAPI
    changing: str
    bytes_max: int
    port: int
    hosts: frozenset[str]
    reached: list[bytes] = field(default_factory=list)
    running: uvicorn.Server | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def headers(
        self, *more: str, host: str | None = None, origin: str | None = "", kind: str | None = ""
    ) -> str:
        """Those of an honest page, with more; another host, origin or type, or None for none."""
        lines = [f"Host: {self.host if host is None else host}"]
        if origin is not None:
            lines.append(f"Origin: {origin or f'http://{self.host}'}")
        if kind is not None:
            lines.append(f"Content-Type: {kind or 'application/json'}")
        return "".join(f"{line}\r\n" for line in [*lines, *more])

    def request(self, headers: str, body: bytes = b"", method: str = "POST", path: str = "") -> bytes:
        return f"{method} {path or self.changing} HTTP/1.1\r\n{headers}\r\n".encode("latin-1") + body

    @contextmanager
    def met(self) -> "Iterator[Visitor]":
        with socket.create_connection(("127.0.0.1", self.port), timeout=GUARD_S) as connection:
            yield Visitor(connection)

    def said(self, request: bytes) -> "Answer":
        with self.met() as visitor:
            visitor.send(request)
            return visitor.answer()

    @property
    def is_idle(self) -> bool:
        assert self.running is not None
        return not self.running.server_state.tasks


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


class Visitor:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._seen = b""

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def send_on(self, piece: bytes) -> None:
        """Until the server says something or ends the connection; who is held up may meet both at once."""
        with contextlib.suppress(ConnectionError):
            while not select.select([self._connection], [], [], 0)[0]:
                self.send(piece)

    def answer(self, method: str = "POST") -> Answer:
        """The next one, whole. Raises AssertionError when the connection ends first."""
        while b"\r\n\r\n" not in self._seen:
            self._more()
        head, _, self._seen = self._seen.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        while len(self._seen) < length:
            self._more()
        body, self._seen = self._seen[:length], self._seen[length:]
        return Answer(int(first.split()[1]), headers, body)

    def is_left(self) -> bool:
        """Waits for the server to end the connection; False when it says something instead."""
        try:
            return self._seen == b"" and self._connection.recv(1) == b""
        except ConnectionError:
            return True

    def _more(self) -> None:
        more = self._connection.recv(65536)
        assert more, f"the connection ended after {self._seen!r:.200}"
        self._seen += more


class _Noting:
    """Behind the front: what the app is given."""

    def __init__(self, app: ASGIApp, reached: list[bytes]) -> None:
        self._app, self._reached = app, reached

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        message = {"body": bytes(scope["body"])} if "body" in scope else await receive()
        self._reached.append(message["body"])

        async def again() -> Any:
            return message

        await self._app(scope, again, send)


@contextmanager
def serving(name: str, folder: Path) -> Iterator[Server]:
    """As it is served in a hall, without TLS: what its front asks is the same."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])
    with listener, _made(name, folder, port) as (server, config):
        server.app.user_middleware.append(Middleware(_Noting, server.reached))
        config.lifespan = "off"
        server.running = uvicorn.Server(config)
        thread = threading.Thread(target=server.running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.running is not None and server.running.started, "it serves")
            yield server
        finally:
            server.running.should_exit = True
            thread.join()


@contextmanager
def _made(name: str, folder: Path, port: int) -> Iterator[tuple[Server, uvicorn.Config]]:
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    if name == "fleet":
        with made(hasty(open_engine(database_url(folder, {})))) as hall:
            yield Server(hall.app, "/api/sign-in", 1_000_000, port, hosts), server_config(hall.app)
    elif name == "desk":
        desk = _desk(folder)
        app = claim_app(desk.open())
        yield Server(app, "/api/sign-in", 8192, port, hosts), _config(app, http=PeerCertificateProtocol)
        desk.close()
    else:
        (folder / "fleet").mkdir()
        with made(hasty(open_engine(database_url(folder / "fleet", {})))) as hall:
            hall.register(hall.client(Role.TECHNICIAN), "gate-1", "gate")
            # No photograph comes this far.
            station = Station(folder / "station", hall, cast("Pipeline", None))
            app = create_app(station.counter, Door(hosts, "token", "cookie"))
            yield Server(app, "/api/start", 64 * 1024, port, hosts), _config(app)
            station.stop()


def _config(app: FastAPI, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(app, log_level="warning", log_config=None, access_log=False, **more)


def _desk(folder: Path) -> DeskUnderTest:
    world = World()
    keys = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    card = HallCard(HallId("hall-1"), CongressId("congress-9"), "hall.local", 8883, Trust(*keys))
    authority = create_authority_folder(folder / "authority", card, world.means())
    authority.adopt(file_root(folder / "root", World()).sign(root_request(authority)))
    (folder / "fleet-tls").mkdir()
    return DeskUnderTest(authority, FleetUnderTest(), world, folder / "fleet-tls" / "ca.crl")
