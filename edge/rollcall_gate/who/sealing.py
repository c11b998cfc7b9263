"""References under the congress content key, and that key wrapped to one gate.

A reference is sealed with AES-256-GCM; what it is and whose it is are authenticated with it, so the fleet,
which stores and relays it, can neither open it nor give it to another member. The content key is wrapped with
HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) to a gate's sealing key, bound to the congress and that
gate.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId, Embedding
from wire import cbor
from wire.errors import HallError
from wire.ids import CongressId, DeviceId, MemberRef

CONTENT_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
INDEX_MAX: Final = 15
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LITTLE: Final = np.dtype("<f4")


class SealBroken(HallError):
    """Sealed bytes do not open: another key, another member, or damage. Nothing of them is used."""

    code = "seal-broken"


def seal_reference(
    embedding: Embedding,
    *,
    congress: CongressId,
    member: MemberRef,
    index: int,
    content_key: bytes,
    random_bytes: Callable[[int], bytes],
) -> bytes:
    """nonce (12) || ciphertext and tag: 540 bytes. random_bytes: the system's; a nonce never repeats."""
    nonce = random_bytes(NONCE_BYTES)
    about = _about(congress, member, index, embedding.embedder)
    plain = embedding.vector.astype(_LITTLE).tobytes()
    return nonce + AESGCM(content_key).encrypt(nonce, plain, about)


def open_reference(
    sealed: bytes,
    *,
    congress: CongressId,
    member: MemberRef,
    index: int,
    embedder: EmbedderId,
    content_key: bytes,
) -> Embedding:
    """The embedding, if it was sealed for just this member, index and embedder. Raises SealBroken."""
    about = _about(congress, member, index, embedder)
    try:
        plain = AESGCM(content_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as err:
        raise SealBroken("a sealed reference does not open under this congress's key") from err
    if len(plain) != EMBEDDING_DIMS * _LITTLE.itemsize:
        raise SealBroken("a sealed reference is not an embedding")
    try:
        return unit(np.frombuffer(plain, _LITTLE).astype(np.float32), embedder)
    except ValueError as err:
        raise SealBroken("a sealed reference holds no usable embedding") from err


def wrap_content_key(
    content_key: bytes, sealing_key: bytes, *, congress: CongressId, gate: DeviceId
) -> bytes:
    """The content key for one gate, 80 bytes. sealing_key: the gate's X25519 public key, 32 bytes, raw."""
    if len(content_key) != CONTENT_KEY_BYTES:
        raise ValueError("a content key has 32 bytes")
    public = X25519PublicKey.from_public_bytes(sealing_key)
    return _SUITE.encrypt(content_key, public, _for_gate(congress, gate))


def unwrap_content_key(
    wrapped: bytes, sealing_key: X25519PrivateKey, *, congress: CongressId, gate: DeviceId
) -> bytes:
    """The content key, if it was wrapped to this gate. Raises SealBroken."""
    try:
        content_key = _SUITE.decrypt(wrapped, sealing_key, _for_gate(congress, gate))
    except (InvalidTag, ValueError) as err:
        raise SealBroken("the congress key was not wrapped to this gate; send its references anew") from err
    if len(content_key) != CONTENT_KEY_BYTES:
        raise SealBroken("the congress key has a wrong length")
    return content_key


def _about(congress: CongressId, member: MemberRef, index: int, embedder: EmbedderId) -> bytes:
    return cbor.encode(["reference/1", congress, member, index, embedder.model_sha256, embedder.runtime])


def _for_gate(congress: CongressId, gate: DeviceId) -> bytes:
    return cbor.encode(["content-key/1", congress, gate])
