"""A signing request (PKCS #10) read as what it is: a key, and the proof that who asks holds it."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from wire.enrol import REQUEST_BYTES_MAX
from wire.errors import BadSchema, BadSignature, TooLarge
from wire.keys import Alg, PublicKey, public_key


@dataclass(frozen=True, slots=True)
class Requested:
    """spki: SubjectPublicKeyInfo, DER. key: the same key, for certificates; verifies: for envelopes."""

    spki: bytes
    key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
    verifies: PublicKey


def read_request(der: bytes) -> Requested:
    """Names in the request are not looked at: the desk gives the name.

    Raises TooLarge, BadSchema, BadSignature.
    """
    if len(der) > REQUEST_BYTES_MAX:
        raise TooLarge(f"a signing request has at most {REQUEST_BYTES_MAX} bytes")
    try:
        request = x509.load_der_x509_csr(der)
        key = request.public_key()
        genuine = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSchema("the signing request is damaged: start the device again") from None
    if not genuine:
        raise BadSignature("the signing request is not signed by its own key: start the device again")
    return read_key(key)


def read_key(key: object) -> Requested:
    """Raises BadSchema for a key that no device has."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Requested(_spki(key), key, public_key(Alg.EDDSA, key.public_bytes_raw()))
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return Requested(_spki(key), key, public_key(Alg.ES256, point))
    raise BadSchema("a device's key is Ed25519 or P-256")


def _spki(key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
