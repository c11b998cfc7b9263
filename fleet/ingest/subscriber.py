"""The link to the broker: paho-mqtt, driven from the ingest loop: there is no second thread that could die
unseen.

Clean session, a random client id per connection, mutual TLS as `ingest`. Every connection is a new client
object:
what an old one delivered can no longer be acknowledged, and is not. paho connects, subscribes, keeps alive
and says what must be acknowledged; the messages themselves are taken in here (packets.py says why), only
enqueued, and acknowledged when the pipeline says so. Reading stops while the queue is full; the broker
keeps the rest. The broker's word for our own time broadcast every 5 s is the heartbeat: without any for
SILENCE_MS the connection is made anew, whatever paho believes about it.
"""

import select
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, wraps
from typing import Any, Final, NamedTuple, ParamSpec

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from fleet.ingest.notices import Notices
from fleet.ingest.packets import (
    DISCONNECT,
    Publish,
    is_publish,
    packet_end,
    pubacks,
    publish_qos_0,
    read_publish,
)
from fleet.ingest.ports import Arrival, Clock
from fleet.ingest.tls import BufferedTls
from wire import topics
from wire.errors import BadSchema, RecordRejected
from wire.ids import DeviceId, HallId

QUEUE_MAX: Final = 1024
"""Arrivals that wait for their turn; beyond it nothing more is read, and the broker keeps the rest."""
KEEPALIVE_S: Final = 15
CONNECT_TIMEOUT_S: Final = 2.0
SILENCE_MS: Final = 20_000
BACKOFF_MS_MIN: Final = 100
BACKOFF_MS_MAX: Final = 2000
MISC_MS: Final = 500
_SUBACK_REFUSED: Final = 0x80
_LINK: Final = "broker"
P = ParamSpec("P")


@lru_cache(maxsize=16_384)
def _parse_up(topic: bytes) -> tuple[str, DeviceId]:
    """(kind, device). Raises BadSchema, UnicodeDecodeError."""
    found = topics.parse_up(topic.decode("ascii"))
    return found.kind.value, found.device


class _Token(NamedTuple):
    connection: int
    mid: int


class Subscriber:
    """A Link. Used from one thread; connects, and connects again, from within pump()."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        hall: HallId,
        tls: ssl.SSLContext,
        clock: Clock,
        notices: Notices,
        random: Callable[[int], bytes],
        jitter: Callable[[int, int], int],
    ) -> None:
        self._host, self._port, self._hall, self._tls = host, port, hall, tls
        self._clock, self._notices, self._random, self._jitter = clock, notices, random, jitter
        self._client: mqtt.Client | None = None
        self._connection = 0
        self._subscribed = False
        self._queue: deque[Arrival] = deque()
        self._due_ms = 0
        self._backoff_ms = BACKOFF_MS_MIN
        self._misc_ms = 0
        self._heard_ms = 0

    @property
    def connected(self) -> bool:
        return self._subscribed

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def take(self, at_most: int) -> list[Arrival]:
        queue = self._queue
        return [queue.popleft() for _ in range(min(at_most, len(queue)))]

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        present = self._connection
        tokens = [arrival.token for arrival in arrivals]
        self._write(pubacks([mid for connection, mid in tokens if mid and connection == present]))

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        if self._client is None or not self._subscribed:
            return
        if qos:
            self._client.publish(topic, payload, qos)
        else:
            self._write(publish_qos_0(topic, payload))

    def _write(self, packets: bytes) -> None:
        """Whole packets, between those of paho: BufferedTls takes each of either side in one piece."""
        sock = self._socket()
        if sock is not None and self._subscribed and packets:
            sock.gather(packets)

    def pump(self, timeout_s: float, wake: Sequence[Any]) -> None:
        now_ms = self._clock.monotonic_ms()
        if self._client is None and now_ms >= self._due_ms:
            self._connect(now_ms)
        client, sock = self._client, self._socket()
        poll = select.poll()
        for pipe in wake:
            poll.register(pipe, select.POLLIN)
        if client is None or sock is None:
            self._lost(now_ms)
            poll.poll(min(timeout_s, max(0, self._due_ms - now_ms) / 1000) * 1000)
            return
        self._flush(client, sock)
        room = len(self._queue) < QUEUE_MAX
        if room and sock.pending():
            timeout_s = 0
        events = (select.POLLIN if room else 0) | (select.POLLOUT if sock.unsent else 0)
        descriptor = sock.fileno()
        poll.register(descriptor, events)
        found = dict(poll.poll(timeout_s * 1000))
        if room and (found.get(descriptor, 0) & ~select.POLLOUT or sock.pending()):
            self._read(client, sock)
        if now_ms >= self._misc_ms and self._client is client:
            self._misc_ms = now_ms + MISC_MS
            client.loop_misc()
            if now_ms - self._heard_ms > SILENCE_MS:
                self._drop_connection("it says nothing")

    def close(self) -> None:
        """Say good-bye: what was acknowledged stays so, the rest comes again."""
        client, sock = self._client, self._socket()
        self._client, self._subscribed = None, False
        if client is not None and sock is not None:
            if client.want_write():
                client.loop_write()
            sock.gather(DISCONNECT)  # paho would close the socket before this could be flushed
            with suppress(OSError):
                sock.flush()
            sock.close()

    def _socket(self) -> BufferedTls | None:
        sock = self._client.socket() if self._client is not None else None
        return sock if isinstance(sock, BufferedTls) else None

    def _connect(self, now_ms: int) -> None:
        self._connection += 1
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._random(16).hex(),
            clean_session=True,
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.tls_set_context(self._tls)
        client.on_connect = self._guarded(self._on_connect)
        client.on_subscribe = self._guarded(self._on_subscribe)
        client.on_publish = self._guarded(self._on_publish)
        # with a writer registered, paho leaves writing to _flush(), which then sends many packets at once
        client.on_socket_register_write = lambda *_: None
        try:
            client.connect(self._host, self._port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as err:
            self._wait_after(now_ms, str(err))
            return
        self._client, self._heard_ms, self._misc_ms = client, now_ms, now_ms

    def _read(self, client: mqtt.Client, sock: BufferedTls) -> None:
        """All there is, at most one queue full. Messages are taken in here; paho gets every other packet,
        and only when it is whole, so that neither ever waits in the middle of one."""
        try:
            while len(self._queue) < QUEUE_MAX:
                data, at = sock.ahead
                end = packet_end(data, at) if at < len(data) else None
                if end is None:
                    arrived = sock.read_ahead()
                    if not arrived:
                        if arrived is None:
                            self._drop_connection("it has closed the connection")
                        return
                elif is_publish(data, at):
                    sock.skip_to(end)
                    self._take_in(read_publish(data, at, end))
                elif (
                    self._let_paho_read(client, sock, end) != MQTTErrorCode.MQTT_ERR_SUCCESS
                    or self._client is not client
                ):
                    return
        except (OSError, RecordRejected) as err:
            self._drop_connection(str(err))

    def _let_paho_read(self, client: mqtt.Client, sock: BufferedTls, end: int) -> MQTTErrorCode:
        """Exactly one packet, which ends at `end`."""
        sock.hand_over(end)
        return client.loop_read()

    def _take_in(self, message: Publish) -> None:
        try:
            kind, device = _parse_up(message.topic)
        except (BadSchema, UnicodeDecodeError):
            self._notices.say("bad-topic", "The broker delivers topics that no device publishes to: dropped.")
            self._write(pubacks([message.mid] if message.mid else []))
        else:
            token = _Token(self._connection, message.mid)
            self._queue.append(Arrival(kind, device, message.payload, token))

    def _flush(self, client: mqtt.Client, sock: BufferedTls) -> None:
        """Many packets in one piece. What the network does not take now waits for the next pump."""
        if client.want_write():
            client.loop_write()
        try:
            sock.flush()
        except OSError as err:
            self._drop_connection(str(err))

    def _lost(self, now_ms: int) -> None:
        if self._client is not None:
            self._client = None
            self._wait_after(now_ms, "the connection ended")

    def _drop_connection(self, why: str) -> None:
        client, self._client = self._client, None
        if client is not None:
            sock = client.socket()
            if sock is not None:
                sock.close()
        self._wait_after(self._clock.monotonic_ms(), why)

    def _wait_after(self, now_ms: int, why: str) -> None:
        self._subscribed = False
        self._notices.say(
            _LINK,
            f"No connection to the broker at {self._host}:{self._port} ({why}); trying again.",
        )
        self._backoff_ms = self._jitter(BACKOFF_MS_MIN, min(BACKOFF_MS_MAX, 3 * self._backoff_ms))
        self._due_ms = now_ms + self._backoff_ms

    def _guarded(self, callback: Callable[P, None]) -> Callable[P, None]:
        """An exception in a callback would end paho's reading in the middle of a packet."""

        @wraps(callback)
        def call(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                callback(*args, **kwargs)
            except Exception as err:  # noqa: BLE001  # whatever it is, the link lives on and the next pump tells
                self._notices.say(
                    f"callback-{type(err).__name__}", f"A message could not be taken in: {err!r}."
                )

        return call

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._drop_connection(f"it refuses this process: {reason}")
        else:
            client.subscribe(topics.ingest_filter(self._hall), qos=1)

    def _on_subscribe(
        self, _client: mqtt.Client, _data: Any, _mid: int, codes: Any, _properties: Any
    ) -> None:
        if any(code.value >= _SUBACK_REFUSED for code in codes):
            self._drop_connection("it refuses the subscription: is the user `ingest` allowed to read?")
            return
        self._subscribed, self._backoff_ms = True, BACKOFF_MS_MIN
        self._heard_ms = self._clock.monotonic_ms()
        self._notices.over(_LINK, f"The broker at {self._host}:{self._port} is there.")

    def _on_publish(self, *_: Any) -> None:
        self._heard_ms = self._clock.monotonic_ms()
