"""A device of these tests: makes its key, says what wire/SPEC.md §10 says, remembers the answers."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from wire.enrol import (
    GRANT_PATH,
    HELLO_PATH,
    INSTALLED_PATH,
    POLL_PATH,
    PRESS_PATH,
    Grant,
    Hello,
    Installed,
    Poll,
    Press,
    Renewal,
    Status,
    encode_enrol,
    parse_answer,
)
from wire.envelope import Purpose, seal
from wire.keys import Signer
from wire.signers import signer_from_pem

Post = Callable[[str, bytes], bytes]
Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def request_of(key: Key, name: str = "anybody") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


def pem_of(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass
class ScriptedDevice:
    """post: says something to the desk, and returns the answer's body."""

    serial: str
    post: Post
    role: str = "keypad"
    key: Key = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    token: str | None = None
    sealing_key: bytes | None = b"s" * 32
    tls_key: Key | None = None
    status: Status | None = None
    request: bytes = b""

    def __post_init__(self) -> None:
        self.request = request_of(self.key)

    def hello(self) -> Status:
        tls = None if self.tls_key is None else request_of(self.tls_key)
        said = Hello(self.role, self.serial, self.request, tls, self.sealing_key, "hallward 0.1", self.token)
        return self._heard(self.post(HELLO_PATH, encode_enrol(said)))

    def poll(self) -> Status:
        return self._heard(self.post(POLL_PATH, self._sealed(Poll(*self._claim()))))

    def press(self) -> Status:
        said = Press(*self._claim(), hashlib.sha256(self.request).digest())
        return self._heard(self.post(PRESS_PATH, self._sealed(said)))

    def grant(self) -> Grant:
        return parse_answer(self.post(GRANT_PATH, self._sealed(Poll(*self._claim()))), Grant)

    def installed(self, grant: Grant) -> Status:
        said = Installed(*self._claim(), hashlib.sha256(grant.certificate).digest())
        return self._heard(self.post(INSTALLED_PATH, self._sealed(said)))

    def renewal(self, device: str) -> bytes:
        """The envelope that asks for a new certificate."""
        tls = None if self.tls_key is None else request_of(self.tls_key)
        return seal(encode_enrol(Renewal(b"n" * 32, self.request, tls)), Purpose.ENROL, self.signer(device))

    def signer(self, kid: str) -> Signer:
        return signer_from_pem(kid, pem_of(self.key))

    @property
    def claim(self) -> str:
        return self._claim()[0].hex()

    def _claim(self) -> tuple[bytes, bytes]:
        assert self.status is not None, "say hello first"
        return self.status.claim, self.status.nonce

    def _sealed(self, body: Poll | Press | Installed) -> bytes:
        return seal(encode_enrol(body), Purpose.ENROL, self.signer(self.claim))

    def _heard(self, answer: bytes) -> Status:
        self.status = parse_answer(answer, Status)
        return self.status
