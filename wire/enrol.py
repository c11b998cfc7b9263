"""How a device that belongs to nobody becomes one of a hall: what it and the desk say (SPEC §10).

Over TLS whose chain ends at the root that the boot medium pins. `hello` carries a signing request, which is
signed by the key it names; everything after it is an envelope (purpose ENROL) of that key whose kid is the
claim, 32 hex digits. Renewal is an envelope of a device's own kid, over mutual TLS. Answers are plain bodies:
the TLS connection says whose they are. The kid of an envelope is looked up first, its key verifies, and only
then anything is parsed.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from wire import cbor, fields
from wire.claim_code import ALPHABET, CODE_CHARACTERS
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import DeviceId

CLAIM_BYTES: Final = 16
NONCE_BYTES: Final = 32
REQUEST_BYTES_MAX: Final = 2048
CERTIFICATE_BYTES_MAX: Final = 4096
BUNDLE_BYTES_MAX: Final = 16384
CHARTER_BYTES_MAX: Final = 65536
HELLO_BYTES_MAX: Final = 8192
ANSWER_BYTES_MAX: Final = 262144
PAGE_BYTES_MAX: Final = 200
PLACE_BYTES_MAX: Final = 120
WORDS_BYTES_MAX: Final = 400
ROLES: Final = ("gate", "keypad", "board")
STATES: Final = ("waiting", "placed", "pressed", "granted", "refused")
HELLO_PATH: Final = "/enrol/v1/hello"
POLL_PATH: Final = "/enrol/v1/poll"
PRESS_PATH: Final = "/enrol/v1/press"
GRANT_PATH: Final = "/enrol/v1/grant"
INSTALLED_PATH: Final = "/enrol/v1/installed"
RENEW_PATH: Final = "/enrol/v1/renew"
MEDIA_TYPE: Final = "application/cbor"
SERVICE_TYPE: Final = "_hallward._tcp.local."
"""Of the desk's announcement by multicast DNS."""

T = TypeVar("T", bound=Body)
_request: Final = fields.blob_not_empty(REQUEST_BYTES_MAX)
_claim: Final = fields.blob(CLAIM_BYTES)
_nonce: Final = fields.blob(NONCE_BYTES)
_words: Final = fields.text(WORDS_BYTES_MAX)


def _code(value: Any) -> str:
    if type(value) is not str or len(value) != CODE_CHARACTERS or set(value) - set(ALPHABET):
        raise BadSchema(f"must be {CODE_CHARACTERS} characters of Crockford's base 32")
    return value


@dataclass(frozen=True, slots=True)
class Hello(Body):
    """I am here, and this is my key. May be said again: one key has one claim at a time.

    serial: a name, never a secret. request: PKCS #10, DER. tls_request: of a second key, for connections,
    where the first lives in an element that TLS cannot use. token: of a batch, from the boot medium."""

    kind: ClassVar[str] = "hello/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.one_of(*ROLES),
        fields.text(64),
        _request,
        fields.optional(_request),
        fields.optional(fields.blob(32)),
        fields.text(64),
        fields.optional(fields.text(64)),
    )
    role: str
    serial: str
    request: bytes
    tls_request: bytes | None
    sealing_key: bytes | None
    software: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Status(Body):
    """How far a claim has come, for the device's own display. Answer to hello, poll, press and installed.

    waiting: show code and page; placed: show the place, ask for the button; pressed: wait; granted: fetch the
    grant; refused: say why, in the words. page: address behind the QR code. vi, en: a sentence for the person
    in front of the device; may be empty."""

    kind: ClassVar[str] = "claim-status/1"
    checks: ClassVar[tuple[Check, ...]] = (
        _claim,
        _nonce,
        fields.one_of(*STATES),
        _code,
        fields.time_ms,
        fields.text(PAGE_BYTES_MAX),
        fields.text(PLACE_BYTES_MAX),
        _words,
        _words,
    )
    claim: bytes
    nonce: bytes
    state: str
    code: str
    expires_ms: int
    page: str
    place: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Poll(Body):
    """What is the state? Also the body that asks for the grant."""

    kind: ClassVar[str] = "poll/1"
    checks: ClassVar[tuple[Check, ...]] = (_claim, _nonce)
    claim: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Press(Body):
    """Somebody stands before this device and has pressed its own button: proof of presence."""

    kind: ClassVar[str] = "press/1"
    checks: ClassVar[tuple[Check, ...]] = (_claim, _nonce, fields.hash_value)
    claim: bytes
    nonce: bytes
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Installed(Body):
    """The grant stands on this device's disk. Until it is said the grant may be fetched again."""

    kind: ClassVar[str] = "installed/1"
    checks: ClassVar[tuple[Check, ...]] = (_claim, _nonce, fields.hash_value)
    claim: bytes
    nonce: bytes
    certificate_hash: bytes


@dataclass(frozen=True, slots=True)
class Renewal(Body):
    """A new certificate over the same key, please. nonce: the device's own, against a mix-up of answers."""

    kind: ClassVar[str] = "renewal/1"
    checks: ClassVar[tuple[Check, ...]] = (_nonce, _request, fields.optional(_request))
    nonce: bytes
    request: bytes
    tls_request: bytes | None


@dataclass(frozen=True, slots=True)
class Grant(Body):
    """Everything that makes the device one of the hall. Answer to a poll at GRANT_PATH and to a renewal.

    certificate, tls_certificate: DER. authority: ca.crt, PEM, one or (while the hall's key is being replaced)
    two certificates. intermediate: DER, the hall's key under the root. root_revocations: DER of the root's
    list, or null. settings: the text of device.toml without the tables that the device's own hardware.toml
    fills. charter: for secret questions, or null."""

    kind: ClassVar[str] = "grant/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.blob_not_empty(CERTIFICATE_BYTES_MAX),
        fields.optional(fields.blob_not_empty(CERTIFICATE_BYTES_MAX)),
        fields.blob_not_empty(BUNDLE_BYTES_MAX),
        fields.blob_not_empty(CERTIFICATE_BYTES_MAX),
        fields.optional(fields.blob_not_empty(BUNDLE_BYTES_MAX)),
        fields.text(8192),
        fields.optional(fields.blob_not_empty(CHARTER_BYTES_MAX)),
    )
    device: DeviceId
    certificate: bytes
    tls_certificate: bytes | None
    authority: bytes
    intermediate: bytes
    root_revocations: bytes | None
    settings: str
    charter: bytes | None


def encode_enrol(body: Hello | Status | Poll | Press | Installed | Renewal | Grant) -> bytes:
    """The plain form of an answer or a hello; of the rest, the payload of an envelope of purpose ENROL."""
    return cbor.encode([body.kind, *body.values()])


def parse_hello(content: bytes) -> Hello:
    """Raises RecordRejected. The caller checks the request's own signature before it believes a word."""
    return _parsed(content, HELLO_BYTES_MAX, Hello)


def parse_answer(content: bytes, kind: type[T]) -> T:
    """A Status or a Grant, received over TLS from a desk whose chain was verified. Raises RecordRejected."""
    return _parsed(content, ANSWER_BYTES_MAX, kind)


def parse_said(verified: VerifiedBytes, kind: type[T]) -> T:
    """A Poll, Press, Installed or Renewal. Raises RecordRejected."""
    if verified.purpose is not Purpose.ENROL:
        raise BadSchema("not said to the provisioning desk")
    return _parsed(verified.payload, Purpose.ENROL.limit, kind)


def _parsed(content: bytes, limit: int, kind: type[T]) -> T:
    parts = cbor.decode(content, limit)
    if type(parts) is not list or not parts or parts[0] != kind.kind:
        raise BadSchema(f"not a {kind.kind}")
    return kind.parsed(parts[1:])
