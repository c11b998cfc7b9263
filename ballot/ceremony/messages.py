"""Bodies of the ceremony's documents (SPEC §3.1). Each is signed by one trustee of the charter."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ballot.hashing import h32
from wire import cbor, fields
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import HASH_BYTES, CongressId

TRUSTEES_MAX: Final = 9
POINT_BYTES: Final = 32
PROOF_BYTES: Final = 64
KEY_BYTES: Final = 32
SEALED_SHARE_BYTES: Final = 80
"""enc (32), share (32), tag (16)."""
BODY_BYTES_MAX: Final = 16_384
_index: Final = fields.integer(1, TRUSTEES_MAX)
_hash: Final = fields.hash_value


@dataclass(frozen=True, slots=True)
class Begin(Body):
    """A ceremony is proposed; it begins once every trustee has written a Commitment to it."""

    kind: ClassVar[str] = "ceremony-begin/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, _hash, _index, _index, fields.blob(HASH_BYTES))
    congress: CongressId
    charter_hash: bytes
    n: int
    k: int
    rand: bytes


@dataclass(frozen=True, slots=True)
class Commitment(Body):
    """Round 0: the hash of what round 1 will say, so that nobody chooses after having seen the others."""

    kind: ClassVar[str] = "ceremony-0/1"
    checks: ClassVar[tuple[Check, ...]] = (_hash, _index, _hash)
    ceremony_id: bytes
    i: int
    opening_hash: bytes


@dataclass(frozen=True, slots=True)
class Opening(Body):
    """Round 1: points of the polynomial, a proof for each, and the X25519 key for this ceremony."""

    kind: ClassVar[str] = "ceremony-1/1"
    checks: ClassVar[tuple[Check, ...]] = (
        _hash,
        _index,
        fields.array(1, TRUSTEES_MAX, fields.blob(POINT_BYTES)),
        fields.array(1, TRUSTEES_MAX, fields.blob(PROOF_BYTES)),
        fields.blob(KEY_BYTES),
    )
    ceremony_id: bytes
    i: int
    points: tuple[bytes, ...]
    proofs: tuple[bytes, ...]
    transport: bytes

    @property
    def commitment(self) -> Commitment:
        """What round 0 must have said for this to open it."""
        parts = list(self.points), list(self.proofs)
        return Commitment(
            self.ceremony_id, self.i, h32("round0", self.ceremony_id, self.i, *parts, self.transport)
        )


@dataclass(frozen=True, slots=True)
class Dealing(Body):
    """Round 2: the share of every other trustee, sealed to them. rows of (j, sealed), ascending."""

    kind: ClassVar[str] = "ceremony-2/1"
    checks: ClassVar[tuple[Check, ...]] = (
        _hash,
        _index,
        fields.rows(TRUSTEES_MAX, _index, fields.blob(SEALED_SHARE_BYTES)),
    )
    ceremony_id: bytes
    i: int
    rows: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Complaint(Body):
    """Ends the ceremony: the accuser's transport key opens what the culprit sealed to them, and anyone sees
    who lied."""

    kind: ClassVar[str] = "complaint/1"
    checks: ClassVar[tuple[Check, ...]] = (_hash, _index, _index, fields.blob(KEY_BYTES))
    ceremony_id: bytes
    i: int
    culprit: int
    transport_key: bytes


Round = Commitment | Opening | Dealing
Message = Begin | Round | Complaint
ROUNDS: Final[tuple[type[Round], ...]] = (Commitment, Opening, Dealing)
KINDS: Final[dict[str, type[Message]]] = {kind.kind: kind for kind in (Begin, *ROUNDS, Complaint)}


def encode_body(message: Message) -> bytes:
    return cbor.encode([message.kind, *message.values()])


def parse_body(body: bytes) -> Message:
    """Raises BadEncoding, BadSchema, TooLarge."""
    parts = cbor.decode(body, BODY_BYTES_MAX)
    if type(parts) is not list or not parts or type(parts[0]) is not str or parts[0] not in KINDS:
        raise BadSchema("not a paper of a ceremony")
    return KINDS[parts[0]].parsed(parts[1:])


def ceremony_id_of(congress: str, n: int, k: int, identities: list[bytes], rand: bytes) -> bytes:
    """Binds a ceremony to the congress, the trustees in order, and one beginning. identities: their keys."""
    return h32("ceremony", congress, n, k, list(identities), rand)
