"""MQTT 3.1.1 packets (OASIS standard of 2014), as few as a load generator needs. Pure: bytes in, packets out.

Our own and not paho's, because two thousand clients must fit into one process beside the hall they measure.
"""

from dataclasses import dataclass
from typing import Final

PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"
REMAINING_MAX: Final = 2**20
"""Longest packet that is read; the hall's payloads are far below (DESIGN §5)."""
_CONNACK, _PUBLISH, _PUBACK, _SUBACK, _PINGRESP = 2, 3, 4, 9, 13


class BadPacket(Exception):
    """The peer sent what MQTT 3.1.1 does not allow, or what a client never receives."""


@dataclass(frozen=True, slots=True)
class Connack:
    code: int
    """0: accepted (§3.2.2.3)."""


@dataclass(frozen=True, slots=True)
class Suback:
    packet_id: int
    codes: tuple[int, ...]
    """Granted QoS per filter; 0x80: refused (§3.9.3)."""


@dataclass(frozen=True, slots=True)
class Publish:
    topic: str
    payload: bytes
    packet_id: int
    """0 at QoS 0, else to be acknowledged."""


@dataclass(frozen=True, slots=True)
class Puback:
    packet_id: int


@dataclass(frozen=True, slots=True)
class Pingresp:
    pass


Packet = Connack | Suback | Publish | Puback | Pingresp


def connect(client_id: str, keepalive_s: int) -> bytes:
    """CONNECT with a clean session, no will, no password: who a client is says its certificate."""
    variable = _text("MQTT") + b"\x04\x02" + keepalive_s.to_bytes(2, "big")
    return _packet(0x10, variable + _text(client_id))


def subscribe(packet_id: int, filters: tuple[str, ...], qos: int) -> bytes:
    """SUBSCRIBE, every filter at this QoS."""
    wanted = b"".join(_text(topic) + bytes((qos,)) for topic in filters)
    return _packet(0x82, packet_id.to_bytes(2, "big") + wanted)


def publish(topic: str, payload: bytes, packet_id: int) -> bytes:
    """PUBLISH at QoS 1. packet_id: 1 to 65535."""
    return _packet(0x32, _text(topic) + packet_id.to_bytes(2, "big") + payload)


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + packet_id.to_bytes(2, "big")


class Reader:
    """Cuts a byte stream into packets. Keeps what is left of the last one."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that are whole now, in order. Raises BadPacket."""
        data = self._rest + data if self._rest else data
        packets: list[Packet] = []
        at = 0
        while (whole := _whole(data, at)) is not None:
            start, end = whole
            packets.append(_parsed(data[at], data[start:end]))
            at = end
        self._rest = data[at:]
        return packets


def _packet(first: int, rest: bytes) -> bytes:
    return bytes((first,)) + _length(len(rest)) + rest


def _length(number: int) -> bytes:
    """Remaining length, 7 bits a byte, least first (§2.2.3)."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _whole(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None until all of it is there."""
    number = shift = 0
    for index in range(at + 1, min(at + 5, len(data))):
        number |= (data[index] & 127) << shift
        if number > REMAINING_MAX:
            raise BadPacket(f"a packet of {number} bytes or more")
        if data[index] < 128:
            end = index + 1 + number
            return (index + 1, end) if end <= len(data) else None
        shift += 7
    if shift == 28:
        raise BadPacket("the length of a packet does not end")
    return None


def _parsed(first: int, body: bytes) -> Packet:
    kind = first >> 4
    if kind == _PUBLISH:
        return _publish(first, body)
    if kind == _PUBACK and len(body) == 2:
        return Puback(int.from_bytes(body, "big"))
    if kind == _PINGRESP and not body:
        return Pingresp()
    if kind == _CONNACK and len(body) == 2:
        return Connack(body[1])
    if kind == _SUBACK and len(body) > 2:
        return Suback(int.from_bytes(body[:2], "big"), tuple(body[2:]))
    raise BadPacket(f"a packet of type {kind} and {len(body)} bytes")


def _publish(first: int, body: bytes) -> Publish:
    qos = first >> 1 & 3
    end = 2 + int.from_bytes(body[:2], "big")
    start = end + 2 if qos else end
    if qos > 1 or start > len(body):
        raise BadPacket("a PUBLISH that is too short or of QoS 2")
    try:
        topic = body[2:end].decode()
    except UnicodeDecodeError:
        raise BadPacket("a topic that is not UTF-8") from None
    return Publish(topic, body[start:], int.from_bytes(body[end:start], "big") if qos else 0)
