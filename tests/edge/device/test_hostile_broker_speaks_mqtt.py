"""A broker that holds the hall's own certificate and speaks MQTT as it likes: memory stays bounded, the link
lives on."""

import queue
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from edge.device.adapters.mqtt_link import PACKET_BYTES_MAX, BrokerAddress, MqttLink
from edge.device.ports import Arrived, LinkDown, LinkEvent
from tests.servers.credentials import HallKeys
from wire.envelope import ENVELOPE_MAX

TOPIC = "hw1/hall-1/all/time"
CONNACK = b"\x20\x02\x00\x00"
TIMEOUT_S = 20.0
Say = Callable[[ssl.SSLSocket], None]


def length_of(count: int) -> bytes:
    """MQTT 3.1.1 §2.2.3."""
    out = bytearray()
    while True:
        count, digit = divmod(count, 128)
        out.append(digit | (0x80 if count else 0))
        if not count:
            return bytes(out)


def publish(payload: bytes, qos: int = 0, mid: int = 1) -> bytes:
    topic = struct.pack(">H", len(TOPIC)) + TOPIC.encode()
    body = topic + (struct.pack(">H", mid) if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + length_of(len(body)) + body


class HostileBroker:
    """Takes connections one after the other, greets, grants what is asked, then says what it was given."""

    def __init__(self, keys: HallKeys) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(keys.server.certificate, keys.server.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.says: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                with self._context.wrap_socket(plain, server_side=True) as device:
                    self._greet(device)
            except OSError:
                continue  # it has hung up, as it should

    def _greet(self, device: ssl.SSLSocket) -> None:
        device.settimeout(TIMEOUT_S)
        device.recv(4096)
        device.sendall(CONNACK)
        asked = device.recv(4096)
        device.sendall(b"\x90\x03" + asked[2:4] + b"\x00")
        for words in self.says:
            device.sendall(words)
        while device.recv(4096):
            continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(TIMEOUT_S)


@pytest.fixture
def hostile(hall_keys: HallKeys) -> Iterator[HostileBroker]:
    broker = HostileBroker(hall_keys)
    yield broker
    broker.close()


@pytest.fixture
def events(
    hostile: HostileBroker, hall_keys: HallKeys
) -> Iterator[Callable[[], queue.SimpleQueue[LinkEvent]]]:
    """Start a link to the hostile broker once it knows what to say; what the link tells."""
    own = hall_keys.credentials("keypad-1")
    address = BrokerAddress("127.0.0.1", hostile.port, own.authority, own.certificate, own.key)
    link = MqttLink(address, [TOPIC], jitter=lambda: 0.0)
    told: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()

    def start() -> queue.SimpleQueue[LinkEvent]:
        link.start(told.put)
        return told

    yield start
    link.close()


def reason(told: queue.SimpleQueue[LinkEvent]) -> str:
    while True:
        event = told.get(timeout=TIMEOUT_S)
        if isinstance(event, LinkDown):
            return event.reason


def test_a_packet_longer_than_any_of_ours_is_refused_at_its_head(hostile, events) -> None:
    hostile.says = [b"\x30" + length_of(PACKET_BYTES_MAX + 1)]
    told = events()
    assert str(PACKET_BYTES_MAX) in reason(told)
    assert str(PACKET_BYTES_MAX) in reason(told)  # it tries again, and is not fooled again


def test_the_longest_message_of_ours_still_arrives(hostile, events) -> None:
    hostile.says = [publish(bytes(ENVELOPE_MAX))]
    told = events()
    while not isinstance(event := told.get(timeout=TIMEOUT_S), Arrived):
        assert not isinstance(event, LinkDown), event
    assert len(event.payload) == ENVELOPE_MAX


def test_messages_that_the_library_would_hoard_are_refused(hostile, events) -> None:
    hostile.says = [publish(bytes(1000), qos=2, mid=mid) for mid in range(1, 200)]
    assert "QoS 2" in reason(events())
