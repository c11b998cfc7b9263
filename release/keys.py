"""Keys of officers: sealed at rest, and the form in which a public key is handed over (ADR-0022).

A public key is one JSON file NAME.pub.json: {"name": …, "keyid": …, "key": {"keytype": "ed25519", "scheme":
"ed25519", "keyval": {"public": 64 hexadecimal digits}}}. `keyid` is that of TUF, the SHA-256 of the key's
canonical JSON, and is worked out again by every reader. The fleet hands over its online keys in this form.

A sealed key is JSON as well: {"sealed": "release-key/1", "name", "cost": [memory KiB, passes, lanes], "salt",
"nonce", "key"}, the last three in base64; the passphrase is stretched by Argon2id, the seed sealed by AES-GCM
with all other fields as additional data. The library's PKCS #8 stretches by 2,048 rounds only (ADR-0018).
"""

import base64
import binascii
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from securesystemslib.signer import CryptoSigner, SSlibKey

from release.errors import ConfigError, ReleaseError, WrongPassphrase
from wire.ids import is_name

SEALED: Final = "release-key/1"
FILE_BYTES_MAX: Final = 16_384
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_SEED_BYTES: Final = 32
_PUBLIC_FIELDS: Final = {"name", "keyid", "key"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of guessing one passphrase, as Argon2id counts it."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4

    @property
    def is_bearable(self) -> bool:
        """What a reader works out: a file must not be able to ask for all the memory there is."""
        return 8 * 1024 <= self.memory_kib <= 1024 * 1024 and 1 <= self.passes <= 10 and 1 <= self.lanes <= 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """name: of the officer, or of the fleet's key, as people say it: a-z, 0-9, '-'."""

    name: str
    key: SSlibKey


def new_signer() -> CryptoSigner:
    return CryptoSigner(Ed25519PrivateKey.generate())


def public_of(name: str, signer: CryptoSigner) -> PublicKey:
    """Raises ConfigError for a name that is none."""
    if not is_name(name):
        raise ConfigError(f"a key's name is 1 to 32 of a-z 0-9 -, got {name!r:.40}")
    return PublicKey(name, as_key(signer.public_key))


def as_key(key: Any) -> SSlibKey:
    """An Ed25519 key whose keyid is its own. Raises ReleaseError."""
    if type(key) is not SSlibKey or (key.keytype, key.scheme) != ("ed25519", "ed25519"):
        raise ReleaseError("only Ed25519 keys sign releases; make one with `hallward release key`")
    try:
        raw = bytes.fromhex(key.keyval.get("public", ""))
        genuine = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(raw))
    except (TypeError, ValueError):
        raise ReleaseError("this public key is not an Ed25519 key; ask for the file again") from None
    if key.to_dict() != genuine.to_dict() or key.keyid != genuine.keyid:
        raise ReleaseError(
            "the keyid of a public key is not its own: somebody changed the file; ask for it again"
        )
    return genuine


def encode_public(public: PublicKey) -> bytes:
    body = {"name": public.name, "keyid": public.key.keyid, "key": public.key.to_dict()}
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def parse_public(data: bytes, path: object) -> PublicKey:
    """path: for the sentence. Raises ReleaseError."""
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    if type(body) is not dict or body.keys() != _PUBLIC_FIELDS or type(body["key"]) is not dict:
        raise ReleaseError(f"{path} is not a public key; it is the file NAME.pub.json beside the sealed key")
    if type(body["name"]) is not str or not is_name(body["name"]) or type(body["keyid"]) is not str:
        raise ReleaseError(f"{path} names no name or keyid; ask for the file again")
    try:
        key = SSlibKey.from_dict(body["keyid"], dict(body["key"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReleaseError(f"{path} holds no key; ask for the file again") from None
    return PublicKey(body["name"], as_key(key))


def different(keys: Sequence[PublicKey]) -> None:
    """One key under two names would be two officers in one pocket. Raises ReleaseError."""
    names = {key.name for key in keys}
    if len(names) != len(keys) or len({key.key.keyid for key in keys}) != len(keys):
        raise ReleaseError("two of these officers are one: each has a key and a name of their own")


def seal(name: str, signer: CryptoSigner, passphrase: str, cost: Cost | None = None) -> bytes:
    """cost: None, what is right today."""
    private = serialization.load_pem_private_key(signer.private_bytes, None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ReleaseError("only Ed25519 keys are sealed")
    cost = cost or Cost()
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    head = _head(name, cost, salt, nonce)
    key = _stretched(passphrase, salt, cost)
    sealed = AESGCM(key).encrypt(nonce, private.private_bytes_raw(), _aad(head))
    return (json.dumps({**head, "key": base64.b64encode(sealed).decode()}, indent=1) + "\n").encode()


def unseal(data: bytes, passphrase: str, path: object) -> tuple[str, CryptoSigner]:
    """Name and key. Raises WrongPassphrase; ReleaseError for what is no sealed key."""
    head, cost, sealed = _sealed(data, path)
    try:
        key = _stretched(passphrase, base64.b64decode(head["salt"]), cost)
        seed = AESGCM(key).decrypt(base64.b64decode(head["nonce"]), sealed, _aad(head))
    except InvalidTag:
        raise WrongPassphrase(path) from None
    if len(seed) != _SEED_BYTES:
        raise WrongPassphrase(path)
    return head["name"], CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed))


def _head(name: str, cost: Cost, salt: bytes, nonce: bytes) -> dict[str, Any]:
    return {
        "sealed": SEALED,
        "name": name,
        "cost": [cost.memory_kib, cost.passes, cost.lanes],
        "salt": base64.b64encode(salt).decode(),
        "nonce": base64.b64encode(nonce).decode(),
    }


def _aad(head: Any) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _stretched(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    kdf = Argon2id(
        salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return kdf.derive(passphrase.encode())


def _sealed(data: bytes, path: object) -> tuple[dict[str, Any], Cost, bytes]:
    no_key = ReleaseError(f"{path} is not a sealed key; sign with the file that `hallward release key` made")
    try:
        body: Any = json.loads(data)
        head = {field: body[field] for field in ("sealed", "name", "cost", "salt", "nonce")}
        salt, nonce, sealed = (
            base64.b64decode(body[field], validate=True) for field in ("salt", "nonce", "key")
        )
    except (ValueError, RecursionError, KeyError, TypeError, binascii.Error):
        raise no_key from None
    numbers = head["cost"]
    if len(body) != len(head) + 1 or head["sealed"] != SEALED or not is_name(head["name"]):
        raise no_key
    if type(numbers) is not list or len(numbers) != 3 or any(type(number) is not int for number in numbers):
        raise no_key
    cost = Cost(*numbers)
    if not cost.is_bearable or len(salt) != _SALT_BYTES or len(nonce) != _NONCE_BYTES:
        raise no_key
    return head, cost, sealed
