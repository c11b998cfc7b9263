"""Public keys and the signatures they verify: EdDSA for file keys, ES256 for keys in a secure element
(SPEC §3).

Ed25519 goes through libsodium (PyNaCl): it refuses small-order and non-canonical points and non-canonical
S, which
SPEC §3.2 demands of every verifier, and costs half of OpenSSL's time (ADR-0002). ES256 is OpenSSL's, with
low S demanded here.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from wire.errors import BadSchema, BadSignature


class Alg(IntEnum):
    """COSE algorithm identifiers (RFC 9053 §2)."""

    EDDSA = -8
    ES256 = -7


SIGNATURE_BYTES: Final = 64
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RAW_BYTES: Final = {Alg.EDDSA: 32, Alg.ES256: 65}


class Signer(Protocol):
    """Holds one private key; it never leaves. Adapters: a file, a secure element."""

    @property
    def kid(self) -> str:
        """Name of the device, or `desk`, `store`, `registrar`."""

    @property
    def alg(self) -> Alg: ...

    @property
    def public_key(self) -> "PublicKey": ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes: RFC 8032 for EDDSA, r || s with low s for ES256."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """raw: 32 bytes (RFC 8032) for EDDSA, 65 bytes (uncompressed point, SEC 1 §2.3.3) for ES256."""

    alg: Alg
    raw: bytes

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if the signature is this key's over the message. Raises BadSignature."""
        if len(signature) != SIGNATURE_BYTES:
            raise BadSignature("a signature has 64 bytes")
        if self.alg is Alg.EDDSA:
            try:
                crypto_sign_open(signature + message, self.raw)
            except BadSignatureError:
                raise BadSignature("the signature does not verify") from None
        else:
            _verify_es256(self.raw, signature, message)


def public_key(alg: int, raw: bytes) -> PublicKey:
    """A key from bytes of the wire. Raises BadSchema for an unknown algorithm, a wrong length or no point
    of the curve."""
    try:
        known = Alg(alg)
    except ValueError:
        raise BadSchema(f"algorithm {alg} is none of -8 (EdDSA), -7 (ES256)") from None
    if len(raw) != _RAW_BYTES[known]:
        raise BadSchema(f"a {known.name} key has {_RAW_BYTES[known]} bytes")
    if known is Alg.EDDSA:
        if not crypto_core_ed25519_is_valid_point(raw):
            raise BadSchema("not a point of prime order on edwards25519")
    else:
        _p256(raw)
    return PublicKey(known, bytes(raw))


@lru_cache(maxsize=4096)
def _p256(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise BadSchema("not a point of P-256") from None


def _verify_es256(raw: bytes, signature: bytes, message: bytes) -> None:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < _P256_ORDER and 0 < s <= _P256_ORDER // 2):  # high s would give each record a second form
        raise BadSignature("r or s is out of range, or s is not the low one")
    try:
        _p256(raw).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadSignature("the signature does not verify") from None


def low_s(r: int, s: int) -> bytes:
    """r || s of an ES256 signature, s made low: for signers whose chip gives either."""
    return r.to_bytes(32, "big") + min(s, _P256_ORDER - s).to_bytes(32, "big")
