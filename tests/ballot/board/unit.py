"""A unit of one voter in an election of tests: what it says with one session key."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.board.verdicts import Accept, Verdict
from ballot.hashing import hash_of
from ballot.seeds import commitment, seed_of
from wire.board import FIRST_PREV, Abandoned, Cast, Checked, End, Entry, Prepared, Ready, encode_entry, kid_of
from wire.envelope import Purpose, seal
from wire.fields import Body
from wire.ids import CongressId, VoterRef
from wire.signers import Ed25519Signer

if TYPE_CHECKING:
    from tests.ballot.board.election import Election

CONGRESS = CongressId("c1")


@dataclass
class Unit:
    """What one unit with one session key says, honest unless told otherwise."""

    election: "Election"
    voter: VoterRef
    generation: int = 0
    key: str = ""
    n: int = 0
    prev: bytes = FIRST_PREV
    seq: int = 1
    locals: dict[int, bytes] = field(default_factory=dict)
    last_cast: bytes | None = None

    def __post_init__(self) -> None:
        self.key = self.key or f"session {self.voter.hex()} {self.generation}"
        self.signer = Ed25519Signer(kid_of(self.voter), _private(self.key))

    @property
    def raw_key(self) -> bytes:
        return self.signer.public_key.raw

    def sealed(self, body: Body, **changes: object) -> bytes:
        """The next entry as bytes; it is not said yet."""
        entry = {
            "congress": CONGRESS,
            "contest": self.election.contest,
            "voter": self.voter,
            "generation": self.generation,
            "n": self.n + 1,
            "prev_hash": self.prev,
            "body": body,
            **changes,
        }
        return seal(encode_entry(Entry(**entry)), Purpose.BOARD, self.signer)  # type: ignore[arg-type]

    def say(self, body: Body) -> Verdict:
        return self.send(self.sealed(body))

    def send(self, envelope: bytes) -> Verdict:
        found = self.election.offer(envelope)
        if isinstance(found, Accept):
            self.n, self.prev = self.n + 1, hash_of(envelope)
        return found

    def commit(self, seq: int) -> bytes:
        local = self.locals[seq] = self.election.rng.randbytes(32)
        return commitment(self.voter, self.election.contest, seq, local)

    def ready(self, seq: int = 1) -> Verdict:
        self.seq = seq
        return self.say(Ready(self.commit(seq), seq))

    def body(self, choices: Sequence[int], seed: bytes | None = None) -> bytes:
        """The ballot for the current seq."""
        contest = self.election.board.contests[self.election.contest]
        leaf = contest.course.voters[self.voter].chains[self.generation].commitments[self.seq].leaf
        nonce = contest.nonce_behind(leaf)
        assert nonce is not None
        assert contest.course.context is not None
        seed = seed or bytes(
            seed_of(self.locals[self.seq], nonce, contest.course.context, self.voter, self.seq)
        )
        return self.election.prover().body(self.voter, self.generation, self.raw_key, self.seq, seed, choices)

    def prepare(self, body: bytes) -> Verdict:
        return self.say(Prepared(self.seq, hash_of(body), self.commit(self.seq + 1)))

    def cast(self, body: bytes) -> Verdict:
        found = self.say(Cast(self.seq, body))
        if isinstance(found, Accept):
            self.seq, self.last_cast = self.seq + 1, hash_of(body)
        return found

    def check(self, choices: Sequence[int]) -> Verdict:
        found = self.say(Checked(self.seq, self.locals[self.seq], bytes(choices)))
        if isinstance(found, Accept):
            self.seq += 1
        return found

    def abandon(self) -> Verdict:
        found = self.say(Abandoned(self.seq, self.commit(self.seq + 1)))
        if isinstance(found, Accept):
            self.seq += 1
        return found

    def vote(self, choices: Sequence[int]) -> Verdict:
        """From ready, if it is not yet, to the cast."""
        if self.n == 0:
            self.ready()
        body = self.body(choices)
        self.prepare(body)
        return self.cast(body)

    def end(self) -> Verdict:
        return self.say(End(self.last_cast))


def _private(name: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
