"""A key that signs and never shows itself, in the form that makes certificates and requests.

The certificate builders ask a private key for its public half and for signatures, and for nothing else, so a
key in a secure element or a PKCS #11 token can stand behind them.
"""

from typing import Any, Final, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from wire.keys import Alg, Signer

_STAYS: Final = "this key does not leave the place where it was made"


class RemoteEcKey(ec.EllipticCurvePrivateKey):
    """P-256 with SHA-256 behind a Signer of ES256."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public_key.raw)

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """DER, as X.509 has it. The algorithm is SHA-256, which is the signer's own."""
        del signature_algorithm
        raw = self._signer.sign(bytes(data))
        return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    def exchange(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_STAYS)

    def private_numbers(self) -> NoReturn:
        raise TypeError(_STAYS)

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_STAYS)

    def __copy__(self) -> "RemoteEcKey":
        return self

    def __deepcopy__(self, memo: Any) -> "RemoteEcKey":
        return self


class RemoteEd25519Key(ed25519.Ed25519PrivateKey):
    """Ed25519 behind a Signer of EdDSA."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._public = ed25519.Ed25519PublicKey.from_public_bytes(signer.public_key.raw)

    def public_key(self) -> ed25519.Ed25519PublicKey:
        return self._public

    def sign(self, data: Any) -> bytes:
        return self._signer.sign(bytes(data))

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(_STAYS)

    def private_bytes_raw(self) -> NoReturn:
        raise TypeError(_STAYS)

    def __copy__(self) -> "RemoteEd25519Key":
        return self

    def __deepcopy__(self, memo: Any) -> "RemoteEd25519Key":
        return self


def key_of(signer: Signer) -> RemoteEcKey | RemoteEd25519Key:
    """What a builder of certificates and requests takes, for either kind of signer."""
    return RemoteEd25519Key(signer) if signer.alg is Alg.EDDSA else RemoteEcKey(signer)
