"""What a claimed machine keeps of a grant: papers that were checked, and its device.toml. Pure.

1. The papers are those of this machine's keys, of the hall that it spoke with, under the pinned root:
   edge/device/grant.py, the same for every renewal.
2. The settings, with what hardware.toml says over them, are a device.toml of this role and this name. Where
   the key lives and what is simulated is this machine's own affair, never the desk's.
3. The charter is that of the congress.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import tomli_w
from cryptography import x509

from ballot.documents.charter import parse_charter
from ballot.errors import BadDocument
from edge.device import grant as papers
from edge.device.claim.ports import Asked, Files
from edge.device.claim.seed import Seed
from edge.device.config import DeviceConfig, parse_config
from edge.device.errors import ConfigError, DeskNotTrusted
from wire.enrol import Grant
from wire.errors import HallError

DEVICE_TOML: Final = "device.toml"
_OURS: Final = ("identity", "simulated")
"""Tables of device.toml that a desk has no say in."""


class BadGrant(HallError):
    """The desk that was verified hands out what cannot be this machine's: its fault, and nothing is kept."""

    code = "bad-grant"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What this machine had before: the root of its boot medium, the intermediate that the connection of this
    very answer verified, and the root's newest list that was seen."""

    root: x509.Certificate
    intermediate: x509.Certificate
    newest: x509.CertificateRevocationList | None


def files_of(
    grant: Grant, asked: Asked, seed: Seed, trusted: Trusted, check_parts: Callable[[DeviceConfig], object]
) -> Files:
    """check_parts: raises ConfigError when the table of the role is wrong. Raises BadGrant."""
    known = papers.Asked(
        trusted.root, trusted.intermediate, trusted.newest, asked.signer.public_key, asked.tls_key
    )
    try:
        checked = papers.checked_grant(grant, known)
    except DeskNotTrusted as err:
        raise BadGrant(err.what) from err
    text = merged(grant.settings, seed)
    config = _config(text, grant, seed, check_parts)
    written = {"intermediate.crt": checked.intermediate}
    if checked.revocations is not None:
        written["root.crl"] = checked.revocations
    if checked.tls_certificate is not None:
        written["tls.crt"] = checked.tls_certificate
    if grant.charter is not None:
        _check_charter(grant.charter, config)
        written["charter"] = grant.charter
    written |= {
        "ca.crt": checked.authority,
        "identity.crt": checked.certificate,
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
        if name == "update" and name not in values:
            continue  # a kind of hardware alone makes no updates
        own = values.get(name, {})
        values[name] = {**(own if isinstance(own, dict) else {}), **fields}
    if seed.hands:
        values["simulated"] = {"hands": True}
    values.setdefault("language", seed.language)
    return tomli_w.dumps(values)


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
