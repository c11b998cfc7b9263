"""The packets written here are those that paho would write, and those read here are those that it writes."""

from typing import Any

import paho.mqtt.client as mqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from fleet.ingest.packets import (
    PACKET_BYTES_MAX,
    is_publish,
    packet_end,
    pubacks,
    publish_qos_0,
    read_publish,
)
from wire.errors import BadEncoding, TooLarge


class Captured:
    """A socket that keeps what paho writes."""

    def __init__(self) -> None:
        self.written = b""

    def send(self, data: Any) -> int:
        self.written += bytes(data)
        return len(data)

    def close(self) -> None:
        pass


def by_paho(topic: str, payload: bytes, qos: int) -> bytes:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    sock = Captured()
    client._sock = sock  # type: ignore[assignment]  # no broker: the packet alone
    client.publish(topic, payload, qos)
    client._sock = None
    return sock.written


@pytest.mark.parametrize("length", [0, 1, 100, 127, 128, 300, 16_383, 20_000])
def test_a_publish_is_byte_for_byte_that_of_paho(length: int) -> None:
    payload = bytes(length)
    assert publish_qos_0("hw1/hall-a/keypad-1/down/ack", payload) == by_paho(
        "hw1/hall-a/keypad-1/down/ack", payload, 0
    )


@given(st.binary(max_size=400), st.integers(0, 1), st.binary(max_size=5))
def test_what_paho_writes_is_read_whole_and_no_further(payload: bytes, qos: int, behind: bytes) -> None:
    packet = by_paho("hw1/hall-a/keypad-1/up/rec", payload, qos)
    data = b"\xd0\x00" + packet + behind
    assert packet_end(data, 0) == 2
    assert not is_publish(data, 0)
    end = packet_end(data, 2)
    assert end == 2 + len(packet)
    assert is_publish(data, 2)
    found = read_publish(data, 2, end)
    assert (found.topic, found.payload) == (b"hw1/hall-a/keypad-1/up/rec", payload)
    assert (found.mid > 0) == (qos == 1)
    assert all(packet_end(data[: 2 + short], 2) is None for short in range(1, len(packet)))


def test_an_acknowledgement_is_four_bytes_each() -> None:
    assert pubacks([1, 65_535]) == b"\x40\x02\x00\x01\x40\x02\xff\xff"


def test_lengths_that_no_broker_of_ours_sends_end_the_connection() -> None:
    with pytest.raises(BadEncoding):
        packet_end(b"\x30\xff\xff\xff\xff\x01", 0)
    with pytest.raises(TooLarge):
        packet_end(b"\x30" + b"\xff\xff\xff\x7f", 0)
    assert PACKET_BYTES_MAX > 65_536 + 4096


@given(st.binary(min_size=2, max_size=30))
def test_any_bytes_are_a_packet_or_an_error_in_words(data: bytes) -> None:
    try:
        end = packet_end(data, 0)
        if end is not None and is_publish(data, 0):
            read_publish(data, 0, end)
    except (BadEncoding, TooLarge):
        pass
