"""Signers whose private key is in memory, made from the bytes of a PKCS #8 file. Pure: reading the file is
the caller's.

Ed25519 signs with libsodium; ES256 signs deterministically (RFC 6979), so neither needs randomness here. A
key in a secure
element implements `wire.keys.Signer` beside these.
"""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from nacl.bindings import crypto_sign, crypto_sign_BYTES

from wire.errors import BadSchema
from wire.keys import Alg, PublicKey, Signer, low_s, public_key

_ECDSA: Final = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class Ed25519Signer:
    """EdDSA with a seed of 32 bytes (RFC 8032)."""

    alg: Final = Alg.EDDSA

    def __init__(self, kid: str, key: ed25519.Ed25519PrivateKey) -> None:
        self.kid: Final = kid
        raw = key.public_key().public_bytes_raw()
        self.public_key: Final = public_key(Alg.EDDSA, raw)
        self._secret = key.private_bytes_raw() + raw

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.kid})"

    def sign(self, message: bytes) -> bytes:
        return crypto_sign(message, self._secret)[:crypto_sign_BYTES]


class Es256Signer:
    """ECDSA over P-256 with SHA-256, low s."""

    alg: Final = Alg.ES256

    def __init__(self, kid: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.kid: Final = kid
        point = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.public_key: PublicKey = public_key(Alg.ES256, point)
        self._key = key

    def __repr__(self) -> str:
        return f"Es256Signer({self.kid})"

    def sign(self, message: bytes) -> bytes:
        return low_s(*decode_dss_signature(self._key.sign(message, _ECDSA)))


def signer_from_pem(kid: str, pem: bytes) -> Signer:
    """A signer from an unencrypted PKCS #8 PEM. Raises BadSchema (never quoting the key) for anything
    else."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSchema("not an unencrypted PKCS #8 private key in PEM") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Ed25519Signer(kid, key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return Es256Signer(kid, key)
    raise BadSchema("the key is neither Ed25519 nor P-256")
