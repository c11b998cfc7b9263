"""A broker that sends an acknowledgement and a record in one piece, or cuts the record: the record arrives.

paho reads on for as many packets as it has messages in flight. Whatever it took beyond its own packet would
be acknowledged and lost, or leave the rest to be read from its middle, which silences the link.
"""

import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from fleet.desk.clock import SystemClock
from fleet.ingest.notices import Notices
from fleet.ingest.subscriber import Subscriber
from fleet.ingest.tls import tls_context
from tests.servers.credentials import HallKeys
from wire import topics
from wire.ids import DeviceId, HallId

IN_FLIGHT = 3
PAYLOAD = b"a signed record"


class OneClientBroker:
    """Accepts one client, connects and subscribes it, and then says what the test wants it to say."""

    def __init__(self, keys: HallKeys) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys.server.certificate, keys.server.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.port: int = self._listener.getsockname()[1]
        self.published: list[bytes] = []
        self.client: ssl.SSLSocket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        plain, _ = self._listener.accept()
        self.client = self._context.wrap_socket(plain, server_side=True)
        while packet := self._packet():
            kind = packet[0] >> 4
            if kind == 1:
                self.client.sendall(b"\x20\x02\x00\x00")
            elif kind == 8:
                self.client.sendall(b"\x90\x03" + packet[2:4] + b"\x01")
            elif kind == 3:
                topic_end = 4 + int.from_bytes(packet[2:4], "big")
                self.published.append(packet[topic_end : topic_end + 2])

    def _packet(self) -> bytes:
        """One whole packet shorter than 128 bytes; empty at the end."""
        if self.client is None:
            return b""
        try:
            head = self.client.recv(2)
            body = b""
            while head and len(body) < head[1]:
                body += self.client.recv(head[1] - len(body))
        except OSError:
            return b""
        return head + body

    def say(self, data: bytes) -> None:
        assert self.client is not None
        self.client.sendall(data)

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        self._listener.close()
        self._thread.join()


@pytest.fixture
def broker(hall_keys: HallKeys) -> Iterator[OneClientBroker]:
    made = OneClientBroker(hall_keys)
    yield made
    made.close()


@pytest.fixture
def link(broker: OneClientBroker, hall_keys: HallKeys) -> Iterator[Subscriber]:
    own = hall_keys.credentials("ingest")
    made = Subscriber(
        host="127.0.0.1",
        port=broker.port,
        hall=hall_keys.hall,
        tls=tls_context(hall_keys.authority_file, own.certificate, own.key),
        clock=SystemClock(),
        notices=Notices(),
        random=secrets.token_bytes,
        jitter=lambda low, _high: low,
    )
    yield made
    made.close()


def record(hall: HallId, mid: int) -> bytes:
    topic = topics.up(hall, DeviceId("keypad-1"), topics.Up.REC).encode()
    body = len(topic).to_bytes(2, "big") + topic + mid.to_bytes(2, "big") + PAYLOAD
    return bytes((0x32, len(body))) + body


def pump_until(link: Subscriber, what: str, true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline_s, what
        link.pump(0.02, ())


def with_messages_in_flight(link: Subscriber, broker: OneClientBroker) -> list[bytes]:
    """Packet ids of IN_FLIGHT messages that the broker has and has not acknowledged."""
    pump_until(link, "connected", lambda: link.connected)
    for number in range(IN_FLIGHT):
        link.publish(f"hw1/h/all/t{number}", b"x", qos=1)
    pump_until(link, "published", lambda: len(broker.published) == IN_FLIGHT)
    return list(broker.published)


def test_a_record_in_one_piece_with_an_acknowledgement_is_taken_in(
    link: Subscriber, broker: OneClientBroker, hall_keys: HallKeys
) -> None:
    first, *_ = with_messages_in_flight(link, broker)
    broker.say(b"\x40\x02" + first + record(hall_keys.hall, 1) + record(hall_keys.hall, 2))
    pump_until(link, "both records", lambda: link.waiting == 2)
    assert [arrival.payload for arrival in link.take(2)] == [PAYLOAD, PAYLOAD]


@pytest.mark.parametrize("cut", [1, 2, 3, 30])
def test_a_record_cut_behind_an_acknowledgement_does_not_silence_the_link(
    link: Subscriber, broker: OneClientBroker, hall_keys: HallKeys, cut: int
) -> None:
    first, second, _ = with_messages_in_flight(link, broker)
    whole = record(hall_keys.hall, 1)
    broker.say(b"\x40\x02" + first + whole[:cut])
    for _ in range(5):
        link.pump(0.02, ())
    broker.say(whole[cut:] + b"\x40\x02" + second + record(hall_keys.hall, 2))
    pump_until(link, "both records", lambda: link.waiting == 2)
    assert [arrival.payload for arrival in link.take(2)] == [PAYLOAD, PAYLOAD]
