"""The load generator speaks MQTT 3.1.1 as the standard writes it, reads it however the network cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import mqtt_packets as packets
from bench.mqtt_packets import BadPacket, Connack, Packet, Pingresp, Puback, Publish, Reader, Suback

TOPIC = "hw1/main/keypad-1/down/ack"


def test_connect_is_the_bytes_of_the_standard() -> None:
    assert packets.connect("c1", 15) == bytes.fromhex("100e00044d5154540402000f00026331")


def test_subscribe_asks_for_one_qos_on_every_filter() -> None:
    assert packets.subscribe(1, ("a/+", "b"), 1) == bytes.fromhex("820c0001" + "0003612f2b01" + "00016201")


def test_publish_carries_topic_id_and_payload() -> None:
    assert packets.publish("a/b", b"xyz", 0x0102) == bytes.fromhex("320a" + "0003612f62" + "0102" + "78797a")


def test_puback_names_the_packet() -> None:
    assert packets.puback(0xABCD) == bytes.fromhex("4002abcd")


@pytest.mark.parametrize(
    ("size", "length"), [(127 - 7, "7f"), (128 - 7, "8001"), (16383 - 7, "ff7f"), (16384 - 7, "808001")]
)
def test_length_takes_as_many_bytes_as_it_needs(size: int, length: str) -> None:
    written = packets.publish("a/b", bytes(size), 1)
    assert written[1 : 1 + len(length) // 2].hex() == length
    assert Reader().feed(written) == [Publish("a/b", bytes(size), 1)]


RECEIVED: list[tuple[str, Packet]] = [
    ("20020000", Connack(0)),
    ("20020005", Connack(5)),
    ("9004000101" + "80", Suback(1, (1, 0x80))),
    ("40020007", Puback(7)),
    ("d000", Pingresp()),
    ("300500016178" + "79", Publish("a", b"xy", 0)),
    ("3a0600016100" + "0978", Publish("a", b"x", 9)),
]


@pytest.mark.parametrize(("written", "read"), RECEIVED)
def test_what_a_broker_says_is_understood(written: str, read: Packet) -> None:
    assert Reader().feed(bytes.fromhex(written)) == [read]


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=8), st.data())
def test_a_stream_means_the_same_however_it_is_cut(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(
        packets.publish(TOPIC, payload, number) for number, payload in enumerate(payloads, start=1)
    )
    reader, found, at = Reader(), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, len(stream) - at))
        found += reader.feed(stream[at : at + step])
        at += step
    assert found == [Publish(TOPIC, payload, number) for number, payload in enumerate(payloads, start=1)]


@pytest.mark.parametrize(
    "written",
    [
        "3403000161",  # QoS 2
        "32020001",  # a PUBLISH that ends within its topic
        "3003000180",  # a topic that is not UTF-8
        "1000",  # CONNECT, which a client never receives
        "40010007",  # a PUBACK of one byte
        "30ffffff7f",  # 256 MB are announced
        "3080808080",  # a length that does not end
    ],
)
def test_what_no_broker_may_say_is_refused(written: str) -> None:
    with pytest.raises(BadPacket):
        Reader().feed(bytes.fromhex(written))
