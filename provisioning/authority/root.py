"""The offline root: which halls are ours. It signs one intermediate for each hall, and its own list of those
it took back; never a device, never a server.

Pure: the root's key is a Signer, of a file or of a token, and looks the same from here.

    hall --request-->  root --answer-->  hall       both are files, so the root needs no network
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provisioning.authority import forms
from provisioning.authority.issuing import NAME_BEGINS, authority_name
from provisioning.errors import AuthorityError
from wire.ids import HallId, is_name
from wire.keys import Alg, Signer
from wire.remote_key import RemoteEcKey

ROOT_LIFETIME: Final = timedelta(days=7305)
"""20 years."""
INTERMEDIATE_LIFETIME: Final = timedelta(days=1826)
"""5 years."""
ANSWER_BYTES_MAX: Final = 65536


@dataclass(frozen=True, slots=True)
class Root:
    """The root, able to sign. Raises AuthorityError on construction for a key that is not the
    certificate's."""

    certificate: x509.Certificate
    signer: Signer

    def __post_init__(self) -> None:
        if self.key.public_key() != self.certificate.public_key():
            raise AuthorityError("this key is not the one of the root's certificate: use the root's own")

    @property
    def key(self) -> RemoteEcKey:
        return _key(self.signer)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hall gets from the root: its intermediate, the root's certificate and the root's list."""

    intermediate: x509.Certificate
    root: x509.Certificate
    revocations: x509.CertificateRevocationList

    def pem(self) -> bytes:
        listed = self.revocations.public_bytes(serialization.Encoding.PEM)
        return forms.bundle_pem((self.intermediate, self.root)) + listed


def create_root(signer: Signer, name: str, *, now: datetime, serial: int) -> Root:
    """A root signed by itself, valid for 20 years. name: its common name, 1 to 64 characters. Raises
    AuthorityError."""
    if not (1 <= len(name) <= 64 and name.isprintable()):
        raise AuthorityError("a root's name is 1 to 64 printable characters: give it another one")
    key, subject = _key(signer), forms.name(name)
    start = forms.builder(subject, subject, key.public_key(), now + ROOT_LIFETIME, serial)
    certificate = forms.signs_certificates(start, key.public_key(), below=1).sign(key, hashes.SHA256())
    return Root(certificate, signer)


def hall_request(hall: HallId, key: ec.EllipticCurvePrivateKey) -> bytes:
    """What a hall asks the root to sign, PEM: its name over its own key."""
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(forms.name(authority_name(hall)))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def read_hall_request(content: bytes) -> tuple[HallId, ec.EllipticCurvePublicKey]:
    """Whose request (PEM) it is, and over which key; signed by that key. Raises AuthorityError for anything
    but the request of a hall."""
    try:
        request = x509.load_pem_x509_csr(content)
        key = request.public_key()
        genuine = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        raise AuthorityError("the request is damaged: have the hall make it again") from None
    if not genuine:
        raise AuthorityError("the request is not signed by its own key: have the hall make it again")
    name = forms.common_name(request.subject)
    hall = name.removeprefix(NAME_BEGINS)
    is_hall = hall != name and is_name(hall)
    if is_hall and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return HallId(hall), key
    raise AuthorityError(
        "this is not the request of a hall: make one there with `hallward provision hall … --request`"
    )


def sign_intermediate(
    root: Root, hall: HallId, key: ec.EllipticCurvePublicKey, *, now: datetime, serial: int
) -> x509.Certificate:
    """The hall's key under the root: it may sign devices and servers and no further authority; 5 years, and
    never longer than the root itself."""
    end = min(now + INTERMEDIATE_LIFETIME, root.certificate.not_valid_after_utc)
    start = forms.builder(forms.name(authority_name(hall)), root.certificate.subject, key, end, serial)
    return (
        forms.signs_certificates(start, key, below=0)
        .add_extension(forms.issuer_id(root.key), critical=False)
        .sign(root.key, hashes.SHA256())
    )


def revocations(
    root: Root, revoked: Iterable[forms.Revoked], *, now: datetime
) -> x509.CertificateRevocationList:
    """The root's list. Its number is one more than it has lines, and lines are never taken out."""
    lines = list(revoked)
    return forms.revocation_list(root.certificate.subject, root.key, lines, now=now, number=len(lines) + 1)


def read_answer(content: bytes, key: ec.EllipticCurvePublicKey) -> Answer:
    """The answer for the hall that holds this key. Raises AuthorityError for one that is damaged, was made
    for another key, or names an intermediate that the root took back."""
    marker = b"-----BEGIN X509 CRL-----"
    certificates, found, listed = content[:ANSWER_BYTES_MAX].partition(marker)
    try:
        intermediate, root = x509.load_pem_x509_certificates(certificates)
        revoked = x509.load_pem_x509_crl(found + listed)
    except ValueError:
        raise AuthorityError("the root's answer is damaged: have the request signed again") from None
    if intermediate.public_key() != key:
        raise AuthorityError(
            "the root's answer is for another key: have the request of this very hall signed"
        )
    root_key = root.public_key()
    if (
        not isinstance(root_key, ec.EllipticCurvePublicKey)
        or not forms.is_issued_by(root, root)
        or not forms.is_issued_by(intermediate, root)
        or revoked.issuer != root.subject
        or not revoked.is_signature_valid(root_key)
    ):
        raise AuthorityError(
            "the root's answer is not signed by the root in it: have the request signed again"
        )
    if revoked.get_revoked_certificate_by_serial_number(intermediate.serial_number) is not None:
        raise AuthorityError(
            "the root took this hall's key back: make a new one with `hallward provision rotate --at-once`"
        )
    return Answer(intermediate, root, revoked)


def list_number(revoked: x509.CertificateRevocationList) -> int:
    return revoked.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _key(signer: Signer) -> RemoteEcKey:
    if signer.alg is not Alg.ES256:
        raise AuthorityError("a root's key is P-256: choose or make another one")
    return RemoteEcKey(signer)
