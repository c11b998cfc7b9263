"""Entries of the election board: what a unit says under its voter's pseudonym, without device and clock
(ballot/SPEC §6.1). An entry is an envelope of purpose BOARD; it is a leaf of the hall log as it stands."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import (
    CONTEST_BYTES,
    HASH_BYTES,
    RESERVED,
    VOTER_BYTES,
    CongressId,
    ContestId,
    VoterRef,
    is_name,
)
from wire.voting import OPTIONS_MAX

SEQ_MAX: Final = 2**32 - 1
BODY_BYTES_MAX: Final = 30_720
LOCAL_BYTES: Final = 32
FIRST_PREV: Final = bytes(HASH_BYTES)
_KID: Final = re.compile(r"[0-9a-f]{32}")
_seq: Final = fields.integer(1, SEQ_MAX)
_hash: Final = fields.hash_value


def _choices(value: Any) -> bytes:
    found: bytes = fields.blob_not_empty(OPTIONS_MAX)(value)
    if found.strip(b"\0\1"):
        raise BadSchema("must be a byte 0 or 1 per option")
    return found


@dataclass(frozen=True, slots=True)
class Ready(Body):
    """The unit is ready to vote. commitment: for `seq`."""

    kind: ClassVar[str] = "ready/1"
    checks: ClassVar[tuple[Check, ...]] = (_hash, _seq)
    commitment: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Prepared(Body):
    """A ballot is fixed, before its code is shown. commitment: for seq + 1."""

    kind: ClassVar[str] = "prepared/1"
    checks: ClassVar[tuple[Check, ...]] = (_seq, _hash, _hash)
    seq: int
    body_hash: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Cast(Body):
    """That ballot is cast."""

    kind: ClassVar[str] = "cast/1"
    checks: ClassVar[tuple[Check, ...]] = (_seq, fields.blob_not_empty(BODY_BYTES_MAX))
    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Checked(Body):
    """That ballot is opened instead and never counts. choices: one byte 0 or 1 per option."""

    kind: ClassVar[str] = "checked/1"
    checks: ClassVar[tuple[Check, ...]] = (_seq, fields.blob(LOCAL_BYTES), _choices)
    seq: int
    local: bytes
    choices: bytes


@dataclass(frozen=True, slots=True)
class Abandoned(Body):
    """The unit lost that seq's memory; the person chooses again. commitment: for seq + 1."""

    kind: ClassVar[str] = "abandoned/1"
    checks: ClassVar[tuple[Check, ...]] = (_seq, _hash)
    seq: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class End(Body):
    """After CLOSE: nothing is pending here. body_hash: of the last accepted cast, null for none."""

    kind: ClassVar[str] = "end/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.optional(_hash),)
    body_hash: bytes | None


ENTRY_TYPES: Final[dict[str, type[Body]]] = {
    body.kind: body for body in (Ready, Prepared, Cast, Checked, Abandoned, End)
}
_voter: Final = fields.blob(VOTER_BYTES)
_contest: Final = fields.blob(CONTEST_BYTES)
_generation: Final = fields.count
_n: Final = fields.integer(1, SEQ_MAX)


@dataclass(frozen=True, slots=True)
class Entry:
    """generation: g of the voter's key. n: place in the chain of (contest, voter, generation), from 1."""

    congress: CongressId
    contest: ContestId
    voter: VoterRef
    generation: int
    n: int
    prev_hash: bytes
    body: Body


def kid_of(voter: VoterRef) -> str:
    """The name under which a voter's entries are signed. No device may have a name of this form."""
    return voter.hex()


def is_voter_kid(kid: str) -> bool:
    return _KID.fullmatch(kid) is not None


def is_device_name(text: object) -> bool:
    """A name that a device may have: none of the fleet's own, and none that a voter could sign under."""
    return isinstance(text, str) and is_name(text) and text not in RESERVED and not is_voter_kid(text)


def encode_entry(entry: Entry) -> bytes:
    """The payload to be sealed with purpose BOARD by a signer whose kid is `kid_of(voter)`."""
    return cbor.encode(
        [
            entry.body.kind,
            entry.congress,
            entry.contest,
            entry.voter,
            entry.generation,
            entry.n,
            entry.prev_hash,
            entry.body.values(),
        ]
    )


def parse_entry(verified: VerifiedBytes) -> Entry:
    """Raises BadEncoding, BadSchema."""
    if verified.purpose is not Purpose.BOARD:
        raise BadSchema("not signed for the board")
    parts = cbor.decode(verified.payload, Purpose.BOARD.limit)
    if type(parts) is not list or len(parts) != 8 or type(parts[0]) is not str:
        raise BadSchema("a board entry is an array of 8")
    known = ENTRY_TYPES.get(parts[0])
    if known is None:
        raise BadSchema(f"unknown board entry {parts[0]!r:.40}")
    voter = VoterRef(_voter(parts[3]))
    if kid_of(voter) != verified.signer:
        raise BadSchema("a board entry that speaks for another voter than its signer")
    return Entry(
        CongressId(fields.name(parts[1])),
        ContestId(_contest(parts[2])),
        voter,
        _generation(parts[4]),
        _n(parts[5]),
        _hash(parts[6]),
        known.parsed(parts[7]),
    )
