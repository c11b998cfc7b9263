"""Signed checkpoints of a hall log: C2SP tlog-checkpoint in a C2SP signed-note, Ed25519 (SPEC §8).

hallward/{congress}/{hall}/{store id, hex}
{size}
{root hash, base64}

— {name} {base64(key id || signature)}
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from wire.errors import BadSchema, BadSignature, UnknownSigner
from wire.ids import HASH_BYTES, CongressId, HallId, StoreId
from wire.keys import Alg, PublicKey, Signer

NOTE_MAX: Final = 1024
_ED25519: Final = b"\x01"
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def origin(congress: CongressId, hall: HallId, store_id: StoreId) -> str:
    return f"hallward/{congress}/{hall}/{store_id.hex()}"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note. The signer must hold an Ed25519 key."""
    body = _body(checkpoint)
    blob = _key_id(checkpoint.origin, signer.public_key) + signer.sign(body.encode())
    return f"{body}\n{_DASH}{checkpoint.origin} {base64.b64encode(blob).decode()}\n"


def verify_checkpoint(note: str, expected_origin: str, key: PublicKey) -> Checkpoint:
    """The checkpoint, if this key signed it for this log. Raises BadSchema, UnknownSigner, BadSignature."""
    if len(note) > NOTE_MAX:
        raise BadSchema(f"a checkpoint has at most {NOTE_MAX} characters")
    body, separator, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != 3 or not lines[1].isascii() or not lines[1].isdigit():
        raise BadSchema("a checkpoint has three lines, an empty one, and signatures")
    found = Checkpoint(lines[0], int(lines[1]), _base64(lines[2]))
    if _body(found) != body + "\n" or len(found.root) != HASH_BYTES:
        raise BadSchema("the checkpoint is not in its one form")
    if found.origin != expected_origin:
        raise UnknownSigner(f"checkpoint of {found.origin!r}, expected {expected_origin!r}")
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        blob = _base64(encoded) if line.startswith(_DASH) else b""
        if name == expected_origin and blob[:4] == _key_id(expected_origin, key):
            key.verify(blob[4:], _body(found).encode())
            return found
    raise BadSignature("no signature of this log's key on the checkpoint")


def _body(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def _key_id(name: str, key: PublicKey) -> bytes:
    if key.alg is not Alg.EDDSA:
        raise BadSchema("a checkpoint is signed with Ed25519")
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()[:4]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadSchema("not base64") from None
