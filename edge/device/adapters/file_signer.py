"""The device's key as a file. A key in a secure element implements the same port."""

from pathlib import Path

from edge.device.errors import ConfigError
from wire.errors import BadSchema
from wire.keys import Signer
from wire.signers import signer_from_pem


def load_signer(path: Path, kid: str) -> Signer:
    """Raises ConfigError, in words and never quoting the key, when it is missing, open to others or no
    key."""
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except FileNotFoundError as err:
        raise ConfigError(f"{path.name} is missing from {path.parent}; provision this device") from err
    except OSError as err:
        raise ConfigError(f"{path.name} cannot be read: {err.strerror}") from err
    if mode & 0o077:
        raise ConfigError(f"{path.name} may be read by others (mode {mode & 0o777:03o}); it must be 600")
    try:
        return signer_from_pem(kid, pem)
    except BadSchema as err:
        raise ConfigError(f"{path.name}: {err.what}; provision this device again") from err
