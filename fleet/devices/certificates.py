"""A device's certificate: its name and its key, and whether this hall's authority issued it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from fleet.api.errors import BadInput
from fleet.devices.refusals import refused
from fleet.errors import ConfigError
from wire.board import is_device_name
from wire.errors import BadSchema
from wire.ids import DeviceId
from wire.keys import Alg, PublicKey, public_key


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """device: the common name, its id everywhere. key: for the signatures of its records, too."""

    device: DeviceId
    key: PublicKey
    pem: str


def read(pem: str, authority: bytes | None, now_ms: int) -> DeviceCertificate:
    """Read a device's certificate. authority: the hall's ca.crt, PEM; None leaves the issuer unchecked.

    Raises: BadInput for anything but a certificate in force of that authority, with a device's name and a
    key of ours; ConfigError when the authority's own certificate is broken.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = _key(certificate)
    except (ValueError, UnsupportedAlgorithm):
        raise refused(BadInput, "bad-certificate/unreadable") from None
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    device = names[0].value if len(names) == 1 else None
    if not is_device_name(device):
        raise refused(BadInput, "bad-certificate/name")
    if certificate.not_valid_after_utc <= datetime.fromtimestamp(now_ms / 1000, UTC):
        raise refused(BadInput, "bad-certificate/expired")
    if authority is not None:
        _check_issuer(certificate, authority)
    canonical = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return DeviceCertificate(DeviceId(str(device)), key, canonical)


def _check_issuer(certificate: x509.Certificate, authority: bytes) -> None:
    """Two certificates stand in ca.crt while the hall's key is being replaced: either may have issued it."""
    try:
        issuers = x509.load_pem_x509_certificates(authority)
    except ValueError:
        raise ConfigError(
            "tls/ca.crt is not a certificate in PEM; have provisioning write it again"
        ) from None
    if not any(_is_issued_by(certificate, issuer) for issuer in issuers):
        raise refused(BadInput, "foreign-certificate")


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            return public_key(Alg.EDDSA, key.public_bytes_raw())
        if isinstance(key, ec.EllipticCurvePublicKey):
            point = key.public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
            return public_key(Alg.ES256, point)
    except BadSchema as err:
        raise refused(BadInput, "bad-certificate/key", why=err.what) from None
    raise refused(BadInput, "bad-certificate/kind-of-key")
