"""One MQTT connection over mutual TLS, lean enough for two thousand in one process and on one core.

A non-blocking TLS socket straight on the event loop's selector: asyncio's own TLS transport keeps a buffer of
256 KiB for each connection and takes a chain of calls for each record, which would be measured as the hall's.
"""

import asyncio
import contextlib
import resource
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import mqtt_packets as packets
from bench.errors import BenchError

READ_BYTES: Final = 65536
FILES_SPARE: Final = 256


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int


class ConnectionLost(BenchError):
    """The broker refused or ended the connection, or was not there."""

    code = "connection-lost"


Inbox = Callable[[str, bytes], None]
"""(topic, payload), called at once on arrival, before the acknowledgement is sent."""


def context_for(ca_file: Path, identity_file: Path) -> ssl.SSLContext:
    """TLS as a device does it: trusts the hall's authority alone. identity_file: key and certificate, PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(ca_file)
    context.load_cert_chain(identity_file)
    return context


def allow_connections(count: int) -> None:
    """Raise this process's limit of open files as far as needed. Raises BenchError when it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + FILES_SPARE
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        raise BenchError(
            f"{count} connections need {wanted} open files, {hard} are allowed: raise `ulimit -Hn`"
        ) from None


class Client:
    """One connection from CONNECT to its end; for the next one make another.

    on_lost: called once when an open connection ends, not by `close`.
    """

    def __init__(
        self, address: Address, context: ssl.SSLContext, inbox: Inbox, on_lost: Callable[[], None]
    ) -> None:
        self._address, self._context = address, context
        self._inbox, self._on_lost = inbox, on_lost
        self._loop = asyncio.get_running_loop()
        self._reader = packets.Reader()
        self._sock: ssl.SSLSocket | None = None
        self._unsent = bytearray()
        self._greeting: asyncio.Future[None] | None = None
        self._filters: tuple[str, ...] = ()
        self._qos = 0
        self._last_id = 1  # the SUBSCRIBE's
        self.pubacks = 0

    async def open(self, filters: tuple[str, ...], qos: int, keepalive_s: int) -> None:
        """TCP, TLS, CONNECT, SUBSCRIBE: back when all filters are granted. Raises ConnectionLost."""
        self._filters, self._qos = filters, qos
        self._greeting = self._loop.create_future()
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            plain.setblocking(False)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.sock_connect(plain, (self._address.host, self._address.port))
            self._sock = self._context.wrap_socket(
                plain, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            await self._handshake(self._sock)
            self._loop.add_reader(self._sock, self._readable)
            self._send(packets.connect(secrets.token_hex(16), keepalive_s))
            await self._greeting
        except OSError as err:
            self.close()
            raise ConnectionLost(f"{self._address.host}:{self._address.port}: {err}") from err
        except BaseException:
            self.close()
            raise
        finally:
            self._greeting = None
            if self._sock is None:
                plain.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """QoS 1; the acknowledgement is counted and means nothing (SPEC §9)."""
        self._last_id = self._last_id % 65535 + 1
        self._send(packets.publish(topic, payload, self._last_id))

    def ping(self) -> None:
        self._send(packets.PINGREQ)

    @property
    def is_open(self) -> bool:
        return self._sock is not None

    def close(self) -> None:
        """End it; `on_lost` is not called."""
        sock, self._sock = self._sock, None
        if sock is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.send(packets.DISCONNECT)
        sock.close()

    async def _handshake(self, sock: ssl.SSLSocket) -> None:
        while True:
            try:
                sock.do_handshake()
            except ssl.SSLWantReadError:
                await self._ready(sock, self._loop.add_reader, self._loop.remove_reader)
            except ssl.SSLWantWriteError:
                await self._ready(sock, self._loop.add_writer, self._loop.remove_writer)
            else:
                return

    async def _ready(
        self, sock: ssl.SSLSocket, add: Callable[..., None], remove: Callable[[ssl.SSLSocket], bool]
    ) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        add(sock, _finish, ready)
        try:
            await ready
        finally:
            remove(sock)

    def _readable(self) -> None:
        sock = self._sock
        if sock is None:
            return
        try:
            while True:
                data = sock.recv(READ_BYTES)
                if not data:
                    self._lost("the broker closed the connection")
                    return
                for packet in self._reader.feed(data):
                    self._take(packet)
                if not (self.is_open and sock.pending()):
                    return
        except ssl.SSLWantReadError:
            return
        except (OSError, packets.BadPacket) as err:
            self._lost(str(err))

    def _take(self, packet: packets.Packet) -> None:
        if isinstance(packet, packets.Publish):
            self._inbox(packet.topic, packet.payload)
            if packet.packet_id:
                self._send(packets.puback(packet.packet_id))
        elif isinstance(packet, packets.Puback):
            self.pubacks += 1
        elif isinstance(packet, packets.Connack):
            if packet.code:
                self._lost(f"the broker refuses with code {packet.code}")
            else:
                self._send(packets.subscribe(1, self._filters, self._qos))
        elif isinstance(packet, packets.Suback):
            if max(packet.codes) >= 0x80:
                self._lost("the broker refuses a subscription")
            elif self._greeting is not None:
                _finish(self._greeting)

    def _send(self, data: bytes) -> None:
        sock = self._sock
        if sock is None:
            return
        if self._unsent:
            self._unsent += data
            return
        try:
            rest = data[sock.send(data) :]
        except ssl.SSLWantWriteError:
            rest = data
        except OSError as err:
            self._lost(str(err))
            return
        if rest:
            self._unsent += rest
            self._loop.add_writer(sock, self._writable)

    def _writable(self) -> None:
        if self._sock is None:
            return
        try:
            # TLS wants the same bytes again after a partial write: the buffer grows until it is gone.
            del self._unsent[: self._sock.send(self._unsent)]
        except ssl.SSLWantWriteError:
            return
        except OSError as err:
            self._lost(str(err))
            return
        if not self._unsent:
            self._loop.remove_writer(self._sock)

    def _lost(self, reason: str) -> None:
        if self._sock is None:
            return
        greeting = self._greeting
        self.close()
        if greeting is not None:
            if not greeting.done():
                greeting.set_exception(ConnectionLost(reason))
        else:
            self._on_lost()


def _finish(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
