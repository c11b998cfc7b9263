"""The few MQTT 3.1.1 packets that ingest reads and writes by itself, as bytes. Pure.

Most come by the thousand, and paho makes a lock, a log call and a queue entry of each, which together cost
as much as half a signature (measured: 40 of 60 µs per record in this process, outside the workers);
everything rarer but the good-bye goes through paho.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from wire.errors import BadEncoding, TooLarge

PACKET_BYTES_MAX: Final = 4 << 20
"""Above what our broker passes on; more is no broker of ours."""
DISCONNECT: Final = b"\xe0\x00"
"""§3.14."""
_PUBACK: Final = b"\x40\x02"
_PUBLISH: Final = 0x30
_LENGTH_BYTES_MAX: Final = 4


class Publish(NamedTuple):
    """mid: 0 for QoS 0, which is not acknowledged."""

    topic: bytes
    payload: bytes
    mid: int


def packet_end(data: bytes, at: int) -> int | None:
    """Where the packet that begins at `at` ends; None while its head or its body is incomplete.

    Raises: BadEncoding for a length of more than four bytes, TooLarge beyond PACKET_BYTES_MAX (§2.2.3).
    """
    length = 0
    for number in range(_LENGTH_BYTES_MAX):
        place = at + 1 + number
        if place >= len(data):
            return None
        byte = data[place]
        length |= (byte & 0x7F) << (7 * number)
        if not byte & 0x80:
            if length > PACKET_BYTES_MAX:
                raise TooLarge(f"MQTT packet of {length} bytes")
            end = place + 1 + length
            return end if end <= len(data) else None
    raise BadEncoding("MQTT packet length of more than four bytes")


def is_publish(data: bytes, at: int) -> bool:
    return data[at] & 0xF0 == _PUBLISH


def read_publish(data: bytes, at: int, end: int) -> Publish:
    """A whole PUBLISH (§3.3). Raises BadEncoding when its fields do not fit in it."""
    body = at + 2
    while data[body - 1] & 0x80:
        body += 1
    topic_end = body + 2 + int.from_bytes(data[body : body + 2], "big")
    payload_at = topic_end + 2 if data[at] & 0x06 else topic_end
    if payload_at > end:
        raise BadEncoding("MQTT packet shorter than its topic")
    return Publish(
        data[body + 2 : topic_end], data[payload_at:end], int.from_bytes(data[topic_end:payload_at], "big")
    )


def pubacks(mids: Iterable[int]) -> bytes:
    """§3.4, one after the other."""
    return b"".join([_PUBACK + mid.to_bytes(2, "big") for mid in mids])


def publish_qos_0(topic: str, payload: bytes) -> bytes:
    """§3.3, without packet identifier. The topic is one that wire.topics built: ASCII and short."""
    name = topic.encode("ascii")
    rest = len(name).to_bytes(2, "big") + name + payload
    head = bytearray((_PUBLISH,))
    left = len(rest)
    while True:  # §2.2.3: seven bits per byte, least significant first
        left, low = left >> 7, left & 0x7F
        head.append(low | 0x80 if left else low)
        if not left:
            return bytes(head) + rest
