"""The link to the hall's broker: MQTT 3.1.1, QoS 1, over mutual TLS.

One thread of ours runs the whole connection through paho's external-loop interface, so that an exception in
any callback ends up here and not in a network thread that dies in silence (notes/broker §3). Each connection
is a new client with a new random id and a clean session: the outbox is the session.
"""

import contextlib
import logging
import queue
import random
import secrets
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from edge.device.backoff import RECONNECT_BASE_MS, RECONNECT_CAP_MS, decorrelated
from edge.device.errors import BrokerNotTrusted, LinkError
from edge.device.ports import Arrived, LinkDown, LinkEvent, LinkUp, Random
from edge.device.uplink import WINDOW
from wire.envelope import ENVELOPE_MAX

KEEPALIVE_S: Final = 15
CONNECT_TIMEOUT_S: Final = 5.0
GREETING_TIMEOUT_S: Final = 10.0
"""From the TLS handshake to the last granted subscription."""
SILENCE_S_MAX: Final = 2.5 * KEEPALIVE_S
"""A broker that says nothing at all for so long, not even to pings, is taken for gone."""
OUTGOING_MAX: Final = 256
"""Messages held for the network thread; one more is lost, as on any lossy pipe."""
PACKET_BYTES_MAX: Final = ENVELOPE_MAX + 1024
"""The longest message that is read, and its topic."""
UNACKNOWLEDGED_MAX: Final = 4 * WINDOW
_TURN_S: Final = 1.0
SILENT_MS_MAX: Final = 60_000
"""A network thread that has not gone round for so long hangs. The longest honest turn is the first: a name
that no server resolves costs the resolver some 30 s (resolv.conf(5)), every address CONNECT_TIMEOUT_S, and
the handshake as much again."""
_log: Final = logging.getLogger("hallward.link")


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and how both sides prove themselves. All files are PEM."""

    host: str
    port: int
    ca_file: Path
    certificate_file: Path
    key_file: Path


class MqttLink:
    """Link to one broker. subscriptions: topic filters, all granted before LinkUp. jitter: uniform in [0,
    1)."""

    def __init__(
        self, address: BrokerAddress, subscriptions: Sequence[str], jitter: Random = random.random
    ) -> None:
        self._address = address
        self._subscriptions = tuple(subscriptions)
        self._jitter = jitter
        self._outgoing: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._bell: tuple[socket.socket, socket.socket] | None = None
        """(read, write): wakes the thread. Made with it: a link that never starts holds nothing."""
        self._closing = threading.Event()
        self._up = False
        self._told_down = False
        self._inbox: Callable[[LinkEvent], None] = lambda _: None
        self._thread: threading.Thread | None = None
        self.beat: Callable[[], None] = lambda: None
        """Called by the thread at every turn, connected or trying. To be set before `start`."""
        self.round_trip_ms: int | None = None
        """From asking for the subscriptions to the last grant, at the latest greeting."""
        self._stranger_since_s: float | None = None

    @property
    def shut_out_ms(self) -> int:
        """How long ago a broker answered that ca.crt does not vouch for; 0 once another one has let us in."""
        since_s = self._stranger_since_s
        return 0 if since_s is None else int((time.monotonic() - since_s) * 1000)

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        self._inbox = inbox
        self._bell = socket.socketpair()
        for end in self._bell:
            end.setblocking(False)
        self._thread = threading.Thread(target=self._run, args=self._bell[:1], name="link", daemon=True)
        self._thread.start()

    def publish(self, topic: str, payload: bytes) -> None:
        if self._up and not self._closing.is_set() and self._outgoing.qsize() < OUTGOING_MAX:
            self._outgoing.put((topic, payload))
            self._wake()

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        self._wake()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(CONNECT_TIMEOUT_S + 2 * _TURN_S)
        for end in self._bell or ():
            end.close()

    def _wake(self) -> None:
        if self._bell is None:
            return
        with contextlib.suppress(BlockingIOError):  # then as many wakes as the pipe holds are waiting already
            self._bell[1].send(b"!")

    def _run(self, wake: socket.socket) -> None:
        wait_ms = RECONNECT_BASE_MS
        while not self._closing.is_set():
            self.beat()
            try:
                self._connection(wake)
                return
            except LinkError as err:
                if isinstance(err, BrokerNotTrusted) and self._stranger_since_s is None:
                    self._stranger_since_s = time.monotonic()
                reason = err.what
            except Exception as err:  # noqa: BLE001  # whatever it is, the device must come back: notes/broker §3
                _log.exception("the link failed in an unforeseen way; it goes on")
                reason = f"{type(err).__name__}: {err}"
            if self._up:
                wait_ms = RECONNECT_BASE_MS
            self._report_down(reason)
            self.beat()
            wait_ms = decorrelated(wait_ms, RECONNECT_BASE_MS, RECONNECT_CAP_MS, self._jitter())
            self._closing.wait(wait_ms / 1000)

    def _report_down(self, reason: str) -> None:
        self._up = False
        if not self._told_down:
            self._told_down = True
            _log.warning("no connection to the hall: %s; records are kept and sent later", reason)
        self._inbox(LinkDown(reason))

    def _connection(self, wake: socket.socket) -> None:
        """One connection from the first packet to its end. Returns when closing; raises LinkError when it is
        lost."""
        connection = _Connection(self._address, self._subscriptions, self._inbox)
        try:
            self._forget_outgoing()
            while not self._closing.is_set():
                self.beat()
                connection.turn(wake)
                if connection.greeted and not self._up:
                    self._up = True
                    self.round_trip_ms = connection.round_trip_ms
                    self._told_down = False
                    self._stranger_since_s = None
                    _log.info("connected to the hall")
                    self._inbox(LinkUp())
                if self._up:
                    self._send(connection)
        finally:
            connection.close()

    def _send(self, connection: "_Connection") -> None:
        while True:
            try:
                topic, payload = self._outgoing.get_nowait()
            except queue.Empty:
                return
            connection.publish(topic, payload)

    def _forget_outgoing(self) -> None:
        while True:
            try:
                self._outgoing.get_nowait()
            except queue.Empty:
                return


class _TlsClient(Client):
    """paho, but the socket is ours: one whose handshake fails is closed here and not left to the garbage
    collector."""

    address: BrokerAddress

    @property
    def holds_back(self) -> bool:
        """paho keeps messages of QoS 2 until the broker releases them; none of ours is one."""
        return bool(self._in_messages)

    def _sock_recv(self, bufsize: int) -> bytes:
        """paho asks for as much as a packet's head announces: up to 256 MB, if a broker says so."""
        if bufsize > PACKET_BYTES_MAX:
            raise LinkError(
                f"the broker sends a packet of {bufsize} bytes, at most {PACKET_BYTES_MAX} are read"
            )
        return super()._sock_recv(bufsize)

    def _create_socket(self) -> ssl.SSLSocket:
        where = self.address
        plain = socket.create_connection((where.host, where.port), timeout=CONNECT_TIMEOUT_S)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _tls(where).wrap_socket(plain, server_hostname=where.host)
        except BaseException:
            plain.close()
            raise


class _Connection:
    """One paho client, driven by hand."""

    def __init__(
        self, address: BrokerAddress, subscriptions: Sequence[str], inbox: Callable[[LinkEvent], None]
    ) -> None:
        self._inbox = inbox
        self._subscriptions = subscriptions
        self._pending: set[int] = set()
        self._unacknowledged: set[int] = set()
        self._failure: str | None = None
        self._asked_s = 0.0
        self.greeted = False
        self.round_trip_ms = 0
        client = _TlsClient(
            CallbackAPIVersion.VERSION2,
            client_id=secrets.token_hex(16),
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.address = address
        client.max_inflight_messages_set(WINDOW)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        self._client = client
        try:
            client.connect(address.host, address.port, keepalive=KEEPALIVE_S)
        except ssl.SSLCertVerificationError as err:
            raise BrokerNotTrusted(
                f"the broker at {address.host}:{address.port} is not ours: {err.verify_message}"
            ) from err
        except (OSError, ValueError) as err:
            raise LinkError(f"{address.host}:{address.port}: {err}") from err
        self._began_s = self._heard_s = time.monotonic()

    def turn(self, wake: socket.socket) -> None:
        """Wait for the network or a wake, at most a second, and do what is due. Raises LinkError when it is
        over."""
        sock = self._client.socket()
        if sock is None or self._failure is not None:
            raise LinkError(self._failure or "the broker closed the connection")
        waiting = bool(getattr(sock, "pending", int)())
        readable, _, _ = select.select(
            [sock, wake], [sock] if self._client.want_write() else [], [], 0 if waiting else _TURN_S
        )
        if wake in readable:
            _drain(wake)
        if sock in readable or waiting:
            self._heard_s = time.monotonic()
            self._must(self._client.loop_read())
            if self._client.holds_back:
                raise LinkError("the broker sends with QoS 2, which nobody here asked for")
        if self._client.want_write():
            self._must(self._client.loop_write())
        self._must(self._client.loop_misc())
        self._watch()

    def publish(self, topic: str, payload: bytes) -> None:
        if len(self._unacknowledged) >= UNACKNOWLEDGED_MAX:
            return  # a broker that acknowledges nothing gets no more; the uplink comes back to these
        done = self._client.publish(topic, payload, qos=1)
        if done.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._unacknowledged.add(done.mid)

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # it is going away in any case
            self._client.disconnect()
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _must(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkError(
                self._failure or f"connection lost ({code.name.removeprefix('MQTT_ERR_').lower()})"
            )

    def _watch(self) -> None:
        now_s = time.monotonic()
        if not self.greeted and now_s - self._began_s > GREETING_TIMEOUT_S:
            raise LinkError("the broker took the connection and then said nothing")
        if now_s - self._heard_s > SILENCE_S_MAX:
            raise LinkError("the broker has been silent for too long")

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._failure = f"the broker refuses this device: {reason}"
            return
        self._asked_s = time.monotonic()
        for topic in self._subscriptions:
            # QoS 0: what comes down is said again until it is superseded, and nats-server keeps a stream
            # consumer per QoS 1 subscription, of which it allows 1,000: halls have more keypads (ADR-0005)
            _, mid = client.subscribe(topic, qos=0)
            if mid is not None:
                self._pending.add(mid)

    def _on_subscribe(self, _client: Client, _data: Any, mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._failure = "the broker does not let this device read its own topics"
            return
        self._pending.discard(mid)
        self.greeted = not self._pending
        self.round_trip_ms = round(1000 * (time.monotonic() - self._asked_s))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # no topic of ours; SPEC §4 is ASCII
        self._inbox(Arrived(topic, bytes(message.payload)))

    def _on_publish(self, _client: Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self._unacknowledged.discard(mid)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if self._failure is None:
            self._failure = f"the connection ended: {reason}"


def _drain(wake: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while wake.recv(4096):
            continue


def _tls(address: BrokerAddress) -> ssl.SSLContext:
    """Ours alone: only the hall's authority is trusted, no system store. Read anew, since certificates are
    renewed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(address.ca_file)
    context.load_cert_chain(address.certificate_file, address.key_file)
    return context
