"""Files that must be whole or absent, and secret ones readable by their owner alone."""

import os
import secrets
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from provisioning.errors import ConfigError

SECRET: Final = 0o600
PUBLIC: Final = 0o644

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey


def key_pem(key: PrivateKey) -> bytes:
    """PKCS #8, not encrypted: for a file of mode SECRET."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write, sync and rename, so that a power cut leaves the old file or the new one. Raises ConfigError."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def sync_folder(path: Path) -> None:
    """Make the names of new files in it last. Raises OSError."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_whole(path: Path, what: str) -> bytes:
    """The content of a file that must exist. Raises ConfigError naming it."""
    try:
        return path.read_bytes()
    except OSError as err:
        raise ConfigError(f"{what} {path} cannot be read: {err.strerror}") from err
