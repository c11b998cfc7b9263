"""Where the randomness of a ballot comes from, and what a person compares (SPEC §5.2, §5.3).

A unit draws `local` and commits to it before it knows `nonce`, which the store logs: so neither can choose
the seed. A ballot that is checked instead of cast reveals local and choices; whoever reads the check text
makes the same bytes with `ballot.prove.Prover`.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, Final

from ballot.context import Context
from ballot.errors import BadBallot
from ballot.hashing import HASH_BYTES, Secret, h32, h64
from wire import cbor
from wire.board import LOCAL_BYTES, SEQ_MAX
from wire.errors import RecordRejected
from wire.ids import CONTEST_BYTES, VOTER_BYTES, ContestId, VoterRef
from wire.voting import NONCE_BYTES, OPTIONS_MAX

SEED_BYTES: Final = 32
CODE_SYMBOLS: Final = 12
CHECK_PREFIX: Final = "HV1:"
CHECK_BYTES_MAX: Final = 512
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Check:
    """All that makes a checked ballot anew, beside its context. choices: one byte 0 or 1 per option."""

    contest: ContestId
    voter: VoterRef
    generation: int
    seq: int
    local: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    choices: bytes = field(repr=False)


def commitment(voter: bytes, contest: bytes, seq: int, local: Secret) -> bytes:
    """To the unit's part of the seed of `seq`, in the entry before."""
    return h32("seedc", voter, contest, seq, local)


def seed_of(local: Secret, nonce: bytes, context: Context, voter: bytes, seq: int) -> bytearray:
    """The caller wipes it once the ballot is cast. Raises BadBallot for parts of another length."""
    if len(local) != LOCAL_BYTES or len(nonce) != NONCE_BYTES:
        raise BadBallot(f"a seed is made of {LOCAL_BYTES} local bytes and a nonce of {NONCE_BYTES}")
    return bytearray(h64("seed", local, nonce, context.encoded, voter, seq)[:SEED_BYTES])


def code_of(manifest_hash: bytes, voter: bytes, generation: int, seq: int, body_hash: bytes) -> str:
    """What the person notes down, and finds again in the record."""
    return fingerprint(h32("code", manifest_hash, voter, generation, seq, body_hash))


def fingerprint(of: bytes) -> str:
    """The first 60 bits of a hash, to be read aloud: XXXX-XXXX-XXXX, without I, L, O and U."""
    if len(of) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(of)}")
    bits = int.from_bytes(of[:8], "big") >> 4
    symbols = [_CROCKFORD[bits >> (5 * place) & 31] for place in reversed(range(CODE_SYMBOLS))]
    return "-".join("".join(symbols[at : at + 4]) for at in range(0, CODE_SYMBOLS, 4))


def check_text(check: Check) -> str:
    """For the QR code of a checked ballot. Every character is in the alphanumeric set of QR codes."""
    parts: list[cbor.Value] = [
        check.contest,
        check.voter,
        check.generation,
        check.seq,
        check.local,
        check.nonce,
        check.choices,
    ]
    return CHECK_PREFIX + base64.b32encode(cbor.encode(parts)).decode().rstrip("=")


def parse_check_text(text: str) -> Check:
    """Raises BadBallot, in words, for anything that `check_text` does not write."""
    digits = text.removeprefix(CHECK_PREFIX)
    if digits == text or len(digits) > 2 * CHECK_BYTES_MAX:
        raise BadBallot(f"this is not the text of a checked ballot: it does not begin with {CHECK_PREFIX}")
    try:
        data = base64.b32decode(digits + "=" * (-len(digits) % 8))
        parts = cbor.decode(data, CHECK_BYTES_MAX)
    except (binascii.Error, ValueError, RecordRejected):
        raise BadBallot(_UNREADABLE) from None
    if type(parts) is not list or len(parts) != 7:
        raise BadBallot(_UNREADABLE)
    contest, voter, generation, seq, local, nonce, choices = parts
    blobs = ((contest, CONTEST_BYTES), (voter, VOTER_BYTES), (local, LOCAL_BYTES), (nonce, NONCE_BYTES))
    if not all(type(blob) is bytes and len(blob) == length for blob, length in blobs):
        raise BadBallot(_UNREADABLE)
    if not (_in_range(generation, 0) and _in_range(seq, 1) and _are_choices(choices)):
        raise BadBallot(_UNREADABLE)
    check = Check(ContestId(contest), VoterRef(voter), generation, seq, local, nonce, choices)
    if check_text(check) != text:
        raise BadBallot(_UNREADABLE)
    return check


_UNREADABLE: Final = "the text of the checked ballot is damaged; scan its code again"


def _in_range(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= SEQ_MAX


def _are_choices(value: Any) -> bool:
    return type(value) is bytes and 1 <= len(value) <= OPTIONS_MAX and set(value) <= {0, 1}
