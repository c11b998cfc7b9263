"""What every body of a document has: its one encoding, and a parser that reads nothing else."""

from typing import Any, ClassVar, Final, TypeVar

from ballot.documents.document import DOCUMENT_BYTES_MAX
from ballot.documents.faults import bad
from ballot.hashing import hash_of
from wire import cbor, fields
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body
from wire.ids import CONTEST_BYTES, VOTER_BYTES

T = TypeVar("T", bound="DocumentBody")

POINT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
REASON_BYTES_MAX: Final = 200
TREE_SIZE_MAX: Final = 2**53 - 1

CONTEST: Final = fields.blob(CONTEST_BYTES)
VOTER: Final = fields.blob(VOTER_BYTES)
REASON: Final = fields.text(REASON_BYTES_MAX)
TREE_SIZE: Final = fields.integer(1, TREE_SIZE_MAX)
SESSION_KEY: Final = fields.optional(fields.blob(32))


class DocumentBody(Body):
    """A body: `E([kind, field …])`. Frozen dataclasses with `checks` as in wire/fields.py."""

    limit: ClassVar[int] = DOCUMENT_BYTES_MAX

    def encode(self) -> bytes:
        """Its bytes: what signatures and hashes are over. Raises BadDocument for a body that no reader would
        accept."""
        try:
            return cbor.encode([self.kind, *self.values()])
        except RecordRejected as err:
            raise bad("bad-body", what=err.what) from None

    @property
    def hash(self) -> bytes:
        return hash_of(self.encode())

    @classmethod
    def parse(cls: type[T], body: bytes) -> T:
        """The body of these bytes: what this returns encodes to them again. Raises BadDocument."""
        if len(body) > cls.limit:
            raise bad("too-long", size=len(body), most=cls.limit)
        try:
            parts: Any = cbor.decode(body, cls.limit)
            if type(parts) is not list or not parts or type(parts[0]) is not str or parts[0] != cls.kind:
                raise BadSchema(f"not an array that begins with {cls.kind!r}")
            found = cls.parsed(parts[1:])
        except RecordRejected as err:
            raise bad("bad-body", what=err.what) from None
        return found
