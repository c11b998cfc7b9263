"""Where the device's one key lives: a file, a PKCS #11 token (SoftHSM, ATECC608, TPM), the firmware of a
Raspberry Pi. It is made there and never leaves.

A key in an element signs records and requests, and OpenSSL cannot use it for connections: those have an
ordinary P-256 key of their own, tls.key, for which the desk issues tls.crt with the same common name.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.whole_file import SECRET, write_whole
from edge.device.config import IdentityTable
from edge.device.errors import ConfigError
from wire.keys import Alg, Signer

KEY_FILE: Final = "identity.key"
TLS_KEY_FILE: Final = "tls.key"
SERIAL_FILE: Final = Path("/sys/firmware/devicetree/base/serial-number")
_SERIAL_MAX: Final = 64


def make_key(folder: Path, identity: IdentityTable, alg: Alg = Alg.EDDSA) -> None:
    """Make the device's key where this table says, and tls.key where that is an element; what is there is
    kept, so this may be repeated after any interruption.

    alg: of a key in a file; an element's is ES256. Raises ConfigError, StoreError; DeviceError when the
    element does not answer.
    """
    if not identity.in_element:
        if not (folder / KEY_FILE).exists():
            _make_file(folder / KEY_FILE, alg)
        return
    if identity.kind == "pkcs11":
        from edge.device.adapters.pkcs11_signer import make_pkcs11_key  # loads a library of the token's maker

        make_pkcs11_key(folder, identity)
    else:
        from edge.device.adapters.rpi_otp_signer import make_otp_key

        make_otp_key(identity)
    if not (folder / TLS_KEY_FILE).exists():
        _make_file(folder / TLS_KEY_FILE, Alg.ES256)


def open_signer(folder: Path, kid: str, identity: IdentityTable) -> Signer:
    """Raises ConfigError, in words and never quoting a key or a PIN; DeviceError when an element does not
    answer."""
    if identity.kind == "pkcs11":
        from edge.device.adapters.pkcs11_signer import Pkcs11Signer

        return Pkcs11Signer(kid, folder, identity)
    if identity.kind == "rpi-otp":
        from edge.device.adapters.rpi_otp_signer import RpiOtpSigner

        return RpiOtpSigner(kid, identity)
    return load_signer(folder / KEY_FILE, kid)


def open_tls_signer(folder: Path, kid: str, identity: IdentityTable) -> Signer | None:
    """The key of connections, to sign its request with; None where the identity's own key serves."""
    return load_signer(folder / TLS_KEY_FILE, kid) if identity.in_element else None


def describe(identity: IdentityTable) -> str:
    """For a self-test, in words."""
    return {
        "file": "a file",
        "pkcs11": f"token {identity.token}, key {identity.key}",
        "rpi-otp": f"the firmware's one-time memory, key {identity.key}",
    }[identity.kind]


def serial_number(path: Path = SERIAL_FILE) -> str | None:
    """The board's serial number: a name on labels and in lists, never a secret; None where there is none.

    The device tree ends its texts with a zero byte.
    """
    try:
        text = path.read_bytes()[: _SERIAL_MAX + 1].rstrip(b"\0").decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if 0 < len(text) <= _SERIAL_MAX and text.isprintable() else None


def _make_file(path: Path, alg: Alg) -> None:
    if alg not in (Alg.EDDSA, Alg.ES256):
        raise ConfigError(f"a key in a file is Ed25519 or P-256, not {alg!r:.20}")
    made = (
        ed25519.Ed25519PrivateKey.generate() if alg is Alg.EDDSA else ec.generate_private_key(ec.SECP256R1())
    )
    write_whole(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), SECRET)
