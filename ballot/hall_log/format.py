"""The exported hall log: a CBOR sequence (RFC 8742) of one header, every leaf in order, and one closing item.

    ["hallward-log/2", congress, hall, store id, desk key, store key,       keys: Ed25519, 32 bytes
     charter bytes or null]
    [index, envelope, verdict]                                              one per leaf
    ["closing", checkpoint note, [[sitting, question, opened leaf, closed leaf, yes, no, abstain, present,
                                   summoned, [[member, choice, leaf] …]] …],
     [cosigned checkpoint note …]]                                          ascending by size

The checkpoint covers index order and envelopes; verdicts and results are claims that the audit works out
anew. An entry of the election board is a leaf like any other: its signer is a voter's pseudonym. A file of
"hallward-log/1", without charter and cosigned notes, is still read. Pure.
"""

from dataclasses import dataclass
from typing import Any, Final

from wire import cbor, fields
from wire.errors import BadSchema
from wire.ids import MEMBER_REF_BYTES, STORE_ID_BYTES

VERSION: Final = "hallward-log/2"
FIRST_VERSION: Final = "hallward-log/1"
CLOSING: Final = "closing"
ED25519_BYTES: Final = 32
CHOICES_MAX: Final = 100_000
RESULTS_MAX: Final = 10_000
NOTE_BYTES_MAX: Final = 8192
CHARTER_BYTES_MAX: Final = 16_384
COSIGNED_MAX: Final = 100_000

_leaf_index: Final = fields.integer(0, 2**53 - 1)
_opened: Final = fields.optional(_leaf_index)
_tally: Final = fields.count
_note: Final = fields.text(NOTE_BYTES_MAX)
_charter: Final = fields.optional(fields.blob_up_to(CHARTER_BYTES_MAX))
_HEADER_FIELDS: Final = {FIRST_VERSION: 6, VERSION: 7}


@dataclass(frozen=True, slots=True)
class Header:
    """charter: as the fleet was given it, a claim like the keys: who checks an election brings their own."""

    congress: str
    hall: str
    store_id: bytes
    desk_key: bytes
    store_key: bytes
    charter: bytes | None = None


@dataclass(frozen=True, slots=True)
class LeafItem:
    index: int
    envelope: bytes
    verdict: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The result of a closed question as the fleet has frozen it. choices: (member, choice, leaf), by
    member.
    """

    sitting: str
    question: str
    opened_leaf: int | None
    closed_leaf: int
    yes: int
    no: int
    abstain: int
    present: int
    summoned: int
    choices: tuple[tuple[bytes, str, int], ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """cosigned: notes of checkpoints that witnesses cosigned, ascending by size."""

    note: str
    claims: tuple[Claim, ...]
    cosigned: tuple[str, ...] = ()


def encode_header(header: Header) -> bytes:
    return cbor.encode(
        [
            *(VERSION, header.congress, header.hall, header.store_id),
            *(header.desk_key, header.store_key, header.charter),
        ]
    )


def encode_leaf(item: LeafItem) -> bytes:
    return cbor.encode([item.index, item.envelope, item.verdict])


def encode_closing(closing: Closing) -> bytes:
    claims: list[cbor.Value] = [
        [
            *(claim.sitting, claim.question, claim.opened_leaf, claim.closed_leaf),
            *(claim.yes, claim.no, claim.abstain, claim.present, claim.summoned),
            [list(choice) for choice in claim.choices],
        ]
        for claim in closing.claims
    ]
    return cbor.encode([CLOSING, closing.note, claims, closing.cosigned])


def parse_header(value: Any) -> Header:
    """Raises BadSchema."""
    if type(value) is not list or not value or _HEADER_FIELDS.get(_word(value[0])) != len(value):
        raise BadSchema(f"the file does not begin with the header of a {VERSION}")
    key = fields.blob(ED25519_BYTES)
    return Header(
        fields.name(value[1]),
        fields.name(value[2]),
        fields.blob(STORE_ID_BYTES)(value[3]),
        key(value[4]),
        key(value[5]),
        _charter(value[6]) if len(value) > 6 else None,
    )


def parse_leaf(value: Any) -> LeafItem:
    """Raises BadSchema."""
    if type(value) is not list or len(value) != 3 or type(value[1]) is not bytes:
        raise BadSchema("a leaf is [index, envelope, verdict]")
    return LeafItem(_leaf_index(value[0]), value[1], fields.name(value[2]))


def parse_closing(value: Any) -> Closing:
    """Raises BadSchema."""
    if type(value) is not list or len(value) not in (3, 4) or value[0] != CLOSING:
        raise BadSchema("the file does not end with its closing item")
    if type(value[2]) is not list or len(value[2]) > RESULTS_MAX:
        raise BadSchema(f"results are an array of at most {RESULTS_MAX}")
    cosigned = value[3] if len(value) > 3 else []
    if type(cosigned) is not list or len(cosigned) > COSIGNED_MAX:
        raise BadSchema(f"cosigned checkpoints are an array of at most {COSIGNED_MAX} notes")
    return Closing(
        _note(value[1]), tuple(_claim(row) for row in value[2]), tuple(_note(note) for note in cosigned)
    )


def _word(value: Any) -> str:
    return value if type(value) is str else ""


def _claim(row: Any) -> Claim:
    if type(row) is not list or len(row) != 10:
        raise BadSchema("a result is an array of 10")
    choices = fields.rows(CHOICES_MAX, fields.blob(MEMBER_REF_BYTES), fields.text(16), _leaf_index)
    yes, no, abstain, present, summoned = (_tally(value) for value in row[4:9])
    return Claim(
        sitting=fields.name(row[0]),
        question=fields.name(row[1]),
        opened_leaf=_opened(row[2]),
        closed_leaf=_leaf_index(row[3]),
        yes=yes,
        no=no,
        abstain=abstain,
        present=present,
        summoned=summoned,
        choices=choices(row[9]),
    )
