"""What the desk grants, checked before a byte of it is believed: whose certificates these are, and under
which root (SPEC §10.1). Pure; the claim and the renewal share it.

1. The intermediate is signed by the pinned root and is the one whose key the desk's own connection showed.
2. The root's list is the root's, no older than the one kept here, and does not name that intermediate.
3. `authority` holds self-signed authorities, among them one of the intermediate's key.
4. Each certificate names the device, holds the key that this device asked for, is for clients, and is issued
   by one of that `authority`.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.device.errors import DeskNotTrusted
from wire.enrol import Grant
from wire.keys import Alg, PublicKey

AUTHORITIES_MAX: Final = 2
"""While the hall's key is being replaced."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What this device knows when the answer comes. root: pinned. intermediate: verified at this connection.
    kept: the newest list of the root seen so far. device: the name it has already, None in a claim."""

    root: x509.Certificate
    intermediate: x509.Certificate
    kept: x509.CertificateRevocationList | None
    key: PublicKey
    tls_key: PublicKey | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """The files of a checked grant. certificate, tls_certificate, authority, intermediate: PEM; revocations:
    DER."""

    certificate: bytes
    tls_certificate: bytes | None
    authority: bytes
    intermediate: bytes
    revocations: bytes | None


def checked_grant(grant: Grant, asked: Asked) -> Papers:
    """Raises DeskNotTrusted, and then nothing of it may be kept."""
    if asked.device is not None and grant.device != asked.device:
        raise _wrong(f"it is for {grant.device}, this device is {asked.device}")
    intermediate = _intermediate(grant, asked)
    revocations = _newest(grant.root_revocations, asked)
    if revocations is not None and _is_listed(revocations, intermediate):
        raise _wrong("the root has revoked the hall's key that it stands under")
    authorities = _authorities(grant.authority, intermediate)
    certificate = _leaf(grant.certificate, str(grant.device), asked.key, authorities)
    tls_certificate = None
    if (grant.tls_certificate is None) != (asked.tls_key is None):
        raise _wrong("it is not for the keys that were asked for")
    if grant.tls_certificate is not None and asked.tls_key is not None:
        tls_certificate = _leaf(grant.tls_certificate, str(grant.device), asked.tls_key, authorities)
    return Papers(
        _pem(certificate),
        None if tls_certificate is None else _pem(tls_certificate),
        b"".join(_pem(found) for found in authorities),
        _pem(intermediate),
        None if revocations is None else revocations.public_bytes(Encoding.DER),
    )


def revocations_of(content: bytes, root: x509.Certificate) -> x509.CertificateRevocationList | None:
    """A numbered list of this root from its DER; None for anything else."""
    try:
        found = x509.load_der_x509_crl(content)
        genuine = found.issuer == root.subject and found.is_signature_valid(root.public_key())  # type: ignore[arg-type]  # any other kind raises TypeError
        number_of(found)
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return None
    return found if genuine else None


def number_of(revocations: x509.CertificateRevocationList) -> int:
    """Rises with each list (RFC 5280 §5.2.3). Raises ExtensionNotFound, ValueError."""
    return revocations.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def common_name(certificate: x509.Certificate) -> str:
    """The only thing that a name of ours holds; empty for any other name."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 and len(list(certificate.subject)) == 1 else ""


def key_in(certificate: x509.Certificate) -> PublicKey | None:
    """None for a key that no device has."""
    key = certificate.public_key()
    for alg, encoding, form in (
        (Alg.EDDSA, Encoding.Raw, PublicFormat.Raw),
        (Alg.ES256, Encoding.X962, PublicFormat.UncompressedPoint),
    ):
        try:
            return PublicKey(alg, key.public_bytes(encoding, form))
        except (ValueError, TypeError):
            continue
    return None


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _intermediate(grant: Grant, asked: Asked) -> x509.Certificate:
    found = _certificate(grant.intermediate, "the hall's key")
    if not is_issued_by(found, asked.root):
        raise _wrong("the hall's key in it is not under the pinned root")
    if found.public_key() != asked.intermediate.public_key():
        raise _wrong("the hall's key in it is not the one that the desk itself stands under")
    return found


def _newest(content: bytes | None, asked: Asked) -> x509.CertificateRevocationList | None:
    """The list to keep. One that comes late, from before another that was seen, changes nothing."""
    if content is None:
        return asked.kept
    found = revocations_of(content, asked.root)
    if found is None:
        raise _wrong("its list of revoked keys is not the root's")
    if asked.kept is not None and number_of(found) < number_of(asked.kept):
        return asked.kept
    return found


def _is_listed(revocations: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    return revocations.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def _authorities(content: bytes, intermediate: x509.Certificate) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(content)
    except ValueError as err:
        raise _wrong("its authority is not a certificate") from err
    if not 1 <= len(found) <= AUTHORITIES_MAX or not all(_is_authority(one) for one in found):
        raise _wrong("its authority is none")
    if all(one.public_key() != intermediate.public_key() for one in found):
        raise _wrong("its authority is not of the hall's key that stands under the root")
    return found


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return basic.ca and is_issued_by(certificate, certificate)


def _leaf(
    content: bytes, device: str, key: PublicKey, authorities: list[x509.Certificate]
) -> x509.Certificate:
    found = _certificate(content, "its certificate")
    if common_name(found) != device:
        raise _wrong(f"its certificate is for {common_name(found) or 'nobody'}, not for {device}")
    if key_in(found) != key:
        raise _wrong("its certificate is over another key than this device's")
    if not any(is_issued_by(found, authority) for authority in authorities):
        raise _wrong("its certificate was not issued by the authority beside it")
    try:
        usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, x509.ExtensionNotFound) as err:
        raise _wrong("its certificate does not say what it is for") from err
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise _wrong("its certificate is not for a device")
    return found


def _certificate(content: bytes, what: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(content)
    except ValueError as err:
        raise _wrong(f"{what} is not a certificate") from err


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _wrong(what: str) -> DeskNotTrusted:
    return DeskNotTrusted(
        f"what the desk granted cannot be right ({what}): nothing was changed; is this the hall's own desk?"
    )
