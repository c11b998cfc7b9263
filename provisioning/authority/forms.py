"""What every certificate and list of the house has in common, whoever signs it. Pure.

Everything is valid from 2000 on: a Raspberry Pi has no clock battery, and a device whose clock stands in the
past must still believe its own hall (DESIGN §11). A certificate is limited by its end and by a list.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from provisioning.errors import AuthorityError, ConfigError

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
# Must outlive a hall that lies unused between two congresses: past its end, mosquitto refuses everyone.
REVOCATION_LIFETIME: Final = timedelta(days=3650)

DeviceKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Revoked:
    """One line of a revocation list."""

    serial: int
    at: datetime


def builder(
    subject: x509.Name, issuer: x509.Name, key: DeviceKey, end: datetime, serial: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(BEGINNING)
        .not_valid_after(end)
    )


def signs_certificates(
    start: x509.CertificateBuilder, key: ec.EllipticCurvePublicKey, *, below: int
) -> x509.CertificateBuilder:
    """What makes it an authority's. below: how many authorities may stand under this one."""
    return (
        start.add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(key_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    revoked: Iterable[Revoked],
    *,
    now: datetime,
    number: int,
) -> x509.CertificateRevocationList:
    """Signed. `number` never falls from one list to the next."""
    start = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer)
        .last_update(BEGINNING)
        .next_update(now + REVOCATION_LIFETIME)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(issuer_id(key), critical=False)
    )
    for line in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(line.serial).revocation_date(line.at)
        start = start.add_revoked_certificate(entry.build())
    return start.sign(key, hashes.SHA256())


def issuer_id(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def common_name(subject: x509.Name) -> str:
    """The only thing that a name of ours holds; empty for any other name."""
    found = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 and len(list(subject)) == 1 else ""


def general_name(text: str) -> x509.GeneralName:
    """A host name or an address. Raises ConfigError."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError:
        raise ConfigError(f"{text!r:.60} is neither a host name nor an address") from None


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def bundle_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    return b"".join(certificate_pem(certificate) for certificate in certificates)


def certificates_of(pem: bytes, what: str) -> list[x509.Certificate]:
    """One or more. Raises AuthorityError, naming `what`."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise AuthorityError(f"{what} is damaged: restore it from the backup") from None


def fingerprint(key: CertificatePublicKeyTypes) -> str:
    """SHA-256 of the key as a certificate holds it (SPKI, DER), 64 hexadecimal digits."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def digest(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate (DER), 64 hexadecimal digits."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
