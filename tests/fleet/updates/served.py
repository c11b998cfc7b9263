"""A listener on a real port with real certificates, and devices that call it."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from sqlalchemy import update

from fleet.config import FleetConfig
from fleet.db import Engine, database_url, open_engine, writing
from fleet.devices import certificates
from fleet.devices import store as registry
from fleet.tables import devices, metadata
from fleet.updates.listener import create_listener, server_config
from fleet.updates.mirror import Credentials, HttpsFetcher
from fleet.updates.transfers import Transfers
from tests.fleet.updates.released import Released
from tests.servers.credentials import HALL, HallKeys
from tests.servers.credentials import Credentials as Issued
from tests.servers.waiting import wait_until
from wire.ids import CongressId, DeviceId


@dataclass(slots=True)
class Served:
    released: Released
    engine: Engine
    keys: HallKeys
    port: int
    transfers: Transfers
    made: dict[str, Issued] = field(default_factory=dict)

    def register(self, name: str) -> Issued:
        """A device of the hall: certificate and line in the registry."""
        issued = self.made.setdefault(name, self.keys.credentials(name))
        pem = issued.certificate.read_text("ascii")
        found = certificates.read(pem, None, self.released.now_ms)
        with writing(self.engine) as connection:
            registry.add(connection, DeviceId(name), "gate", found.key, None, pem, "door", 0)
        return issued

    def revoke(self, name: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(update(devices).where(devices.c.device == name).values(state="revoked"))

    def fetcher(self, issued: Issued) -> HttpsFetcher:
        return HttpsFetcher(
            "127.0.0.1", self.port, Credentials(issued.certificate, issued.key, issued.authority)
        )

    def connection(self, issued: Issued | None) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.keys.authority_file))
        if issued is not None:
            context.load_cert_chain(issued.certificate, issued.key)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)

    def get(
        self, issued: Issued | None, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body."""
        with contextlib.closing(self.connection(issued)) as connection:
            return asked(connection, path, method, **headers)


def asked(
    connection: http.client.HTTPSConnection, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()


@contextlib.contextmanager
def serving(tmp_path: Path, released: Released) -> Iterator[Served]:
    """The release is imported already. Time is this machine's, since TLS asks no other."""
    (tmp_path / "keys of the hall").mkdir()
    hall = HallKeys(tmp_path / "keys of the hall")
    tls = released.data / "tls"
    tls.mkdir()
    (tls / "ca.crt").write_bytes(hall.authority_file.read_bytes())
    (tls / "server.crt").write_bytes(hall.server.certificate.read_bytes())
    (tls / "server.key").write_bytes(hall.server.key.read_bytes())
    engine = open_engine(database_url(released.data, {}))
    metadata.create_all(engine)
    transfers = Transfers()
    config = FleetConfig(released.data, HALL, CongressId("c-1"), updates_host="127.0.0.1")
    app = create_listener(
        config,
        engine,
        wall_ms=lambda: released.now_ms,
        monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
        transfers=transfers,
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    server = uvicorn.Server(server_config(config, app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, "the listener answers")
        yield Served(released, engine, hall, listener.getsockname()[1], transfers)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        engine.dispose()
