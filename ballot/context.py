"""What a ballot is bound to (SPEC §4): derived from manifest and key record, never from a ballot."""

from dataclasses import dataclass, field

from ballot.group import POINT_BYTES, Point
from ballot.hashing import HASH_BYTES, Encoded
from ballot.shape import Shape
from wire import cbor
from wire.ids import CONTEST_BYTES, ContestId


@dataclass(frozen=True, slots=True)
class Context:
    """encoded: E(ctx), which stands in every hash of a ballot."""

    manifest_hash: bytes
    contest: ContestId
    shape: Shape
    election_key: Point
    encoded: Encoded = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError for another length: whoever read them has checked that."""
        lengths = (len(self.manifest_hash), len(self.contest), len(self.election_key))
        if lengths != (HASH_BYTES, CONTEST_BYTES, POINT_BYTES):
            raise ValueError(f"manifest hash, contest and election key of {lengths} bytes")
        ctx = [self.manifest_hash, self.contest, self.shape.encoded(), self.election_key]
        object.__setattr__(self, "encoded", Encoded(cbor.encode(ctx)))
