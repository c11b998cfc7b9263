"""A share on its way from one trustee to another: HPKE as in wire/SPEC §6.3."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ballot.group import Scalar, scalar_bytes, scalar_of
from wire import cbor
from wire.errors import BadSignature

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def transport_public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_share(share: Scalar, transport: bytes, ceremony_id: bytes, i: int, j: int) -> bytes:
    """The share that i deals to j. transport: j's key of this ceremony. Raises BadSignature for a key that
    takes nothing (a point of small order)."""
    try:
        receiver = X25519PublicKey.from_public_bytes(transport)
        return _SUITE.encrypt(scalar_bytes(share), receiver, _about(ceremony_id, i, j))
    except ValueError as err:
        raise BadSignature(f"nothing can be sealed to the transport key of trustee {j}") from err


def open_share(sealed: bytes, private: bytes, ceremony_id: bytes, i: int, j: int) -> Scalar:
    """Raises BadSignature when i did not seal this to j in this ceremony, BadBallot for no scalar."""
    try:
        plain = _SUITE.decrypt(
            sealed, X25519PrivateKey.from_private_bytes(private), _about(ceremony_id, i, j)
        )
    except (InvalidTag, ValueError) as err:
        raise BadSignature(f"what trustee {i} sealed to trustee {j} does not open") from err
    return scalar_of(plain)


def _about(ceremony_id: bytes, i: int, j: int) -> bytes:
    return cbor.encode(["share/1", ceremony_id, i, j])
