"""The election key and what shows that the trustees made it together (ballot/SPEC §3.1)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ballot.documents.body import POINT_BYTES, DocumentBody
from ballot.documents.charter import TRUSTEES_MAX
from wire import fields
from wire.errors import BadSchema
from wire.fields import Check
from wire.ids import CongressId

PROOF_BYTES: Final = 64
_trustee: Final = fields.integer(1, TRUSTEES_MAX)


def _per_trustee(bytes_each: int) -> Check:
    return fields.array(1, TRUSTEES_MAX, fields.array(1, TRUSTEES_MAX, fields.blob(bytes_each)))


@dataclass(frozen=True, slots=True)
class KeyRecord(DocumentBody):
    """The election key K, and what shows that the trustees made it together. commitments, proofs: per
    trustee, k of each. Whether the proofs hold is ballot/ceremony's to say."""

    kind: ClassVar[str] = "key-record/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.hash_value,
        fields.blob(32),
        _trustee,
        _trustee,
        fields.hash_value,
        _per_trustee(POINT_BYTES),
        _per_trustee(PROOF_BYTES),
        fields.blob(POINT_BYTES),
    )
    congress: CongressId
    charter_hash: bytes
    rand32: bytes
    n: int
    k: int
    transcript: bytes
    commitments: tuple[tuple[bytes, ...], ...]
    proofs: tuple[tuple[bytes, ...], ...]
    election_key: bytes

    @classmethod
    def parsed(cls, values: Any) -> "KeyRecord":
        found = super(KeyRecord, cls).parsed(values)  # by name: the class with slots is another
        for what, rows in (("commitments", found.commitments), ("proofs", found.proofs)):
            if len(rows) != found.n or any(len(row) != found.k for row in rows):
                raise BadSchema(f"{cls.kind}, {what}: must be {found.n} arrays of {found.k}")
        return found
