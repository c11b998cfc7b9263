"""A ballot and the proof that it is one (SPEC §5): for units, and for whoever makes a checked ballot anew.

Every number of it comes from the seed, and is bound to the choices: the same seed with other choices shares
nothing. The work is the same for every choice, the sequence of group operations included. Python's integers
take a time that depends on their value, so what is inside one operation is not constant: a unit sends on a
fixed grid of times (DESIGN §7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ballot.context import Context
from ballot.errors import BadBallot
from ballot.group import BASE, IDENTITY, ORDER, Group, Scalar, is_usable, scalar_bytes
from ballot.hashing import Secret, h64, keyed_scalar, wipe
from ballot.proofs import SESSION_KEY_BYTES, VERSION, Place, challenge_of
from ballot.seeds import SEED_BYTES
from wire import cbor
from wire.board import SEQ_MAX
from wire.ids import VOTER_BYTES

_BLINDING: Final = 0
_RESPONSE: Final = 1
_SIMULATED: Final = 2


@dataclass(frozen=True, slots=True, repr=False)
class _Opened:
    """A proof between commitment and challenge. challenges: of the simulated branches; 0 at the true one."""

    true: int
    blinding: Scalar
    responses: list[Scalar]
    challenges: list[Scalar]


class Prover:
    """Makes ballots of one contest. Nothing is computed before the choices are known: what could be, a pair
    (r·B, r·K), would be a nonce that does not depend on them; and a table of multiples of K is slower than
    libsodium's multiplication, since each of its additions decodes and encodes points."""

    def __init__(self, group: Group, context: Context) -> None:
        """Raises BadBallot when the election key is none."""
        if not is_usable(group, context.election_key):
            raise BadBallot("the election key is no usable point")
        self._group = group
        self._context = context

    def body(
        self,
        voter: bytes,
        generation: int,
        session_key: bytes,
        seq: int,
        seed: Secret,
        choices: Sequence[int],
    ) -> bytes:
        """The bytes of the ballot. The seed stays as it is: the caller wipes it once the ballot is cast.

        Raises: BadBallot for choices that the shape does not allow, and for whatever a ballot cannot hold.
        """
        place = Place(voter, generation, session_key, seq)
        _check(place, seed)
        if not self._context.shape.allows(choices):
            raise BadBallot("the choices are not one 0 or 1 per option within the rules of the ballot")
        chosen = bytearray(choices)
        key = bytearray(h64("nonce", seed, self._context.encoded, voter, generation, seq, chosen))
        plain = self._context.shape.plaintexts(chosen)
        try:
            return self._body(place, key, plain)
        finally:
            wipe(chosen, key, plain)

    def _body(self, place: Place, key: bytearray, plain: bytearray) -> bytes:
        blindings = [keyed_scalar(key, position, 0, _BLINDING) for position in range(len(plain))]
        ciphertexts = [self._sealed(r, bit) for r, bit in zip(blindings, plain, strict=True)]
        commitments = []
        opened = []
        for position, proof in enumerate(self._context.shape.proofs):
            blinding = sum(weight * blindings[index] for index, weight in proof.terms) % ORDER
            value = sum(weight * plain[index] for index, weight in proof.terms)
            made, proof_opened = self._commit(key, position, proof.values, value, blinding)
            commitments.append(made)
            opened.append(proof_opened)
        challenge = challenge_of(self._context, place, ciphertexts, commitments)
        return cbor.encode(
            [
                VERSION,
                place.voter,
                place.generation,
                place.seq,
                ciphertexts,
                scalar_bytes(challenge),
                [_answer(proof_opened, challenge) for proof_opened in opened],
            ]
        )

    def _sealed(self, r: Scalar, bit: int) -> bytes:
        # The identity is added for a 0, so that both bits cost the same.
        group = self._group
        return group.base(r) + group.add(group.mul(r, self._context.election_key), (IDENTITY, BASE)[bit])

    def _commit(
        self, key: bytearray, position: int, values: Sequence[int], value: int, blinding: Scalar
    ) -> tuple[bytes, _Opened]:
        """A1 ‖ A2 of every branch. The true branch is computed first, wherever it stands."""
        group, election_key = self._group, self._context.election_key
        branches = range(len(values))
        true = values.index(value)
        responses = [keyed_scalar(key, position, branch, _RESPONSE) for branch in branches]
        # Drawn for the true branch too, and not used there: as many draws whichever it is.
        challenges = [keyed_scalar(key, position, branch, _SIMULATED) for branch in branches]
        challenges[true] = 0
        pairs = [b""] * len(values)
        for branch in (true, *(branch for branch in branches if branch != true)):
            u = responses[branch]
            first, second = group.base(u), group.mul(u, election_key)
            if branch != true:
                second = group.add(second, group.base(challenges[branch] * (values[branch] - value)))
            pairs[branch] = first + second
        return b"".join(pairs), _Opened(true, blinding, responses, challenges)


def _answer(opened: _Opened, challenge: Scalar) -> bytes:
    challenges = list(opened.challenges)
    challenges[opened.true] = (challenge - sum(challenges)) % ORDER
    responses = [u + c * opened.blinding for u, c in zip(opened.responses, challenges, strict=True)]
    return b"".join(scalar_bytes(scalar) for scalar in (*challenges[:-1], *responses))


def _check(place: Place, seed: Secret) -> None:
    """Raises BadBallot for lengths and ranges that SPEC §5.1 does not have."""
    if len(place.voter) != VOTER_BYTES or len(place.session_key) != SESSION_KEY_BYTES:
        raise BadBallot(f"a voter has {VOTER_BYTES} bytes and a session key {SESSION_KEY_BYTES}")
    if not 0 <= place.generation <= SEQ_MAX or not 1 <= place.seq <= SEQ_MAX:
        raise BadBallot(f"generation or seq is beyond its range: {place.generation}, {place.seq}")
    if len(seed) != SEED_BYTES:
        raise BadBallot(f"a seed has {SEED_BYTES} bytes, not {len(seed)}")
