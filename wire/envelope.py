"""COSE_Sign1 (RFC 9052 §4.2), one form only: `[protected, {}, payload, signature]`, untagged (SPEC §3).

Verify, then parse: `verify` is the only maker of `VerifiedBytes`, and the parsers of records.py and
down.py take nothing
else. The purpose is bound as external_aad, so a receipt can never be replayed as a record.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from wire import cbor
from wire.errors import BadSchema, BadSignature, TooLarge, UnknownSigner
from wire.keys import PublicKey, Signer


class Purpose(Enum):
    """What a signature is for. (external_aad, greatest length of the envelope in bytes.)"""

    RECORD = (b"hallward/1/record", 16384)
    RECEIPT = (b"hallward/1/receipt", 1024)
    RESEND = (b"hallward/1/resend", 512)
    DOWN = (b"hallward/1/down", 65536)
    BIRTH = (b"hallward/1/birth", 4096)
    HEALTH = (b"hallward/1/health", 4096)
    BADGE = (b"hallward/1/badge", 512)
    BOARD = (b"hallward/1/board", 32768)
    CARRIED = (b"hallward/1/carried", 33792)
    SESSION_KEY = (b"hallward/1/session-key", 512)
    BOARD_ANSWER = (b"hallward/1/board-answer", 32768)
    ENROL = (b"hallward/1/enrol", 8192)

    @property
    def aad(self) -> bytes:
        return self.value[0]

    @property
    def limit(self) -> int:
        return self.value[1]


ENVELOPE_MAX: Final = max(purpose.limit for purpose in Purpose)
_ALG, _KID = 1, 4
_CONTEXT: Final = "Signature1"
_ARRAY_OF_4: Final = b"\x84"
_EMPTY_MAP: Final = b"\xa0"


@dataclass(frozen=True, slots=True)
class VerifiedBytes:
    """A payload whose signature was verified. Made by `verify` alone."""

    payload: bytes
    signer: str
    purpose: Purpose


class Sealer:
    """Seals many payloads of one purpose with one key; what is the same in all of them is encoded once."""

    def __init__(self, purpose: Purpose, signer: Signer) -> None:
        protected = cbor.encode({_ALG: int(signer.alg), _KID: signer.kid.encode()})
        self._purpose, self._signer = purpose, signer
        self._signed_head = _signed_head(protected, purpose)
        self._envelope_head = _ARRAY_OF_4 + cbor.encode(protected) + _EMPTY_MAP

    def seal(self, payload: bytes) -> bytes:
        """As `seal`."""
        wrapped = cbor.encode(payload)
        signature = self._signer.sign(self._signed_head + wrapped)
        envelope = self._envelope_head + wrapped + cbor.encode(signature)
        if len(envelope) > self._purpose.limit:
            name = self._purpose.name
            raise TooLarge(f"{name} of {len(envelope)} bytes, at most {self._purpose.limit} are allowed")
        return envelope


def seal(payload: bytes, purpose: Purpose, signer: Signer) -> bytes:
    """Sign a payload. Raises TooLarge when the envelope would exceed the purpose's limit."""
    return Sealer(purpose, signer).seal(payload)


def claimed_signer(envelope: bytes) -> str:
    """Who the envelope says signed it: good for looking up a key and for nothing else. Raises
    RecordRejected."""
    return _open(envelope, ENVELOPE_MAX)[0]


def verify(envelope: bytes, purpose: Purpose, signer: str, key: PublicKey) -> VerifiedBytes:
    """The payload, if `signer` signed it with `key` for `purpose`.

    (1) length, (2) strict decoding and shape, (3) named signer and algorithm, (4) signature.
    Raises: TooLarge, BadEncoding, BadSchema, UnknownSigner, BadSignature. Nothing of the payload is looked
    at.
    """
    named, alg, protected, payload, signature = _open(envelope, purpose.limit)
    if named != signer:
        raise UnknownSigner(f"signed in the name of {named!r:.40}, expected {signer!r}")
    if alg != key.alg:
        raise BadSignature(f"algorithm {alg}, {signer} is registered with {int(key.alg)}")
    key.verify(signature, _to_be_signed(protected, purpose, payload))
    return VerifiedBytes(payload, signer, purpose)


def _open(envelope: bytes, limit: int) -> tuple[str, int, bytes, bytes, bytes]:
    parts = cbor.decode(envelope, limit)
    if type(parts) is not list or len(parts) != 4 or parts[1] != {} or type(parts[1]) is not dict:
        raise BadSchema("an envelope is [protected, {}, payload, signature]")
    protected, _, payload, signature = parts
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise BadSchema("protected header, payload and signature are byte strings")
    header = cbor.decode(protected, 64)
    if type(header) is not dict or header.keys() != {_ALG, _KID}:
        raise BadSchema("the protected header holds alg (1) and kid (4), nothing else")
    alg, kid = header[_ALG], header[_KID]
    if type(alg) is not int or type(kid) is not bytes:
        raise BadSchema("alg is an integer, kid a byte string")
    try:
        return kid.decode("ascii"), alg, protected, payload, signature
    except UnicodeDecodeError:
        raise BadSchema("kid is not a name") from None


def _to_be_signed(protected: bytes, purpose: Purpose, payload: bytes) -> bytes:
    return _signed_head(protected, purpose) + cbor.encode(payload)


def _signed_head(protected: bytes, purpose: Purpose) -> bytes:
    """Sig_structure (RFC 9052 §4.4) up to its payload."""
    return _ARRAY_OF_4 + cbor.encode(_CONTEXT) + cbor.encode(protected) + cbor.encode(purpose.aad)
