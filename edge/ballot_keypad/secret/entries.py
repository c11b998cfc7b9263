"""A unit's entries: each signed by the session key, each naming the one before it (ballot/SPEC §6.1).
Pure."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.ballot_keypad.secret.kept import Kept
from wire.board import Entry, encode_entry, kid_of
from wire.envelope import Purpose, seal
from wire.fields import Body
from wire.ids import CongressId, ContestId, VoterRef
from wire.signers import Ed25519Signer

SESSION_KEY_BYTES: Final = 32
PREPARED_MAX: Final = 8
"""Ballots that one voter may prepare in a contest (HV-1 rule 13)."""
GENERATION_ROOM: Final = 2**16
"""Sequence numbers for each life of a voter's key: a unit that takes over begins above all that went before,
and knows of it only how many lives there were."""


def signer_of(secret: bytes, name: str) -> Ed25519Signer:
    """name: under which it signs; `kid_of(voter)` on the board."""
    return Ed25519Signer(name, ed25519.Ed25519PrivateKey.from_private_bytes(secret))


def first_seq(generation: int) -> int:
    return generation * GENERATION_ROOM + 1


def sealed(kept: Kept, congress: CongressId, contest: ContestId, secret: bytes, body: Body) -> bytes:
    """The next entry of the chain as bytes; nobody has seen it yet."""
    voter = VoterRef(kept.voter)
    entry = Entry(congress, contest, voter, kept.generation, kept.n + 1, kept.prev, body)
    return seal(encode_entry(entry), Purpose.BOARD, signer_of(secret, kid_of(voter)))
