"""The fleet's own keys of the repositories, and the form in which officers are told of them (ADR-0022).

`image-online` signs snapshot and timestamp of the image repository: how fresh it is, never what is in it.
`director` says what each device is to install, out of what the officers have signed.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey

from durable.files import PUBLIC, SECRET, write_whole
from fleet.errors import ConfigError

IMAGE_ONLINE: Final = "image-online"
DIRECTOR: Final = "director"
_HOW: Final = "make it with `hallward fleet updates keys`"


def make_keys(data: Path, say: Callable[[str], None]) -> None:
    """Both keys, once, and the public file of each beside it for the officers. May be repeated. Raises
    ConfigError."""
    folder = data / "keys"
    try:
        for name in (IMAGE_ONLINE, DIRECTOR):
            path = folder / f"{name}.key"
            if not path.exists():
                write_whole(path, _fresh(), SECRET)
            public = load_key(data, name).public_key
            write_whole(folder / f"{name}.pub.json", encode_public(name, public), PUBLIC)
            say(f"{name} {public.keyid}  {folder / f'{name}.pub.json'}")
    except OSError as err:
        raise ConfigError(f"{folder} cannot be written: {os.strerror(err.errno or 0)}") from None


def encode_public(name: str, key: SSlibKey) -> bytes:
    """As `hallward release init` reads it. `keyid` is worked out again by every reader."""
    body = {"name": name, "keyid": key.keyid, "key": key.to_dict()}
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def load_key(data: Path, name: str) -> CryptoSigner:
    """Raises ConfigError; never quotes the key."""
    path = data / "keys" / f"{name}.key"
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is missing: {_HOW}, and let the officers sign a root that names it"
        ) from None
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from None
    except (ValueError, TypeError):
        raise ConfigError(f"{path} is not a private key in PEM: bring it back from a backup") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigError(f"{path} must be an Ed25519 key; {_HOW}")
    return CryptoSigner(private)


def has_key(data: Path, name: str) -> bool:
    return (data / "keys" / f"{name}.key").exists()


def _fresh() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
