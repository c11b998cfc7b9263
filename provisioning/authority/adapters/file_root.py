"""The root's key in a file: PKCS #8, encrypted under a passphrase.

PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 §6.2, RFC 5958 §3), which every tool can open. The
structure is written here because the library's own way stretches a passphrase with no more than 2,048 rounds:
a file that was copied would be searched a few hundred times faster.
"""

import base64
import hashlib
import secrets
import textwrap
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import SECRET, read_whole, write_whole
from wire.keys import Signer
from wire.signers import Es256Signer

ROOT: Final = "root"
PASSPHRASE_CHARACTERS_MIN: Final = 12
PASSPHRASE_CHARACTERS_MAX: Final = 1024
ROUNDS: Final = 600_000
"""A quarter of a second here, and as much for each guess of somebody else."""
_SALT_BYTES: Final = 16
_BLOCK_BYTES: Final = 16
_KEY_BYTES: Final = 32
# Object identifiers, DER: PBES2, PBKDF2, HMAC-SHA256 (RFC 8018 appendix A to C), AES-256-CBC (NIST CSOR).
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2: Final = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256: Final = bytes.fromhex("06082a864886f70d0209")
_AES256_CBC: Final = bytes.fromhex("060960864801650304012a")
_NULL: Final = b"\x05\x00"
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_SEQUENCE: Final = 0x30


def make_key(path: Path, passphrase: str) -> None:
    """A new P-256 key; the one that is there stays. Raises ConfigError."""
    if path.exists():
        return
    if not PASSPHRASE_CHARACTERS_MIN <= len(passphrase) <= PASSPHRASE_CHARACTERS_MAX:
        raise ConfigError(
            f"the passphrase of a root has {PASSPHRASE_CHARACTERS_MIN} to {PASSPHRASE_CHARACTERS_MAX} "
            "characters: choose a longer one, six random words for instance"
        )
    plain = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_whole(path, _encrypted(plain, passphrase.encode()), SECRET)


def open_signer(path: Path, passphrase: str) -> Signer:
    """Raises ConfigError when the file cannot be read, AuthorityError for a wrong passphrase; never quotes
    either."""
    content = read_whole(path, "the root's key")
    try:
        key = serialization.load_pem_private_key(content, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(
            f"the passphrase does not open {path}: type it again, or restore the file if it is damaged"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise AuthorityError(f"{path} is no P-256 key: restore the root's own from its backup")
    return Es256Signer(ROOT, key)


def _encrypted(plain: bytes, passphrase: bytes) -> bytes:
    """EncryptedPrivateKeyInfo of a PrivateKeyInfo (DER), PEM."""
    salt, start = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_BLOCK_BYTES)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ROUNDS, _KEY_BYTES)
    padder = padding.PKCS7(_BLOCK_BYTES * 8).padder()
    cipher = Cipher(algorithms.AES256(key), modes.CBC(start)).encryptor()
    hidden = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    rounds = _der(_INTEGER, ROUNDS.to_bytes(4, "big").lstrip(b"\0"))
    stretched = _der(_SEQUENCE, _der(_OCTETS, salt), rounds, _der(_SEQUENCE, _HMAC_SHA256, _NULL))
    scheme = _der(
        _SEQUENCE,
        _der(_SEQUENCE, _PBKDF2, stretched),
        _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, start)),
    )
    content = _der(_SEQUENCE, _der(_SEQUENCE, _PBES2, scheme), _der(_OCTETS, hidden))
    body = "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 64)).encode()
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + body + b"\n-----END ENCRYPTED PRIVATE KEY-----\n"


def _der(tag: int, *parts: bytes) -> bytes:
    """Of less than 65536 bytes."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes(2, "big").lstrip(b"\0")
    return bytes([tag, 0x80 | len(length)]) + length + content
