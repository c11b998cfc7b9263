"""What each kind of document says, one dataclass a kind (ballot/SPEC §2.2). The manifest is in manifest.py,
the roll's rows in roll.py."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ballot.documents.body import (
    CONTEST,
    POINT_BYTES,
    REASON,
    SCALAR_BYTES,
    SESSION_KEY,
    TREE_SIZE,
    VOTER,
    DocumentBody,
)
from ballot.documents.charter import TRUSTEES_MAX
from ballot.documents.key_record import KeyRecord
from ballot.documents.manifest import Manifest
from ballot.documents.roll import ROLL_MAX, Roll, RollRows
from wire import fields
from wire.fields import Check
from wire.ids import CongressId, ContestId, HallId, VoterRef
from wire.voting import OPTIONS_MAX

__all__ = [
    "BODIES", "Bind", "Cancel", "Close", "Disposition", "KeyRecord", "Manifest", "Result", "Roll", "RollRows",
    "Share", "Tally",
]  # fmt: skip

FACTS_BYTES_MAX: Final = 256
OUTCOME_BYTES_MAX: Final = 8192
_trustee: Final = fields.integer(1, TRUSTEES_MAX)


@dataclass(frozen=True, slots=True)
class Bind(DocumentBody):
    """From the leaf of it on this key speaks for the voter, as generation g; null: nobody does."""

    kind: ClassVar[str] = "bind/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        CONTEST,
        VOTER,
        fields.integer(1, 2**32 - 1),
        SESSION_KEY,
        REASON,
    )
    congress: CongressId
    contest: ContestId
    voter: VoterRef
    generation: int
    session_key: bytes | None
    reason: str


@dataclass(frozen=True, slots=True)
class Close(DocumentBody):
    """The chair closes the contest. size, root: of a recent cosigned checkpoint."""

    kind: ClassVar[str] = "close/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        CONTEST,
        TREE_SIZE,
        fields.hash_value,
        fields.time_ms,
    )
    congress: CongressId
    hall: HallId
    contest: ContestId
    size: int
    root: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class Cancel(DocumentBody):
    """The contest is called off: never opened, never decrypted."""

    kind: ClassVar[str] = "cancel/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.name, CONTEST, REASON)
    congress: CongressId
    hall: HallId
    contest: ContestId
    reason: str


@dataclass(frozen=True, slots=True)
class Disposition(DocumentBody):
    """Voters whose unit neither voted nor said that nothing is pending, each with a reason. A null voter:
    the late witnessing of CLOSE is accepted."""

    kind: ClassVar[str] = "disposition/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        CONTEST,
        fields.rows(ROLL_MAX, fields.optional(VOTER), REASON),
    )
    congress: CongressId
    contest: ContestId
    rows: tuple[tuple[VoterRef | None, str], ...]


@dataclass(frozen=True, slots=True)
class Tally(DocumentBody):
    """The one aggregate of a contest that may be decrypted. size, root: of a cosigned checkpoint that
    covers CLOSE and every end."""

    kind: ClassVar[str] = "tally/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        CONTEST,
        fields.hash_value,
        fields.hash_value,
        TREE_SIZE,
        fields.hash_value,
        fields.count,
        fields.hash_value,
    )
    congress: CongressId
    hall: HallId
    contest: ContestId
    key_record_hash: bytes
    manifest_hash: bytes
    size: int
    root: bytes
    counted: int
    aggregate_hash: bytes


@dataclass(frozen=True, slots=True)
class Share(DocumentBody):
    """Trustee i's part of the decryption. rows: per option (M, c, z)."""

    kind: ClassVar[str] = "share/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.hash_value,
        fields.hash_value,
        CONTEST,
        fields.hash_value,
        fields.hash_value,
        _trustee,
        fields.rows(
            OPTIONS_MAX, fields.blob(POINT_BYTES), fields.blob(SCALAR_BYTES), fields.blob(SCALAR_BYTES)
        ),
    )
    ceremony_id: bytes
    key_record_hash: bytes
    contest: ContestId
    aggregate_hash: bytes
    root: bytes
    trustee: int
    rows: tuple[tuple[bytes, bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Result(DocumentBody):
    """What the counting board certifies. counts: per option. facts: the encoding of `facts/1`, and order: the
    people as a tie was decided, or null: from both, the counts and the manifest's rule anybody makes the
    outcome anew (RULES.md)."""

    kind: ClassVar[str] = "result/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        CONTEST,
        fields.hash_value,
        fields.hash_value,
        fields.array(1, OPTIONS_MAX, fields.count),
        fields.blob_not_empty(FACTS_BYTES_MAX),
        fields.optional(fields.array(1, OPTIONS_MAX, fields.count)),
        fields.text(OUTCOME_BYTES_MAX),
        fields.hash_value,
        TREE_SIZE,
    )
    congress: CongressId
    hall: HallId
    contest: ContestId
    manifest_hash: bytes
    tally_hash: bytes
    counts: tuple[int, ...]
    facts: bytes
    order: tuple[int, ...] | None
    outcome: str
    root: bytes
    size: int


BODIES: Final[dict[str, type[DocumentBody]]] = {
    body.kind: body
    for body in (
        KeyRecord, Roll, RollRows, Bind, Manifest, Close, Cancel, Disposition, Tally, Share, Result,
    )
}  # fmt: skip
"""Bodies of the ceremony stand in ballot/ceremony."""
