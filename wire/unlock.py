"""The PIN of one seat, sealed to the keypad that stands there (SPEC §6.3).

The fleet seals member, badge number and PIN to this keypad's own key, so that whoever reads the broker along
learns none of them, and a keypad without a network can still compare.
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire import cbor
from wire.errors import BadSchema, BadSignature
from wire.ids import MEMBER_REF_BYTES, CongressId, DeviceId, MemberRef
from wire.lane import PIN_DIGITS

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PLAIN_BYTES: Final = 48
"""Everything is padded to it: no length tells how high a badge's number is, nor who has no badge."""
_SERIAL_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Code:
    """serial: 0 when the member has no badge in force; then there is no PIN. Neither is ever printed."""

    member: MemberRef
    serial: int = field(repr=False)
    pin: str = field(repr=False)


def seal_unlock(code: Code, sealing_key: bytes, *, congress: CongressId, keypad: DeviceId) -> bytes:
    """96 bytes, other ones each time. sealing_key: the keypad's, X25519, raw. Raises ValueError for a key
    that nothing can be sealed to, BadSchema for a code that no keypad would take."""
    packed = cbor.encode([code.member, code.serial, code.pin])
    _code(cbor.decode(packed, _PLAIN_BYTES))
    plain = bytes([len(packed)]) + packed.ljust(_PLAIN_BYTES - 1, b"\0")
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(sealing_key), _about(congress, keypad))


def open_unlock(sealed: bytes, key: X25519PrivateKey, *, congress: CongressId, keypad: DeviceId) -> Code:
    """What was sealed to this keypad in this congress. Raises BadSignature, BadEncoding, BadSchema."""
    try:
        plain = _SUITE.decrypt(sealed, key, _about(congress, keypad))
    except (InvalidTag, ValueError) as err:
        raise BadSignature(
            "the PIN was not sealed to this keypad; have the fleet tell its twin anew"
        ) from err
    if len(plain) != _PLAIN_BYTES or plain[0] >= _PLAIN_BYTES or any(plain[1 + plain[0] :]):
        raise BadSchema("a sealed PIN has a wrong length")
    return _code(cbor.decode(plain[1 : 1 + plain[0]], _PLAIN_BYTES))


def _about(congress: CongressId, keypad: DeviceId) -> bytes:
    return cbor.encode(["unlock/1", congress, keypad])


def _code(parts: object) -> Code:
    if type(parts) is not list or len(parts) != 3:
        raise BadSchema("a sealed PIN is a member, a badge number and six digits")
    member, serial, pin = parts
    if type(member) is not bytes or len(member) != MEMBER_REF_BYTES:
        raise BadSchema("a sealed PIN names a member by 16 bytes")
    if type(serial) is not int or not 0 <= serial <= _SERIAL_MAX or type(pin) is not str:
        raise BadSchema("a sealed PIN goes with a badge number of 0 to 2^32-1")
    digits = len(pin) == PIN_DIGITS and pin.isascii() and pin.isdecimal()
    if not (digits if serial else pin == ""):
        raise BadSchema("a PIN has six digits, and there is none without a badge")
    return Code(MemberRef(member), serial, pin)
