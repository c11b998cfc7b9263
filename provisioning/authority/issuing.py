"""The hall's certificate authority: one P-256 key that says which device is which, and which broker is ours.

Pure: time and serial numbers come as arguments, files are folder.py's. A device's certificate carries its id
as common name and nothing else, because both brokers map exactly that name to what the device may do. Only
provisioning holds this key; fleet and devices hold the certificate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from provisioning.authority import forms
from provisioning.authority.forms import BEGINNING, DeviceKey, Revoked, certificate_pem
from provisioning.errors import AuthorityError, ConfigError
from wire.ids import DeviceId, HallId, is_name

__all__ = [
    "AUTHORITY_LIFETIME",
    "BEGINNING",
    "DEVICE_LIFETIME",
    "LOCAL_NAMES",
    "NAME_BEGINS",
    "SERVER_LIFETIME",
    "Authority",
    "DeviceKey",
    "Revoked",
    "authority_name",
    "certificate_pem",
    "create_authority",
    "issue_device",
    "issue_server",
    "load_authority",
    "revocation_list",
]

AUTHORITY_LIFETIME: Final = timedelta(days=3650)
SERVER_LIFETIME: Final = timedelta(days=730)
DEVICE_LIFETIME: Final = timedelta(days=90)
LOCAL_NAMES: Final = ("localhost", "127.0.0.1")
NAME_BEGINS: Final = "Hallward "


@dataclass(frozen=True, slots=True)
class Authority:
    """A hall's CA. Its key is never printed."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> bytes:
        return certificate_pem(self.certificate)


def authority_name(hall: HallId) -> str:
    """Common name of the hall's authority and of its intermediate, which hold the same key."""
    return f"{NAME_BEGINS}{hall}"


def create_authority(
    hall: HallId, key: ec.EllipticCurvePrivateKey, *, now: datetime, serial: int
) -> Authority:
    """A new authority for one hall, signed by itself, valid for ten years."""
    subject = forms.name(authority_name(hall))
    start = forms.builder(subject, subject, key.public_key(), now + AUTHORITY_LIFETIME, serial)
    certificate = forms.signs_certificates(start, key.public_key(), below=0).sign(key, hashes.SHA256())
    return Authority(certificate, key)


def load_authority(certificate_pem: bytes, key_pem: bytes) -> Authority:
    """From the two files; the first holds two certificates while the key is being replaced. Raises
    AuthorityError when either is damaged or they do not belong together."""
    try:
        certificates = x509.load_pem_x509_certificates(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(
            "the authority's certificate or key is damaged: restore its folder from the backup"
        ) from None
    own = [found for found in certificates if found.public_key() == key.public_key()]
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not own:
        raise AuthorityError(
            "the authority's key does not belong to its certificate: restore both from one backup"
        )
    return Authority(own[0], key)


def issue_device(
    authority: Authority, device: DeviceId, key: DeviceKey, *, now: datetime, serial: int
) -> x509.Certificate:
    """A device's certificate: common name = its id, 90 days. Raises ConfigError, AuthorityError."""
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, ec.SECP256R1):
        raise AuthorityError(f"a device's key is Ed25519 or P-256, not {key.curve.name}")
    if not is_name(device):
        raise ConfigError(f"a device id is 1 to 32 of a-z, 0-9 and '-', got {device!r:.40}")
    return _leaf(
        authority, str(device), key, ExtendedKeyUsageOID.CLIENT_AUTH, now + DEVICE_LIFETIME, serial
    ).sign(authority.key, hashes.SHA256())


def issue_server(
    authority: Authority,
    key: DeviceKey,
    names: Iterable[str],
    *,
    now: datetime,
    serial: int,
    common_name: str = "broker",
    last: datetime | None = None,
) -> x509.Certificate:
    """A server's certificate, valid for two years and not beyond `last`, for localhost and every given host
    name or address. Raises ConfigError."""
    end = now + SERVER_LIFETIME if last is None else min(now + SERVER_LIFETIME, last)
    alternatives = [forms.general_name(name) for name in dict.fromkeys((*LOCAL_NAMES, *names))]
    return (
        _leaf(authority, common_name, key, ExtendedKeyUsageOID.SERVER_AUTH, end, serial)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def revocation_list(authority: Authority, revoked: Iterable[Revoked], *, now: datetime, number: int) -> bytes:
    """The signed list of revoked certificates, PEM. `number` rises with every list."""
    subject = authority.certificate.subject
    signed = forms.revocation_list(subject, authority.key, revoked, now=now, number=number)
    return signed.public_bytes(serialization.Encoding.PEM)


def _leaf(
    authority: Authority,
    common_name: str,
    key: DeviceKey,
    purpose: x509.ObjectIdentifier,
    end: datetime,
    serial: int,
) -> x509.CertificateBuilder:
    return (
        forms.builder(forms.name(common_name), authority.certificate.subject, key, end, serial)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(forms.key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(forms.issuer_id(authority.key), critical=False)
    )
