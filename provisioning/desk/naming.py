"""What a device is called: its role and a little of its key, so that whoever asks twice gets one name."""

import base64
import hashlib
from typing import Final

from wire.ids import DeviceId

_LETTERS: Final = 8
FINGERPRINT_DIGITS: Final = 16


def device_name(role: str, spki: bytes) -> DeviceId:
    """spki: SubjectPublicKeyInfo of the identity key, DER. Forty bits tell the devices of a hall apart; that
    nobody takes another's name is the fleet's registry's business, which knows the whole key."""
    letters = base64.b32encode(hashlib.sha256(spki).digest()).decode().lower()[:_LETTERS]
    return DeviceId(f"{role}-{letters}")


def fingerprint(spki: bytes) -> str:
    """Of a key, 64 hexadecimal digits; the first 16 stand in the QR code of a claim."""
    return hashlib.sha256(spki).hexdigest()
