"""Files that must be whole or absent, and secret ones readable by their owner alone."""

from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from durable import files
from durable.files import PUBLIC, SECRET, sync_folder
from provisioning.errors import ConfigError

__all__ = ["PUBLIC", "SECRET", "PrivateKey", "key_pem", "read_whole", "sync_folder", "write_whole"]

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey


def key_pem(key: PrivateKey) -> bytes:
    """PKCS #8, not encrypted: for a file of mode SECRET."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """A power cut leaves the old file or the new one, and so do two who write at once. Raises ConfigError."""
    try:
        files.write_whole(path, content, mode)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def read_whole(path: Path, what: str) -> bytes:
    """The content of a file that must exist. Raises ConfigError naming it."""
    try:
        return path.read_bytes()
    except OSError as err:
        raise ConfigError(f"{what} {path} cannot be read: {err.strerror}") from err
