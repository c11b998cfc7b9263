"""Is this grant ours? Everything a desk hands out is checked before a byte of it is written. Pure.

1. The certificate names the device of the grant and holds this machine's own key; where that key lives in an
   element, so does tls_certificate with the key of connections.
2. `authority` holds a certificate with the key of the intermediate that TLS verified, and it has issued both:
   otherwise the hall that the device would trust is not the one it spoke with (SPEC §10.1).
3. The intermediate is the root's, and the root's list that comes with it is genuine, no older than the one
   seen before, and does not name it.
4. The settings, with what hardware.toml says over them, are a device.toml of this role and this name. Where
   the key lives and what is simulated is this machine's own affair, never the desk's.
5. The charter is that of the congress.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import tomli_w
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ballot.documents.charter import parse_charter
from ballot.errors import BadDocument
from edge.device.claim.ports import Asked, Files
from edge.device.claim.seed import Seed
from edge.device.config import DeviceConfig, parse_config
from edge.device.errors import ConfigError
from wire.enrol import Grant
from wire.errors import HallError
from wire.keys import Alg, PublicKey

DEVICE_TOML: Final = "device.toml"
ANCHORS_MAX: Final = 2
_OURS: Final = ("identity", "simulated")
"""Tables of device.toml that a desk has no say in."""

Certificates = tuple[x509.Certificate, ...]
Revocations = x509.CertificateRevocationList


class BadGrant(HallError):
    """The desk that was verified hands out what cannot be this machine's: its fault, and nothing is kept."""

    code = "bad-grant"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What this machine had before: the root of its boot medium, the intermediate that the connection of this
    very answer verified, and the root's newest list that was seen."""

    root: x509.Certificate
    intermediate: x509.Certificate
    newest: Revocations | None
    read_list: Callable[[bytes, x509.Certificate], Revocations | None]
    """A list of this root from its DER; None for anything else."""


def files_of(
    grant: Grant, asked: Asked, seed: Seed, trusted: Trusted, check_parts: Callable[[DeviceConfig], object]
) -> Files:
    """check_parts: raises ConfigError when the table of the role is wrong. Raises BadGrant."""
    anchors = _anchors(grant, trusted)
    _is_ours(grant.certificate, grant.device, asked.signer.public_key, anchors, "certificate")
    if asked.tls_key is not None:
        _is_ours(grant.tls_certificate or b"", grant.device, asked.tls_key, anchors, "tls_certificate")
    listed = _newest(grant, trusted)
    text = merged(grant.settings, seed)
    config = _config(text, grant, seed, check_parts)
    written = {"intermediate.crt": trusted.intermediate.public_bytes(Encoding.PEM)}
    if listed is not None:
        written["root.crl"] = listed.public_bytes(Encoding.DER)
    if asked.tls_key is not None:
        written["tls.crt"] = _pem(grant.tls_certificate or b"")
    if grant.charter is not None:
        _check_charter(grant.charter, config)
        written["charter"] = grant.charter
    written |= {
        "ca.crt": b"".join(anchor.public_bytes(Encoding.PEM) for anchor in anchors),
        "identity.crt": _pem(grant.certificate),
        DEVICE_TOML: text.encode(),
    }
    return Files(grant.device, grant.certificate, written)


def merged(settings: str, seed: Seed) -> str:
    """device.toml: the desk's settings, field by field overruled by what the boot medium says of this
    machine. Raises BadGrant."""
    try:
        values: dict[str, Any] = tomllib.loads(settings)
    except tomllib.TOMLDecodeError as err:
        raise BadGrant(f"the desk's settings are not TOML ({err}): tell whoever runs the desk") from err
    for name in _OURS:
        values.pop(name, None)
    for name, fields in seed.hardware.items():
        own = values.get(name, {})
        values[name] = {**(own if isinstance(own, dict) else {}), **fields}
    if seed.hands:
        values["simulated"] = {"hands": True}
    values.setdefault("language", seed.language)
    return tomli_w.dumps(values)


def public_key_of(certificate: x509.Certificate) -> PublicKey | None:
    """None for a key that no device has."""
    key = certificate.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey(Alg.EDDSA, key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return PublicKey(Alg.ES256, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return None


def _anchors(grant: Grant, trusted: Trusted) -> Certificates:
    try:
        anchors = tuple(x509.load_pem_x509_certificates(grant.authority))
        intermediate = x509.load_der_x509_certificate(grant.intermediate)
        intermediate.verify_directly_issued_by(trusted.root)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as err:
        raise BadGrant("the hall's certificates in the grant are damaged, or not under the root") from err
    key = trusted.intermediate.public_key()
    if intermediate.public_key() != key:
        raise BadGrant("the grant is of another hall than the desk that it came from")
    if not 1 <= len(anchors) <= ANCHORS_MAX or all(anchor.public_key() != key for anchor in anchors):
        raise BadGrant("the hall that the grant would have us trust is not the one that the desk belongs to")
    return anchors


def _is_ours(der: bytes, device: str, key: PublicKey, anchors: Certificates, what: str) -> None:
    try:
        found = x509.load_der_x509_certificate(der)
    except ValueError as err:
        raise BadGrant(f"the grant's {what} is damaged") from err
    names = [name.value for name in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [device]:
        raise BadGrant(f"the grant's {what} is not for {device}")
    if public_key_of(found) != key:
        raise BadGrant(f"the grant's {what} holds another key than this machine's")
    if not any(_has_issued(anchor, found) for anchor in anchors):
        raise BadGrant(f"the grant's {what} was not issued by the hall")


def _has_issued(anchor: x509.Certificate, found: x509.Certificate) -> bool:
    try:
        found.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _newest(grant: Grant, trusted: Trusted) -> Revocations | None:
    """The newer of the root's list that comes and the one that is here. Raises BadGrant."""
    if grant.root_revocations is None:
        return trusted.newest
    found = trusted.read_list(grant.root_revocations, trusted.root)
    if found is None:
        raise BadGrant("the list in the grant is not the root's")
    if trusted.newest is not None and _number(found) < _number(trusted.newest):
        found = trusted.newest
    if found.get_revoked_certificate_by_serial_number(trusted.intermediate.serial_number) is not None:
        raise BadGrant("the root has revoked the hall's key: call whoever keeps the root")
    return found


def _number(revocations: Revocations) -> int:
    return revocations.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _config(
    text: str, grant: Grant, seed: Seed, check_parts: Callable[[DeviceConfig], object]
) -> DeviceConfig:
    try:
        config = parse_config(text, "the desk's settings with hardware.toml")
        check_parts(config)
    except ConfigError as err:
        raise BadGrant(f"{err.what}: mend hardware.toml, or the hall's policy.toml at the desk") from err
    if (config.device, config.role) != (grant.device, seed.role):
        raise BadGrant(f"the settings are for {config.device}, a {config.role}, not for {grant.device}")
    return config


def _check_charter(content: bytes, config: DeviceConfig) -> None:
    try:
        charter = parse_charter(content)
    except BadDocument as err:
        raise BadGrant(f"the charter in the grant is none: {err.en}") from err
    if charter.congress != config.congress:
        raise BadGrant(f"the charter in the grant is of {charter.congress}, the hall is of {config.congress}")


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
