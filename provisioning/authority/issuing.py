"""The hall's certificate authority: one P-256 key that says which device is which, and which broker is ours.

Pure: time and serial numbers come as arguments, files are authority_folder.py's. A device's certificate
carries its id as common name and nothing else, because both brokers map exactly that name to what the device
may do. Only provisioning holds this key; fleet and devices hold the certificate.

Every certificate is valid from 2000 on: a Raspberry Pi has no clock battery, and a device whose clock stands
in the past must still believe its own hall (DESIGN §11). A certificate is limited by its end and by the
revocation list.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning.errors import AuthorityError, ConfigError
from wire.ids import DeviceId, HallId, is_name

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
AUTHORITY_LIFETIME: Final = timedelta(days=3650)
SERVER_LIFETIME: Final = timedelta(days=730)
DEVICE_LIFETIME: Final = timedelta(days=90)
# Must outlive a hall that lies unused between two congresses: past its end, mosquitto refuses everyone.
REVOCATION_LIFETIME: Final = timedelta(days=3650)
LOCAL_NAMES: Final = ("localhost", "127.0.0.1")

DeviceKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Authority:
    """A hall's CA. Its key is never printed."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Revoked:
    """One line of the revocation list."""

    serial: int
    at: datetime


def create_authority(
    hall: HallId, key: ec.EllipticCurvePrivateKey, *, now: datetime, serial: int
) -> Authority:
    """A new authority for one hall, valid for ten years."""
    subject = _name(f"Hallward {hall}")
    usage = _key_usage(certificates=True)
    certificate = (
        _builder(subject, subject, key.public_key(), now + AUTHORITY_LIFETIME, serial)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def load_authority(certificate_pem: bytes, key_pem: bytes) -> Authority:
    """From the two files. Raises AuthorityError when either is damaged or they do not belong together."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(
            "the authority's certificate or key is damaged: restore its folder from the backup"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityError(
            "the authority's key does not belong to its certificate: restore both from one backup"
        )
    return Authority(certificate, key)


def issue_device(
    authority: Authority, device: DeviceId, key: DeviceKey, *, now: datetime, serial: int
) -> x509.Certificate:
    """A device's certificate: common name = its id, 90 days. Raises ConfigError,
    AuthorityError."""
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, ec.SECP256R1):
        raise AuthorityError(f"a device's key is Ed25519 or P-256, not {key.curve.name}")
    if not is_name(device):
        raise ConfigError(f"a device id is 1 to 32 of a-z, 0-9 and '-', got {device!r:.40}")
    return _leaf(
        authority, str(device), key, ExtendedKeyUsageOID.CLIENT_AUTH, now + DEVICE_LIFETIME, serial
    ).sign(authority.key, hashes.SHA256())


def issue_from_request(
    authority: Authority, request_pem: bytes, *, now: datetime, serial: int
) -> x509.Certificate:
    """A device's certificate from its signing request, a proof that it holds the key. Raises
    AuthorityError."""
    try:
        request = x509.load_pem_x509_csr(request_pem)
        key = request.public_key()
        genuine = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        raise AuthorityError("the signing request is damaged: let the device make a new one") from None
    if not genuine:
        raise AuthorityError(
            "the signing request is not signed by its own key: let the device make a new one"
        )
    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1 or len(list(request.subject)) != 1:
        raise AuthorityError("a signing request names the device as its common name, and nothing else")
    if not isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise AuthorityError("a device's key is Ed25519 or P-256")
    return issue_device(authority, DeviceId(str(names[0].value)), key, now=now, serial=serial)


def issue_server(
    authority: Authority, key: DeviceKey, names: Iterable[str], *, now: datetime, serial: int
) -> x509.Certificate:
    """The broker's certificate, valid for two years, for localhost and every given host name or address."""
    alternatives = [_general_name(name) for name in dict.fromkeys((*LOCAL_NAMES, *names))]
    return (
        _leaf(authority, "broker", key, ExtendedKeyUsageOID.SERVER_AUTH, now + SERVER_LIFETIME, serial)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def revocation_list(authority: Authority, revoked: Iterable[Revoked], *, now: datetime, number: int) -> bytes:
    """The signed list of revoked certificates, PEM. `number` rises with every list."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(BEGINNING)
        .next_update(now + REVOCATION_LIFETIME)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_issuer_id(authority), critical=False)
    )
    for line in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(line.serial).revocation_date(line.at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _leaf(
    authority: Authority,
    common_name: str,
    key: DeviceKey,
    purpose: x509.ObjectIdentifier,
    end: datetime,
    serial: int,
) -> x509.CertificateBuilder:
    return (
        _builder(_name(common_name), authority.certificate.subject, key, end, serial)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_issuer_id(authority), critical=False)
    )


def _builder(
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


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
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


def _issuer_id(authority: Authority) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError:
        raise ConfigError(f"{name!r:.60} is neither a host name nor an address") from None
