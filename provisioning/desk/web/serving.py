"""Both listeners of the desk in one process, with TLS and a clockwork, until SIGTERM."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from provisioning.adapters.peer_certificates import PeerCertificateProtocol
from provisioning.desk.desk import Desk
from provisioning.desk.web.app import claim_app, renewal_app
from provisioning.errors import ConfigError
from wire.errors import HallError

TICK_S: Final = 1.0
_GRACE_S: Final = 2
_KEEP_ALIVE_S: Final = 30
"""A device that waits for its place asks every few seconds, over one connection."""
_log: Final = logging.getLogger("hallward.provisioning.desk")


@dataclass(frozen=True, slots=True)
class Certified:
    """PEM files: the desk's certificate with the intermediate behind it, and its key. anchors: PEM, whose
    certificates may knock at the renewal listener."""

    chain: Path
    key: Path
    anchors: bytes


class _Server(uvicorn.Server):
    """Two of them share one process: signals are the business of whoever runs both."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int, what: str) -> socket.socket:
    """A listening socket; port 0: any free one. what: the option that says the port. Raises ConfigError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as err:
        raise ConfigError(f"--host {host!r:.60} {what} {port}: no such address ({err})") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as err:
        listener.close()
        if err.errno == errno.EADDRINUSE:
            raise ConfigError(f"{what} {port}: another program has this port; choose another") from None
        raise ConfigError(f"--host {host} {what} {port}: cannot listen there: {err.strerror}") from None
    return listener


def serve(
    desk: Desk,
    own: Certified,
    listeners: tuple[socket.socket, socket.socket],
    started: Callable[[], None],
) -> None:
    """listeners: for claims and for renewals. started: called once both answer. Raises ConfigError for files
    that TLS cannot use; what the clockwork cannot go on with, a full disk, is said and tried again."""
    claims = _server(claim_app(desk), server_context(own))
    renewals = _server(renewal_app(desk), server_context(own, asks=True))
    asyncio.run(_run(desk, (claims, renewals), listeners, started))


def server_context(own: Certified, *, asks: bool = False) -> ssl.SSLContext:
    """asks: whoever connects shows a certificate. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(own.chain, own.key, password="")
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=own.anchors.decode())
    except (OSError, ValueError) as err:
        raise ConfigError(f"{own.chain} and {own.key.name} cannot be used: {err}") from None
    return context


def _server(app: FastAPI, context: ssl.SSLContext) -> _Server:
    config = uvicorn.Config(
        app,
        http=PeerCertificateProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        log_config=None,  # its own ends the handlers of whoever else logs in this process
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    config.load()
    config.ssl = context
    return _Server(config)


async def _run(
    desk: Desk,
    servers: tuple[_Server, _Server],
    listeners: tuple[socket.socket, socket.socket],
    started: Callable[[], None],
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    clockwork = asyncio.create_task(_tick_on(desk))
    for task in tasks:
        task.add_done_callback(lambda _: stop.set())
    answers = asyncio.gather(*(server.answers.wait() for server in servers))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((answers, stopped), return_when=asyncio.FIRST_COMPLETED)
    if answers.done():
        started()
    await stopped
    answers.cancel()
    for server in servers:
        server.should_exit = True
    clockwork.cancel()
    await asyncio.gather(*tasks)
    with contextlib.suppress(asyncio.CancelledError):
        await clockwork


async def _tick_on(desk: Desk) -> None:
    """Until it is cancelled. What goes wrong is said once, and tried again."""
    said = ""
    while True:
        try:
            await asyncio.to_thread(desk.tick)
            said = ""
        except HallError as err:
            if said != err.what:
                _log.error("%s", err.diagnostics())
            said = err.what
        except Exception:  # noqa: BLE001  # a mistake of ours must not end the clockwork while the desk goes on
            _log.exception("the desk's clockwork made a mistake; it goes on")
        await asyncio.sleep(TICK_S)
