"""The certificates of a device folder, read for a self-test: how long they last, and whose they are."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from wire.keys import Alg, PublicKey


@dataclass(frozen=True, slots=True)
class Validity:
    """Unix time in ms. fault: why this certificate cannot be used here, in words; empty when it can."""

    not_before_ms: int = 0
    not_after_ms: int = 0
    fault: str = ""


def device_certificate(path: Path, authority: Path, device: str, key: PublicKey) -> Validity:
    """Of identity.crt: must name this device, hold its key, and be issued by the hall's authority."""
    try:
        found, issuer = _read(path), _read(authority)
    except (OSError, ValueError) as err:
        return Validity(fault=f"cannot be read: {err}")
    fault = ""
    names = [str(name.value) for name in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [device]:
        fault = f"is for {', '.join(names) or 'nobody'}, this device is {device}"
    elif _raw(found) != key:
        fault = "is for another key than identity.key"
    else:
        try:
            found.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            fault = "was not issued by the authority in ca.crt"
    return _validity(found, fault)


def authority_certificate(path: Path) -> Validity:
    """Of ca.crt."""
    try:
        return _validity(_read(path), "")
    except (OSError, ValueError) as err:
        return Validity(fault=f"cannot be read: {err}")


def _read(path: Path) -> x509.Certificate:
    """Raises OSError, ValueError with words for a person."""
    data = path.read_bytes()
    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError as err:
        raise ValueError(f"{path.name} is not a certificate") from err


def _raw(certificate: x509.Certificate) -> PublicKey | None:
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


def _validity(certificate: x509.Certificate, fault: str) -> Validity:
    before, after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Validity(int(before.timestamp() * 1000), int(after.timestamp() * 1000), fault)
