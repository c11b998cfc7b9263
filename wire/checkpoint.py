"""Signed checkpoints of a hall log: C2SP tlog-checkpoint in a C2SP signed-note, Ed25519, and the
cosignatures of witnesses below it, C2SP tlog-cosignature (SPEC §8).

    hallward/{congress}/{hall}/{store id, hex}
    {size}
    {root hash, base64}

    — {origin} {base64(key id || signature)}
    — hallward/{congress}/witness/{name} {base64(key id || time || signature)}
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wire import fields
from wire.errors import BadSchema, BadSignature, UnknownSigner
from wire.ids import HASH_BYTES, CongressId, HallId, StoreId
from wire.keys import SIGNATURE_BYTES, Alg, PublicKey, Signer

NOTE_MAX: Final = 8192
"""Characters: room for the store and 32 witnesses."""
SIZE_MAX: Final = 2**53 - 1
TIME_S_MAX: Final = 2**53 - 1
_ED25519: Final = b"\x01"
_COSIGNATURE: Final = b"\x04"
_KEY_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def origin(congress: CongressId, hall: HallId, store_id: StoreId) -> str:
    return f"hallward/{congress}/{hall}/{store_id.hex()}"


def witness_origin(congress: CongressId, witness: str) -> str:
    """The name of a witness in a note; `witness` is theirs in the charter."""
    return f"hallward/{congress}/witness/{witness}"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note. The signer must hold an Ed25519 key."""
    body = _body(checkpoint)
    blob = _key_id(checkpoint.origin, _ED25519, signer.public_key) + signer.sign(body.encode())
    return f"{body}\n{_line(checkpoint.origin, blob)}\n"


def verify_checkpoint(note: str, expected_origin: str, key: PublicKey) -> Checkpoint:
    """The checkpoint, if this key signed it for this log, whoever else did. Raises BadSchema, UnknownSigner,
    BadSignature."""
    found, lines = _read(note)
    if found.origin != expected_origin:
        raise UnknownSigner(f"checkpoint of {found.origin!r}, expected {expected_origin!r}")
    for name, blob in map(_split, lines):
        if name == expected_origin and blob[:_KEY_ID_BYTES] == _key_id(name, _ED25519, key):
            key.verify(blob[_KEY_ID_BYTES:], _body(found).encode())
            return found
    raise BadSignature("no signature of this log's key on the checkpoint")


def cosignature(note: str, witness: str, signer: Signer, time_s: int) -> str:
    """The line by which a witness says that they saw this checkpoint at time_s (Unix), after all before it
    and no other of its size. Raises BadSchema. The caller verified the note."""
    found, _ = _read(note)
    fields.integer(1, TIME_S_MAX)(time_s)
    name = witness_origin(_congress(found), witness)
    signature = signer.sign(_cosigned(found, time_s))
    key_id = _key_id(name, _COSIGNATURE, signer.public_key)
    return _line(name, key_id + time_s.to_bytes(_TIME_BYTES, "big") + signature)


def cosign(note: str, witness: str, signer: Signer, time_s: int) -> str:
    """The note with that line in its place."""
    return with_cosignatures(note, [cosignature(note, witness, signer, time_s)])


def with_cosignatures(note: str, lines: Iterable[str]) -> str:
    """The note with these witnesses' lines, each in place of the one that this witness had. Raises BadSchema.

    The store's line comes first, then those of witnesses, ascending by name. Nothing is verified here.
    """
    found, had = _read(note)
    by_name = {_split(line)[0]: line for line in [*had, *lines]}
    own = by_name.pop(found.origin, None)
    if own is None:
        raise BadSchema("the note is not signed by its log")
    return "\n".join([_body(found), own, *(by_name[name] for name in sorted(by_name)), ""])


def cosigners(note: str, congress: CongressId, keys: Mapping[str, PublicKey]) -> dict[str, int]:
    """Which of these witnesses (name -> key) cosigned this checkpoint, and when (Unix seconds).

    Lines of names or keys that are not among them are ignored. Raises BadSchema for two lines of one of them,
    BadSignature for a line that does not verify.
    """
    checkpoint, lines = _read(note)
    known = {witness_origin(congress, name): (name, key) for name, key in keys.items()}
    found: dict[str, int] = {}
    for origin_of, blob in map(_split, lines):
        name, key = known.get(origin_of, ("", None))
        if key is None or blob[:_KEY_ID_BYTES] != _key_id(origin_of, _COSIGNATURE, key):
            continue
        if name in found:
            raise BadSchema(f"two cosignatures of {name}")
        if len(blob) != _KEY_ID_BYTES + _TIME_BYTES + SIGNATURE_BYTES:
            raise BadSchema("a cosignature is key id, time and signature")
        signed, signature = blob[:-SIGNATURE_BYTES], blob[-SIGNATURE_BYTES:]
        time_s = int.from_bytes(signed[_KEY_ID_BYTES:], "big")
        fields.integer(1, TIME_S_MAX)(time_s)
        key.verify(signature, _cosigned(checkpoint, time_s))
        found[name] = time_s
    return found


def _read(note: str) -> tuple[Checkpoint, list[str]]:
    """The checkpoint in its one form, and the signature lines, none verified."""
    if len(note) > NOTE_MAX:
        raise BadSchema(f"a checkpoint has at most {NOTE_MAX} characters")
    body, separator, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != 3 or not body.isascii() or not lines[1].isdigit():
        raise BadSchema("a checkpoint has three lines, an empty one, and signatures")
    if len(lines[1]) > len(str(SIZE_MAX)) or int(lines[1]) > SIZE_MAX:
        raise BadSchema("the size of a checkpoint is below 2^53")
    found = Checkpoint(lines[0], int(lines[1]), _base64(lines[2]))
    if _body(found) != body + "\n" or len(found.root) != HASH_BYTES:
        raise BadSchema("the checkpoint is not in its one form")
    if not signatures.endswith("\n"):
        raise BadSchema("a checkpoint ends with a line of a signature")
    return found, signatures[:-1].split("\n")


def _congress(checkpoint: Checkpoint) -> CongressId:
    parts = checkpoint.origin.split("/")
    if len(parts) != 4 or parts[0] != "hallward":
        raise BadSchema(f"{checkpoint.origin!r:.80} is no hall's log")
    return CongressId(fields.name(parts[1]))


def _cosigned(checkpoint: Checkpoint, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{_body(checkpoint)}".encode()


def _body(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def _line(name: str, blob: bytes) -> str:
    return f"{_DASH}{name} {base64.b64encode(blob).decode()}"


def _split(line: str) -> tuple[str, bytes]:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise BadSchema("a line of a signature is a dash, a name and base64")
    return name, _base64(encoded)


def _key_id(name: str, kind: bytes, key: PublicKey) -> bytes:
    if key.alg is not Alg.EDDSA:
        raise BadSchema("a checkpoint is signed with Ed25519")
    return hashlib.sha256(name.encode() + b"\n" + kind + key.raw).digest()[:_KEY_ID_BYTES]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadSchema("not base64") from None
