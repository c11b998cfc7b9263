"""The certificates of a device folder, read for a self-test and for the renewal: how long they last, and
whose they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.keystore import TLS_KEY_FILE
from edge.device.errors import ConfigError
from edge.device.grant import common_name, is_issued_by, key_in
from edge.device.identity import Identity
from wire.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Validity:
    """Unix time in ms. fault: why this certificate cannot be used here, in words; empty when it can."""

    not_before_ms: int = 0
    not_after_ms: int = 0
    fault: str = ""


def own_certificates(folder: Path, identity: Identity) -> Iterator[tuple[str, Validity]]:
    """identity.crt, and tls.crt where the key is in an element, by the name of the file."""
    device, authority = identity.device, folder / "ca.crt"
    yield (
        "identity.crt",
        device_certificate(folder / "identity.crt", authority, device, identity.signer.public_key),
    )
    if identity.config.key_store.in_element:
        try:
            key = load_signer(folder / TLS_KEY_FILE, device).public_key
        except ConfigError as err:
            yield "tls.crt", Validity(fault=f"has no key: {err.what}")
        else:
            yield "tls.crt", device_certificate(folder / "tls.crt", authority, device, key)


def device_certificate(path: Path, authority: Path, device: str, key: PublicKey) -> Validity:
    """Must name this device, hold its key, and be issued by the hall's authority, of which ca.crt holds two
    while the hall's key is being replaced."""
    try:
        found, issuers = _read(path)[0], _read(authority)
    except (OSError, ValueError) as err:
        return Validity(fault=f"cannot be read: {err}")
    fault = ""
    if common_name(found) != device:
        fault = f"is for {common_name(found) or 'nobody'}, this device is {device}"
    elif key_in(found) != key:
        fault = f"is for another key than {path.stem}.key"
    elif not any(is_issued_by(found, issuer) for issuer in issuers):
        fault = f"was not issued by the authority in {authority.name}"
    return _validity(found, fault)


def authority_certificate(path: Path) -> Validity:
    """Of ca.crt: of the one that lasts longest."""
    try:
        return max((_validity(found, "") for found in _read(path)), key=lambda found: found.not_after_ms)
    except (OSError, ValueError) as err:
        return Validity(fault=f"cannot be read: {err}")


def _read(path: Path) -> list[x509.Certificate]:
    """One or more. Raises OSError, ValueError with words for a person."""
    data = path.read_bytes()
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as err:
        raise ValueError(f"{path.name} is not a certificate") from err


def _validity(certificate: x509.Certificate, fault: str) -> Validity:
    before, after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Validity(int(before.timestamp() * 1000), int(after.timestamp() * 1000), fault)
