"""A small MQTT client for tests: whatever certificate, whatever client id, and honest about what happened."""

import gc
import secrets
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.servers.credentials import Credentials


class TestClient:
    """Connects once, never by itself again. Everything it saw is in `received`, `refused`, `disconnected`."""

    __test__ = False

    def __init__(self, client_id: str | None = None) -> None:
        self.client_id = client_id or secrets.token_hex(16)
        self.received: list[tuple[str, bytes]] = []
        self.connected = False
        self.disconnected = False
        self.refused = ""
        self._changed = threading.Condition()
        self._subscribed: set[int] = set()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=True,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe

    def connect(
        self, port: int, credentials: Credentials | None, *, authority: Any, username: str = ""
    ) -> bool:
        """True once CONNACK said yes; False when anything before it said no (`refused` says what)."""
        context = ssl.create_default_context(cafile=str(authority))
        if credentials is not None:
            context.load_cert_chain(credentials.certificate, credentials.key)
        self._client.tls_set_context(context)
        if username:
            self._client.username_pw_set(username, "")
        self.refused = self._dial(port)
        if self.refused:
            return False
        self._client.loop_start()
        self._wait(lambda: self.connected or self.disconnected or self.refused, "an answer to CONNECT")
        return self.connected and not self.refused

    def subscribe(self, *filters: str) -> None:
        """Returns once the broker has answered, whatever it answered."""
        for text in filters:
            _, mid = self._client.subscribe(text, qos=1)
            self._wait(partial(self._answered, mid), f"SUBACK for {text}")

    def publish(self, topic: str, payload: bytes, *, timeout_s: float = 10.0) -> None:
        """QoS 1; returns once acknowledged, which means nothing more than that the broker took it."""
        self._client.publish(topic, payload, qos=1).wait_for_publish(timeout_s)

    def send(self, topic: str, payload: bytes) -> None:
        """QoS 1, without waiting."""
        self._client.publish(topic, payload, qos=1)

    def wait_for(self, payload: bytes, *, timeout_s: float = 10.0) -> None:
        self._wait(lambda: payload in self.payloads, f"the message {payload!r}", timeout_s)

    def wait_disconnected(self, *, timeout_s: float = 10.0) -> None:
        self._wait(lambda: self.disconnected, "the end of the connection", timeout_s)

    @property
    def payloads(self) -> list[bytes]:
        return [payload for _, payload in self.received]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _wait(self, condition: Callable[[], object], what: str, timeout_s: float = 10.0) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout_s):
                raise AssertionError(f"{self.client_id} waited {timeout_s:g} s for {what}")

    def _dial(self, port: int) -> str:
        """Why there is no connection, or nothing. paho leaves the socket of a failed handshake to the garbage
        collector, which warns, and warnings are errors."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                self._client.connect("127.0.0.1", port, keepalive=30)
            except OSError as err:
                reason = str(err) or type(err).__name__
            else:
                return ""
            gc.collect()
        return reason

    def _answered(self, mid: int | None) -> bool:
        return mid in self._subscribed or self.disconnected

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected = not reason.is_failure
        self.refused = str(reason) if reason.is_failure else ""
        self._tell()

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        self.disconnected = True
        self._tell()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload)))
        self._tell()

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, _codes: Any, _properties: Any) -> None:
        self._subscribed.add(mid)
        self._tell()


@contextmanager
def client(port: int, credentials: Credentials, *, client_id: str | None = None) -> Iterator[TestClient]:
    """A connected client, closed at the end. Raises AssertionError when it is refused."""
    opened = TestClient(client_id)
    try:
        accepted = opened.connect(port, credentials, authority=credentials.authority)
        assert accepted, f"{credentials.name} was refused: {opened.refused}"
        yield opened
    finally:
        opened.close()
