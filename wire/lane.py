"""The lane for people without a face: the lane key, its PINs, and greetings sealed under it (SPEC §6.3).

The fleet makes one lane key per congress and wraps it to each gate's sealing key, so a broker that reads
along learns neither a name nor a PIN. A PIN is a second way to show a badge: it is worth the badge's serial
number and six digits, at a lane that counts wrong ones.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire import cbor
from wire.errors import BadSchema, BadSignature
from wire.ids import CongressId, DeviceId, MemberRef

LANE_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
PIN_DIGITS: Final = 6
NAME_BYTES_MAX: Final = 120
SEAT_BYTES_MAX: Final = 40
_PLAIN_BYTES: Final = 176
"""Every greeting is padded to it: its length must not tell a long name."""
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the display says to one person. name: at most 120 bytes; seat: at most 40, empty for none."""

    name: str
    seat: str


def pin_of(lane_key: bytes, *, congress: CongressId, member: MemberRef, serial: int) -> str:
    """The PIN that goes with a badge: six decimal digits (truncation of RFC 4226 §5.3, over SHA-256)."""
    about = cbor.encode(["pin/1", congress, member, serial])
    digest = hmac.digest(lane_key, about, hashlib.sha256)
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**PIN_DIGITS:0{PIN_DIGITS}}"


def same_pin(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def seal_greeting(
    greeting: Greeting, lane_key: bytes, *, congress: CongressId, member: MemberRef, serial: int, nonce: bytes
) -> bytes:
    """nonce (12) || ciphertext and tag, always as long. nonce: fresh and random. Raises ValueError."""
    name, seat = greeting.name.encode(), greeting.seat.encode()
    if len(name) > NAME_BYTES_MAX or len(seat) > SEAT_BYTES_MAX or len(nonce) != NONCE_BYTES:
        raise ValueError("a greeting has at most 120 bytes of name and 40 of seat, its nonce 12")
    packed = cbor.encode([greeting.name, greeting.seat])
    plain = bytes([len(packed)]) + packed.ljust(_PLAIN_BYTES, b"\0")
    return nonce + AESGCM(lane_key).encrypt(nonce, plain, _about(congress, member, serial))


def open_greeting(
    sealed: bytes, lane_key: bytes, *, congress: CongressId, member: MemberRef, serial: int
) -> Greeting:
    """The greeting, if it was sealed for just this badge. Raises BadSignature, BadEncoding, BadSchema."""
    try:
        plain = AESGCM(lane_key).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _about(congress, member, serial)
        )
    except (InvalidTag, ValueError) as err:
        raise BadSignature("a greeting does not open under this lane key") from err
    parts = cbor.decode(plain[1 : 1 + plain[0]], _PLAIN_BYTES) if plain else None
    if type(parts) is not list or len(parts) != 2 or not all(type(part) is str for part in parts):
        raise BadSchema("a greeting is a name and a seat")
    return Greeting(*parts)


def wrap_lane_key(lane_key: bytes, sealing_key: bytes, *, congress: CongressId, gate: DeviceId) -> bytes:
    """The lane key for one gate (HPKE, RFC 9180). sealing_key: its X25519 public key, 32 bytes, raw."""
    if len(lane_key) != LANE_KEY_BYTES:
        raise ValueError("a lane key has 32 bytes")
    return _SUITE.encrypt(lane_key, X25519PublicKey.from_public_bytes(sealing_key), _for_gate(congress, gate))


def unwrap_lane_key(
    wrapped: bytes, sealing_key: X25519PrivateKey, *, congress: CongressId, gate: DeviceId
) -> bytes:
    """The lane key, if it was wrapped to this gate. Raises BadSignature."""
    try:
        lane_key = _SUITE.decrypt(wrapped, sealing_key, _for_gate(congress, gate))
    except (InvalidTag, ValueError) as err:
        raise BadSignature("the lane key was not wrapped to this gate; send its lane list anew") from err
    if len(lane_key) != LANE_KEY_BYTES:
        raise BadSignature("the lane key has a wrong length")
    return lane_key


def _about(congress: CongressId, member: MemberRef, serial: int) -> bytes:
    return cbor.encode(["greeting/1", congress, member, serial])


def _for_gate(congress: CongressId, gate: DeviceId) -> bytes:
    return cbor.encode(["lane-key/1", congress, gate])
