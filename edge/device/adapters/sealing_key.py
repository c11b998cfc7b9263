"""A device's sealing key as a file: X25519, PKCS #8 PEM, readable by its owner alone. What the fleet wraps to
it, this device alone opens."""

from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from edge.device.errors import ConfigError

SEALING_KEY_FILE: Final = "sealing.key"
"""In the state folder."""


def load_sealing_key(path: Path) -> X25519PrivateKey:
    """Raises ConfigError, in words and never quoting the key."""
    try:
        mode = path.stat().st_mode
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as err:
        raise ConfigError(f"{path.name} is missing from {path.parent}; provision this device") from err
    except OSError as err:
        raise ConfigError(f"{path.name} cannot be read: {err.strerror}") from err
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise ConfigError(
            f"{path.name} is not an unencrypted PKCS #8 key; provision this device again"
        ) from err
    if mode & 0o077:
        raise ConfigError(f"{path.name} may be read by others (mode {mode & 0o777:03o}); it must be 600")
    if not isinstance(key, X25519PrivateKey):
        raise ConfigError(f"{path.name} is not an X25519 key; provision this device again")
    return key
