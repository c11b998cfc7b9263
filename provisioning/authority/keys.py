"""Keys in files of the house that are not encrypted, since a process reads them that nobody sits at."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.errors import AuthorityError
from provisioning.files import SECRET, key_pem, made_once, read_whole, write_whole


def authority_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of a file, made if there is none. Raises AuthorityError for a key of another kind."""
    key = private_key(path)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path} is no key of an authority: choose an empty folder")
    return key


def private_key(path: Path) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """The P-256 key of a file, made if there is none."""
    if not path.exists():
        with made_once(path.parent):
            if not path.exists():
                write_whole(path, key_pem(ec.generate_private_key(ec.SECP256R1())), SECRET)
    return load_private(path)


def load_private(path: Path) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """An unencrypted PKCS #8 key, Ed25519 or P-256. Raises AuthorityError; never quotes the key."""
    content = read_whole(path, "the key")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(
            f"{path} is damaged: remove it to have another key made, or restore it"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise AuthorityError(f"{path} is neither an Ed25519 nor a P-256 key")
    return key
