"""What a boot medium is asked to say, checked before a byte of it is written."""

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.errors import ConfigError
from provisioning.media.device_class import DeviceClass

DESK_PORT: Final = 8443
TOML_BYTES_MAX: Final = 64 << 10
LANGUAGES: Final = ("vi", "en", "vi+en")
_HOST: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_TOKEN: Final = re.compile("[A-Za-z2-7]{26}")
"""As provisioning/desk/batches.py makes them. A wrong file would be noticed at the claim of every device."""
TOKEN_WORD: Final = "token "  # noqa: S105  # what stands before one
"""Before it where it is printed, and in a file into which the whole line was copied."""
_SHARED_TABLES: Final = ("identity", "simulated", "update")


@dataclass(frozen=True, slots=True)
class Wifi:
    """psk: WPA2's 256-bit key in hexadecimal. country: ISO 3166-1, two letters."""

    ssid: str
    psk: str = field(repr=False)
    country: str


@dataclass(frozen=True, slots=True)
class MediumOrder:
    """desk None: the device looks for it by mDNS. ntp None: whoever the network's DHCP names, nobody else.
    update_roots: by name of the file beside root.crt; none: the device has no updates."""

    kind: DeviceClass
    root: bytes
    hardware: str
    desk: tuple[str, int] | None = None
    token: str | None = field(default=None, repr=False)
    language: str | None = None
    wifi: Wifi | None = None
    ntp: str | None = None
    update_roots: Mapping[str, bytes] = field(default_factory=dict)


def wifi_of(ssid: str, passphrase: str, country: str) -> Wifi:
    """The key is worked out here, so that no card holds the passphrase. Raises ConfigError.

    Source: IEEE 802.11-2020 annex J.4: PBKDF2, HMAC-SHA-1, 4096 rounds, salted with the name.
    """
    name = ssid.encode(errors="surrogateescape")
    if not 1 <= len(name) <= 32 or not ssid.isprintable():
        raise ConfigError(
            f"the name of the Wi-Fi must be 1 to 32 bytes that can be printed, got {ssid!r:.60}"
        )
    if not (8 <= len(passphrase) <= 63 and passphrase.isascii() and passphrase.isprintable()):
        raise ConfigError("the passphrase of the Wi-Fi must be 8 to 63 ASCII characters: type it again")
    if not re.fullmatch("[A-Z]{2}", country):
        raise ConfigError(f"the country of the Wi-Fi must be two capital letters as VN, got {country!r:.20}")
    key = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), name, 4096, 32)
    return Wifi(ssid, key.hex(), country)


def root_of(content: bytes, source: str) -> bytes:
    """The one certificate of an authority, in PEM, and nothing that stood beside it. Raises ConfigError."""
    if b"PRIVATE KEY" in content:
        raise ConfigError(f"{source} holds a private key: give the certificate alone, a card can be stolen")
    try:
        found = x509.load_pem_x509_certificates(content)
        basic = found[0].extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        raise ConfigError(
            f"{source} is no certificate of an authority in PEM: give the root's, root.crt"
        ) from None
    if len(found) != 1 or not basic.ca or found[0].issuer != found[0].subject:
        raise ConfigError(
            f"{source} is not one self-signed certificate of an authority: give the root's, root.crt"
        )
    if basic.path_length == 0:
        raise ConfigError(
            f"{source} is a hall's own certificate, by which no desk can prove itself: give the root's, "
            "root.crt"
        )
    return found[0].public_bytes(Encoding.PEM)


def hardware_of(content: bytes, source: str, role: str) -> str:
    """hardware.toml as it stands, if it says nothing but how the device is wired. Raises ConfigError."""
    allowed = (role, *_SHARED_TABLES)
    if len(content) > TOML_BYTES_MAX:
        raise ConfigError(f"{source} is larger than {TOML_BYTES_MAX} bytes: it cannot be a hardware.toml")
    try:
        text = content.decode()
        tables = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise ConfigError(f"{source} is no TOML: {err}") from None
    for name, table in tables.items():
        if name not in allowed or not isinstance(table, dict):
            tables_said = ", ".join(f"[{known}]" for known in allowed)
            raise ConfigError(
                f"{source}: {name!r:.40} does not belong there; a {role} may have {tables_said}"
            )
    if role not in tables and "simulated" not in tables:
        raise ConfigError(f"{source} says nothing of how it is wired: it needs the table [{role}]")
    return text


def token_of(content: bytes, source: str) -> str:
    """The first line of a token's file. Raises ConfigError, which never holds the token."""
    lines = content.decode("utf-8-sig", errors="replace").split("\n")
    token = lines[0].strip().removeprefix(TOKEN_WORD).strip()
    if any(line.strip() for line in lines[1:]) or not token:
        raise ConfigError(f"{source} must hold one line, the token")
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"{source} holds no token of a batch: put the 26 letters and digits into it that `hallward "
            "provision batch new` printed, and nothing else"
        )
    return token


def desk_of(text: str) -> tuple[str, int]:
    """`HOST` or `HOST:PORT`; an IPv6 address in brackets. Raises ConfigError."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?", text)
    host = (found[1] or found[2]) if found else ""
    port = int(found[3]) if found and found[3] else DESK_PORT
    if not host or not is_host(host) or not 1 <= port <= 65535:
        raise ConfigError(
            f"the desk's address must look like desk.hall.example:{DESK_PORT}, got {text!r:.80}"
        )
    return host, port


def ntp_of(text: str) -> str:
    """Raises ConfigError."""
    if not is_host(text):
        raise ConfigError(f"the time server must be a host name or an address, got {text!r:.80}")
    return text


def is_host(text: str) -> bool:
    """A name of RFC 1123, or an address of IPv4 or IPv6 without a zone."""
    if ":" in text:
        try:
            return ipaddress.IPv6Address(text).scope_id is None
        except ValueError:
            return False
    return len(text) <= 253 and _HOST.fullmatch(text) is not None
